/** What happens at the channel without us, what a partner takes for its shop, and who pays for coupons. */
import { expect, test } from 'vitest'
import { testDatabase } from '../support/database.ts'
import { newNumber, pass } from '../support/given.ts'
import { TENANT } from '../support/shop.ts'
import { openTill, pay, saleOf, wish } from '../support/till.ts'
import {
  ask,
  findAtChannels,
  incidentsOf,
  readPayment,
  readRefund,
  stepsOf,
  tryAsk,
} from '../support/walk.ts'

const MINUTE = 60_000

const open = async (options: Parameters<typeof openTill>[1] = {}) =>
  openTill((await testDatabase()).db, options)

test('a refund made in the channel’s portal is learned from its notice and takes its room here', async () => {
  const till = await open()
  const { sandbox } = till
  const { mchid } = sandbox.merchant
  sandbox.accounts.change(mchid, { portalNotifyUrl: `${till.url}/notify/wechatpay/${TENANT}.wx1` })
  const payment = await pay(till, 10_000)
  sandbox.portalRefund({ mchid, outTradeNo: payment.channelNumber, amount: 4_000 })
  await sandbox.advance(MINUTE)
  const [sale] = await findAtChannels(till, payment.channelNumber)
  expect(sale).toMatchObject({
    refunds: [{ outside: true, state: 'succeeded', amount: 4_000 }],
    payments: [{ refunded: 4_000, refundable: 6_000, blocked: null }],
  })
  expect(await incidentsOf(till)).toMatchObject([
    { kind: 'refund_made_elsewhere', payment: payment.no },
  ])
  expect(await tryAsk(till, wish(payment.no, { amount: 7_000 }))).toMatchObject({
    status: 409,
    body: { code: 'over_room', params: { room: 6_000, refunded: 4_000 } },
  })
})

test('our own refund is settled by its notice, before anybody asks', async () => {
  const till = await open()
  const payment = await pay(till)
  const { no, state } = await ask(till, wish(payment.no))
  expect(state).toBe('sending')
  await till.sandbox.advance(MINUTE)
  expect(await readRefund(till, no)).toMatchObject({ state: 'succeeded' })
  expect(till.sandbox.book.executedRefunds()).toHaveLength(1)
})

test('a sub-merchant’s sale is paid and refunded through its partner', async () => {
  const till = await open({ merchant: 'partner' })
  const payment = await pay(till, 5_000)
  const { no } = await ask(till, wish(payment.no))
  await pass(till, 2 * MINUTE)
  expect(await readRefund(till, no)).toMatchObject({ state: 'succeeded' })
  const { book, partner } = till.sandbox
  expect(book.executedRefunds()).toMatchObject([
    { mchid: partner.mchid, subMchid: partner.subMchids[0], amount: 5_000 },
  ])
})

test('with a coupon of the channel the customer gets back cash, the shop pays its share, the books show both', async () => {
  const till = await open()
  const customer = till.sandbox.createCustomer({ coupons: [{ type: 'COUPON', amount: 1_000 }] })
  const payment = await pay(till, 10_000, {}, customer)
  expect(payment).toMatchObject({ amount: 10_000, payerAmount: 9_000 })
  const { no } = await ask(till, wish(payment.no, { amount: 5_000 }))
  await pass(till, 2 * MINUTE)
  expect(await readRefund(till, no)).toMatchObject({
    attempts: [{ state: 'succeeded', amount: 5_000, payerAmount: 4_500 }],
  })
})

test('a sale we did not take is found at the channel by the customer’s bill, and refunded with a supervisor', async () => {
  const till = await open()
  const { sandbox } = till
  const number = 'PLATE20261122001'
  const { mchid } = sandbox.merchant
  const order = sandbox.paidOrder({ mchid, outTradeNo: number, total: 6_600 })
  const [found] = await findAtChannels(till, number)
  expect((await findAtChannels(till, order.transactionId)).map((sale) => sale.no)).toEqual([
    found?.no,
  ])
  const find = (code: string) => till.call('POST', '/v1/sales/find', { code })
  expect(await find('NOSUCHNUMBER1')).toMatchObject({ status: 404 })
  const silence = sandbox.faults.set({ on: 'query', kind: 'error_500_not_executed' })
  expect(await find('NOSUCHNUMBER2')).toMatchObject({ body: { code: 'channel_silent' } })
  sandbox.faults.clear(silence)

  const payment = String(found?.payments[0]?.no)
  const asked = await ask(till, wish(payment, { amount: 600 }))
  expect(asked).toMatchObject({ state: 'requested' })
  const decided = wish(payment, { amount: 600, replaces: asked.no })
  await ask(till, decided, 'li')
  await pass(till, 2 * MINUTE)
  expect(await readRefund(till, decided.no)).toMatchObject({ state: 'succeeded' })
  expect(sandbox.book.refundedFen(number)).toBe(600)
})

test('a sale handed over by another system gives refunds only once the channel has confirmed it', async () => {
  const till = await open()
  const { mchid } = till.sandbox.merchant
  till.sandbox.paidOrder({ mchid, outTradeNo: 'OLDTILL0001', total: 4_000 })
  const handOver = async (channelNumber: string): Promise<string> => {
    const payment = newNumber('payment')
    const items = [{ name: '面', quantity: 3, amount: 4_500 }]
    const sale = saleOf(4_500, { paidAmount: 4_000, items })
    const given = { payment, sale, account: 'wx1', channelNumber }
    expect(await till.call('POST', '/v1/sales/import', given)).toMatchObject({ status: 200 })
    return payment
  }
  const real = await handOver('OLDTILL0001')
  expect(await readPayment(till, real)).toMatchObject({ state: 'paid', refundable: 4_000 })
  const madeUp = await handOver('MADEUP00001')
  expect(await readPayment(till, madeUp)).toMatchObject({ state: 'closed', refundable: 0 })
  expect(await tryAsk(till, wish(madeUp))).toMatchObject({
    status: 409,
    body: { code: 'payment_cancelled' },
  })
  expect(await stepsOf(till, 'payments', real)).toContain('payment.paid')
})
