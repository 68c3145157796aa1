/** Looks at what a refund would become, on one snapshot of the books that nothing can be written to. */
import { readInTenant, type Tx } from '../db/connect.ts'
import { mayDecide, type Actor } from '../domain/actor.ts'
import type { Capabilities } from '../domain/capabilities.ts'
import { previewRefund, type Preview } from '../domain/preview.ts'
import { refuse, type Refusal } from '../domain/problems.ts'
import {
  whyNoPayment,
  whyNotReplaced,
  withoutHold,
  type PaymentBooks,
  type RefundWish,
} from '../domain/request.ts'
import { readDeskRefunds, readLines } from '../store/desk.ts'
import { findPayment, type PaymentFacts } from '../store/payment-reads.ts'
import { readSale, type SaleRow } from '../store/sales.ts'
import { askedBy, seeAskedToday } from './asked-today.ts'
import type { Core } from './core.ts'
import { lineOf } from './desk.ts'
import { openBooks } from './payment-books.ts'

export type LookedAhead =
  | {
      readonly kind: 'previewed'
      readonly preview: Preview
      readonly payment: PaymentFacts
      readonly sale: SaleRow
      readonly can: Capabilities
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

/** @returns what `requestRefunds` would say to the same wish at this moment. */
export const lookAhead = (
  core: Core,
  actor: Actor,
  wish: RefundWish,
  now: Date,
): Promise<LookedAhead> =>
  readInTenant(core.db, actor.tenant, async (tx): Promise<LookedAhead> => {
    const opened = (await openBooks(core, tx, [wish.paymentNo])).get(wish.paymentNo)
    if (!opened) return { kind: 'refused', refusal: whyNoPayment(wish.paymentNo) }
    const replaced = await seeReplaced(tx, actor, wish, opened.books)
    if (replaced.kind === 'refused') return replaced
    const { books } = replaced
    const askedToday = askedBy(await seeAskedToday(tx, [actor], now), actor)
    const previewed = previewRefund(books, wish, actor, askedToday, core.settings.shop, now)
    if (previewed.kind === 'refused') return previewed
    const payment = await findPayment(tx, books.paymentNo)
    const sale = await readSale(tx, books.saleNo)
    if (!payment || !sale) throw new Error('a payment whose books were just read is not there')
    return { ...previewed, payment, sale, can: books.can }
  })

type Replaced =
  | { readonly kind: 'ready'; readonly books: PaymentBooks }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

/** The books as they are once the request that this one would replace is out of the way. */
async function seeReplaced(
  tx: Tx,
  actor: Actor,
  { replaces, paymentNo }: RefundWish,
  books: PaymentBooks,
): Promise<Replaced> {
  if (replaces === null) return { kind: 'ready', books }
  if (!mayDecide(actor)) return { kind: 'refused', refusal: refuse('supervisor_needed', {}) }
  const [row] = await readDeskRefunds(tx, [replaces])
  if (row?.payment_no !== paymentNo) {
    return { kind: 'refused', refusal: refuse('not_found', { what: 'refund' }) }
  }
  const decided = whyNotReplaced(row.state)
  if (decided) return { kind: 'refused', refusal: decided }
  const lines = (await readLines(tx, [replaces])).map(lineOf)
  const open = { amount: row.amount_fen, feeKept: row.fee_kept_fen, lines }
  return { kind: 'ready', books: withoutHold(books, open) }
}
