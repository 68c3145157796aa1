/** Words on slips. Short lines on narrow paper: what happened, what it means, what to do. */
import type { AnySlip } from '../domain/any-slip.ts'
import type { ArrivalText } from '../domain/capabilities.ts'
import type {
  PendingState,
  RequestState,
  Slip,
  SlipChannel,
  SlipCopy,
  SlipState,
} from '../domain/slip.ts'

export const LANGUAGES = ['zh', 'en'] as const
export type Language = (typeof LANGUAGES)[number]

type SlipLabel =
  | 'orderNo'
  | 'refundNo'
  | 'channel'
  | 'paidAt'
  | 'refundedAt'
  | 'requestedAt'
  | 'reason'
  | 'terminal'
  | 'cashier'
  | 'phone'
  | 'order'
  | 'discount'
  | 'paid'
  | 'refundAmount'
  | 'feeKept'
  | 'payerGets'
  | 'refundedBefore'
  | 'destination'
  | 'printedAt'
  | 'verification'

export type SlipTexts = {
  readonly title: Readonly<Record<AnySlip['kind'], string>>
  readonly copy: Readonly<Record<SlipCopy, string>>
  readonly state: Readonly<Record<SlipState, string>>
  /** What to do or not to do, by reader. */
  readonly advice: Readonly<Record<SlipCopy, Readonly<Record<PendingState | RequestState, string>>>>
  /** On what is handed out before anything is decided. */
  readonly noProof: string
  readonly channel: Readonly<Record<SlipChannel, string>>
  /** When the money is there: `done` once the channel has paid it back, `ahead` before. */
  readonly arrival: Readonly<Record<ArrivalText, { readonly done: string; readonly ahead: string }>>
  readonly label: Readonly<Record<SlipLabel, string>>
  readonly reprint: (n: number) => string
  readonly sandbox: string
  readonly training: string
  /** Beside the customer's code: why to scan it, and what it will never ask. */
  readonly customerCode: Readonly<Record<Slip['kind'], string>>
  readonly tillCode: string
  readonly keepForRefund: string
  readonly callUs: (phone: string) => string
  readonly neverAsked: string
}

