/** What a person has to look at. */
import type { Core } from '../commands/core.ts'
import { readInTenant } from '../db/connect.ts'
import { mayDecide } from '../domain/actor.ts'
import { refuse } from '../domain/problems.ts'
import { listIncidents } from '../store/desk-reads.ts'
import type { Resource } from './api.ts'
import { incidentPage, incidentsQuery } from './contract.ts'
import { idCursor, readIdCursor } from './cursor.ts'
import { Problem } from './problem.ts'
import { who } from './sign-in.ts'

export const incidentResource =
  (core: Core): Resource =>
  (v1) => {
    v1.get(
      '/incidents',
      {
        schema: {
          summary: 'Incidents, newest first, for those who may decide',
          querystring: incidentsQuery,
          response: { 200: incidentPage },
        },
      },
      async (request) => {
        const actor = who(request)
        if (!mayDecide(actor)) throw new Problem(refuse('not_allowed', { right: 'see_incidents' }))
        const { open, cursor, limit } = request.query
        const before = cursor === undefined ? null : readIdCursor(request, cursor)
        const rows = await readInTenant(core.db, actor.tenant, (tx) =>
          listIncidents(tx, {
            open: open === undefined ? null : open === 'true',
            before,
            most: limit + 1,
          }),
        )
        const page = rows.slice(0, limit)
        const last = rows.length > limit ? page.at(-1) : undefined
        return {
          incidents: page.map((row) => ({
            id: row.id,
            kind: row.kind,
            payment: row.payment_no,
            refund: row.refund_no,
            account: row.account_no,
            detail: row.detail,
            at: row.at.toISOString(),
            closedAt: row.closed_at?.toISOString() ?? null,
            closedBy: row.closed_by,
          })),
          next: last ? idCursor(last.id) : null,
        }
      },
    )
  }
