import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSandbox, type Sandbox } from '../../sandbox/main.ts'
import {
  clientOf,
  codepayBody,
  genuine,
  newNumber,
  opened,
  openMailbox,
  refundBody,
  type Client,
} from './support.ts'

let sandbox: Sandbox
let client: Client
let partner: Client

beforeAll(async () => {
  sandbox = await startSandbox()
  client = clientOf(sandbox, sandbox.merchant)
  partner = clientOf(sandbox, sandbox.partner)
})
afterAll(() => sandbox.close())

const scope = () => ({ mchid: sandbox.merchant.mchid, subMchid: null })
const CODEPAY = 'v3/pay/transactions/codepay'
const REFUNDS = 'v3/refund/domestic/refunds'

test('a payment code pays once, is answered signed, and is found by both numbers', async () => {
  const code = sandbox.paymentCode(sandbox.createCustomer())
  const no = newNumber('T')
  const paid = await client.post(CODEPAY, codepayBody(sandbox.merchant, no, 1_200, code))
  expect(paid.status).toBe(200)
  expect(paid.data).toMatchObject({ trade_state: 'SUCCESS', trade_type: 'MICROPAY' })
  const mchid = sandbox.merchant.mchid
  const byNumber = await client.get(`v3/pay/transactions/out-trade-no/${no}`, { mchid })
  const byId = await client.get(`v3/pay/transactions/id/${paid.data.transaction_id}`, { mchid })
  expect(byNumber.data).toEqual(paid.data)
  expect(byId.data).toEqual(paid.data)
  const again = await client.post(CODEPAY, codepayBody(sandbox.merchant, newNumber('T'), 1, code))
  expect(again.data.code).toBe('AUTH_CODE_ERROR')
})

test('a large payment waits at the password with 202 and ends when it is typed', async () => {
  const code = sandbox.paymentCode(sandbox.createCustomer())
  const no = newNumber('T')
  const paying = await client.post(CODEPAY, codepayBody(sandbox.merchant, no, 150_000, code))
  expect([paying.status, paying.data]).toEqual([202, { trade_state: 'USERPAYING' }])
  const query = () =>
    client.get(`v3/pay/transactions/out-trade-no/${no}`, { mchid: sandbox.merchant.mchid })
  expect((await query()).data.trade_state).toBe('USERPAYING')
  expect(sandbox.enterPassword(no, scope(), '000000').kind).toBe('refused')
  expect(sandbox.enterPassword(no, scope()).kind).toBe('paid')
  expect((await query()).data.trade_state).toBe('SUCCESS')
})

test('a native order is paid by scanning and notified with a genuine signature', async () => {
  using mailbox = await openMailbox()
  const no = newNumber('N')
  const { appid, mchid } = sandbox.merchant
  const order = await client.post('v3/pay/transactions/native', {
    appid,
    mchid,
    description: '晚餐',
    out_trade_no: no,
    notify_url: mailbox.url,
    amount: { total: 8800 },
  })
  expect(order.data.code_url).toMatch(/^weixin:\/\/wxpay\/bizpayurl\?pr=/)
  expect(sandbox.scanAndPay(order.data.code_url, sandbox.createCustomer()).kind).toBe('paid')
  await sandbox.settle()
  const [notice] = mailbox.received
  expect(genuine(sandbox.merchant, notice!)).toBe(true)
  expect(notice!.parsed.event_type).toBe('TRANSACTION.SUCCESS')
  const query = await client.get(`v3/pay/transactions/out-trade-no/${no}`, { mchid })
  expect(opened(sandbox.merchant, notice!)).toEqual(query.data)
})

