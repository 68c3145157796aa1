/**
 * Whether a refund can go to its channel, and when: now, at a time, or not this way, because. Pure arithmetic on
 * what the channel declares, what the account's contract says and what has happened on the payment.
 */
import type { Capabilities } from './capabilities.ts'
import type { Fen } from './money.ts'

const DAY_MS = 86_400_000

/** Facts of the account's contract that stand in for what a channel leaves open. */
export type Contract = {
  readonly windowDays: number | null
  readonly countMax: number | null
}

/** What holds for one account: the contract's word where it has one, else the channel's. Null: no such limit. */
export type Limits = {
  readonly windowDays: number | null
  readonly countMax: number | null
  readonly spacingMs: number
  readonly partial: boolean
  readonly amountMinFen: number
}

export const limitsOf = (can: Capabilities, contract: Contract): Limits => ({
  windowDays: contract.windowDays ?? can.windowDays,
  countMax: contract.countMax ?? can.countMax,
  spacingMs: can.spacingMs,
  partial: can.partial,
  amountMinFen: can.amountMinFen,
})

export type PlanFacts = {
  readonly paidAt: Date
  readonly amount: Fen
  readonly paid: Fen
  /** Refunds of this payment that a channel has or may have. */
  readonly count: number
  /** Business time of the payment's last send to the channel, null if none. */
  readonly lastSentAt: Date | null
  /** Another attempt of the payment, or of whatever else the channel wants serialised, is under way right now. */
  readonly inFlight: boolean
  /** Sends are held back for the whole account: a person paused it, or the channel has no funds. */
  readonly paused: boolean
  /** The channel does not answer this account: when one send may try again; null: it answers. */
  readonly probeAt: Date | null
}

export type Plan =
  | { readonly kind: 'now' }
  | {
      readonly kind: 'at'
      readonly at: Date
      readonly reason: 'spacing' | 'in_flight' | 'paused' | 'channel_down'
    }
  | {
      readonly kind: 'no'
      readonly reason: 'window_over' | 'count_used_up' | 'partial_not_possible' | 'amount_too_small'
      readonly limit: number
    }

/** How soon to look again at a refund that waits for another attempt to come back, in ms. */
export const IN_FLIGHT_WAIT_MS = 2_000
/** How soon to look again at a refund whose account is paused, in ms. */
export const PAUSED_WAIT_MS = 30_000

export function planRefund(
  can: Capabilities,
  contract: Contract,
  facts: PlanFacts,
  now: Date,
): Plan {
  const { windowDays, countMax, spacingMs, partial, amountMinFen } = limitsOf(can, contract)
  if (windowDays !== null && now.getTime() > facts.paidAt.getTime() + windowDays * DAY_MS) {
    return { kind: 'no', reason: 'window_over', limit: windowDays }
  }
  if (countMax !== null && facts.count >= countMax) {
    return { kind: 'no', reason: 'count_used_up', limit: countMax }
  }
  if (!partial && facts.amount !== facts.paid) {
    return { kind: 'no', reason: 'partial_not_possible', limit: facts.paid }
  }
  if (facts.amount < amountMinFen) {
    return { kind: 'no', reason: 'amount_too_small', limit: amountMinFen }
  }
  const later = (ms: number, from = now) => new Date(from.getTime() + ms)
  if (facts.paused) return { kind: 'at', at: later(PAUSED_WAIT_MS), reason: 'paused' }
  if (facts.lastSentAt !== null) {
    const free = later(spacingMs, facts.lastSentAt)
    if (free > now) return { kind: 'at', at: free, reason: 'spacing' }
  }
  if (facts.inFlight) return { kind: 'at', at: later(IN_FLIGHT_WAIT_MS), reason: 'in_flight' }
  if (facts.probeAt !== null) {
    return { kind: 'at', at: facts.probeAt > now ? facts.probeAt : now, reason: 'channel_down' }
  }
  return { kind: 'now' }
}

/** Only the channel's silence holds it back, and the time has come to try: this refund may be the one that does. */
export const mayProbe = (plan: Plan, now: Date): boolean =>
  plan.kind === 'at' && plan.reason === 'channel_down' && plan.at <= now
