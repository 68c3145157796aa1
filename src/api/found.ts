/** Reading one thing by its number, or answering that it is not there: for another merchant it is not. */
import type { Core } from '../commands/core.ts'
import { openPersonal } from '../commands/personal.ts'
import { readInTenant, type Tx } from '../db/connect.ts'
import { refuse, type Refusal } from '../domain/problems.ts'
import { shiftTotals } from '../domain/shift.ts'
import { findPayment } from '../store/payment-reads.ts'
import { findRefunds, type RefundFacts } from '../store/refund-reads.ts'
import { findSale, type SaleFacts } from '../store/sale-reads.ts'
import { readSale } from '../store/sales.ts'
import { findDayClose } from '../store/day-closes.ts'
import { readReportRows, shiftReport } from '../store/report-reads.ts'
import { findShift, type ShiftRow } from '../store/shifts.ts'
import type { PaymentShown, RefundShown, SaleShown } from './contract.ts'
import type { DayCloseShown, ShiftShown } from './contract-shifts.ts'
import { Problem } from './problem.ts'
import { showPayment, showRefund, showSale, type Notes } from './show.ts'
import { showDayClose, showShift } from './show-shifts.ts'

export function present<T>(found: T | null | undefined, what: string): T {
  if (found === null || found === undefined) throw new Problem(refuse('not_found', { what }))
  return found
}

export const refundOf = async (core: Core, tenant: number, no: string): Promise<RefundShown> =>
  present((await refundsOf(core, tenant, [no]))[0], 'refund')

/** In the order of the numbers; undefined: there is none. */
export const refundsOf = (
  core: Core,
  tenant: number,
  nos: readonly string[],
): Promise<(RefundShown | undefined)[]> =>
  readInTenant(core.db, tenant, async (tx) => {
    const found = await findRefunds(tx, nos)
    const notes = await notesOf(core, tx, tenant, found)
    const shown = new Map(found.map((refund) => [refund.refund_no, showRefund(refund, notes)]))
    return nos.map((no) => shown.get(no))
  })

export const paymentOf = (core: Core, tenant: number, no: string): Promise<PaymentShown> =>
  readInTenant(core.db, tenant, async (tx) => {
    const payment = present(await findPayment(tx, no), 'payment')
    return showPayment(payment, present(await readSale(tx, payment.sale_no), 'sale').source)
  })

export const saleOf = (core: Core, tenant: number, no: string): Promise<SaleShown> =>
  readInTenant(core.db, tenant, async (tx) => {
    const [sale] = await showSales(core, tx, tenant, [present(await findSale(tx, no), 'sale')])
    return present(sale, 'sale')
  })

export const shiftOf = (core: Core, tenant: number, no: string): Promise<ShiftShown> =>
  readInTenant(core.db, tenant, async (tx) =>
    shiftIn(core, tx, tenant, present(await findShift(tx, no), 'shift')),
  )

/** With its totals: by now while it is open, else those of its close. */
export async function shiftIn(
  core: Core,
  tx: Tx,
  tenant: number,
  row: ShiftRow,
): Promise<ShiftShown> {
  const totals = row.totals ?? shiftTotals(await readReportRows(tx, shiftReport(row, null)))
  return showShift(row, totals, await shiftNote(core, tx, tenant, row))
}

/** What was written at its close; null when nothing was, or it was forgotten. */
export async function shiftNote(
  core: Core,
  tx: Tx,
  tenant: number,
  { note_ref: ref }: ShiftRow,
): Promise<string | null> {
  if (ref === null) return null
  return (await openPersonal(core, tx, tenant, [ref])).get(ref) ?? null
}

export const dayCloseOf = (core: Core, tenant: number, no: string): Promise<DayCloseShown> =>
  readInTenant(core.db, tenant, async (tx) =>
    showDayClose(present(await findDayClose(tx, no), 'day_close')),
  )

/** With the notes of their refunds. */
export async function showSales(
  core: Core,
  tx: Tx,
  tenant: number,
  sales: readonly SaleFacts[],
): Promise<SaleShown[]> {
  const notes = await notesOf(
    core,
    tx,
    tenant,
    sales.flatMap((sale) => sale.refunds),
  )
  return sales.map((sale) => showSale(sale, notes))
}

export const notesOf = (
  core: Core,
  tx: Tx,
  tenant: number,
  refunds: readonly RefundFacts[],
): Promise<Notes> =>
  openPersonal(
    core,
    tx,
    tenant,
    refunds.flatMap(({ note_ref: ref }) => (ref === null ? [] : [ref])),
  )

/**
 * Throws a refusal of a command as a problem. A number that is taken is answered with what is stored under it, so
 * that the till can go on from there.
 */
export async function accepted<T extends { readonly kind: string }>(
  core: Core,
  tenant: number,
  result: T | { readonly kind: 'refused'; readonly refusal: Refusal },
): Promise<Exclude<T, { readonly kind: 'refused' }>> {
  if (!isRefused(result)) return result as Exclude<T, { readonly kind: 'refused' }>
  const { refusal } = result
  throw new Problem(
    refusal.code === 'number_taken'
      ? refuse('number_taken', {
          ...refusal.params,
          stored: await storedUnder(core, tenant, refusal.params.stored),
        })
      : refusal,
  )
}

const isRefused = (result: {
  readonly kind: string
}): result is { readonly kind: 'refused'; readonly refusal: Refusal } => result.kind === 'refused'

async function storedUnder(core: Core, tenant: number, named: unknown): Promise<unknown> {
  const { refund, payment, sale, shift, dayClose } = named as Partial<
    Record<'refund' | 'payment' | 'sale' | 'shift' | 'dayClose', string>
  >
  if (refund !== undefined) return { refund: await refundOf(core, tenant, refund) }
  if (payment !== undefined) return { payment: await paymentOf(core, tenant, payment) }
  if (shift !== undefined) return { shift: await shiftOf(core, tenant, shift) }
  if (dayClose !== undefined) return { dayClose: await dayCloseOf(core, tenant, dayClose) }
  return sale === undefined ? named : { sale: await saleOf(core, tenant, sale) }
}
