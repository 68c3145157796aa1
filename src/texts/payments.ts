/**
 * What each word of a payment means: its title, what the cashier tells the customer, what to do now; and why no money
 * was taken. Nothing here says that a payment failed before that is certain.
 */
import { PAY_REFUSALS, type PayRefusal } from '../domain/pay-refusal.ts'
import type { PaymentWord } from '../domain/payment-shown.ts'
import type { Language } from './language.ts'
import type { StateText } from './states.ts'

type Texts = Readonly<Record<PaymentWord, StateText>>

const zh: Texts = {
  unclear: {
    title: '收款结果待确认',
    tellCustomer: '正在向渠道确认，请稍等，不要再次付款。',
    next: '请勿重复收款。系统会自动查询；一直没有结果会自动撤销，已扣的钱会退回。',
  },
  password: {
    title: '请顾客输入密码',
    tellCustomer: '请在手机上输入支付密码。',
    next: '顾客付完后这里会自动更新，请勿重复收款。',
  },
  code_shown: {
    title: '请顾客扫码付款',
    tellCustomer: '请扫码付款。',
    next: '顾客付完后这里会自动更新。',
  },
  paid: {
    title: '收款成功',
    tellCustomer: '付款成功，请收好小票。',
    next: '',
  },
  reversing: {
    title: '正在撤销',
    tellCustomer: '这笔付款正在撤销，已扣的钱会原路退回。',
    next: '有结果前请勿重复收款，系统会自动完成。',
  },
  reversed: {
    title: '已撤销',
    tellCustomer: '这笔付款已撤销，已扣的钱会原路退回。',
    next: '没有收款。需要时可以重新收款。',
  },
  refused: {
    title: '没有收款',
    tellCustomer: '没有扣款，请换个方式或重新出示付款码。',
    next: '没有扣款，可以重新收款。',
  },
  closed: {
    title: '已取消',
    tellCustomer: '这笔付款已取消，没有扣款。',
    next: '没有收款。需要时可以重新收款。',
  },
}

const en: Texts = {
  unclear: {
    title: 'Not known yet',
    tellCustomer: 'We are checking with the payment provider. Please wait and do not pay again.',
    next: 'Do not charge again. The system keeps asking; without an answer it is reversed, and what was taken goes back.',
  },
  password: {
    title: 'Customer types the password',
    tellCustomer: 'Please type your payment password on your phone.',
    next: 'This page follows by itself. Do not charge again.',
  },
  code_shown: {
    title: 'Customer scans the code',
    tellCustomer: 'Please scan the code to pay.',
    next: 'This page follows by itself.',
  },
  paid: {
    title: 'Paid',
    tellCustomer: 'Paid. Please keep the receipt.',
    next: '',
  },
  reversing: {
    title: 'Being reversed',
    tellCustomer: 'This payment is being reversed; what was taken goes back the way it came.',
    next: 'Do not charge again until it is done. The system finishes it by itself.',
  },
  reversed: {
    title: 'Reversed',
    tellCustomer: 'This payment was reversed; what was taken goes back the way it came.',
    next: 'Nothing was taken. Charge again if it is wanted.',
  },
  refused: {
    title: 'Nothing was taken',
    tellCustomer: 'Nothing was taken. Please show the payment code again or pay another way.',
    next: 'Nothing was taken; you can charge again.',
  },
  closed: {
    title: 'Cancelled',
    tellCustomer: 'This payment was cancelled; nothing was taken.',
    next: 'Nothing was taken. Charge again if it is wanted.',
  },
}

export const paymentTexts: Readonly<Record<Language, Texts>> = { zh, en }

const REFUSALS: Readonly<Record<Language, Readonly<Record<PayRefusal, string>>>> = {
  zh: {
    code_expired: '付款码已过期，请顾客刷新后再扫。',
    code_wrong: '付款码不对或已经用过，请顾客刷新后再扫。',
    funds_short: '顾客余额不足，请换一种付款方式。',
    card_not_supported: '不支持顾客选的银行卡，请换一种付款方式。',
    over_limit: '超过了顾客的支付限额，请换一种付款方式。',
    never_sent: '没有及时提交渠道，已经取消。',
  },
  en: {
    code_expired: 'The payment code has expired. Ask the customer to refresh it.',
    code_wrong: 'The payment code is wrong or was used. Ask the customer to refresh it.',
    funds_short: 'The customer has too little money there. Ask for another way to pay.',
    card_not_supported: "The customer's card is not accepted. Ask for another way to pay.",
    over_limit: "It is beyond the customer's own limit. Ask for another way to pay.",
    never_sent: 'It was not sent to the channel in time and was given up.',
  },
}

/** @param refusal as it is stored: one of ours, or the channel's own code. */
export function refusalText(language: Language, refusal: string): string {
  const known = PAY_REFUSALS.find((each) => each === refusal)
  if (known) return REFUSALS[language][known]
  return language === 'zh'
    ? `渠道没有接受这笔收款（${refusal}）。`
    : `The channel did not take this payment (${refusal}).`
}
