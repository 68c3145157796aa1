/** Why a refund needs more than one person's word: a sentence for each of the shop's rules, of what it judged. */
import { ZERO, type Fen } from '../domain/money.ts'
import type { PolicyFacts, PolicyParams, RuleId } from '../domain/policy/policy.ts'
import { money } from './figures.ts'
import type { Language } from './language.ts'

type Texts = Readonly<Record<RuleId, (facts: PolicyFacts, params: PolicyParams) => string>>

/** A rule speaks only where there is a limit. */
const limit = (fen: Fen | null): string => money(fen ?? ZERO)

const ZH: Texts = {
  may_refund: () => '您没有退款的权限。',
  per_refund: ({ rights }) => `超过您单笔 ${limit(rights.perRefundFen)} 的退款限额，需店长授权。`,
  per_day: ({ rights, askedToday }) =>
    `今天已退 ${money(askedToday)}，加上这笔超过您每日 ${limit(rights.perDayFen)} 的限额，需店长授权。`,
  second_at_till: (_, { secondAtTillFen }) =>
    `超过 ${money(secondAtTillFen)}，密码和授权码不够，需店长在自己的设备上审核。`,
  cash: () => '付款不是现金，退现金每次都要第二个人确认。',
  brought_in: () => '这笔不是本系统收的款，以前在别处是否退过不能确定，需店长确认。',
  other_store: () => '这是别的门店收的款，需店长授权。',
  earlier_day: () => '这是以前日期的付款，需店长授权。',
  other_cashier: () => '这是别的收银员收的款，需店长授权。',
  beside_unclear: () => '同一笔收款还有一笔退款结果待确认，再退需店长授权。',
}

const EN: Texts = {
  may_refund: () => 'You may not refund.',
  per_refund: ({ rights }) =>
    `It is above the ${limit(rights.perRefundFen)} you may refund at once.`,
  per_day: ({ rights, askedToday }) =>
    `With ${money(askedToday)} today it would pass the ${limit(rights.perDayFen)} you may refund in a day.`,
  second_at_till: (_, { secondAtTillFen }) =>
    `Above ${money(secondAtTillFen)} a PIN or a code is not enough; a supervisor decides on a device of their own.`,
  cash: () => 'It was not paid in cash; paying cash back always takes a second person.',
  brought_in: () =>
    'The sale was not taken by this system and may have been refunded elsewhere; a supervisor must look.',
  other_store: () => 'The sale is of another store; a supervisor must agree.',
  earlier_day: () => 'It was paid on an earlier day; a supervisor must agree.',
  other_cashier: () => 'A colleague took the payment; a supervisor must agree.',
  beside_unclear: () =>
    'Another refund of this payment has no known outcome yet; a supervisor must agree.',
}

export const ruleText = (
  language: Language,
  rule: RuleId,
  judged: { readonly facts: PolicyFacts; readonly params: PolicyParams },
): string => (language === 'zh' ? ZH : EN)[rule](judged.facts, judged.params)
