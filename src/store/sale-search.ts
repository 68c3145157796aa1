/** Sales found without their numbers: by when they were paid, and whatever else somebody remembers. */
import { sql, type RawBuilder } from 'kysely'
import type { Tx } from '../db/connect.ts'
import type { Fen } from '../domain/money.ts'

/** Nulls: not asked for. */
export type SaleSearch = {
  /** Of the payment: when it was paid, else made. A sale that was taken over was paid before it came to us. */
  readonly from: Date
  readonly to: Date
  readonly amount: Fen | null
  readonly storeNo: string | null
  readonly terminalNo: string | null
  readonly staffNo: string | null
  readonly channel: string | null
  /** At least four digits at the end of the sale's number, or of either number on the customer's bill. */
  readonly last: string | null
  readonly after: FoundPlace | null
  readonly most: number
}

/** A place in the list of what was found: the payment's time and number. */
export type FoundPlace = { readonly at: Date; readonly no: string }
export type FoundRow = { at: Date; no: string; sale_no: string }

/** One row a payment, newest first. */
export async function searchSales(tx: Tx, want: SaleSearch): Promise<FoundRow[]> {
  return (await saleSearch(want).execute(tx)).rows
}

const END_DIGITS = 4
const AT = sql`coalesce(p.paid_at, p.created_at)`

export function saleSearch(want: SaleSearch): RawBuilder<FoundRow> {
  const { last, most } = want
  if (last === null) return branch(want, [])
  // Each number has an index of its own, and each branch reads no more of it than the page needs.
  const end = last.slice(-END_DIGITS)
  const branches = [
    branch(want, [sql`p.bill_end = ${end}`, sql`p.bill_no like ${`%${last}`}`]),
    branch(want, [sql`p.channel_end = ${end}`, sql`p.channel_no like ${`%${last}`}`]),
    branch(want, [sql`p.sale_end = ${end}`, sql`p.sale_no like ${`%${last}`}`]),
  ]
  return sql`select at, no, sale_no from (
      ${sql.join(
        branches.map((each) => sql`(${each})`),
        sql` union `,
      )}
    ) found order by at desc, no desc limit ${most}`
}

function branch(want: SaleSearch, ends: readonly RawBuilder<unknown>[]): RawBuilder<FoundRow> {
  const { amount, storeNo, terminalNo, staffNo, channel, after, from, to } = want
  const conditions = [
    sql`${AT} between ${from}::timestamptz and ${to}::timestamptz`,
    ...ends,
    ...(amount === null ? [] : [sql`p.paid_fen = ${amount}`]),
    ...(channel === null ? [] : [sql`p.channel = ${channel}`]),
    ...(storeNo === null ? [] : [sql`${ofSale('store_no')} = ${storeNo}`]),
    ...(terminalNo === null ? [] : [sql`${ofSale('terminal_no')} = ${terminalNo}`]),
    ...(staffNo === null ? [] : [sql`${ofSale('staff_no')} = ${staffNo}`]),
    ...(after === null
      ? []
      : [sql`(${AT}, p.payment_no) < (${after.at}::timestamptz, ${after.no}::text)`]),
  ]
  return sql<FoundRow>`
    select ${AT} as at, p.payment_no as no, p.sale_no
      from payment p
     where ${sql.join(conditions, sql` and `)}
     order by ${AT} desc, p.payment_no desc limit ${want.most}`
}

/** Looked up for each payment of the span, and no join: from the sales' side it would walk all there ever were. */
const ofSale = (column: 'store_no' | 'terminal_no' | 'staff_no'): RawBuilder<string | null> =>
  sql`(select s.${sql.ref(column)} from sale s where s.tenant_id = p.tenant_id and s.sale_no = p.sale_no)`
