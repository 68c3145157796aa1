/** When a payment is looked at next, and whether another payment of its sale may begin. */
import { nextWaitMs } from './attempt.ts'
import { subFen, type Fen } from './money.ts'
import { REVERSE_NOT_BEFORE_MS, UNCLEAR_STATES, type PaymentState } from './payment.ts'
import { refuse, type Refusal } from './problems.ts'
import { lookBy } from './unclear.ts'

/** How often a closed payment is still asked about: a customer's late success must be found, not waited for. */
const CLOSED_LOOKS_MS: readonly number[] = [15_000, 120_000, 900_000]

export type LookView = {
  readonly to: PaymentState
  /** It has just come to be so. */
  readonly moved: boolean
  /** Turns it has had since it came to be so. */
  readonly tries: number
  readonly neverSent: boolean
  readonly submittedAt: Date
}

/** Since when nobody knows what became of it; null: it is known. */
export const paymentUnclearSince = (state: PaymentState, submittedAt: Date): Date | null =>
  UNCLEAR_STATES.includes(state) ? submittedAt : null

/** @param schedule waits between questions in ms; the last repeats. @returns null: nobody needs to look again. */
export function nextPaymentLook(
  { to, moved, tries, neverSent, submittedAt }: LookView,
  schedule: readonly number[],
  now: Date,
): Date | null {
  const after = (ms: number) => new Date(now.getTime() + ms)
  if (to === 'closed') {
    const wait = CLOSED_LOOKS_MS[tries]
    return neverSent || wait === undefined ? null : after(wait)
  }
  if (!UNCLEAR_STATES.includes(to)) return null
  if (moved && to === 'reversing') {
    const earliest = submittedAt.getTime() + REVERSE_NOT_BEFORE_MS
    return new Date(Math.max(now.getTime(), earliest))
  }
  return lookBy(after(nextWaitMs(schedule, tries)), paymentUnclearSince(to, submittedAt), now)
}

type OfSale = {
  readonly payment_no: string
  readonly state: PaymentState
  readonly paid_fen: Fen
}

/** While one payment of a sale is unclear no second one starts, and all together never take more than the sale. */
export function whyNoMorePayment(
  saleFen: Fen,
  payments: readonly OfSale[],
  amount: Fen,
): Refusal | null {
  const unclear = payments.find((payment) => UNCLEAR_STATES.includes(payment.state))
  if (unclear) return refuse('sale_has_open_payment', { payment: unclear.payment_no })
  const paid = payments.filter((payment) => payment.state === 'paid')
  const open = subFen(saleFen, ...paid.map((payment) => payment.paid_fen))
  return amount > open ? refuse('sale_paid', { payment: paid[0]?.payment_no ?? '' }) : null
}
