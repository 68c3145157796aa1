/** A server with a few routes that exist for these tests, and raw sockets to reach it. */
import { connect, type AddressInfo } from 'node:net'
import { z } from 'zod'
import type { Api, ApiDeps, Resource } from '../../src/api/api.ts'
import { buildApp } from '../../src/api/app.ts'
import type { Actor } from '../../src/domain/actor.ts'
import { rightsOf } from '../../src/domain/rights.ts'
import { makeLog } from '../../src/log.ts'

export const CASHIER: Actor = {
  tenant: 1,
  store: 's1',
  terminal: 't1',
  staff: 'zhang',
  way: 'key',
  roles: ['cashier'],
  rights: rightsOf('cashier'),
  second: null,
}

export const orders: Resource = (v1) => {
  v1.post(
    '/orders',
    {
      schema: {
        body: z.strictObject({
          amount: z.int().positive(),
          note: z.string().max(40).optional(),
          items: z
            .array(z.strictObject({ line: z.int() }))
            .max(50)
            .optional(),
        }),
        response: { 201: z.strictObject({ amount: z.int(), note: z.string().nullable() }) },
      },
    },
    async (request, reply) =>
      reply.code(201).send({ amount: request.body.amount, note: request.body.note ?? null }),
  )
  v1.get(
    '/orders/:number',
    {
      schema: {
        params: z.strictObject({ number: z.string().regex(/^\d{16,24}$/) }),
        querystring: z.strictObject({
          limit: z
            .string()
            .regex(/^\d{1,3}$/)
            .optional(),
        }),
        response: { 200: z.strictObject({ number: z.string(), limit: z.string().nullable() }) },
      },
    },
    (request) => ({ number: request.params.number, limit: request.query.limit ?? null }),
  )
}

export function makeApp(
  deps: Partial<ApiDeps> = {},
  resources: readonly Resource[] = [orders],
  open: readonly Resource[] = [],
): { app: Api; logged: string[] } {
  const logged: string[] = []
  const app = buildApp(
    {
      config: { drainMs: 500 },
      log: makeLog('debug', { write: (line) => void logged.push(line) }),
      authenticate: async () => CASHIER,
      checks: {
        database: async () => true,
        migrations: async () => true,
        sweeper: async () => true,
      },
      ...deps,
    },
    resources,
    open,
  )
  return { app, logged }
}

export const postOrder = (app: Api, body: string | Buffer, headers: Record<string, string> = {}) =>
  app.inject({
    method: 'POST',
    url: '/v1/orders',
    headers: { 'content-type': 'application/json', ...headers },
    payload: body,
  })

/** Listens on a free loopback port; returns the port. */
export async function listen(app: Api): Promise<number> {
  await app.listen({ host: '127.0.0.1', port: 0 })
  return (app.server.address() as AddressInfo).port
}

/** Sends bytes as they are and returns all that comes back until the server closes. */
export function sendRaw(port: number, bytes: string | Buffer): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.on('data', (chunk) => (answer += chunk.toString('utf8')))
  socket.on('error', () => undefined)
  socket.on('close', () => resolve(answer))
  socket.write(bytes)
  return promise
}
