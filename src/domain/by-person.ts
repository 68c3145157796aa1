/** The words of people about money that no channel speaks of. */
import { ZERO, type Fen } from './money.ts'
import type { Outcome } from './outcome.ts'

/** No money went out, and none will: a person's word is a proof. */
export const byPerson = (code: 'never_sent' | 'not_handed_out'): Outcome => ({
  kind: 'refused',
  code,
  proof: 'person',
  final: true,
})

/** The cash is in the customer's hand. @param number the attempt's own: no channel gave one. */
export const handedOut = (number: string, amount: Fen, at: Date): Outcome => ({
  kind: 'succeeded',
  at,
  channelNo: number,
  destination: 'cash',
  account: null,
  payerFen: amount,
  settlementFen: amount,
  discountFen: ZERO,
  feeReturnedFen: null,
})