const zh: SlipTexts = {
  title: {
    sale: '收款小票',
    refund: '退款凭证',
    pending_refund: '退款受理单',
    request: '退款申请单',
    hand_over: '交接班单',
    day_close: '日结单',
  },
  copy: { merchant: '商户联', customer: '顾客联' },
  state: {
    paid: '已付款',
    succeeded: '退款成功',
    requested: '待审核',
    awaiting_goods: '待退货',
    approved: '审核通过',
    submitted: '结果待确认',
    waiting_funds: '待充值',
    processing: '渠道处理中',
    stuck: '退款异常',
    owed: '应退未退',
  },
  advice: {
    merchant: {
      requested: '尚未审核，也未退款。店长审核后自动提交渠道。勿垫付现金，勿重复申请。',
      awaiting_goods: '收到退货并验收后才退款。勿垫付现金，勿重复申请。',
      approved: '尚未提交渠道，到时自动提交。请勿重复退款，也不要垫付现金。',
      submitted: '系统会自动查询。请勿重复退款，也不要垫付现金。',
      waiting_funds: '已受理，商户账户补足后自动退。勿垫现金，勿重复退。',
      processing: '渠道已受理，结果自动更新。请勿重复退款，也不要垫付现金。',
      stuck: '渠道退不到原账户，请店长在后台处理。请勿垫付现金。',
      owed: '此款仍欠顾客，请店长在后台重新退款。',
    },
    customer: {
      requested:
        '申请已登记，等待店长审核。通过后原路退回，届时可凭本单换取退款凭证。无需再次申请。',
      awaiting_goods: '请将商品退回本店。验收后原路退回，届时可凭本单换取退款凭证。',
      approved: '本店已同意退款，将自动提交渠道。请保留本单，无需再次申请。',
      submitted: '退款已提交，正在向渠道查询结果。请保留本单，无需再次申请。',
      waiting_funds: '本店已受理，备妥款项后自动原路退回。请保留本单，无需再次申请。',
      processing: '渠道已受理，款项将原路退回。请保留本单，无需再次申请。',
      stuck: '款项未能退到原账户，本店会联系您另行退回。请保留本单。',
      owed: '款项尚未退回，本店仍应退还。请保留本单，凭单联系本店。',
    },
  },
  noProof: '本单不是退款凭证',
  channel: {
    wechatpay: '微信支付',
    alipay: '支付宝',
    unionpay: '云闪付',
    chinaums: '银联商务',
    lakala: '拉卡拉',
    cash: '现金',
  },
  arrival: {
    at_once: { done: '已到账', ahead: '退款成功后即时到账' },
    minutes: { done: '预计几分钟内到账', ahead: '退款成功后几分钟内到账' },
    days_1_3: { done: '已退至银行，预计 1-3 个工作日到账', ahead: '退款成功后 1-3 个工作日到账' },
    days_1_7: { done: '已退至银行，预计 1-7 个工作日到账', ahead: '退款成功后 1-7 个工作日到账' },
    by_hand: { done: '现金已当面退还', ahead: '现金当面退还' },
    by_channel: { done: '到账时间以支付渠道为准', ahead: '到账时间以支付渠道为准' },
  },
  label: {
    orderNo: '订单号',
    refundNo: '退款单号',
    channel: '支付方式',
    paidAt: '付款时间',
    refundedAt: '退款时间',
    requestedAt: '申请时间',
    reason: '退款原因',
    terminal: '终端',
    cashier: '收银员',
    phone: '电话',
    order: '订单金额',
    discount: '优惠',
    paid: '实付',
    refundAmount: '退款金额',
    feeKept: '扣手续费',
    payerGets: '顾客实退',
    refundedBefore: '此前已退',
    destination: '退给',
    printedAt: '打印时间',
    verification: '查验码',
  },
  reprint: (n) => `补打第 ${n} 次`,
  sandbox: '沙盒演示 · 非真实交易',
  training: '培训 · 非真实交易',
  customerCode: {
    sale: '申请退款查进度，不付款不输密码',
    refund: '仅查进度，不付款、不输密码',
    pending_refund: '仅查进度，不付款、不输密码',
    request: '仅查进度，不付款、不输密码',
  },
  tillCode: '收银机扫码查单、验真伪',
  keepForRefund: '退款请出示本单或付款账单条码。',
  callUs: (phone) => `查询请致电 ${phone}，并报订单号。`,
  neverAsked: '本店不会索要密码、验证码或费用。',
}

