/** From what was sent to what is wanted back, the same for a request and for its preview. */
import { fen } from '../domain/money.ts'
import type { Ask, RefundWish } from '../domain/request.ts'
import type { RefundWishGiven } from './contract.ts'

export const wishOf = (given: RefundWishGiven): RefundWish => ({
  paymentNo: given.payment,
  ask: askOf(given),
  method: given.method,
  reason: given.reason,
  note: given.note,
  replaces: given.replaces ?? null,
})

function askOf({ amount, items }: RefundWishGiven): Ask {
  if (amount !== undefined) return { kind: 'amount', fen: fen(amount) }
  return items === undefined ? { kind: 'full' } : { kind: 'items', items }
}
