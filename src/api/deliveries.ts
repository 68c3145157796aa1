/** What became of the events a receiver of webhooks was to get, for the owner. */
import type { z } from 'zod'
import { redeliver } from '../commands/change-webhook.ts'
import type { Core } from '../commands/core.ts'
import { readInTenant } from '../db/connect.ts'
import { listDeliveries, readDeliveryFacts, type DeliveryFacts } from '../store/deliveries.ts'
import { readWebhook } from '../store/webhooks.ts'
import type { Resource } from './api.ts'
import { numberParams } from './contract.ts'
import {
  deliveriesQuery,
  deliveryPage,
  deliveryParams,
  deliveryShown,
} from './contract-webhooks.ts'
import { idCursor, readIdCursor } from './cursor.ts'
import { accepted, present } from './found.ts'
import { who } from './sign-in.ts'
import { owner } from './webhooks.ts'

export const deliveryResource =
  (core: Core): Resource =>
  (v1) => {
    v1.get(
      '/webhooks/:no/deliveries',
      {
        schema: {
          summary: 'What a receiver got and did not get, newest first (owner)',
          description: 'Kept for 90 days.',
          params: numberParams,
          querystring: deliveriesQuery,
          response: { 200: deliveryPage },
        },
      },
      async (request) => {
        const { tenant } = owner(request)
        const { delivered, cursor, limit } = request.query
        const before = cursor === undefined ? null : readIdCursor(request, cursor)
        const webhookNo = request.params.no
        const rows = await readInTenant(core.db, tenant, async (tx) => {
          present(await readWebhook(tx, webhookNo), 'webhook')
          return listDeliveries(tx, {
            webhookNo,
            delivered: delivered === undefined ? null : delivered === 'true',
            before,
            most: limit + 1,
          })
        })
        const page = rows.slice(0, limit)
        const last = rows.length > limit ? page.at(-1) : undefined
        return { deliveries: page.map(show), next: last ? idCursor(last.event_id) : null }
      },
    )

    v1.post(
      '/webhooks/:no/deliveries/:event/redeliver',
      {
        schema: {
          summary: 'Send one event to a receiver once more (owner)',
          description: 'Under the same webhook-id, whether it was taken before or not.',
          params: deliveryParams,
          response: { 202: deliveryShown },
        },
      },
      async (request, reply) => {
        const actor = who(request)
        const { no } = request.params
        const event = Number(request.params.event)
        await accepted(core, actor.tenant, await redeliver(core, actor, no, event))
        const row = await readInTenant(core.db, actor.tenant, (tx) =>
          readDeliveryFacts(tx, no, event),
        )
        return reply.code(202).send(show(present(row, 'delivery')))
      },
    )
  }

const show = (row: DeliveryFacts): z.infer<typeof deliveryShown> => ({
  event: row.event_id,
  type: row.type,
  no: row.subject_no,
  seq: row.seq,
  at: row.at.toISOString(),
  tries: row.tries,
  status: row.status,
  error: row.error,
  triedAt: row.tried_at?.toISOString() ?? null,
  deliveredAt: row.delivered_at?.toISOString() ?? null,
})