test('a refund is accepted once, arrives later and is notified', async () => {
  using mailbox = await openMailbox()
  const customer = sandbox.createCustomer({ balance: 0 })
  const order = sandbox.paidOrder({
    mchid: sandbox.merchant.mchid,
    outTradeNo: newNumber('T'),
    total: 1e4,
    customerId: customer.id,
  })
  const no = newNumber('R')
  const body = { ...refundBody(order.outTradeNo, no, 3_000, 10_000), notify_url: mailbox.url }
  const accepted = await client.post(REFUNDS, body)
  expect(accepted.data).toMatchObject({ status: 'PROCESSING', out_refund_no: no })
  const repeated = await client.post(REFUNDS, body)
  expect(repeated.data.refund_id).toBe(accepted.data.refund_id)
  await sandbox.advance(3_000)
  const arrived = await client.get(`${REFUNDS}/${no}`)
  expect(arrived.data).toMatchObject({
    status: 'SUCCESS',
    amount: { refund: 3_000, payer_refund: 3_000 },
  })
  expect(mailbox.received).toHaveLength(1)
  const content = opened(sandbox.merchant, mailbox.received[0]!)
  expect(content).toMatchObject({ refund_status: 'SUCCESS', out_refund_no: no })
  expect(sandbox.book.refundsOf(order.outTradeNo)).toMatchObject([
    { outRefundNo: no, amount: 3_000, status: 'succeeded' },
  ])
  expect(sandbox.customer(customer.id)!.balance).toBe(3_000)
})

test('reversing a paid code order gives the money back and forbids refunds', async () => {
  const no = newNumber('T')
  const code = sandbox.paymentCode(sandbox.createCustomer())
  await client.post(CODEPAY, codepayBody(sandbox.merchant, no, 500, code))
  const { appid, mchid } = sandbox.merchant
  const reverse = () =>
    client.post(`v3/pay/transactions/out-trade-no/${no}/reverse`, { appid, mchid })
  expect((await reverse()).data).toEqual({ appid, mchid, out_trade_no: no })
  expect((await reverse()).status).toBe(200)
  const refund = await client.post(REFUNDS, refundBody(no, newNumber('R'), 100, 500))
  expect(refund.data.code).toBe('INVALID_REQUEST')
  const reversals = sandbox.book.entries().filter((one) => one.outTradeNo === no)
  expect(reversals.map((one) => one.kind)).toEqual(['pay', 'reverse'])
})

test('closing a native order answers a signed 204, again and again', async () => {
  const no = newNumber('N')
  const { appid, mchid } = sandbox.merchant
  await client.post('v3/pay/transactions/native', {
    appid,
    mchid,
    description: '晚餐',
    out_trade_no: no,
    amount: { total: 100 },
    notify_url: 'https://example.com/notify',
  })
  const path = `v3/pay/transactions/out-trade-no/${no}/close`
  expect((await client.post(path, { mchid })).status).toBe(204)
  expect((await client.post(path, { mchid })).status).toBe(204)
  const query = await client.get(`v3/pay/transactions/out-trade-no/${no}`, { mchid })
  expect(query.data.trade_state).toBe('CLOSED')
})

test('a partner pays, queries and refunds for its sub-merchant', async () => {
  const { appid, mchid, subMchids } = sandbox.partner
  const sub = subMchids[0]!
  const no = newNumber('T')
  const code = sandbox.paymentCode(sandbox.createCustomer())
  const paid = await partner.post('v3/pay/partner/transactions/codepay', {
    sp_appid: appid,
    sp_mchid: mchid,
    sub_mchid: sub,
    description: '午餐',
    out_trade_no: no,
    payer: { auth_code: code },
    amount: { total: 900 },
    scene_info: { store_info: { out_id: 'S1' } },
  })
  expect(paid.data).toMatchObject({ sp_mchid: mchid, sub_mchid: sub, trade_state: 'SUCCESS' })
  const query = await partner.get(`v3/pay/partner/transactions/out-trade-no/${no}`, {
    sp_mchid: mchid,
    sub_mchid: sub,
  })
  expect(query.data.trade_state).toBe('SUCCESS')
  const refundNo = newNumber('R')
  const refund = await partner.post(REFUNDS, {
    sub_mchid: sub,
    ...refundBody(no, refundNo, 900, 900),
  })
  expect(refund.data.status).toBe('PROCESSING')
  const found = await partner.get(`${REFUNDS}/${refundNo}`, { sub_mchid: sub })
  expect(found.data.refund_id).toBe(refund.data.refund_id)
  const other = await partner.get(`${REFUNDS}/${refundNo}`, { sub_mchid: subMchids[1]! })
  expect(other.data.code).toBe('RESOURCE_NOT_EXISTS')
})
