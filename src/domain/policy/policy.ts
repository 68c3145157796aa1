/**
 * The shop's rules as data. Each rule judges the same facts on its own; the strictest verdict wins, so the order
 * of the rules never matters. The verdicts and the rules' versions stay with the refund.
 */
import type { Fen } from '../money.ts'

export const VERDICTS = ['allow', 'needs_approval', 'deny'] as const
export type Verdict = (typeof VERDICTS)[number]

/** One for each file in `rules/`; `texts/rules.ts` has a sentence for each. */
export const RULE_IDS = [
  'cashier_limit',
  'cash',
  'brought_in',
  'other_store',
  'beside_unclear',
] as const
export type RuleId = (typeof RULE_IDS)[number]

export type PolicyFacts = {
  readonly method: 'original' | 'cash'
  readonly amount: Fen
  /** The person asking may decide refunds for others. */
  readonly mayDecide: boolean
  /** A second person, allowed to decide, stands behind the request. */
  readonly seconded: boolean
  /** The sale was not taken by us, so its items and earlier refunds are only known as far as the channel tells. */
  readonly broughtIn: boolean
  readonly otherStore: boolean
  /** Another refund of the same payment has an unclear outcome. */
  readonly besideUnclear: boolean
  /** A reason code or note came with the request. */
  readonly reasonGiven: boolean
}

/** Numbers a shop sets, in fen; every one has a default a careful shop would keep. */
export type PolicyParams = {
  /** A cashier alone, by the original route, per refund. */
  readonly cashierLimitFen: Fen
  /** Cash at all, per refund; zero switches cash off. */
  readonly cashLimitFen: Fen
}

export type Rule = {
  readonly id: RuleId
  readonly version: number
  readonly judge: (facts: PolicyFacts, params: PolicyParams) => Verdict
}

export type Judgement = {
  readonly verdict: Verdict
  readonly rules: readonly {
    readonly id: RuleId
    readonly version: number
    readonly verdict: Verdict
  }[]
}

export const strictest = (verdicts: readonly Verdict[]): Verdict =>
  VERDICTS.toReversed().find((verdict) => verdicts.includes(verdict)) ?? 'allow'

export function judge(rules: readonly Rule[], facts: PolicyFacts, params: PolicyParams): Judgement {
  const judged = rules.map((rule) => ({
    id: rule.id,
    version: rule.version,
    verdict: rule.judge(facts, params),
  }))
  return { verdict: strictest(judged.map((each) => each.verdict)), rules: judged }
}
