/**
 * The shop's rules as data. Each rule judges the same facts on its own; the strictest verdict wins, so the order
 * of the rules never matters. The verdicts and the rules' versions stay with the refund.
 */
import type { Way } from '../actor.ts'
import type { Fen } from '../money.ts'
import type { Rights } from '../rights.ts'

export const VERDICTS = ['allow', 'needs_approval', 'deny'] as const
export type Verdict = (typeof VERDICTS)[number]

/** One for each file in `rules/`; `texts/rules.ts` has a sentence for each. */
export const RULE_IDS = [
  'may_refund',
  'per_refund',
  'per_day',
  'second_at_till',
  'cash',
  'brought_in',
  'other_store',
  'earlier_day',
  'other_cashier',
  'beside_unclear',
] as const
export type RuleId = (typeof RULE_IDS)[number]

export type PolicyFacts = {
  readonly method: 'original' | 'cash'
  readonly amount: Fen
  /** The person asking may decide refunds for others. */
  readonly mayDecide: boolean
  readonly rights: Rights
  /** fen the person asked for since the shop's day began; zero where no limit of theirs counts it. */
  readonly askedToday: Fen
  /** By which way a second person, allowed to decide, stands behind the request; null: nobody does. */
  readonly secondedBy: Way | null
  /** The sale was not taken by us, so its items and earlier refunds are only known as far as the channel tells. */
  readonly broughtIn: boolean
  readonly otherStore: boolean
  /** The sale was paid on an earlier calendar day of the shop. */
  readonly earlierDay: boolean
  /** Somebody else took the sale. */
  readonly otherCashier: boolean
  /** Another refund of the same payment has an unclear outcome. */
  readonly besideUnclear: boolean
  /** A reason code or note came with the request. */
  readonly reasonGiven: boolean
}

/** Numbers a shop sets, in fen, beside what each person may (see `Rights`); every one has a default a careful shop would keep. */
export type PolicyParams = {
  /** Cash at all, per refund; zero switches cash off. */
  readonly cashLimitFen: Fen
  /** How far somebody at the till reaches who shows themselves by PIN or one-time code. */
  readonly secondAtTillFen: Fen
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
