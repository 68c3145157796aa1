/** Sales as they are shown. Read only. */
import type { Tx } from '../db/connect.ts'
import { paymentsOfSales, type PaymentFacts } from './payment-reads.ts'
import { refundsOfSales, type RefundFacts } from './refund-reads.ts'
import { readSale, readSaleItems, type SaleItemRow, type SaleRow } from './sales.ts'

export type SaleFacts = {
  readonly sale: SaleRow
  readonly items: readonly SaleItemRow[]
  readonly payments: readonly PaymentFacts[]
  readonly refunds: readonly RefundFacts[]
}

export async function findSale(tx: Tx, saleNo: string): Promise<SaleFacts | null> {
  const sale = await readSale(tx, saleNo)
  if (!sale) return null
  return {
    sale,
    items: await readSaleItems(tx, saleNo),
    payments: await paymentsOfSales(tx, [saleNo]),
    refunds: await refundsOfSales(tx, [saleNo]),
  }
}

/** In the order of the numbers; numbers without a sale are passed over. */
export async function findSales(tx: Tx, saleNos: readonly string[]): Promise<SaleFacts[]> {
  const found: SaleFacts[] = []
  for (const saleNo of saleNos) {
    const sale = await findSale(tx, saleNo)
    if (sale) found.push(sale)
  }
  return found
}
