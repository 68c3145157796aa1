/** The fee a shop keeps from a refund: a rule of the shop, shown before, booked apart. */
import { fen, minFen, ZERO, type Fen } from './money.ts'

export type FeeRule = {
  /** Thousandths of the claimed amount. */
  readonly permille: number
  readonly maxFen: Fen
  /** Reasons that may never cost the customer anything. */
  readonly freeReasons: readonly string[]
}

/** By default nothing is kept; and whatever a shop sets, never for its own faults. */
export const NO_FEE: FeeRule = {
  permille: 0,
  maxFen: ZERO,
  freeReasons: ['quality', 'double_payment', 'wrong_amount', 'not_made'],
}

/** Rounded down in the customer's favour, and never the whole claim: something must be left to refund. */
export function feeFor(rule: FeeRule, claim: Fen, reason: string): Fen {
  if (rule.permille <= 0 || rule.freeReasons.includes(reason)) return ZERO
  const share = fen(Number((BigInt(claim) * BigInt(Math.trunc(rule.permille))) / 1000n))
  return minFen(minFen(share, rule.maxFen), fen(Math.max(0, claim - 1)))
}
