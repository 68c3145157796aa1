/** Whether money that is stuck at the channel may be sent on its way again. */
import type { Outcome, Remedy } from './outcome.ts'
import type { PaymentState } from './payment.ts'
import { refuse, type Refusal } from './problems.ts'

/**
 * Null when it may. Back to the merchant it may go whatever became of the refund; to a card only while the customer has
 * not got the money in any other way, and is not about to.
 */
export function whyNoRemedy(
  remedy: Remedy,
  around: {
    readonly paidBackOtherwise: boolean
    readonly payment: { readonly state: PaymentState; readonly blocked: string | null }
  },
): Refusal | null {
  const { state, blocked } = around.payment
  if (blocked !== null) return refuse('payment_blocked', { reason: blocked })
  if (remedy === 'to_merchant') return null
  if (state !== 'paid') return refuse('payment_cancelled', {})
  return around.paidBackOtherwise ? refuse('remedy_pays_twice', {}) : null
}

/**
 * What the answer to a remedy says of the refund. A no, proven or not, is about the remedy: the money is where it was,
 * and only a question tells where that is.
 */
export const wordOnRemedy = (outcome: Outcome): Outcome =>
  outcome.kind === 'refused' ? { ...outcome, proof: 'unsigned', final: false } : outcome
