/** Where channels send their notifications: outside `/v1`, signed by the channel and by nobody else. */
import type { FastifyRequest } from 'fastify'
import type { Core } from '../commands/core.ts'
import { receiveNotice } from '../commands/receive-notice.ts'
import type { RefundLanes } from '../commands/refund-lanes.ts'
import { refuse } from '../domain/problems.ts'
import { z } from 'zod'
import type { Resource } from './api.ts'
import { BODY_BYTES_MAX } from './guards.ts'
import { Problem } from './problem.ts'

/** `<tenant>.<account>`, as `openAccount` writes it. */
const PLACE = /^([1-9]\d{0,9})\.([a-z0-9-]{1,32})$/
const TENANT_MAX = 2_147_483_647

export const noticeResource =
  (core: Core, lanes: Pick<RefundLanes, 'settle'>): Resource =>
  (app) => {
    // The signature is over the bytes as they came: nothing may read them before it is checked.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: BODY_BYTES_MAX },
      async (_request: FastifyRequest, bytes: Buffer): Promise<Buffer> => bytes,
    )

    app.post(
      '/notify/:channel/:place',
      {
        schema: {
          summary: 'A notification of a channel',
          description: 'Answered as the channel wants it, after what it says is stored.',
          security: [],
          params: z.strictObject({ channel: z.string().max(32), place: z.string().max(64) }),
          body: z.unknown().describe('As the channel signed it'),
          response: { '2xx': CHANNELS_OWN, '4xx': CHANNELS_OWN },
        },
      },
      async (request, reply) => {
        const [, tenant, accountNo] = PLACE.exec(request.params.place) ?? []
        if (accountNo === undefined || Number(tenant) > TENANT_MAX) throw nowhere()
        const answer = await receiveNotice(
          core,
          { tenant: Number(tenant), accountNo, channel: request.params.channel },
          {
            headers: headersOf(request),
            body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
          },
          lanes.settle,
          core.clock.now(),
        )
        if (answer === null) throw nowhere()
        return reply.code(answer.status).type(answer.contentType).send(answer.body)
      },
    )
  }

const CHANNELS_OWN = z.unknown().describe("In the channel's own form")

const nowhere = (): Problem => new Problem(refuse('not_found', { what: 'route' }))

/** Node gives lower-case names; of a repeated one, all values. */
const headersOf = (request: FastifyRequest): Record<string, string> =>
  Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  )
