// Listeners, the control routes under /_sandbox, and what every answer has in common.
import Fastify, { type FastifyInstance } from 'fastify'
import { createServer as createHttpServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import type { Account } from './accounts.ts'
import { chinaTime } from './clock.ts'
import { createHelpers, paidOrderSchema, portalRefundSchema } from './helpers.ts'
import { newAccountSchema } from './accounts.ts'
import type { FaultRule } from './faults.ts'
import { jsonBody } from './json-body.ts'
import type { Settings } from './settings.ts'
import { walletRoutes } from './wallet/routes.ts'
import { Refusal } from './wechatpay/problem.ts'
import { wechatpayRoutes } from './wechatpay/routes.ts'
import type { World } from './world.ts'

export type ServerOptions = {
  readonly host: string
  readonly port: number
  readonly plainHttpPort: number | null
}

/** Percent-encoded refund numbers are up to three times as long as their 64 characters. */
const PATH_PART_MAX = 256
const BODY_MAX_BYTES = 1_048_576

const describeAccount = (world: World, account: Account) => ({
  mchid: account.mchid,
  appid: account.appid,
  name: account.name,
  kind: account.kind,
  subMchids: account.subMchids,
  apiV3Key: account.apiV3Key,
  platform: account.platform,
  merchantSerial: account.merchant.serial,
  merchantPrivateKeyPem: account.merchant.privatePem,
  merchantCertificatePem: account.merchant.certificatePem,
  publicKeyId: account.publicKeyId,
  publicKeyPem: account.publicKey.publicPem,
  platformSerial: account.platformCertificate.serial,
  platformCertificatePem: account.platformCertificate.certificatePem,
  formerSerial: account.formerCertificate?.serial ?? null,
  notifyWith: account.notifyWith,
  fundsFen: Object.fromEntries(
    [account.mchid, ...account.subMchids].map((mchid) => [mchid, world.accounts.funds(mchid)]),
  ),
})

const advanceSchema = z.strictObject({ advanceMs: z.number().nonnegative() })
const topUpSchema = z.strictObject({ mchid: z.string(), fen: z.int() })
const changeAccountSchema = newAccountSchema.pick({
  platform: true,
  notifyWith: true,
  notifyCa: true,
  portalNotifyUrl: true,
})

const clockRoutes = (app: FastifyInstance, world: World) => {
  const show = () => ({
    businessTime: chinaTime(world.clock.now()),
    offsetMs: world.clock.offsetMs(),
  })
  app.get('/_sandbox/clock', show)
  app.post('/_sandbox/clock', async (request) => {
    await world.clock.advance(advanceSchema.parse(jsonBody(request.body)).advanceMs)
    return show()
  })
}

const faultRoutes = (app: FastifyInstance, world: World) => {
  app.get('/_sandbox/faults', () => world.faults.list())
  app.post('/_sandbox/faults', (request) => {
    const given = jsonBody(request.body)
    const rules = (Array.isArray(given) ? given : [given]) as FaultRule[]
    return { ids: rules.map((rule) => world.faults.set(rule)) }
  })
  app.delete('/_sandbox/faults', () => {
    world.faults.clear()
    return { cleared: true }
  })
  app.delete('/_sandbox/faults/:id', (request) => {
    world.faults.clear(Number((request.params as { id: string }).id))
    return { cleared: true }
  })
}

const accountRoutes = (app: FastifyInstance, world: World, urls: () => object) => {
  const helpers = createHelpers(world)
  app.get('/_sandbox/config', () => ({
    notice: '沙盒，不涉及真实资金 / sandbox: no real money',
    ...urls(),
    caPem: world.caPem,
    businessTime: chinaTime(world.clock.now()),
    accounts: world.accounts.list().map((account) => describeAccount(world, account)),
  }))
  app.get('/_sandbox/ca.pem', (_request, reply) =>
    reply.type('application/x-pem-file').send(world.caPem),
  )
  app.post('/_sandbox/accounts', async (request) => {
    const input = newAccountSchema.parse(jsonBody(request.body))
    return describeAccount(world, await world.accounts.create(input))
  })
  app.post('/_sandbox/accounts/:mchid', (request) => {
    const changes = changeAccountSchema.parse(jsonBody(request.body))
    const given = Object.fromEntries(
      Object.entries(changes).filter(([, value]) => value !== undefined),
    )
    const { mchid } = request.params as { mchid: string }
    return describeAccount(world, world.accounts.change(mchid, given))
  })
  app.post('/_sandbox/accounts/:mchid/renew-certificate', async (request) => {
    const { mchid } = request.params as { mchid: string }
    return describeAccount(world, await world.accounts.renewCertificate(mchid))
  })
  app.post('/_sandbox/top-up', (request) => {
    const { mchid, fen } = topUpSchema.parse(jsonBody(request.body))
    helpers.topUp(mchid, fen)
    return { fundsFen: helpers.balance(mchid) }
  })
  app.post('/_sandbox/portal-refund', (request) =>
    helpers.portalRefund(portalRefundSchema.parse(jsonBody(request.body))),
  )
  app.post('/_sandbox/paid-order', (request) =>
    helpers.paidOrder(paidOrderSchema.parse(jsonBody(request.body))),
  )
  app.get('/_sandbox/settings', () => world.settings)
  app.post('/_sandbox/settings', (request) => {
    helpers.change(jsonBody(request.body) as Partial<Settings>)
    return world.settings
  })
}

const bookRoutes = (app: FastifyInstance, world: World) => {
  app.get('/_sandbox/book', (request) => {
    const { outTradeNo } = request.query as { outTradeNo?: string }
    const entries = world.book.entries()
    return {
      refundedFen: world.book.refundedFen(outTradeNo),
      refunds:
        outTradeNo === undefined ? world.book.executedRefunds() : world.book.refundsOf(outTradeNo),
      entries:
        outTradeNo === undefined
          ? entries
          : entries.filter((entry) => entry.outTradeNo === outTradeNo),
    }
  })
  app.get('/_sandbox/requests', () => world.requests.list())
  app.get('/_sandbox/deliveries', () => world.postman.deliveries())
}

const answerErrors = (app: FastifyInstance) => {
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof Refusal) return reply.code(error.status).send(error.body())
    const given = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message
    const mistake =
      error instanceof z.ZodError || error instanceof RangeError || error instanceof SyntaxError
    if (!mistake)
      process.stderr.write(`${request.method} ${request.url}: ${(error as Error).stack}\n`)
    const code = mistake ? 'BAD_CONTROL_REQUEST' : 'SYSTEM_ERROR'
    return reply.code(mistake ? 400 : 500).send({ code, message: given })
  })
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ code: 'NOT_FOUND', message: '沙盒没有这个接口' }),
  )
}

