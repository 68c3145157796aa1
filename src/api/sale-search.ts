/** Finding a sale for a customer without a receipt, and a till's list of its sales. */
import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Core } from '../commands/core.ts'
import { readInTenant } from '../db/connect.ts'
import { fen } from '../domain/money.ts'
import { findSales } from '../store/sale-reads.ts'
import { searchSales, type SaleSearch } from '../store/sale-search.ts'
import type { salesQuery, salesShown } from './contract.ts'
import { placeCursor, readPlaceCursor } from './cursor.ts'
import { showSales } from './found.ts'
import { issueProblem } from './guards.ts'

/** More would be a list to fish in, and nobody reads it at a counter. */
const PAGE_MAX = 20
const SPAN_MAX_MS = 31 * 24 * 3_600_000

type Query = Omit<z.infer<typeof salesQuery>, 'code'>

export async function withoutReceipt(
  core: Core,
  tenant: number,
  request: FastifyRequest,
  query: Query,
): Promise<z.infer<typeof salesShown>> {
  const limit = query.limit ?? PAGE_MAX
  // One more than shown tells whether there is a next page.
  const search: SaleSearch = { ...wanted(request, query), most: limit + 1 }
  return readInTenant(core.db, tenant, async (tx) => {
    const found = await searchSales(tx, search)
    const page = found.slice(0, limit)
    const last = found.length > limit ? page.at(-1) : undefined
    const sales = await findSales(tx, [...new Set(page.map((each) => each.sale_no))])
    return {
      sales: await showSales(core, tx, tenant, sales),
      refund: null,
      next: last ? placeCursor(last) : null,
    }
  })
}

function wanted(request: FastifyRequest, query: Query): Omit<SaleSearch, 'most'> {
  const [from, to] = [momentOf(request, 'from', query.from), momentOf(request, 'to', query.to)]
  if (to < from) throw issueProblem(request, 'query/to', 'too_small')
  if (to.getTime() - from.getTime() > SPAN_MAX_MS)
    throw issueProblem(request, 'query/to', 'too_big')
  return {
    from,
    to,
    amount: query.amount === undefined ? null : fen(query.amount),
    storeNo: query.store ?? null,
    terminalNo: query.terminal ?? null,
    staffNo: query.staff ?? null,
    channel: query.channel ?? null,
    last: query.last ?? null,
    after: query.cursor === undefined ? null : readPlaceCursor(request, query.cursor),
  }
}

function momentOf(request: FastifyRequest, name: string, text: string | undefined): Date {
  if (text === undefined) throw issueProblem(request, `query/${name}`, 'value_missing')
  return new Date(text)
}
