/** A payment's life and the room it has for refunds. */
import type { PayOutcome } from './outcome.ts'
import { addFen, maxFen, subFen, ZERO, type Fen } from './money.ts'
import type { Position } from './refund.ts'

export const PAYMENT_STATES = [
  'created',
  'submitted',
  'waiting',
  'paid',
  'reversing',
  'reversed',
  'closed',
] as const
export type PaymentState = (typeof PAYMENT_STATES)[number]

/** The last two entries of `closed` and `paid` are late truths: a lost payment found, a paid one reversed elsewhere. */
export const PAYMENT_MOVES: Readonly<Record<PaymentState, readonly PaymentState[]>> = {
  created: ['submitted', 'closed'],
  submitted: ['waiting', 'paid', 'closed', 'reversing', 'reversed'],
  waiting: ['paid', 'closed', 'reversing', 'reversed'],
  reversing: ['reversed', 'closed', 'paid'],
  closed: ['paid'],
  paid: ['reversed'],
  reversed: [],
}

/** Nobody knows yet whether money was taken: no second payment of the sale and no refund may start. */
export const UNCLEAR_STATES: readonly PaymentState[] = [
  'created',
  'submitted',
  'waiting',
  'reversing',
]

export type Counters = {
  readonly paid: Fen
  readonly held: Fen
  readonly refunded: Fen
  readonly kept: Fen
  readonly excess: Fen
}

/** Nothing is sent for a payment that a person must look at first, nor for one whose money went back as a whole. */
export const takesSends = (payment: {
  readonly state: PaymentState
  readonly blocked: string | null
}): boolean => payment.state === 'paid' && payment.blocked === null

/** What may still be asked for; never negative, and zero once the payment is reversed. */
export function roomOf(state: PaymentState, counters: Counters): Fen {
  if (state !== 'paid') return ZERO
  return maxFen(ZERO, subFen(counters.paid, counters.held, counters.refunded, counters.kept))
}

/**
 * The counters after one refund's position changed. `excess` is what truth has put beyond the payment, so
 * that a truth can always be written down while a request can never reach past `paid`.
 */
export function moveCounters(counters: Counters, before: Position, after: Position): Counters {
  const held = addFen(counters.held, subFen(after.held, before.held))
  const refunded = addFen(counters.refunded, subFen(after.refunded, before.refunded))
  const kept = addFen(counters.kept, subFen(after.kept, before.kept))
  const excess = maxFen(ZERO, subFen(addFen(held, refunded, kept), counters.paid))
  return { paid: counters.paid, held, refunded, kept, excess }
}

/** What a payment outcome means, by the act it answers. */
export type PaymentFact =
  | { readonly kind: 'move'; readonly to: PaymentState }
  | { readonly kind: 'stay'; readonly alarm: string | null }

export type PayAct = 'pay' | 'query' | 'reverse' | 'close' | 'notice'

export type PaymentView = {
  readonly state: PaymentState
  /** A request of ours (pay, reverse or close) may still arrive at the channel. */
  readonly requestMayArrive: boolean
  /** Taken elsewhere and only followed here: we never sent a pay request for it. */
  readonly outside: boolean
  /** The channel would refuse to reverse it: see `isPastReversal`. */
  readonly pastReversal: boolean
  /** The order total we asked for; the channel's word must carry the same. */
  readonly asked: Fen
}

/**
 * Whether a request of ours that may still arrive could make this word untrue. A closing ends what was not paid and
 * never undoes a payment, so a paid one needs no quiet time after it.
 * @param quietMs ms since the last request could have been accepted; null: there is no such end
 */
export const mayStillChange = (
  quietMs: number | null,
  driven: 'pay' | 'reverse' | 'close',
  outcome: PayOutcome,
): boolean => (quietMs === null || quietMs < 0) && !(driven === 'close' && outcome.kind === 'paid')

