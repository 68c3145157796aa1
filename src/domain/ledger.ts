/**
 * The books of a refund: two-legged transfers between named accounts of one payment. Balanced by construction: each
 * transfer debits one account and credits another by the same amount.
 */
import { addFen, fen, maxFen, negFen, subFen, ZERO, type Fen } from './money.ts'
import type { Position } from './refund.ts'

/**
 * refundable: what customers could still claim · held: claimed, not yet paid · channel: paid out through the
 * channel at the merchant's cost · channel_discount: paid out, borne by coupons of others · cash: paid out of the
 * drawer · fee_kept: agreed to stay with the merchant · excess: paid out beyond the payment · channel_fee and
 * channel_fee_due: commission the channel gives back.
 */
export const ACCOUNTS = [
  'refundable',
  'held',
  'channel',
  'channel_discount',
  'cash',
  'fee_kept',
  'excess',
  'channel_fee',
  'channel_fee_due',
] as const
export type LedgerAccount = (typeof ACCOUNTS)[number]

export type TransferKind =
  | 'hold'
  | 'release'
  | 'pay_back'
  | 'return'
  | 'keep_fee'
  | 'give_up_fee'
  | 'exceed'
  | 'cover_excess'
  | 'fee_returned'
  | 'fee_taken_back'

export type Transfer = {
  readonly kind: TransferKind
  readonly debit: LedgerAccount
  readonly credit: LedgerAccount
  readonly fen: Fen
}

/** How one attempt's amount splits into what the merchant paid and what others' coupons covered. */
export type Split = { readonly way: 'channel' | 'cash'; readonly discount: Fen }

export type LedgerChange = {
  readonly before: Position
  readonly after: Position
  /** The attempt whose success or return moved the money; null when only a hold moved. */
  readonly split: Split | null
  readonly excessBefore: Fen
  readonly excessAfter: Fen
  /** Commission the channel gives back with a success; negative when the success it came with is undone. */
  readonly feeReturned: Fen
}

/** The transfers that carry the books from one position to the next; empty when nothing moved. */
export function transfersFor(change: LedgerChange): Transfer[] {
  const { before, after, split } = change
  const refunded = subFen(after.refunded, before.refunded)
  const kept = subFen(after.kept, before.kept)
  const excess = subFen(change.excessAfter, change.excessBefore)
  const paidOut = addFen(maxFen(refunded, ZERO), maxFen(kept, ZERO))
  const cameBack = addFen(maxFen(negFen(refunded), ZERO), maxFen(negFen(kept), ZERO))
  // What must be put on hold (or let go) besides what flows through it.
  const hold = addFen(subFen(after.held, before.held), subFen(paidOut, cameBack))
  if (refunded !== 0 && split === null)
    throw new Error('money moved without an attempt to account for it')
  const way = split?.way ?? 'channel'
  const discount = split?.discount ?? ZERO
  return [
    transfer('exceed', 'excess', 'refundable', excess),
    transfer('hold', 'refundable', 'held', hold),
    transfer('pay_back', 'held', way, refunded > 0 ? subFen(refunded, discount) : ZERO),
    transfer('pay_back', 'held', 'channel_discount', refunded > 0 ? discount : ZERO),
    transfer('keep_fee', 'held', 'fee_kept', kept),
    transfer('return', way, 'held', refunded < 0 ? subFen(negFen(refunded), discount) : ZERO),
    transfer('return', 'channel_discount', 'held', refunded < 0 ? discount : ZERO),
    transfer('give_up_fee', 'fee_kept', 'held', negFen(kept)),
    transfer('release', 'held', 'refundable', negFen(hold)),
    transfer('cover_excess', 'refundable', 'excess', negFen(excess)),
    transfer('fee_returned', 'channel_fee_due', 'channel_fee', change.feeReturned),
    transfer('fee_taken_back', 'channel_fee', 'channel_fee_due', fen(-change.feeReturned)),
  ].filter((each) => each.fen > 0)
}

const transfer = (
  kind: TransferKind,
  debit: LedgerAccount,
  credit: LedgerAccount,
  amount: Fen,
): Transfer => ({ kind, debit, credit, fen: amount })

/** The balance of one account: what was credited to it less what was debited. */
export function balanceOf(transfers: readonly Transfer[], account: LedgerAccount): Fen {
  return fen(
    transfers.reduce(
      (sum, each) =>
        sum + (each.credit === account ? each.fen : 0) - (each.debit === account ? each.fen : 0),
      0,
    ),
  )
}
