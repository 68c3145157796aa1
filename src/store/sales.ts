/** Sales, their items, and finding them by whatever number somebody holds. */
import { sql } from 'kysely'
import type { Tx } from '../db/connect.ts'
import type { Fen } from '../domain/money.ts'

export type NewSale = {
  tenant_id: number
  sale_no: string
  store_no: string | null
  terminal_no: string | null
  staff_no: string | null
  source: 'till' | 'import' | 'channel'
  order_fen: Fen
  discount_fen: Fen
  paid_fen: Fen
  description: string
  fingerprint: Buffer
  created_at: Date
}

/** Of the sale it is written with. */
export type NewItem = {
  line: number
  name: string
  quantity: number
  price_fen: Fen
  fen: Fen
}

export async function insertSale(tx: Tx, sale: NewSale, items: readonly NewItem[]): Promise<void> {
  await tx.insertInto('sale').values(sale).execute()
  if (items.length === 0) return
  const column = <Name extends keyof NewItem>(name: Name) => items.map((item) => item[name])
  await sql`
    insert into sale_item (tenant_id, sale_no, line, name, quantity, price_fen, fen)
    select ${sale.tenant_id}::integer, ${sale.sale_no}::text, line, name, quantity, price_fen, fen
      from unnest(${column('line')}::integer[], ${column('name')}::text[], ${column('quantity')}::integer[],
                  ${column('price_fen')}::bigint[], ${column('fen')}::bigint[])
           as r (line, name, quantity, price_fen, fen)`.execute(tx)
}

export type SaleRow = {
  sale_no: string
  store_no: string | null
  terminal_no: string | null
  staff_no: string | null
  source: 'till' | 'import' | 'channel'
  order_fen: Fen
  discount_fen: Fen
  paid_fen: Fen
  description: string
  fingerprint: Buffer
  created_at: Date
}

export async function readSale(tx: Tx, saleNo: string): Promise<SaleRow | null> {
  const row = await tx
    .selectFrom('sale')
    .select([
      'sale_no',
      'store_no',
      'terminal_no',
      'staff_no',
      'source',
      'order_fen',
      'discount_fen',
      'paid_fen',
      'description',
      'fingerprint',
      'created_at',
    ])
    .where('sale_no', '=', saleNo)
    .executeTakeFirst()
  return (row as SaleRow | undefined) ?? null
}

/** Locks the sale, so that two tills cannot take its money at once. */
export async function lockSale(tx: Tx, saleNo: string): Promise<void> {
  await sql`select 1 from sale where sale_no = ${saleNo} for no key update`.execute(tx)
}

export type SaleItemRow = {
  line: number
  name: string
  quantity: number
  price_fen: Fen
  fen: Fen
  held_quantity: number
  held_fen: Fen
  refunded_quantity: number
  refunded_fen: Fen
}

export async function readSaleItems(tx: Tx, saleNo: string): Promise<SaleItemRow[]> {
  const rows = await tx
    .selectFrom('sale_item')
    .select([
      'line',
      'name',
      'quantity',
      'price_fen',
      'fen',
      'held_quantity',
      'held_fen',
      'refunded_quantity',
      'refunded_fen',
    ])
    .where('sale_no', '=', saleNo)
    .orderBy('line')
    .execute()
  return rows as SaleItemRow[]
}

/**
 * The sales a number belongs to: our own numbers, what the customer's bill shows, the channel's transaction number,
 * or a refund's number. One number may be known at several accounts, so there may be more than one.
 */
export async function findSaleNos(tx: Tx, code: string): Promise<string[]> {
  const { rows } = await sql<{ sale_no: string }>`
    select sale_no from sale where sale_no = ${code}
    union select sale_no from payment where payment_no = ${code}
    union select sale_no from payment where channel_number = ${code}
    union select sale_no from payment where channel_no = ${code}
    union select sale_no from payment where bill_no = ${code}
    union select sale_no from refund where refund_no = ${code}`.execute(tx)
  return rows.map((row) => row.sale_no)
}
