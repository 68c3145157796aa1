/** Why a refund needs more than one person's word: a sentence for each of the shop's rules, of what it judged. */
import type { PolicyFacts, PolicyParams, RuleId } from '../domain/policy/policy.ts'
import { money } from './figures.ts'
import type { Language } from './language.ts'

type Texts = Readonly<Record<RuleId, (facts: PolicyFacts, params: PolicyParams) => string>>

const ZH: Texts = {
  cashier_limit: (_, { cashierLimitFen }) =>
    `超过收银员单笔 ${money(cashierLimitFen)} 的限额，需店长授权。`,
  cash: () => '付款不是现金，退现金每次都要第二个人确认。',
  brought_in: () => '这笔不是本系统收的款，以前在别处是否退过不能确定，需店长确认。',
  other_store: () => '这是别的门店收的款，需店长授权。',
  beside_unclear: () => '同一笔收款还有一笔退款结果待确认，再退需店长授权。',
}

const EN: Texts = {
  cashier_limit: (_, { cashierLimitFen }) =>
    `It is above the ${money(cashierLimitFen)} that a cashier may refund alone.`,
  cash: () => 'It was not paid in cash; paying cash back always takes a second person.',
  brought_in: () =>
    'The sale was not taken by this system and may have been refunded elsewhere; a supervisor must look.',
  other_store: () => 'The sale is of another store; a supervisor must agree.',
  beside_unclear: () =>
    'Another refund of this payment has no known outcome yet; a supervisor must agree.',
}

export const ruleText = (
  language: Language,
  rule: RuleId,
  judged: { readonly facts: PolicyFacts; readonly params: PolicyParams },
): string => (language === 'zh' ? ZH : EN)[rule](judged.facts, judged.params)