const en: SlipTexts = {
  title: {
    sale: 'RECEIPT',
    refund: 'REFUND SLIP',
    pending_refund: 'REFUND PENDING',
    request: 'REFUND REQUEST',
    hand_over: 'SHIFT HAND-OVER',
    day_close: 'DAY CLOSE',
  },
  copy: { merchant: 'Merchant copy', customer: 'Customer copy' },
  state: {
    paid: 'Paid',
    succeeded: 'Paid back',
    requested: 'Not decided',
    awaiting_goods: 'Awaiting goods',
    approved: 'Approved',
    submitted: 'Outcome unknown',
    waiting_funds: 'Waiting for funds',
    processing: 'At the channel',
    stuck: 'Undeliverable',
    owed: 'Still owed',
  },
  advice: {
    merchant: {
      requested:
        'Not decided and not paid back. Once a supervisor approves, it is sent by itself. Do not pay out cash and do not ask again.',
      awaiting_goods:
        'Paid back only when the goods are back and checked. Do not pay out cash and do not ask again.',
      approved:
        'Not sent yet; it will be sent by itself. Do not refund again and do not pay out cash.',
      submitted:
        'The system keeps asking the channel. Do not refund again and do not pay out cash.',
      waiting_funds:
        'Accepted. Goes out once the merchant account has funds. Do not pay out cash, do not refund again.',
      processing:
        'The channel has it; the result updates by itself. Do not refund again and do not pay out cash.',
      stuck:
        'The channel cannot reach the account. A supervisor must act in the console. Do not pay out cash.',
      owed: 'The customer is still owed this. A supervisor must refund it again in the console.',
    },
    customer: {
      requested:
        'Your request is recorded and waits for a supervisor. If approved, the money goes back by the original route and this slip can be exchanged for a refund slip. No need to ask again.',
      awaiting_goods:
        'Please bring the goods back. Once checked, the money goes back by the original route and this slip can be exchanged for a refund slip.',
      approved:
        'The shop has agreed and will send it to the channel. Keep this slip; no need to ask again.',
      submitted:
        'Your refund was sent and we are asking for the result. Keep this slip; no need to ask again.',
      waiting_funds:
        'The shop has accepted it and pays it back by the original route as soon as funds are ready. Keep this slip; no need to ask again.',
      processing:
        'The payment company has it and pays it back by the original route. Keep this slip; no need to ask again.',
      stuck:
        'The money could not reach your account. The shop will contact you about another way. Keep this slip.',
      owed: 'The money is not back yet and the shop still owes it. Keep this slip and contact the shop with it.',
    },
  },
  noProof: 'This is not a proof of refund',
  channel: {
    wechatpay: 'WeChat Pay',
    alipay: 'Alipay',
    unionpay: 'UnionPay',
    chinaums: 'ChinaUMS',
    lakala: 'Lakala',
    cash: 'Cash',
  },
  arrival: {
    at_once: { done: 'Already in the account', ahead: 'Arrives at once when paid back' },
    minutes: { done: 'Arrives within minutes', ahead: 'Arrives minutes after it is paid back' },
    days_1_3: {
      done: 'Sent to the bank; expect it in 1-3 working days',
      ahead: 'Arrives 1-3 working days after it is paid back',
    },
    days_1_7: {
      done: 'Sent to the bank; expect it in 1-7 working days',
      ahead: 'Arrives 1-7 working days after it is paid back',
    },
    by_hand: { done: 'Handed over in cash', ahead: 'To be handed over in cash' },
    by_channel: {
      done: 'Arrival depends on the payment company',
      ahead: 'Arrival depends on the payment company',
    },
  },
  label: {
    orderNo: 'Order',
    refundNo: 'Refund',
    channel: 'Paid by',
    paidAt: 'Paid at',
    refundedAt: 'Refunded at',
    requestedAt: 'Requested at',
    reason: 'Reason',
    terminal: 'Terminal',
    cashier: 'Cashier',
    phone: 'Phone',
    order: 'Order total',
    discount: 'Discount',
    paid: 'Paid',
    refundAmount: 'Refund amount',
    feeKept: 'Fee kept',
    payerGets: 'Customer gets',
    refundedBefore: 'Refunded before',
    destination: 'Goes to',
    printedAt: 'Printed at',
    verification: 'Check code',
  },
  reprint: (n) => `REPRINT ${n}`,
  sandbox: 'SANDBOX – NOT A REAL TRANSACTION',
  training: 'TRAINING – NOT A REAL TRANSACTION',
  customerCode: {
    sale: 'Scan to ask for a refund or follow it. It never asks for payment or passwords.',
    refund: 'Only shows progress. Never pay or type a password.',
    pending_refund: 'Only shows progress. Never pay or type a password.',
    request: 'Only shows progress. Never pay or type a password.',
  },
  tillCode: 'Scan at the till to find or check it',
  keepForRefund: 'For a refund show this receipt or the barcode in your payment bill.',
  callUs: (phone) => `Questions: call ${phone} and give the order number.`,
  neverAsked: 'We never ask for passwords, codes or fees.',
}

export const slipTexts: Readonly<Record<Language, SlipTexts>> = { zh, en }
