/**
 * What each word of a refund means: its title, what the cashier tells the customer, what to do now. Nothing here calls a
 * refund paid back before it is, and nothing says that money has arrived: only its destination tells that.
 */
import type { ShownWord } from '../domain/shown.ts'
import type { Language } from './language.ts'

export type StateText = {
  readonly title: string
  readonly tellCustomer: string
  readonly next: string
}
type Texts = Readonly<Record<ShownWord, StateText>>

const zh: Texts = {
  requested: {
    title: '待审核',
    tellCustomer: '您的退款申请已登记，店长审核通过后原路退回，不用重复申请。',
    next: '尚未审核，也未退款。店长审核后自动提交渠道。勿垫付现金，勿重复申请。',
  },
  awaiting_goods: {
    title: '待退货',
    tellCustomer: '请把商品退回本店，验收后原路退回。',
    next: '收到退货并验收后才退款。勿垫付现金，勿重复申请。',
  },
  approved: {
    title: '审核通过',
    tellCustomer: '本店已同意退款，会自动提交，不用重复申请。',
    next: '尚未提交渠道，到时自动提交。请勿重复退款，也不要垫付现金。',
  },
  not_sent_yet: {
    title: '退款处理中',
    tellCustomer: '退款正在提交，请稍等。',
    next: '正在提交渠道，系统会自动完成。请勿重复退款，也不要垫付现金。',
  },
  outcome_unknown: {
    title: '结果待确认',
    tellCustomer: '退款已提交，正在向渠道查询结果，请稍等，不用重复申请。',
    next: '系统会自动查询。请勿重复退款，也不要垫付现金。',
  },
  waiting_for_funds: {
    title: '待充值',
    tellCustomer: '退款已受理，本店备妥款项后自动原路退回，不用重复申请。',
    next: '已受理，商户账户补足后自动退。勿垫现金，勿重复退。',
  },
  waiting_for_channel: {
    title: '等候渠道',
    tellCustomer: '退款已受理，渠道要稍后才能处理，会自动退，不用重复申请。',
    next: '到时系统用同一单号自动提交。请勿重复退款，也不要垫付现金。',
  },
  cash_to_hand_out: {
    title: '待付现金',
    tellCustomer: '这笔退您现金，请当面点清。',
    next: '请把现金交给顾客，然后按实际情况确认“已付”或“未付”。',
  },
  processing: {
    title: '渠道处理中',
    tellCustomer: '渠道已受理，款项会原路退回，请留意退款通知。',
    next: '渠道已受理，结果自动更新。请勿重复退款，也不要垫付现金。',
  },
  stuck: {
    title: '退款异常',
    tellCustomer: '款项没能退到您的原账户，本店会联系您另行退回，请保留凭证。',
    next: '渠道退不到原账户，请店长处理。请勿垫付现金。',
  },
  succeeded: {
    title: '退款成功',
    tellCustomer: '退款成功，请收好退款凭证，到账时间以凭证上写的为准。',
    next: '请打印退款凭证，把顾客联交给顾客。',
  },
  owed: {
    title: '应退未退',
    tellCustomer: '这笔钱还没有退到，本店仍会退给您，请保留凭证。',
    next: '此款仍欠顾客，请店长重新退款，或换一种方式退。',
  },
  closed: {
    title: '退款关闭',
    tellCustomer: '这笔退款已关闭，没有再退款，原因请店长说明。',
    next: '请店长向顾客说明原因；需要时可重新申请。',
  },
  rejected: {
    title: '已驳回',
    tellCustomer: '这次退款申请没有通过，原因请店长说明。',
    next: '请向顾客说明驳回的原因；情况有变可重新申请。',
  },
  withdrawn: {
    title: '已撤回',
    tellCustomer: '这次退款申请已撤回，没有退款。',
    next: '仍要退款时请重新申请。',
  },
}

const en: Texts = {
  requested: {
    title: 'Not decided',
    tellCustomer:
      'Your request is recorded. Once a supervisor approves, the money goes back by the original route; no need to ask again.',
    next: 'Not decided and not paid back. Once a supervisor approves, it is sent by itself. Do not pay out cash and do not ask again.',
  },
  awaiting_goods: {
    title: 'Awaiting goods',
    tellCustomer:
      'Please bring the goods back. Once checked, the money goes back by the original route.',
    next: 'Paid back only when the goods are back and checked. Do not pay out cash and do not ask again.',
  },
  approved: {
    title: 'Approved',
    tellCustomer: 'The shop has agreed; the refund is sent by itself. No need to ask again.',
    next: 'Not sent yet; it will be sent by itself. Do not refund again and do not pay out cash.',
  },
  not_sent_yet: {
    title: 'Sending',
    tellCustomer: 'Your refund is being sent; one moment please.',
    next: 'It is being sent to the channel by itself. Do not refund again and do not pay out cash.',
  },
  outcome_unknown: {
    title: 'Outcome unknown',
    tellCustomer:
      'Your refund was sent and we are asking for the result. One moment please; no need to ask again.',
    next: 'The system keeps asking the channel. Do not refund again and do not pay out cash.',
  },
  waiting_for_funds: {
    title: 'Waiting for funds',
    tellCustomer:
      'The shop has accepted your refund and pays it back by the original route as soon as funds are ready. No need to ask again.',
    next: 'Accepted. Goes out once the merchant account has funds. Do not pay out cash, do not refund again.',
  },
  waiting_for_channel: {
    title: 'Waiting for the channel',
    tellCustomer:
      'Your refund is accepted. The payment company takes it a little later, by itself; no need to ask again.',
    next: 'The system sends it later under the same number. Do not refund again and do not pay out cash.',
  },
  cash_to_hand_out: {
    title: 'Cash to hand out',
    tellCustomer: 'This refund is in cash; please count it.',
    next: 'Hand the cash to the customer, then say here whether you paid it or not.',
  },
  processing: {
    title: 'At the channel',
    tellCustomer:
      'The payment company has it and pays it back by the original route; it will tell you.',
    next: 'The channel has it; the result updates by itself. Do not refund again and do not pay out cash.',
  },
  stuck: {
    title: 'Undeliverable',
    tellCustomer:
      'The money could not reach your account. The shop will contact you about another way; please keep your slip.',
    next: 'The channel cannot reach the account. A supervisor must act. Do not pay out cash.',
  },
  succeeded: {
    title: 'Paid back',
    tellCustomer: 'Your refund is done. Keep the slip; it says when the money is there.',
    next: 'Print the refund slip and give the customer their copy.',
  },
  owed: {
    title: 'Still owed',
    tellCustomer: 'The money is not back yet and the shop still owes it to you. Keep your slip.',
    next: 'The customer is still owed this. A supervisor must refund it again, or in another way.',
  },
  closed: {
    title: 'Closed',
    tellCustomer: 'This refund was closed without paying out more. A supervisor can tell you why.',
    next: 'A supervisor should tell the customer why; it can be asked for again if need be.',
  },
  rejected: {
    title: 'Rejected',
    tellCustomer: 'This request was not approved. A supervisor can tell you why.',
    next: 'Tell the customer why; if things change it can be asked for again.',
  },
  withdrawn: {
    title: 'Withdrawn',
    tellCustomer: 'This request was withdrawn; nothing was refunded.',
    next: 'If a refund is still wanted, ask for it again.',
  },
}

export const stateTexts: Readonly<Record<Language, Texts>> = { zh, en }
