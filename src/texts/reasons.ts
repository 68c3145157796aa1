/** Reasons in words: for refunds, as slips, screens and channels show them, and for decisions about them. */
import type { DecisionReason, RefundReason } from '../domain/reasons.ts'
import type { Language } from './language.ts'

type Words = Readonly<Record<RefundReason | 'outside', string>>

const ZH: Words = {
  quality: '商品质量问题',
  wrong_item: '商品错发',
  not_made: '未制作或缺货',
  wrong_amount: '金额收错',
  double_payment: '重复付款',
  changed_mind: '不想要了',
  goodwill: '商家补偿',
  other: '其他原因',
  outside: '在渠道侧发起',
}

const EN: Words = {
  quality: 'Quality',
  wrong_item: 'Wrong item',
  not_made: 'Not made or out of stock',
  wrong_amount: 'Wrong amount charged',
  double_payment: 'Paid twice',
  changed_mind: 'Changed mind',
  goodwill: 'Goodwill',
  other: 'Other reason',
  outside: 'Made at the channel',
}

/** `replaced`: another request took its place. */
type DecisionWords = Readonly<Record<DecisionReason | 'replaced', string>>

const DECISIONS_ZH: DecisionWords = {
  no_proof: '没有购买凭证',
  wrong_sale: '不是这笔订单',
  claim_too_high: '金额不对',
  against_policy: '不符合本店退款规定',
  suspicious: '情况可疑，待核查',
  not_agreed: '与顾客另行协商',
  customer_withdrew: '顾客不退了',
  paid_otherwise: '已用其他方式退给顾客',
  exchanged: '已换货',
  replaced: '已由新的申请代替',
}

const DECISIONS_EN: DecisionWords = {
  no_proof: 'No proof of purchase',
  wrong_sale: 'Not this order',
  claim_too_high: 'Wrong amount',
  against_policy: "Against the shop's rules",
  suspicious: 'Looks wrong, to be checked',
  not_agreed: 'Settled with the customer otherwise',
  customer_withdrew: 'Customer no longer wants it',
  paid_otherwise: 'Paid back in another way',
  exchanged: 'Exchanged',
  replaced: 'A new request took its place',
}

/** A code that is not in the list is shown as it is: it came from another version of the list. */
export const reasonText = (language: Language, code: string): string =>
  wordOf(language === 'zh' ? ZH : EN, code)

/** Why a refund was rejected, stopped or closed. */
export const decisionText = (language: Language, code: string): string =>
  wordOf(language === 'zh' ? DECISIONS_ZH : DECISIONS_EN, code)

const wordOf = (words: Readonly<Record<string, string>>, code: string): string =>
  Object.hasOwn(words, code) ? (words[code] ?? code) : code
