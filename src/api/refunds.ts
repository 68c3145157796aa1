/** Refunds: asked for, shown, listed. */
import { openLane } from '../commands/coalesce.ts'
import type { Core } from '../commands/core.ts'
import type { RefundLanes } from '../commands/refund-lanes.ts'
import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { readInTenant } from '../db/connect.ts'
import type { RefundRequest } from '../domain/request.ts'
import { listRefunds, type RefundList } from '../store/refund-reads.ts'
import type { Resource } from './api.ts'
import { numberParams, refundGiven, refundPage, refundShown, refundsQuery } from './contract.ts'
import { placeCursor, readPlaceCursor } from './cursor.ts'
import { accepted, notesOf, present, refundOf, refundsOf } from './found.ts'
import { issueProblem } from './guards.ts'
import { wishOf } from './refund-wish.ts'
import { showRefund } from './show.ts'
import { who } from './sign-in.ts'
import { turnsOf } from './turns.ts'

/** Whoever waits here has a refund that is stored, and was let in before. */
const ANSWERS_WAITING_MAX = 10_000

export const refundResource =
  (core: Core, lanes: RefundLanes): Resource =>
  (v1) => {
    const takeTurn = turnsOf(v1)
    // A caller that went away takes nothing back: what it gave is done before the database is closed.
    v1.addHook('onClose', lanes.drained)
    const answers = openLane(
      (tenant, nos: readonly string[]) => refundsOf(core, tenant, nos),
      ANSWERS_WAITING_MAX,
    )
    v1.addHook('onClose', answers.drained)

    v1.post(
      '/refunds',
      {
        config: { usesGrant: true },
        schema: {
          summary: 'Ask for a refund',
          description:
            '201: stored, and nothing under way at a channel. 202: under way; follow it. 200: the number was used before.',
          body: refundGiven,
          response: { 200: refundShown, 201: refundShown, 202: refundShown },
        },
      },
      async (request, reply) => {
        const actor = who(request)
        const input = refundInput(request.body)
        const answer = await lanes.request(actor, input)
        if (answer.kind === 'faulted') throw answer.error
        const { lease, fresh } = await accepted(core, actor.tenant, answer)
        if (lease) await takeTurn(() => lanes.send(actor.tenant, lease))
        const refund = present(await answers.give(actor.tenant, input.no), 'refund')
        if (!fresh) return reply.code(200).send(refund)
        return reply.code(refund.state === 'sending' ? 202 : 201).send(refund)
      },
    )

    v1.get(
      '/refunds/:no',
      {
        schema: {
          summary: 'A refund as it is stored',
          params: numberParams,
          response: { 200: refundShown },
        },
      },
      (request) => refundOf(core, who(request).tenant, request.params.no),
    )

    v1.get(
      '/refunds',
      {
        schema: {
          summary: 'Refunds, newest first',
          querystring: refundsQuery,
          response: { 200: refundPage },
        },
      },
      async (request) => {
        const { limit } = request.query
        const want = wantedList(request)
        const { tenant } = who(request)
        const { rows, notes } = await readInTenant(core.db, tenant, async (tx) => {
          // One more than shown tells whether there is a next page.
          const found = await listRefunds(tx, { ...want, most: limit + 1 })
          return { rows: found, notes: await notesOf(core, tx, tenant, found) }
        })
        const page = rows.slice(0, limit)
        const last = rows.length > limit ? page.at(-1) : undefined
        return {
          refunds: page.map((row) => showRefund(row, notes)),
          next: last ? placeCursor({ at: last.created_at, no: last.refund_no }) : null,
        }
      },
    )
  }

function wantedList(
  request: FastifyRequest<{ Querystring: z.infer<typeof refundsQuery> }>,
): Omit<RefundList, 'most'> {
  const { query } = request
  const [from, to] = [momentOf(query.from), momentOf(query.to)]
  if (from !== null && to !== null && to < from)
    throw issueProblem(request, 'query/to', 'too_small')
  return {
    state: query.state ?? null,
    unfinished: query.unfinished === 'true',
    terminalNo: query.terminal ?? null,
    staffNo: query.staff ?? null,
    storeNo: query.store ?? null,
    from,
    to,
    after: query.cursor === undefined ? null : readPlaceCursor(request, query.cursor),
  }
}

const momentOf = (text: string | undefined): Date | null =>
  text === undefined ? null : new Date(text)

const refundInput = (given: z.infer<typeof refundGiven>): RefundRequest => ({
  no: given.no,
  ...wishOf(given),
})
