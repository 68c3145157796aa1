/** Refunds: asked for, shown, listed. */
import type { Core } from '../commands/core.ts'
import { requestRefunds } from '../commands/request-refunds.ts'
import { sendAttempts } from '../commands/send-attempts.ts'
import type { z } from 'zod'
import { readInTenant } from '../db/connect.ts'
import { fen } from '../domain/money.ts'
import type { Ask, RefundRequest } from '../domain/request.ts'
import { listRefunds } from '../store/refund-reads.ts'
import type { Resource } from './api.ts'
import { numberParams, refundGiven, refundPage, refundShown, refundsQuery } from './contract.ts'
import { placeCursor, readPlaceCursor } from './cursor.ts'
import { accepted, notesOf, refundOf } from './found.ts'
import { showRefund } from './show.ts'
import { who } from './sign-in.ts'
import { turnsOf } from './turns.ts'

export const refundResource =
  (core: Core): Resource =>
  (v1) => {
    const takeTurn = turnsOf(v1)

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
        const [answer] = await requestRefunds(core, actor, [input], core.clock.now())
        if (!answer) throw new Error('a request got no answer')
        if (answer.kind === 'faulted') throw answer.error
        const { lease, fresh } = await accepted(core, actor.tenant, answer)
        if (lease) await takeTurn(() => sendAttempts(core, actor.tenant, [lease]))
        const refund = await refundOf(core, actor.tenant, input.no)
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
        const { state, cursor, limit } = request.query
        const after = cursor === undefined ? null : readPlaceCursor(request, cursor)
        const { tenant } = who(request)
        const { rows, notes } = await readInTenant(core.db, tenant, async (tx) => {
          const found = await listRefunds(tx, {
            states: state === undefined ? null : [state],
            after,
            // One more than shown tells whether there is a next page.
            most: limit + 1,
          })
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

type Given = z.infer<typeof refundGiven>

const refundInput = (given: Given): RefundRequest => ({
  no: given.no,
  paymentNo: given.payment,
  ask: askOf(given),
  method: given.method,
  reason: given.reason,
  note: given.note,
  replaces: given.replaces ?? null,
})

function askOf({ amount, items }: Given): Ask {
  if (amount !== undefined) return { kind: 'amount', fen: fen(amount) }
  return items === undefined ? { kind: 'full' } : { kind: 'items', items }
}
