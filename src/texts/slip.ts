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
import type { Language } from './language.ts'
import { stateTexts, type StateText } from './states.ts'

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

/** Screens and paper say the same of a state; a slip only knows fewer of them. */
function wordsOf(
  language: Language,
  part: keyof StateText,
): Readonly<Record<Exclude<SlipState, 'paid'>, string>> {
  const said = stateTexts[language]
  return {
    requested: said.requested[part],
    awaiting_goods: said.awaiting_goods[part],
    approved: said.approved[part],
    submitted: said.outcome_unknown[part],
    waiting_funds: said.waiting_for_funds[part],
    processing: said.processing[part],
    stuck: said.stuck[part],
    owed: said.owed[part],
    succeeded: said.succeeded[part],
  }
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
  state: { paid: '已付款', ...wordsOf('zh', 'title') },
  advice: {
    merchant: wordsOf('zh', 'next'),
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
  state: { paid: 'Paid', ...wordsOf('en', 'title') },
  advice: {
    merchant: wordsOf('en', 'next'),
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
