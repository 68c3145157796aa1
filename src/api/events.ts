/** What happened, step by step: as pages, and as a stream that tells each step when it is made, on whichever node. */
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import type { Core } from '../commands/core.ts'
import { readInTenant } from '../db/connect.ts'
import { mayDecide } from '../domain/actor.ts'
import { refuse } from '../domain/problems.ts'
import type { RefundState } from '../domain/refund.ts'
import { callsOfRefund } from '../store/desk-reads.ts'
import { readEvents, type EventRow } from '../store/events.ts'
import { findPayment } from '../store/payment-reads.ts'
import { findNumbers } from '../store/refunds.ts'
import type { Resource } from './api.ts'
import { callPage, callsQuery, eventPage, eventsQuery, numberParams, STEP } from './contract.ts'
import { present } from './found.ts'
import { Problem } from './problem.ts'
import { showEvent } from './show.ts'
import { who } from './sign-in.ts'
import { lastEventId, stream, type ServerEvent } from './sse.ts'

/** How long the stream rests between two looks: soon after a step the next one is likely. */
const LOOK_FIRST_MS = 200
const LOOK_LAST_MS = 1_000
const LOOK_GROWTH = 1.5
const STEPS_A_LOOK = 100

/** Nothing is expected to happen any more; a late truth is found by whoever opens the refund again. */
const ENDS: readonly RefundState[] = ['succeeded', 'closed', 'rejected', 'withdrawn']

type Look = { readonly state: RefundState; readonly steps: readonly EventRow[] }

export const eventResource =
  (core: Core): Resource =>
  (v1) => {
    const look = (tenant: number, no: string, after: number, most: number): Promise<Look> =>
      readInTenant(core.db, tenant, async (tx) => {
        const [refund] = await findNumbers(tx, [no])
        const { state } = present(refund, 'refund')
        return { state, steps: await readEvents(tx, 'refund', no, after, most) }
      })

    v1.get(
      '/refunds/:no/events',
      {
        // A stream cannot be had without its body.
        exposeHeadRoute: false,
        schema: {
          summary: 'The steps of a refund',
          description:
            'With `Accept: text/event-stream` a stream with the step as its id, which ends with the refund; 204 to a client that comes back after the end with `Last-Event-ID`.',
          params: numberParams,
          querystring: eventsQuery,
          response: {
            200: {
              description: 'Steps',
              content: {
                'application/json': { schema: eventPage },
                'text/event-stream': {
                  schema: z.string().describe('Each step as data, with its number as id'),
                },
              },
            },
            204: z.null().describe('Ended, and all of it seen'),
          },
        },
      },
      async (request, reply) => {
        const { tenant } = who(request)
        const { no } = request.params
        const { after, limit } = request.query
        if (!/\btext\/event-stream\b/.test(request.headers.accept ?? '')) {
          return page((await look(tenant, no, after, limit)).steps, after)
        }
        const seen = lastEventId(request)
        const from = seen !== null && STEP.test(seen) ? Number(seen) : after
        const first = await look(tenant, no, from, STEPS_A_LOOK)
        // The one answer after which an EventSource does not come back.
        if (seen !== null && first.steps.length === 0 && ENDS.includes(first.state)) {
          return reply.code(204).send(null)
        }
        await stream(reply, (signal) =>
          follow((place) => look(tenant, no, place, STEPS_A_LOOK), from, first, signal),
        )
        return reply
      },
    )

    v1.get(
      '/payments/:no/events',
      {
        schema: {
          summary: 'The steps of a payment',
          params: numberParams,
          querystring: eventsQuery,
          response: { 200: eventPage },
        },
      },
      (request) => {
        const { no } = request.params
        const { after, limit } = request.query
        return readInTenant(core.db, who(request).tenant, async (tx) => {
          present(await findPayment(tx, no), 'payment')
          return page(await readEvents(tx, 'payment', no, after, limit), after)
        })
      },
    )

    v1.get(
      '/refunds/:no/calls',
      {
        schema: {
          summary: 'The dialogue with the channel, for those who may decide',
          params: numberParams,
          querystring: callsQuery,
          response: { 200: callPage },
        },
      },
      async (request) => {
        const actor = who(request)
        const { no } = request.params
        const { after, limit } = request.query
        const calls = await readInTenant(core.db, actor.tenant, async (tx) => {
          const [refund] = await findNumbers(tx, [no])
          present(refund, 'refund')
          if (!mayDecide(actor)) throw new Problem(refuse('not_allowed', { right: 'see_calls' }))
          return callsOfRefund(tx, no, after, limit)
        })
        return {
          calls: calls.map((call) => ({
            id: call.id,
            attempt: call.attempt_seq,
            act: call.act,
            method: call.method,
            url: call.url,
            requestBody: call.request_body,
            status: call.status,
            responseBody: call.response_body,
            verified: call.verified,
            error: call.error,
            at: call.at.toISOString(),
            tookMs: call.took_ms,
          })),
          next: calls.at(-1)?.id ?? after,
        }
      },
    )
  }

const page = (steps: readonly EventRow[], after: number) => ({
  events: steps.map(showEvent),
  next: steps.at(-1)?.seq ?? after,
})

async function* follow(
  look: (after: number) => Promise<Look>,
  from: number,
  first: Look,
  signal: AbortSignal,
): AsyncGenerator<ServerEvent> {
  let place = from
  let seen = first
  let restMs = LOOK_FIRST_MS
  for (;;) {
    for (const step of seen.steps) {
      yield { id: String(step.seq), event: step.type, data: showEvent(step) }
      place = step.seq
    }
    // A full look may have left steps behind; one that was not full saw state and steps at the same moment.
    if (seen.steps.length < STEPS_A_LOOK) {
      if (ENDS.includes(seen.state)) return
      restMs = seen.steps.length > 0 ? LOOK_FIRST_MS : Math.min(restMs * LOOK_GROWTH, LOOK_LAST_MS)
      await delay(restMs, undefined, { signal })
    }
    seen = await look(place)
  }
}
