/** Sales: found by whatever number somebody holds, looked up at the channel, taken over from another system. */
import { bringInSale, importSale } from '../commands/bring-in-sale.ts'
import type { Core } from '../commands/core.ts'
import { askPayment } from '../commands/drive-payments.ts'
import { readInTenant } from '../db/connect.ts'
import type { Actor } from '../domain/actor.ts'
import { isInOurForm, readScan } from '../domain/numbers.ts'
import { UNCLEAR_STATES } from '../domain/payment.ts'
import { refuse, refuseCode } from '../domain/problems.ts'
import { findSales } from '../store/sale-reads.ts'
import { findSaleNos } from '../store/sales.ts'
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
import { accepted, saleOf, showSales } from './found.ts'
import { issueProblem } from './guards.ts'
import { saleInput } from './payments.ts'
import { Problem } from './problem.ts'
import { withoutReceipt } from './sale-search.ts'
import { who } from './sign-in.ts'
import { turnsOf } from './turns.ts'

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
            'By `code` alone: any number on our slips or on the customer’s bill. Without a receipt: by `from` and `to`, and by whatever else is known, newest first; a sale comes once for each of its payments that fits.',
          querystring: salesQuery,
          response: { 200: salesShown },
        },
      },
      (request) => {
        const { tenant } = who(request)
        const { code, ...more } = request.query
        if (code === undefined) return withoutReceipt(core, tenant, request, more)
        const [other] = Object.keys(more)
        if (other !== undefined) throw issueProblem(request, `query/${other}`, 'name_not_allowed')
        return byCode(core, tenant, numberIn(code))
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
  if ('number' in scanned) return scanned.number
  throw new Problem(refuseCode(scanned.kind))
}

const salesUnder = (core: Core, tenant: number, code: string): Promise<SaleShown[]> =>
  readInTenant(core.db, tenant, async (tx) =>
    showSales(core, tx, tenant, await findSales(tx, await findSaleNos(tx, code))),
  )

async function byCode(core: Core, tenant: number, code: string): Promise<Sales> {
  const sales = await salesUnder(core, tenant, code)
  if (sales.length === 0) throw new Problem(refuse('code_unknown', { code }))
  const refund = sales.flatMap((sale) => sale.refunds).find((each) => each.no === code)
  return { sales, refund: refund?.no ?? null, next: null }
}

async function bringIn(core: Core, actor: Actor, code: string): Promise<void> {
  const found = await bringInSale(core, actor, code, core.clock.now())
  if (found.kind === 'not_found') {
    throw new Problem(refuse(isInOurForm(code) ? 'code_of_another_shop' : 'code_unknown', { code }))
  }
  if (found.kind === 'unknown') throw new Problem(refuse('channel_silent', { cause: found.cause }))
}
