/** Refunds that do not go as planned. The sandbox's book is the judge of what really happened. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Sandbox } from '../../sandbox/main.ts'
import { bringInSale, importSale } from '../../src/commands/bring-in-sale.ts'
import type { Core } from '../../src/commands/core.ts'
import { askPayment, drivePayment, reversePayment } from '../../src/commands/drive-payments.ts'
import {
  closeRefund,
  remedyRefund,
  sendAgain,
  stopRefund,
} from '../../src/commands/handle-attempts.ts'
import { requestRefunds } from '../../src/commands/request-refunds.ts'
import { sendAttempts } from '../../src/commands/send-attempts.ts'
import { askNow } from '../../src/commands/sweep-refunds.ts'
import { takePayment } from '../../src/commands/take-payment.ts'
import { fen } from '../../src/domain/money.ts'
import { testDatabase } from '../support/database.ts'
import {
  act,
  differences,
  eventTypes,
  incidentKinds,
  newNumber,
  paidSale,
  pass,
  readAttempts,
  readPayment,
  readRefund,
  refund,
  request,
  sweepAll,
} from '../support/given.ts'
import {
  cashier,
  openShop,
  seconded,
  supervisor,
  TENANT,
  testClock,
  testCore,
  testSandbox,
  type TestClock,
} from '../support/shop.ts'

let sandbox: Sandbox
let core: Core
let clock: TestClock

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

beforeEach(async () => {
  const database = await testDatabase()
  sandbox = await testSandbox()
  clock = testClock()
  core = testCore(database.db, { clock, channelTimeoutMs: 400 })
  await openShop(core, sandbox)
})

afterEach(async () => {
  expect(await differences(core)).toEqual([])
})

test('an answer that got lost leaves the refund unclear; asking finds it paid', async () => {
  const sale = await paidSale(core, sandbox)
  sandbox.faults.set({ on: 'refund', kind: 'executed_then_timeout', times: 1 })
  const wish = request(sale.paymentNo, { kind: 'amount', fen: fen(1_200) })
  await refund(core, cashier, wish)
  expect(await readAttempts(core, wish.no)).toMatchObject([{ state: 'submitted', tries: 1 }])
  expect(await readRefund(core, wish.no)).toMatchObject({ state: 'sending' })
  expect(await readPayment(core, sale.paymentNo)).toMatchObject({ held_fen: 1_200 })
  await pass(core, clock, sandbox, MINUTE)
  await pass(core, clock, sandbox, MINUTE)
  expect(await readRefund(core, wish.no)).toMatchObject({ state: 'succeeded' })
  expect(sandbox.book.executedRefunds()).toHaveLength(1)
})

test('a request that never arrived is sent again under the same number, and happens once', async () => {
  const sale = await paidSale(core, sandbox)
  sandbox.faults.set({ on: 'refund', kind: 'lost', times: 1 })
  const wish = request(sale.paymentNo)
  await refund(core, cashier, wish)
  expect(sandbox.book.executedRefunds()).toHaveLength(0)
  await pass(core, clock, sandbox, MINUTE)
  await pass(core, clock, sandbox, 5 * MINUTE)
  expect(await readRefund(core, wish.no)).toMatchObject({ state: 'succeeded', attempts: 1 })
  expect(await readAttempts(core, wish.no)).toMatchObject([{ sends: 2 }])
  expect(sandbox.book.executedRefunds()).toHaveLength(1)
})

test('a not-found that is a lie makes no second refund: the same number returns the same one', async () => {
  const sale = await paidSale(core, sandbox)
  sandbox.faults.set({ on: 'refund', kind: 'executed_then_timeout', times: 1 })
  sandbox.faults.set({ on: 'refund_query', kind: 'not_found_although_executed', times: 1 })
  const wish = request(sale.paymentNo)
  await refund(core, cashier, wish)
  await pass(core, clock, sandbox, MINUTE)
  await pass(core, clock, sandbox, 5 * MINUTE)
  expect(await readRefund(core, wish.no)).toMatchObject({ state: 'succeeded' })
  expect(sandbox.book.executedRefunds()).toHaveLength(1)
})

test('a stopped refund that was not executed is declined only after the quiet time, then owed', async () => {
  const sale = await paidSale(core, sandbox)
  sandbox.faults.set({ on: 'refund', kind: 'lost' })
  const wish = request(sale.paymentNo)
  await refund(core, cashier, wish)
  await act(core, stopRefund(core, supervisor, wish.no, 'customer_left', clock.now()))
  await pass(core, clock, sandbox, MINUTE)
  expect(await readRefund(core, wish.no)).toMatchObject({ state: 'sending' })
  for (let round = 0; round < 6; round += 1) await pass(core, clock, sandbox, 10 * MINUTE)
  expect(await readAttempts(core, wish.no)).toMatchObject([
    { state: 'declined', inferred: true, sends: 1 },
  ])
  expect(await readRefund(core, wish.no)).toMatchObject({ state: 'owed' })
  expect(await readPayment(core, sale.paymentNo)).toMatchObject({ held_fen: 12_800 })
  sandbox.faults.clear()
  await act(core, sendAgain(core, supervisor, wish.no, 'original', clock.now()))
  await pass(core, clock, sandbox, 2 * MINUTE)
  expect(await readRefund(core, wish.no)).toMatchObject({ state: 'succeeded', attempts: 2 })
  expect(sandbox.book.executedRefunds()).toHaveLength(1)
})

test('two questions in the same minute are one answer: impatience proves nothing', async () => {
  const sale = await paidSale(core, sandbox)
  sandbox.faults.set({ on: 'refund', kind: 'lost' })
  const wish = request(sale.paymentNo)
  await refund(core, cashier, wish)
  await act(core, stopRefund(core, supervisor, wish.no, 'customer_left', clock.now()))
  await sandbox.advance(20 * MINUTE)
  clock.advance(20 * MINUTE)
  for (let press = 0; press < 5; press += 1) await askNow(core, TENANT, wish.no)
  expect(await readAttempts(core, wish.no)).toMatchObject([
    { state: 'submitted', not_found_count: 1 },
  ])
  await sandbox.advance(2 * MINUTE)
  clock.advance(2 * MINUTE)
  await askNow(core, TENANT, wish.no)
  expect(await readAttempts(core, wish.no)).toMatchObject([{ state: 'declined', inferred: true }])
})

test('money that cannot reach the customer is stuck, goes another way, and arrives', async () => {
  const sale = await paidSale(core, sandbox)
  sandbox.faults.set({ on: 'refund', kind: 'abnormal', times: 1 })
  const wish = request(sale.paymentNo)
  await refund(core, cashier, wish)
  await pass(core, clock, sandbox, 2 * MINUTE)
  expect(await readAttempts(core, wish.no)).toMatchObject([{ state: 'stuck' }])
  const card = { bank: 'ICBC_DEBIT', number: '6222020000000000000', holder: '张三' }
  expect(
    await remedyRefund(core, supervisor, wish.no, 'to_bank_card', card, clock.now()),
  ).toMatchObject({
    refusal: { code: 'second_person_needed' },
  })
  await remedyRefund(core, seconded(supervisor), wish.no, 'to_bank_card', card, clock.now())
  await sweepAll(core)
  await pass(core, clock, sandbox, 2 * DAY)
  await pass(core, clock, sandbox, DAY)
  expect(await readAttempts(core, wish.no)).toMatchObject([
    { state: 'succeeded', destination: 'bank_card' },
  ])
  expect(sandbox.book.executedRefunds()).toHaveLength(1)
  const stored = JSON.stringify(await readAttempts(core, wish.no))
  expect(stored).not.toContain('6222020000000000000')
})

test('a success that went to the merchant is a return: the customer is still owed', async () => {
  const sale = await paidSale(core, sandbox)
  sandbox.faults.set({ on: 'refund', kind: 'returned_to_merchant', times: 1 })
  const wish = request(sale.paymentNo)
  await refund(core, cashier, wish)
  await pass(core, clock, sandbox, 2 * MINUTE)
  expect(await readAttempts(core, wish.no)).toMatchObject([{ state: 'returned' }])
  expect(await readRefund(core, wish.no)).toMatchObject({ state: 'owed' })
  expect(await readPayment(core, sale.paymentNo)).toMatchObject({
    held_fen: 12_800,
    refunded_fen: 0,
  })
})

test('without funds the same number waits and goes once the account is topped up', async () => {
  const sale = await paidSale(core, sandbox)
  sandbox.setBalance(sandbox.merchant.mchid, 0)
  const wish = request(sale.paymentNo)
  await refund(core, cashier, wish)
  expect(await readAttempts(core, wish.no)).toMatchObject([
    { state: 'submitted', waiting: 'funds' },
  ])
  expect(await eventTypes(core, wish.no)).toContain('refund.waiting')
  await pass(core, clock, sandbox, HOUR)
  expect(await readAttempts(core, wish.no)).toMatchObject([{ waiting: 'funds' }])
  sandbox.topUp(sandbox.merchant.mchid, 100_000)
  await pass(core, clock, sandbox, HOUR)
  await pass(core, clock, sandbox, HOUR)
  expect(await readRefund(core, wish.no)).toMatchObject({ state: 'succeeded', attempts: 1 })
  expect(sandbox.book.executedRefunds()).toHaveLength(1)
  expect(
    (await eventTypes(core, wish.no)).filter((type) => type === 'refund.waiting'),
  ).toHaveLength(1)
})

test('a refund the channel closed for want of funds is sent again under a new number', async () => {
  const sale = await paidSale(core, sandbox)
  sandbox.change({ shortFunds: 'accept_then_close' })
  sandbox.setBalance(sandbox.merchant.mchid, 0)
  const wish = request(sale.paymentNo)
  await refund(core, cashier, wish)
  expect(await readAttempts(core, wish.no)).toMatchObject([{ state: 'processing' }])
  await pass(core, clock, sandbox, 8 * DAY)
  await pass(core, clock, sandbox, DAY)
  expect(await readAttempts(core, wish.no)).toMatchObject([{ state: 'declined', inferred: false }])
  expect(await readRefund(core, wish.no)).toMatchObject({ state: 'owed' })
  sandbox.topUp(sandbox.merchant.mchid, 100_000)
  await act(core, sendAgain(core, supervisor, wish.no, 'original', clock.now()))
  await pass(core, clock, sandbox, 2 * MINUTE)
  const attempts = await readAttempts(core, wish.no)
  expect(attempts).toMatchObject([{ state: 'declined' }, { state: 'succeeded' }])
  expect(attempts[0]?.channel_number).not.toBe(attempts[1]?.channel_number)
  expect(sandbox.book.executedRefunds()).toHaveLength(1)
})

test('a late truth after closing, with its room given away, is written down and blocks the payment', async () => {
  const sale = await paidSale(core, sandbox, { order: 10_000 })
  sandbox.faults.set({ on: 'refund', kind: 'executed_then_timeout', times: 1 })
  sandbox.faults.set({ on: 'refund_query', kind: 'not_found_although_executed' })
  const wish = request(sale.paymentNo, { kind: 'amount', fen: fen(6_000) })
  await refund(core, cashier, wish)
  await act(core, stopRefund(core, supervisor, wish.no, 'wrong_sale', clock.now()))
  for (let round = 0; round < 6; round += 1) await pass(core, clock, sandbox, 10 * MINUTE)
  expect(await readRefund(core, wish.no)).toMatchObject({ state: 'owed' })
  await closeRefund(core, seconded(supervisor), wish.no, 'wrong_sale', clock.now())
  // The room is given to another refund, which the channel refuses, since it knows the first one.
  const [other] = await refund(core, cashier, request(sale.paymentNo))
  expect(other).toMatchObject({ kind: 'stored' })
  sandbox.faults.clear()
  await drivePayment(core, TENANT, { paymentNo: sale.paymentNo, fence: 99 })
  const { settleAttempts } = await import('../../src/commands/settle-attempts.ts')
  await settleAttempts(
    core,
    { ...cashier, roles: ['system'] },
    [
      {
        refundNo: wish.no,
        seq: 1,
        fence: null,
        outcome: {
          kind: 'succeeded',
          at: clock.now(),
          channelNo: '50300000000000000001',
          destination: 'balance',
          account: '支付用户零钱',
          payerFen: fen(6_000),
          settlementFen: fen(6_000),
          discountFen: fen(0),
          feeReturnedFen: null,
        },
      },
    ],
    clock.now(),
  )
  expect(await readRefund(core, wish.no)).toMatchObject({ state: 'succeeded' })
  expect(await readPayment(core, sale.paymentNo)).toMatchObject({
    excess_fen: 6_000,
    blocked: 'over_refunded',
  })
  expect(await incidentKinds(core)).toContain('over_refunded')
  const [refused] = await refund(
    core,
    cashier,
    request(sale.paymentNo, { kind: 'amount', fen: fen(1) }),
  )
  expect(refused).toMatchObject({ refusal: { code: 'payment_blocked' } })
})

test('an unclear payment gives no refund; reversed, it is cancelled for good', async () => {
  sandbox.faults.set({ on: 'pay', kind: 'executed_then_timeout', times: 1 })
  const paymentNo = newNumber('payment')
  const sale = {
    no: newNumber('sale'),
    orderFen: fen(5_000),
    paidFen: fen(5_000),
    description: '堂食',
    items: [],
  }
  const input = {
    no: paymentNo,
    sale,
    amount: fen(5_000),
    method: 'code' as const,
    paymentCode: sandbox.paymentCode(sandbox.createCustomer()),
    accountNo: null,
  }
  const taken = await takePayment(core, cashier, input, clock.now())
  if (taken.kind !== 'stored' || !taken.lease) throw new Error('not taken')
  await drivePayment(core, TENANT, taken.lease)
  expect(await readPayment(core, paymentNo)).toMatchObject({ state: 'submitted' })
  expect(await refund(core, cashier, request(paymentNo))).toMatchObject([
    { refusal: { code: 'payment_unclear' } },
  ])
  const second = {
    ...input,
    no: newNumber('payment'),
    paymentCode: sandbox.paymentCode(sandbox.createCustomer()),
  }
  expect(await takePayment(core, cashier, second, clock.now())).toMatchObject({
    refusal: { code: 'sale_has_open_payment', params: { payment: paymentNo } },
  })
  await reversePayment(core, cashier, paymentNo, clock.now())
  await pass(core, clock, sandbox, MINUTE)
  await pass(core, clock, sandbox, MINUTE)
  expect(await readPayment(core, paymentNo)).toMatchObject({ state: 'reversed' })
  expect(
    sandbox.findOrder({ mchid: sandbox.merchant.mchid, outTradeNo: `${paymentNo}00` }),
  ).toMatchObject({ state: 'REVOKED' })
  expect(await refund(core, cashier, request(paymentNo))).toMatchObject([
    { refusal: { code: 'payment_cancelled' } },
  ])
  expect(await takePayment(core, cashier, second, clock.now())).toMatchObject({ kind: 'stored' })
})

test('a payment whose answer got lost is found paid by asking, before anything is reversed', async () => {
  sandbox.faults.set({ on: 'pay', kind: 'executed_then_timeout', times: 1 })
  const paymentNo = newNumber('payment')
  const taken = await takePayment(
    core,
    cashier,
    {
      no: paymentNo,
      sale: {
        no: newNumber('sale'),
        orderFen: fen(5_000),
        paidFen: fen(5_000),
        description: '堂食',
        items: [],
      },
      amount: fen(5_000),
      method: 'code',
      paymentCode: sandbox.paymentCode(sandbox.createCustomer()),
      accountNo: null,
    },
    clock.now(),
  )
  if (taken.kind !== 'stored' || !taken.lease) throw new Error('not taken')
  await drivePayment(core, TENANT, taken.lease)
  await pass(core, clock, sandbox, 10_000)
  expect(await readPayment(core, paymentNo)).toMatchObject({ state: 'paid', paid_fen: 5_000 })
})

test('a sale we did not take is found at the channel by the customer’s bill, and refunded with a supervisor', async () => {
  const order = sandbox.paidOrder({
    mchid: sandbox.merchant.mchid,
    outTradeNo: 'PLATE20261122001',
    total: 6_600,
  })
  expect(order.state).toBe('SUCCESS')
  const found = await bringInSale(core, cashier, 'PLATE20261122001', clock.now())
  expect(found).toMatchObject({ kind: 'found' })
  const again = await bringInSale(core, cashier, order.transactionId, clock.now())
  expect(again).toEqual(found)
  expect(await bringInSale(core, cashier, 'NOSUCHNUMBER1', clock.now())).toEqual({
    kind: 'not_found',
  })
  sandbox.faults.set({ on: 'query', kind: 'error_500_not_executed' })
  expect(await bringInSale(core, cashier, 'NOSUCHNUMBER2', clock.now())).toMatchObject({
    kind: 'unknown',
  })
  sandbox.faults.clear()
  const { inTenant } = await import('../../src/db/connect.ts')
  const [payment] = await inTenant(core.db, TENANT, (tx) =>
    tx.selectFrom('payment').selectAll().where('channel_number', '=', 'PLATE20261122001').execute(),
  )
  const wish = request(payment!.payment_no, { kind: 'amount', fen: fen(600) })
  await refund(core, cashier, wish)
  expect(await readRefund(core, wish.no)).toMatchObject({ state: 'requested' })
  const decided = request(
    payment!.payment_no,
    { kind: 'amount', fen: fen(600) },
    { replaces: wish.no },
  )
  await refund(core, supervisor, decided)
  await pass(core, clock, sandbox, 2 * MINUTE)
  expect(await readRefund(core, decided.no)).toMatchObject({ state: 'succeeded' })
  expect(sandbox.book.refundedFen('PLATE20261122001')).toBe(600)
})

test('a sale handed over by another system gives refunds only once the channel has confirmed it', async () => {
  sandbox.paidOrder({ mchid: sandbox.merchant.mchid, outTradeNo: 'OLDTILL0001', total: 4_000 })
  const input = {
    saleNo: newNumber('sale'),
    paymentNo: newNumber('payment'),
    accountNo: 'wx1',
    channelNumber: 'OLDTILL0001',
    orderFen: fen(4_500),
    paidFen: fen(4_000),
    description: '旧收银机',
    items: [{ name: '面', quantity: 3, fen: fen(4_500) }],
  }
  expect(await importSale(core, cashier, input, clock.now())).toMatchObject({ kind: 'stored' })
  expect(await readPayment(core, input.paymentNo)).toMatchObject({ state: 'paid' })
  const made = {
    ...input,
    saleNo: newNumber('sale'),
    paymentNo: newNumber('payment'),
    channelNumber: 'MADEUP00001',
  }
  await importSale(core, cashier, made, clock.now())
  expect(await readPayment(core, made.paymentNo)).toMatchObject({ state: 'closed' })
  expect(await refund(core, cashier, request(made.paymentNo))).toMatchObject([
    { refusal: { code: 'payment_cancelled' } },
  ])
})

test('a payment that was given up and yet succeeded is found again by asking', async () => {
  sandbox.faults.set({ on: 'pay', kind: 'executed_then_timeout', times: 1 })
  const paymentNo = newNumber('payment')
  const taken = await takePayment(
    core,
    cashier,
    {
      no: paymentNo,
      sale: {
        no: newNumber('sale'),
        orderFen: fen(5_000),
        paidFen: fen(5_000),
        description: '堂食',
        items: [],
      },
      amount: fen(5_000),
      method: 'code',
      paymentCode: sandbox.paymentCode(sandbox.createCustomer()),
      accountNo: null,
    },
    clock.now(),
  )
  if (taken.kind !== 'stored' || !taken.lease) throw new Error('not taken')
  await drivePayment(core, TENANT, taken.lease)
  const { settlePayment } = await import('../../src/commands/drive-payments.ts')
  await settlePayment(core, cashier, { paymentNo, fence: null }, 'query', { kind: 'closed' })
  expect(await readPayment(core, paymentNo)).toMatchObject({ state: 'closed' })
  await askPayment(core, TENANT, paymentNo)
  expect(await readPayment(core, paymentNo)).toMatchObject({ state: 'paid' })
  expect(await eventTypes(core, paymentNo)).toContain('payment.restored')
  expect(await incidentKinds(core)).toContain('paid_after_closing')
})

test('with every answer lost, a thousandth of the real thing: ten refunds happen ten times', async () => {
  const sales = []
  for (let n = 0; n < 10; n += 1) sales.push(await paidSale(core, sandbox))
  sandbox.faults.set({ on: 'refund', kind: 'executed_then_timeout' })
  const wishes = sales.map((sale) => request(sale.paymentNo))
  const results = await requestRefunds(core, cashier, wishes, clock.now())
  await sendAttempts(
    core,
    TENANT,
    results.flatMap((each) => (each.kind === 'stored' && each.lease ? [each.lease] : [])),
  )
  await pass(core, clock, sandbox, MINUTE)
  await pass(core, clock, sandbox, 2 * MINUTE)
  for (const wish of wishes)
    expect(await readRefund(core, wish.no)).toMatchObject({ state: 'succeeded' })
  expect(sandbox.book.executedRefunds()).toHaveLength(10)
})
