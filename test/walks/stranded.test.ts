/** Money that does not reach the customer at first, or reaches somebody when nobody expected it any more. */
import { beforeEach, expect, test } from 'vitest'
import { testDatabase } from '../support/database.ts'
import { pass, sweepAll } from '../support/given.ts'
import { openTill, pay, wish, type Till } from '../support/till.ts'
import {
  act,
  ask,
  incidentsOf,
  readPayment,
  readRefund,
  saidOf,
  stepsOf,
  tryAct,
  tryAsk,
} from '../support/walk.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

let till: Till

beforeEach(async () => {
  till = await openTill((await testDatabase()).db, { channelTimeoutMs: 400 })
})

const executed = (): number => till.sandbox.book.executedRefunds().length

test('money that cannot reach the customer is stuck, goes another way, and arrives', async () => {
  const payment = await pay(till)
  till.sandbox.faults.set({ on: 'refund', kind: 'abnormal', times: 1 })
  const { no } = await ask(till, wish(payment.no))
  await pass(till, 2 * MINUTE)
  expect(await readRefund(till, no)).toMatchObject({
    shows: 'stuck',
    attempts: [{ state: 'stuck' }],
  })
  const card = { bank: 'ICBC_DEBIT', number: '6222020000000000000', holder: '张三' }
  const remedy = { remedy: 'to_bank_card', card }
  expect(await tryAct(till, no, 'remedy', remedy, 'li')).toMatchObject({
    status: 403,
    body: { code: 'second_person_needed' },
  })
  expect(await act(till, no, 'remedy', remedy, 'li', 'wang')).toMatchObject({
    attempts: [{ remedy: 'to_bank_card' }],
  })
  await sweepAll(till.core)
  await pass(till, 2 * DAY)
  await pass(till, DAY)
  expect(await readRefund(till, no)).toMatchObject({
    state: 'succeeded',
    attempts: [{ state: 'succeeded', destination: 'bank_card' }],
  })
  expect(executed()).toBe(1)
  for (const part of ['', '/calls', '/events']) {
    const { status, text } = await till.call('GET', `/v1/refunds/${no}${part}`, undefined, 'li')
    expect(status).toBe(200)
    expect(text).not.toContain(card.number)
  }
})

test('a success that went to the merchant is a return: the customer is still owed', async () => {
  const payment = await pay(till)
  till.sandbox.faults.set({ on: 'refund', kind: 'returned_to_merchant', times: 1 })
  const { no } = await ask(till, wish(payment.no))
  await pass(till, 2 * MINUTE)
  expect(await readRefund(till, no)).toMatchObject({
    state: 'owed',
    attempts: [{ state: 'returned' }],
  })
  expect(await readPayment(till, payment.no)).toMatchObject({ held: 12_800, refunded: 0 })
})

test('without funds the same number waits and goes once the account is topped up', async () => {
  const payment = await pay(till)
  const { mchid } = till.sandbox.merchant
  till.sandbox.setBalance(mchid, 0)
  const { no, ...asked } = await ask(till, wish(payment.no))
  const waits = { attempts: [{ state: 'submitted', waiting: 'funds' }] }
  expect(asked).toMatchObject(waits)
  await pass(till, HOUR)
  expect(await readRefund(till, no)).toMatchObject(waits)
  till.sandbox.topUp(mchid, 100_000)
  await pass(till, HOUR)
  await pass(till, HOUR)
  const { state, attempts } = await readRefund(till, no)
  expect({ state, attempts: attempts.length }).toEqual({ state: 'succeeded', attempts: 1 })
  expect(executed()).toBe(1)
  const steps = await stepsOf(till, 'refunds', no)
  expect(steps.filter((step) => step === 'refund.waiting')).toHaveLength(1)
})

test('a refund the channel closed for want of funds is sent again under a new number', async () => {
  const payment = await pay(till)
  const { mchid } = till.sandbox.merchant
  till.sandbox.change({ shortFunds: 'accept_then_close' })
  till.sandbox.setBalance(mchid, 0)
  const { no, ...asked } = await ask(till, wish(payment.no))
  expect(asked).toMatchObject({ attempts: [{ state: 'processing' }] })
  await pass(till, 8 * DAY)
  await pass(till, DAY)
  expect(await readRefund(till, no)).toMatchObject({
    state: 'owed',
    attempts: [{ state: 'declined' }],
  })
  till.sandbox.topUp(mchid, 100_000)
  await act(till, no, 'send-again', { method: 'original' }, 'li')
  await pass(till, 2 * MINUTE)
  const { attempts } = await readRefund(till, no)
  expect(attempts).toMatchObject([{ state: 'declined' }, { state: 'succeeded' }])
  expect(new Set(attempts.map((attempt) => attempt.channelNumber)).size).toBe(2)
  expect(executed()).toBe(1)
})

test('a late truth after closing, with its room given away, is written down and blocks the payment', async () => {
  const payment = await pay(till, 10_000)
  const { faults } = till.sandbox
  faults.set({ on: 'refund', kind: 'executed_then_timeout', times: 1 })
  faults.set({ on: 'refund_query', kind: 'not_found_although_executed' })
  faults.set({ on: 'notify', kind: 'late', times: 1, ms: 3 * HOUR })
  const { no } = await ask(till, wish(payment.no, { amount: 6_000 }))
  await act(till, no, 'stop', { reason: 'wrong_sale' }, 'li')
  for (let round = 0; round < 6; round += 1) await pass(till, 10 * MINUTE)
  expect(await readRefund(till, no)).toMatchObject({ state: 'owed' })
  await act(till, no, 'close', { reason: 'wrong_sale' }, 'li', 'wang')
  expect(await readPayment(till, payment.no)).toMatchObject({ held: 0, refundable: 10_000 })
  // The room is given to another refund, which the channel refuses, since it knows the first one.
  const other = await ask(till, wish(payment.no))
  expect(other).toMatchObject({ amount: 10_000 })

  await pass(till, 3 * HOUR)
  expect(await readRefund(till, no)).toMatchObject({
    state: 'succeeded',
    attempts: [{ state: 'succeeded' }],
  })
  expect(await saidOf(till, no)).toContain('refund_query')
  expect(await readPayment(till, payment.no)).toMatchObject({
    refunded: 6_000,
    held: 10_000,
    refundable: 0,
    blocked: 'over_refunded',
  })
  expect((await incidentsOf(till)).map((each) => each.kind)).toContain('over_refunded')
  expect(await tryAsk(till, wish(payment.no, { amount: 1 }))).toMatchObject({
    status: 409,
    body: { code: 'payment_blocked' },
  })
  expect(till.sandbox.book.refundedFen(payment.channelNumber)).toBe(6_000)
})
