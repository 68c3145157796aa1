/** Sales: found by whatever number somebody holds, looked up at the channel, taken over from another system. */
import type { FastifyRequest } from 'fastify'
import { bringInSale, importSale } from '../commands/bring-in-sale.ts'
import type { Core } from '../commands/core.ts'
import { askPayment } from '../commands/drive-payments.ts'
import { readInTenant } from '../db/connect.ts'
import type { Actor } from '../domain/actor.ts'
import { fen } from '../domain/money.ts'
import { readScan } from '../domain/numbers.ts'
import { UNCLEAR_STATES } from '../domain/payment.ts'
import { refuse } from '../domain/problems.ts'
import { findSales } from '../store/sale-reads.ts'
import { findSaleNos, findSalesByAmount } from '../store/sales.ts'
import type { z } from 'zod'
import type { Resource } from './api.ts'
import {
  codeGiven,
  importGiven,
  numberParams,
  salesQuery,
  salesShown,
  saleShown,
  type SaleShown,
} from './contract.ts'
import { accepted, saleOf } from './found.ts'
import { issueProblem } from './guards.ts'
import { saleInput } from './payments.ts'
import { Problem } from './problem.ts'
import { showSale } from './show.ts'
import { who } from './sign-in.ts'
import { turnsOf } from './turns.ts'

/** Without a receipt; more would be a list to fish in, and nobody reads it at a counter. */
const FOUND_MAX = 20
const SPAN_MAX_MS = 31 * 24 * 3_600_000

type Sales = z.infer<typeof salesShown>

export const saleResource =
  (core: Core): Resource =>
  (v1) => {
    const takeTurn = turnsOf(v1)

    v1.get(
      '/sales',
      {
        schema: {
          summary: 'Find sales',
          description:
            'By `code` alone: any number on our slips or on the customer’s bill. Without a receipt: by amount, from, to and the last six digits of the bill’s number, at most 20.',
          querystring: salesQuery,
          response: { 200: salesShown },
        },
      },
      (request) => {
        const { tenant } = who(request)
        const { code } = request.query
        return code === undefined
          ? byAmount(core, tenant, request, request.query)
          : byCode(core, tenant, numberIn(code))
      },
    )

    v1.get(
      '/sales/:no',
      { schema: { summary: 'A sale', params: numberParams, response: { 200: saleShown } } },
      (request) => saleOf(core, who(request).tenant, request.params.no),
    )

    v1.post(
      '/sales/find',
      {
        schema: {
          summary: 'Find a sale, at the channels too',
          description:
            'Like GET with a code; what is not known here is looked up at the channels and brought in, and payments that are not clear are asked about first.',
          body: codeGiven,
          response: { 200: salesShown },
        },
      },
      async (request) => {
        const actor = who(request)
        const code = numberIn(request.body.code)
        const known = await salesUnder(core, actor.tenant, code)
        const asked = known.flatMap((sale) => sale.payments).filter(mayBeNews)
        await takeTurn(async () => {
          for (const payment of asked) await askPayment(core, actor.tenant, payment.no)
        })
        if (known.length === 0) await bringIn(core, actor, code)
        return byCode(core, actor.tenant, code)
      },
    )

    v1.post(
      '/sales/import',
      {
        schema: {
          summary: 'Take over a sale of another system',
          description:
            'Its payment is asked about at the channel; until that has said so it gives no refunds.',
          body: importGiven,
          response: { 200: saleShown },
        },
      },
      async (request) => {
        const actor = who(request)
        const given = request.body
        const sale = saleInput(given.sale)
        const imported = await importSale(
          core,
          actor,
          {
            saleNo: sale.no,
            paymentNo: given.payment,
            accountNo: given.account,
            channelNumber: given.channelNumber,
            orderFen: sale.orderFen,
            paidFen: sale.paidFen,
            description: sale.description,
            items: sale.items,
          },
          core.clock.now(),
        )
        const { saleNo } = await accepted(core, actor.tenant, imported)
        return saleOf(core, actor.tenant, saleNo)
      },
    )
  }

/** Money may have been taken that is not in our books: unclear, or given up and paid all the same (掉单). */
const mayBeNews = (payment: SaleShown['payments'][number]): boolean =>
  payment.state === 'closed' || UNCLEAR_STATES.includes(payment.state)

/** The number in a scanned code. Throws what else the code is; nothing is ever looked up by a payment code. */
function numberIn(code: string): string {
  const scanned = readScan(code)
  switch (scanned.kind) {
    case 'own':
    case 'slip':
    case 'number':
      return scanned.number
    case 'payment_code':
      throw new Problem(refuse('code_is_payment_code', {}))
    case 'goods_code':
      throw new Problem(refuse('code_is_goods_code', {}))
    case 'web_address':
      throw new Problem(refuse('code_is_web_address', {}))
    case 'unreadable':
      throw new Problem(refuse('code_unreadable', {}))
  }
}

const salesUnder = (core: Core, tenant: number, code: string): Promise<SaleShown[]> =>
  readInTenant(core.db, tenant, async (tx) =>
    (await findSales(tx, await findSaleNos(tx, code))).map(showSale),
  )

async function byCode(core: Core, tenant: number, code: string): Promise<Sales> {
  const sales = await salesUnder(core, tenant, code)
  if (sales.length === 0) throw new Problem(refuse('code_unknown', { code }))
  const refund = sales.flatMap((sale) => sale.refunds).find((each) => each.no === code)
  return { sales, refund: refund?.no ?? null }
}

async function byAmount(
  core: Core,
  tenant: number,
  request: FastifyRequest,
  query: z.infer<typeof salesQuery>,
): Promise<Sales> {
  const { amount, last } = query
  if (amount === undefined || last === undefined) {
    throw issueProblem(
      request,
      amount === undefined ? 'query/amount' : 'query/last',
      'value_missing',
    )
  }
  const [from, to] = [momentOf(request, 'from', query.from), momentOf(request, 'to', query.to)]
  if (to < from) throw issueProblem(request, 'query/to', 'too_small')
  if (to.getTime() - from.getTime() > SPAN_MAX_MS)
    throw issueProblem(request, 'query/to', 'too_big')
  const sales = await readInTenant(core.db, tenant, async (tx) =>
    findSales(
      tx,
      await findSalesByAmount(tx, {
        amount: fen(amount),
        from,
        to,
        lastDigits: last,
        most: FOUND_MAX,
      }),
    ),
  )
  return { sales: sales.map(showSale), refund: null }
}

function momentOf(request: FastifyRequest, name: string, text: string | undefined): Date {
  if (text === undefined) throw issueProblem(request, `query/${name}`, 'value_missing')
  return new Date(text)
}

async function bringIn(core: Core, actor: Actor, code: string): Promise<void> {
  const found = await bringInSale(core, actor, code, core.clock.now())
  if (found.kind === 'not_found') throw new Problem(refuse('code_unknown', { code }))
  if (found.kind === 'unknown') throw new Problem(refuse('channel_silent', { cause: found.cause }))
}
