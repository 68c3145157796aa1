// What the wallet page asks for: one customer's phone, as JSON and as a page.
import { toSVG } from 'bwip-js'
import type { FastifyInstance } from 'fastify'
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { chinaTime } from '../clock.ts'
import { createHelpers, type PayResult } from '../helpers.ts'
import { payerTotalOf } from '../wechatpay/funds.ts'
import { ownerOf, type Order, type Refund } from '../wechatpay/ledger.ts'
import { expire } from '../wechatpay/orders.ts'
import { jsonBody } from '../json-body.ts'
import type { World } from '../world.ts'
import { newCustomerSchema } from './customers.ts'

const paySchema = z.strictObject({ codeUrl: z.string().min(1), password: z.string().optional() })
const passwordSchema = z.strictObject({
  mchid: z.string(),
  subMchid: z.string().nullable(),
  outTradeNo: z.string(),
  password: z.string().optional(),
  cancel: z.boolean().optional(),
})
const changeSchema = newCustomerSchema.pick({
  name: true,
  balance: true,
  payWith: true,
  passwordAbove: true,
  coupons: true,
})

const describeRefund = (refund: Refund) => ({
  refundId: refund.refundId,
  transactionId: refund.transactionId,
  outRefundNo: refund.outRefundNo,
  status: refund.state,
  amount: refund.payerRefund,
  account: refund.account,
  reason: refund.reason,
  createdAt: chinaTime(refund.createdAt),
  endedAt: refund.endedAt === null ? null : chinaTime(refund.endedAt),
})

/** A refund by itself, with whom it comes from. */
const describeNews = (world: World, refund: Refund) => ({
  ...describeRefund(refund),
  merchant: world.accounts.nameOf(ownerOf(refund)),
})

const describeBill = (world: World, order: Order) => ({
  outTradeNo: order.outTradeNo,
  transactionId: order.transactionId,
  state: order.state,
  mchid: order.mchid,
  subMchid: order.subMchid,
  description: order.description,
  merchant: world.accounts.nameOf(ownerOf(order)),
  total: order.total,
  paid: payerTotalOf(order),
  account: order.payerAccount,
  paidAt: order.paidAt === null ? null : chinaTime(order.paidAt),
  refunds: world.ledger.refundsOf(order).map(describeRefund),
})

const describeResult = (world: World, result: PayResult) =>
  result.kind === 'refused'
    ? result
    : { kind: result.kind, bill: describeBill(world, result.order) }

const BARCODE_HEIGHT_MM = 14

const svgOf = (kind: string, text: string) =>
  kind === 'qr'
    ? toSVG({ bcid: 'qrcode', text, scale: 4 })
    : toSVG({ bcid: 'code128', text, scale: 2, height: BARCODE_HEIGHT_MM })

const CODE_TEXT_MAX = 512

/** The newest of what a phone shows: nobody scrolls through ten thousand payments of a test. */
const BILLS_SHOWN = 50
const REFUNDS_WATCHED = 20
const CODES_SHOWN = 5

const PAGES = [
  ['/', 'wallet.html', 'text/html'],
  ['/wallet', 'wallet.html', 'text/html'],
  ['/wallet/wallet.css', 'wallet.css', 'text/css'],
  ['/wallet/wallet.js', 'wallet.js', 'text/javascript'],
  ['/wallet/texts.js', 'texts.js', 'text/javascript'],
] as const

const shownCodes = (world: World) => {
  const orders = world.ledger.shownCodes()
  for (const order of orders) expire(world, order)
  return orders
    .filter((order) => order.state === 'NOTPAY')
    .slice(-CODES_SHOWN)
    .toReversed()
    .map((order) => ({ ...describeBill(world, order), codeUrl: order.codeUrl }))
}

export const walletRoutes = (app: FastifyInstance, world: World): void => {
  for (const [path, file, type] of PAGES) {
    const content = readFileSync(new URL(file, import.meta.url))
    app.get(path, (_request, reply) => reply.type(`${type}; charset=utf-8`).send(content))
  }
  const helpers = createHelpers(world)
  const base = '/_sandbox/wallet/customers'
  type Params = { id: string; outTradeNo: string }
  app.get(base, () => world.customers.list())
  app.post(base, (request) =>
    helpers.createCustomer(newCustomerSchema.parse(jsonBody(request.body))),
  )
  app.get(`${base}/:id`, (request, reply) => {
    const { id } = request.params as Params
    const customer = world.customers.get(id)
    if (customer === undefined) return reply.code(404).send({ code: 'NOT_FOUND', message: id })
    const waiting = world.ledger.waitingOrders(id).map((order) => describeBill(world, order))
    const refunds = world.ledger
      .refundsOfCustomer(id)
      .slice(-REFUNDS_WATCHED)
      .map((refund) => describeNews(world, refund))
    const newest = world.ledger.ordersOf(id).at(-1)
    const { code } = request.query as { code?: string }
    return {
      ...customer,
      waiting,
      refunds,
      newest: newest === undefined ? null : describeBill(world, newest),
      codeOpen: code !== undefined && world.customers.isOpen(code),
    }
  })
  app.post(`${base}/:id`, (request) => {
    const changes = Object.entries(changeSchema.parse(jsonBody(request.body)))
    const given = Object.fromEntries(changes.filter(([, value]) => value !== undefined))
    return helpers.changeCustomer((request.params as Params).id, given)
  })
  app.post(`${base}/:id/code`, (request) => {
    const { code, expiresAt } = world.customers.paymentCode((request.params as Params).id)
    return { code, expiresInMs: expiresAt - world.clock.now() }
  })
  app.post(`${base}/:id/pay`, (request) => {
    const { codeUrl, password } = paySchema.parse(jsonBody(request.body))
    return describeResult(
      world,
      helpers.scanAndPay(codeUrl, (request.params as Params).id, password),
    )
  })
  app.post(`${base}/:id/look`, (request) => {
    const { codeUrl } = paySchema.parse(jsonBody(request.body))
    const order = world.ledger.orderByHandle(codeUrl)
    return order === undefined
      ? { kind: 'unknown' }
      : { kind: 'order', bill: describeBill(world, order) }
  })
  app.post(`${base}/:id/password`, (request) => {
    const given = passwordSchema.parse(jsonBody(request.body))
    if (given.cancel === true) {
      return { kind: 'cancelled', done: helpers.cancelPayment(given.outTradeNo, given) }
    }
    return describeResult(world, helpers.enterPassword(given.outTradeNo, given, given.password))
  })
  app.get(`${base}/:id/bills`, (request) =>
    world.ledger
      .ordersOf((request.params as Params).id)
      .slice(-BILLS_SHOWN)
      .toReversed()
      .map((order) => describeBill(world, order)),
  )
  /** What tills show at the moment: a phone's camera would see it, a page in a browser cannot. */
  app.get('/_sandbox/wallet/codes', () => shownCodes(world))
  app.get('/_sandbox/wallet/code/:kind', (request, reply) => {
    const { kind } = request.params as { kind: string }
    const given = (request.query as { text?: string }).text
    const text = z.string().min(1).max(CODE_TEXT_MAX).parse(given)
    return reply
      .type('image/svg+xml')
      .header('cache-control', 'public, max-age=3600')
      .send(svgOf(kind, text))
  })
}
