// Paths of WeChat Pay's APIv3 that the sandbox answers, direct and partner.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { X509Certificate } from 'node:crypto'
import type { Account } from '../accounts.ts'
import { chinaTime } from '../clock.ts'
import type { World } from '../world.ts'
import { askFundBill, askTradeBill, fetchBill } from './bills.ts'
import { seal } from './crypto.ts'
import { exchange, type Call } from './exchange.ts'
import { parseBody } from './fields.ts'
import { payByCode, prepay } from './payments.ts'
import type { Answer } from './answer.ts'
import { closeOrder, reverseOrder } from './endings.ts'
import { queryOrder } from './orders.ts'
import { notFound, Refusal } from './problem.ts'
import { createRefund, queryRefund } from './refunds.ts'
import { applyRemedy } from './remedy.ts'

const baseOf = (request: FastifyRequest) => `${request.protocol}://${request.host}`

const NO_CERTIFICATE = '无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥。'

const certificates = (account: Account): Answer => {
  if (account.platform === 'public_key') throw notFound(NO_CERTIFICATE)
  const { platformCertificate, formerCertificate } = account
  const valid = [platformCertificate, ...(formerCertificate === null ? [] : [formerCertificate])]
  const data = valid.map(({ serial, certificatePem }) => {
    const parsed = new X509Certificate(certificatePem)
    return {
      serial_no: serial,
      effective_time: chinaTime(Date.parse(parsed.validFrom)),
      expire_time: chinaTime(Date.parse(parsed.validTo)),
      encrypt_certificate: seal(account.apiV3Key, certificatePem, 'certificate'),
    }
  })
  return { status: 200, body: { data } }
}

const serialHeader = (request: FastifyRequest) => {
  const value = request.headers['wechatpay-serial']
  return typeof value === 'string' ? value : undefined
}

const payRoutes = (app: FastifyInstance, world: World, partner: boolean) => {
  const base = partner ? '/v3/pay/partner/transactions' : '/v3/pay/transactions'
  app.post(
    `${base}/codepay`,
    exchange(world, 'pay', ({ account, body }) => {
      const fields = parseBody(body)
      const given = fields.out_trade_no
      const outTradeNo = typeof given === 'string' ? given : undefined
      const subject = { mchid: account.mchid, outTradeNo }
      const paying = world.faults.take('pay', ['user_paying'], subject) !== undefined
      return payByCode(world, account, partner, fields, paying)
    }),
  )
  for (const type of ['NATIVE', 'JSAPI'] as const) {
    app.post(
      `${base}/${type.toLowerCase()}`,
      exchange(world, 'pay', ({ account, body }) =>
        prepay(world, account, partner, type, parseBody(body)),
      ),
    )
  }
  app.get(
    `${base}/out-trade-no/:out_trade_no`,
    exchange(world, 'query', ({ account, query, param, hidden }) =>
      queryOrder(world, account, partner, query, (scope) =>
        hidden ? undefined : world.ledger.order(scope, param('out_trade_no')),
      ),
    ),
  )
  app.get(
    `${base}/id/:transaction_id`,
    exchange(world, 'query', ({ account, query, param, hidden }) =>
      queryOrder(world, account, partner, query, () =>
        hidden ? undefined : world.ledger.orderById(param('transaction_id')),
      ),
    ),
  )
  app.post(
    `${base}/out-trade-no/:out_trade_no/reverse`,
    exchange(world, 'reverse', ({ account, body, param }) => {
      const outTradeNo = param('out_trade_no')
      const subject = { mchid: account.mchid, outTradeNo }
      if (world.faults.take('reverse', ['user_paying'], subject) !== undefined) {
        throw new Refusal(400, 'USERPAYING', '用户支付中，请稍后重试')
      }
      return reverseOrder(world, account, partner, outTradeNo, parseBody(body))
    }),
  )
  app.post(
    `${base}/out-trade-no/:out_trade_no/close`,
    exchange(world, 'close', ({ account, body, param }) =>
      closeOrder(world, account, partner, param('out_trade_no'), parseBody(body)),
    ),
  )
}

const refundRoutes = (app: FastifyInstance, world: World) => {
  const base = '/v3/refund/domestic/refunds'
  app.post(
    base,
    exchange(world, 'refund', ({ account, body }) => createRefund(world, account, parseBody(body))),
  )
  app.get(
    `${base}/:out_refund_no`,
    exchange(world, 'refund_query', ({ account, param, query, hidden }) =>
      queryRefund(world, account, param('out_refund_no'), query, hidden),
    ),
  )
  app.post(
    `${base}/:refund_id/apply-abnormal-refund`,
    exchange(world, 'remedy', ({ account, body, param, request }: Call) =>
      applyRemedy(world, account, param('refund_id'), parseBody(body), serialHeader(request)),
    ),
  )
}

const billRoutes = (app: FastifyInstance, world: World) => {
  app.get(
    '/v3/bill/tradebill',
    exchange(world, 'bill', ({ account, query, request }) =>
      askTradeBill(world, account, query, baseOf(request)),
    ),
  )
  app.get(
    '/v3/bill/fundflowbill',
    exchange(world, 'bill', ({ account, query, request }) =>
      askFundBill(world, account, query, baseOf(request)),
    ),
  )
  app.get(
    '/v3/billdownload/file',
    exchange(world, 'bill_download', ({ account, query }) => {
      const file = fetchBill(world, account, query)
      const wrong = world.faults.take('bill_download', ['hash_mismatch'], { mchid: account.mchid })
      if (wrong === undefined) return { status: 200, body: null, file }
      const content = Buffer.concat([file.content, Buffer.from(' ')])
      return { status: 200, body: null, file: { ...file, content } }
    }),
  )
}

export const wechatpayRoutes = (app: FastifyInstance, world: World): void => {
  payRoutes(app, world, false)
  payRoutes(app, world, true)
  refundRoutes(app, world)
  billRoutes(app, world)
  app.get(
    '/v3/certificates',
    exchange(world, 'certificates', ({ account }) => certificates(account)),
  )
}
