/** A store's days: what they have come to, closed as often as somebody likes, on paper. */
import type { FastifyRequest } from 'fastify'
import { closeDay, readDayTotals } from '../commands/close-day.ts'
import type { Core } from '../commands/core.ts'
import { readInTenant, type Tx } from '../db/connect.ts'
import { CURRENCY } from '../domain/money.ts'
import { refuse } from '../domain/problems.ts'
import { mayOversee } from '../domain/shift.ts'
import { daySpan, type DaySpan } from '../domain/time.ts'
import { closesOfDay } from '../store/day-closes.ts'
import { readPlace } from '../store/shop.ts'
import type { Resource } from './api.ts'
import {
  dayCloseGiven,
  dayCloseShown,
  dayCloseSlipShown,
  dayParams,
  dayPrintGiven,
  dayQuery,
  dayShown,
  daySlipQuery,
} from './contract-shifts.ts'
import { drawnAs, printedShown } from './contract-slips.ts'
import { accepted, dayCloseOf, present } from './found.ts'
import { issueProblem } from './guards.ts'
import { Problem } from './problem.ts'
import { dayCloseSlip } from './report-slip-facts.ts'
import { showCloseLine, showDayCloseSlip, showDayTotals } from './show-shifts.ts'
import { who } from './sign-in.ts'
import { drawSlip, LOOK, PRINT, printSlip } from './slip-paper.ts'

export const dayResource =
  (core: Core): Resource =>
  (v1) => {
    v1.get(
      '/days/:day',
      {
        schema: {
          summary: 'What a day of a store has come to by now, for those who oversee it',
          params: dayParams,
          querystring: dayQuery,
          response: { 200: dayShown },
        },
      },
      async (request) => {
        const { day } = request.params
        const [{ tenant }, span] = [who(request), spanOf(day)]
        return readInTenant(core.db, tenant, async (tx) => {
          const store = await storeIn(tx, request, request.query.store)
          const closes = await closesOfDay(tx, store, day)
          return {
            day,
            store,
            from: span.from.toISOString(),
            to: span.to.toISOString(),
            currency: CURRENCY,
            totals: showDayTotals(await readDayTotals(tx, store, span)),
            closes: closes.map(showCloseLine),
          }
        })
      },
    )

    v1.post(
      '/days/:day/close',
      {
        schema: {
          summary: 'Close a day of a store; once more is one more close',
          description: '201: closed. 200: the number was used before with the same content.',
          params: dayParams,
          body: dayCloseGiven,
          response: { 200: dayCloseShown, 201: dayCloseShown },
        },
      },
      async (request, reply) => {
        const [actor, { day }, { no }] = [who(request), request.params, request.body]
        const storeNo = await readInTenant(core.db, actor.tenant, (tx) =>
          storeIn(tx, request, request.body.store),
        )
        const close = { no, storeNo, day, span: spanOf(day) }
        const closed = await closeDay(core, actor, close, core.clock.now())
        const { fresh } = await accepted(core, actor.tenant, closed)
        return reply.code(fresh ? 201 : 200).send(await dayCloseOf(core, actor.tenant, no))
      },
    )

    v1.get(
      '/days/:day/slip',
      {
        schema: {
          summary: 'The day-close slip (日结单) of a closed day',
          description: LOOK,
          params: dayParams,
          querystring: daySlipQuery,
          response: { 200: drawnAs(dayCloseSlipShown) },
        },
      },
      (request, reply) =>
        drawSlip(
          core,
          request,
          reply,
          request.query,
          slipOf(core, request, request.query),
          showDayCloseSlip,
        ),
    )

    v1.post(
      '/days/:day/print',
      {
        schema: {
          summary: "Print the day-close slip on the terminal's printer",
          description: PRINT,
          params: dayParams,
          body: dayPrintGiven,
          response: { 200: printedShown },
        },
      },
      (request) => printSlip(core, request, request.body, slipOf(core, request, request.body)),
    )
  }

const slipOf =
  (
    core: Core,
    request: FastifyRequest<{ Params: { day: string } }>,
    { store, nth }: { readonly store?: string | undefined; readonly nth?: number | undefined },
  ) =>
  () =>
    readInTenant(core.db, who(request).tenant, async (tx) => {
      const closes = await closesOfDay(tx, await storeIn(tx, request, store), request.params.day)
      const close = nth === undefined ? closes.at(-1) : closes.find((each) => each.nth === nth)
      return dayCloseSlip(core, tx, present(close, 'day_close'))
    })

/** The store asked for, else the actor's own. Throws Problem when there is none, or the actor does not oversee it. */
async function storeIn(
  tx: Tx,
  request: FastifyRequest,
  asked: string | undefined,
): Promise<string> {
  const actor = who(request)
  const store = asked ?? actor.store
  if (!mayOversee(actor, store)) throw new Problem(refuse('not_allowed', { right: 'day_close' }))
  if (store === null) {
    const place = request.method === 'POST' ? 'body' : 'query'
    throw issueProblem(request, `${place}/store`, 'value_missing')
  }
  present((await readPlace(tx, store))?.store_name, 'store')
  return store
}

/** The contract lets no other days in. */
function spanOf(day: string): DaySpan {
  const span = daySpan(day)
  if (span === null) throw new Error(`no day is ${day}`)
  return span
}
