/** A payment's books: as the decision on requests wants them, and written back with what it left. */
import type { Tx } from '../db/connect.ts'
import { termsOf } from '../domain/channel-rules.ts'
import type { PaymentBooks } from '../domain/request.ts'
import { readBooks, saveItems, savePaymentBooks, type BooksRow } from '../store/books.ts'
import type { Core } from './core.ts'
import { itemOf, itemRow } from './desk.ts'

export type OpenBooks = { readonly row: BooksRow; readonly books: PaymentBooks }

/** By the payments' numbers; unknown ones are not there. What a request and its preview both stand on. */
export async function openBooks(
  core: Core,
  tx: Tx,
  paymentNos: readonly string[],
): Promise<ReadonlyMap<string, OpenBooks>> {
  const rows = await readBooks(tx, paymentNos)
  return new Map(rows.map((row) => [row.payment_no, { row, books: booksOf(core, row) }]))
}

export function booksOf(core: Core, row: BooksRow): PaymentBooks {
  const { can } = core.channel(row.channel)
  return {
    paymentNo: row.payment_no,
    saleNo: row.sale_no,
    storeNo: row.store_no,
    cashier: row.staff_no,
    state: row.state,
    blocked: row.blocked,
    counters: {
      paid: row.paid_fen,
      held: row.held_fen,
      refunded: row.refunded_fen,
      kept: row.kept_fen,
      excess: row.excess_fen,
    },
    items: row.items.map(itemOf),
    paidAt: row.paid_at,
    broughtIn: row.source === 'channel' || row.imported_with_refunds,
    siblingUnclear: row.sibling_unclear,
    sentCount: row.refund_count,
    lastSentAt: row.last_refund_sent_at,
    inFlight: row.in_flight || (can.serialisePer === 'payer' && row.payer_in_flight),
    unclearRefund: row.unclear_refund,
    can,
    contract: termsOf(row.contract),
    paused: row.paused !== null,
    probeAt: row.probe_at,
  }
}

/** Writes payments' counters, and the items of those whose items moved. */
export async function saveBooks(
  tx: Tx,
  changed: readonly { readonly books: PaymentBooks; readonly itemsMoved: boolean }[],
): Promise<void> {
  await savePaymentBooks(
    tx,
    changed.map(({ books }) => ({
      payment_no: books.paymentNo,
      held_fen: books.counters.held,
      refunded_fen: books.counters.refunded,
      kept_fen: books.counters.kept,
      excess_fen: books.counters.excess,
      blocked: books.blocked,
      refund_count: books.sentCount,
      last_refund_sent_at: books.lastSentAt,
    })),
  )
  await saveItems(
    tx,
    changed
      .filter(({ itemsMoved }) => itemsMoved)
      .flatMap(({ books }) => books.items.map((item) => itemRow(books.saleNo, item))),
  )
}
