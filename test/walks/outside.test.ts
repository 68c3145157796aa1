/** What happens at the channel without us, what a partner takes for its shop, and who pays for coupons. */
import { expect, test } from 'vitest'
import { inTenant } from '../../src/db/connect.ts'
import { fen } from '../../src/domain/money.ts'
import { openTill } from '../support/till.ts'
import { testDatabase } from '../support/database.ts'
import {
  differences,
  incidentKinds,
  paidSale,
  pass,
  readAttempts,
  readPayment,
  readRefund,
  refund,
  request,
} from '../support/given.ts'
import { cashier, openShop, TENANT, testClock, testCore, testSandbox } from '../support/shop.ts'

const MINUTE = 60_000

test('a refund made in the channel’s portal is learned from its notice and takes its room here', async () => {
  const till = await openTill((await testDatabase()).db)
  const { core, sandbox } = till
  sandbox.accounts.change(sandbox.merchant.mchid, {
    portalNotifyUrl: `${till.url}/notify/wechatpay/${TENANT}.wx1`,
  })
  const sale = await paidSale(core, sandbox, { order: 10_000 })
  sandbox.portalRefund({
    mchid: sandbox.merchant.mchid,
    outTradeNo: sale.channelNumber,
    amount: 4_000,
  })
  await sandbox.advance(MINUTE)
  const [outside] = await inTenant(core.db, TENANT, (tx) =>
    tx.selectFrom('refund').selectAll().where('payment_no', '=', sale.paymentNo).execute(),
  )
  expect(outside).toMatchObject({ outside: true, state: 'succeeded', amount_fen: 4_000 })
  expect(await readPayment(core, sale.paymentNo)).toMatchObject({
    refunded_fen: 4_000,
    excess_fen: 0,
  })
  expect(await incidentKinds(core)).toContain('refund_made_elsewhere')
  expect(
    await refund(core, cashier, request(sale.paymentNo, { kind: 'amount', fen: fen(7_000) })),
  ).toMatchObject([{ refusal: { code: 'over_room', params: { room: 6_000, refunded: 4_000 } } }])
  expect(await differences(core)).toEqual([])
})

test('our own refund is settled by its notice, before anybody asks', async () => {
  const till = await openTill((await testDatabase()).db)
  const { core, sandbox } = till
  const sale = await paidSale(core, sandbox)
  const wish = request(sale.paymentNo)
  await refund(core, cashier, wish)
  expect(await readRefund(core, wish.no)).toMatchObject({ state: 'sending' })
  await sandbox.advance(MINUTE)
  expect(await readRefund(core, wish.no)).toMatchObject({ state: 'succeeded' })
  expect(sandbox.book.executedRefunds()).toHaveLength(1)
  expect(await differences(core)).toEqual([])
})

test('a sub-merchant’s sale is paid and refunded through its partner', async () => {
  const sandbox = await testSandbox()
  const clock = testClock()
  const core = testCore((await testDatabase()).db, { clock })
  await openShop(core, sandbox, TENANT, sandbox.partner)
  const sale = await paidSale(core, sandbox, { order: 5_000 })
  const wish = request(sale.paymentNo)
  await refund(core, cashier, wish)
  await pass(core, clock, sandbox, 2 * MINUTE)
  expect(await readRefund(core, wish.no)).toMatchObject({ state: 'succeeded' })
  expect(sandbox.book.executedRefunds()).toMatchObject([
    { mchid: sandbox.partner.mchid, subMchid: sandbox.partner.subMchids[0], amount: 5_000 },
  ])
  expect(await differences(core)).toEqual([])
})

test('with a coupon of the channel the customer gets back cash, the shop pays its share, the books show both', async () => {
  const sandbox = await testSandbox()
  const clock = testClock()
  const core = testCore((await testDatabase()).db, { clock })
  await openShop(core, sandbox)
  const sale = await paidSale(core, sandbox, {
    order: 10_000,
    customer: { coupons: [{ type: 'COUPON', amount: 1_000 }] },
  })
  expect(await readPayment(core, sale.paymentNo)).toMatchObject({
    paid_fen: 10_000,
    payer_total_fen: 9_000,
  })
  const wish = request(sale.paymentNo, { kind: 'amount', fen: fen(5_000) })
  await refund(core, cashier, wish)
  await pass(core, clock, sandbox, 2 * MINUTE)
  expect(await readAttempts(core, wish.no)).toMatchObject([
    { state: 'succeeded', amount_fen: 5_000, payer_fen: 4_500 },
  ])
  expect(await differences(core)).toEqual([])
})