const buildApp = (world: World, urls: () => object): FastifyInstance => {
  const app = Fastify({
    https: world.serverTls,
    forceCloseConnections: true,
    bodyLimit: BODY_MAX_BYTES,
    routerOptions: { maxParamLength: PATH_PART_MAX },
  }) as unknown as FastifyInstance
  app.removeAllContentTypeParsers()
  // A signature covers the bytes as sent, whatever their declared type.
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  answerErrors(app)
  wechatpayRoutes(app, world)
  clockRoutes(app, world)
  faultRoutes(app, world)
  accountRoutes(app, world, urls)
  bookRoutes(app, world)
  walletRoutes(app, world)
  return app
}

const portOf = (server: { address: () => AddressInfo | string | null }): number =>
  (server.address() as AddressInfo).port

export const createServer = async (world: World, { host, port, plainHttpPort }: ServerOptions) => {
  const found: { url: string; plainUrl: string | null } = { url: '', plainUrl: null }
  const app = buildApp(world, () => found)
  await app.listen({ host, port })
  found.url = `https://${host}:${portOf(app.server)}`
  let plain: Server | null = null
  if (plainHttpPort !== null) {
    plain = createHttpServer((request, response) => app.routing(request, response))
    const listening = plain
    await new Promise<void>((resolve, reject) => {
      listening.once('error', reject).listen(plainHttpPort, host, resolve)
    }).catch(async (error: unknown) => {
      await app.close()
      throw error
    })
    found.plainUrl = `http://${host}:${portOf(plain)}`
  }
  return {
    ...found,
    port: portOf(app.server),
    close: async () => {
      plain?.closeAllConnections()
      plain?.close()
      await app.close()
    },
  }
}
