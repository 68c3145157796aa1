/** Looks at what a refund would become, on one snapshot of the books that nothing can be written to. */
import { readInTenant } from '../db/connect.ts'
import type { Actor } from '../domain/actor.ts'
import type { Capabilities } from '../domain/capabilities.ts'
import { previewRefund, type Preview } from '../domain/preview.ts'
import type { Refusal } from '../domain/problems.ts'
import { whyNoPayment, type RefundWish } from '../domain/request.ts'
import { findPayment, type PaymentFacts } from '../store/payment-reads.ts'
import { readSale, type SaleRow } from '../store/sales.ts'
import { seeAskedToday } from './asked-today.ts'
import type { Core } from './core.ts'
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
    const { books } = opened
    const askedToday = await seeAskedToday(tx, actor, now)
    const previewed = previewRefund(books, wish, actor, askedToday, core.settings.shop, now)
    if (previewed.kind === 'refused') return previewed
    const payment = await findPayment(tx, books.paymentNo)
    const sale = await readSale(tx, books.saleNo)
    if (!payment || !sale) throw new Error('a payment whose books were just read is not there')
    return { ...previewed, payment, sale, can: books.can }
  })
