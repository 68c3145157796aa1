/** A refund's life: states, moves, what its attempts make of it, and where its money stands. */
import { isOpen, type Attempt } from './attempt.ts'
import { addFen, fen, ZERO, type Fen } from './money.ts'

export const REFUND_STATES = [
  'requested',
  'awaiting_goods',
  'approved',
  'sending',
  'succeeded',
  'owed',
  'closed',
  'rejected',
  'withdrawn',
] as const
export type RefundState = (typeof REFUND_STATES)[number]

export const REFUND_MOVES: Readonly<Record<RefundState, readonly RefundState[]>> = {
  requested: ['awaiting_goods', 'approved', 'rejected', 'withdrawn', 'sending'],
  awaiting_goods: ['approved', 'rejected', 'withdrawn', 'sending'],
  approved: ['sending', 'withdrawn'],
  sending: ['succeeded', 'owed'],
  succeeded: ['owed', 'sending', 'closed', 'rejected', 'withdrawn'],
  owed: ['sending', 'succeeded', 'closed'],
  closed: ['succeeded'],
  rejected: ['succeeded'],
  withdrawn: ['succeeded'],
}

/** Ended without money; the hold is released. A late truth may still make one `succeeded`. */
export const ENDED_STATES: readonly RefundState[] = ['closed', 'rejected', 'withdrawn']

/** Not ended yet: somebody, or the channel, has to go on with it. */
export const UNFINISHED_STATES: readonly RefundState[] = [
  'requested',
  'awaiting_goods',
  'approved',
  'sending',
  'owed',
]

export const mayMoveRefund = (from: RefundState, to: RefundState): boolean =>
  REFUND_MOVES[from].includes(to)

/** May nobody have been asked to move money for it yet, so that its amount can still change. */
export const UNSENT_STATES: readonly RefundState[] = ['requested', 'awaiting_goods', 'approved']

type Part = Pick<Attempt, 'state' | 'reopened'>

/**
 * The refund's state as its attempts make it. One success pays the customer back, whatever else is open;
 * otherwise an open attempt keeps it sending; otherwise the customer is owed, unless the refund was ended.
 * @param endedAs the end a person or a rule gave it, remembered while a late success covers it: should that success
 *   come back to the merchant, the decision stands again.
 */
export function foldRefund(
  state: RefundState,
  attempts: readonly Part[],
  endedAs: RefundState | null,
): RefundState {
  if (attempts.length === 0) return state
  if (attempts.some((each) => each.state === 'succeeded')) return 'succeeded'
  if (endedAs !== null) return endedAs
  if (attempts.some(isOpen)) return 'sending'
  return 'owed'
}

/** Another attempt of the same refund has paid the customer or, being open, may still do so. */
export const paidOtherwise = (
  attempts: readonly (Part & { readonly seq: number })[],
  seq: number,
): boolean =>
  attempts.some((each) => each.seq !== seq && (each.state === 'succeeded' || isOpen(each)))

/** Where the money of one refund stands on its payment. */
export type Position = { readonly held: Fen; readonly refunded: Fen; readonly kept: Fen }

export const NO_POSITION: Position = { held: ZERO, refunded: ZERO, kept: ZERO }

/**
 * @param refund `amount` is what the channel is asked for; `feeKept` what the customer agreed to lose.
 * Two successes of one refund count twice: that is the truth of the channel, and the payment's `excess`.
 */
export function positionOf(
  refund: { readonly amount: Fen; readonly feeKept: Fen; readonly state: RefundState },
  attempts: readonly Pick<Attempt, 'state'>[],
): Position {
  const successes = attempts.filter((each) => each.state === 'succeeded').length
  if (successes > 0) {
    return { held: ZERO, refunded: fen(refund.amount * successes), kept: refund.feeKept }
  }
  if (ENDED_STATES.includes(refund.state)) return NO_POSITION
  return { held: addFen(refund.amount, refund.feeKept), refunded: ZERO, kept: ZERO }
}