export function paymentFact(payment: PaymentView, outcome: PayOutcome, act: PayAct): PaymentFact {
  switch (outcome.kind) {
    case 'paid':
      if (outcome.paidFen !== payment.asked) return { kind: 'stay', alarm: 'amount_mismatch' }
      // A paid notice may be older than the reversal it meets: it only makes us ask.
      if (payment.state === 'reversed') return { kind: 'stay', alarm: null }
      if (payment.state === 'reversing' && (act !== 'query' || payment.requestMayArrive)) {
        return { kind: 'stay', alarm: null }
      }
      return move(payment, 'paid')
    case 'waiting':
      return payment.state === 'submitted' ? move(payment, 'waiting') : stays()
    case 'reversed':
      return move(payment, 'reversed')
    case 'closed':
      return payment.state === 'paid'
        ? { kind: 'stay', alarm: 'closed_after_paid' }
        : move(payment, 'closed')
    case 'refused':
      // A listed refusal of the pay request itself: the customer was not charged under this number. Should
      // that be wrong, `closed → paid` is the late truth for it, and the payment is asked about again.
      return act === 'pay' && outcome.final && payment.state === 'submitted'
        ? move(payment, 'closed')
        : stays()
    case 'unpaid':
      // Does not end a payment: the customer may still be typing the password. One that nobody can reverse any more has
      // no customer either.
      return payment.pastReversal && isAnsweredFinally(payment, act)
        ? move(payment, 'closed')
        : stays()
    case 'not_found':
      // The channel never heard of it, and no request of ours can reach it any more.
      if (payment.outside && payment.state === 'submitted') return move(payment, 'closed')
      return isAnsweredFinally(payment, act) ? move(payment, 'closed') : stays()
    case 'unknown':
      return { kind: 'stay', alarm: outcome.alarm ? outcome.cause : null }
  }
}

/** Asked while it was being reversed, when no request of ours could change the answer any more. */
const isAnsweredFinally = (payment: PaymentView, act: PayAct): boolean =>
  payment.state === 'reversing' && act === 'query' && !payment.requestMayArrive

const stays = (): PaymentFact => ({ kind: 'stay', alarm: null })

function move(payment: PaymentView, to: PaymentState): PaymentFact {
  return PAYMENT_MOVES[payment.state].includes(to) ? { kind: 'move', to } : stays()
}

/** What the next turn of a payment does. */
export type PaymentTurn = 'pay' | 'query' | 'reverse' | 'close' | 'begin_reverse' | 'abandon'

/**
 * A payment that was written down but never sent is only sent within this time, in ms: later the customer may have
 * left, or paid in another way.
 */
export const PAY_WITHIN_MS = 20_000

/** The channel wants this long between a pay request and its reversal, in ms (WeChat Pay's rule; safe for all). */
export const REVERSE_NOT_BEFORE_MS = 15_000

const DAY_MS = 24 * 3_600_000

/** Whether the channel has surely stopped reversing it: a day more than it says, since no clock is to be trusted. */
export const isPastReversal = (submittedAt: Date, withinDays: number, now: Date): boolean =>
  now.getTime() - submittedAt.getTime() > (withinDays + 1) * DAY_MS

export type TurnView = {
  readonly state: PaymentState
  readonly method: 'code' | 'qr' | 'outside'
  readonly neverSent: boolean
  readonly pastReversal: boolean
  readonly submittedAt: Date
  readonly validUntil: Date | null
  readonly tries: number
}

/**
 * About money a clock may only ask; the one exception is here: a payment nobody can tell the outcome of is reversed
 * after its wait, so that the customer is not left paying for nothing.
 */
export function paymentTurn(view: TurnView, reverseAfterMs: number, now: Date): PaymentTurn {
  if (view.state === 'reversing') {
    // Somebody who looks at it may ask for a turn before its time has come.
    const early = now.getTime() < view.submittedAt.getTime() + REVERSE_NOT_BEFORE_MS
    // Asking in between finds out what became of a reversal whose answer was lost.
    if (early || view.tries % 2 === 1) return 'query'
    // A shown code may be closed at any time.
    if (view.pastReversal && view.method !== 'qr') return 'query'
    return view.method === 'qr' ? 'close' : 'reverse'
  }
  if (view.state === 'submitted' && view.neverSent && view.method !== 'outside') {
    return now.getTime() < view.submittedAt.getTime() + PAY_WITHIN_MS ? 'pay' : 'abandon'
  }
  if (view.state !== 'submitted' && view.state !== 'waiting') return 'query'
  const over =
    view.method === 'qr'
      ? view.validUntil !== null && now > view.validUntil
      : view.method === 'code' && now.getTime() >= view.submittedAt.getTime() + reverseAfterMs
  return over ? 'begin_reverse' : 'query'
}
