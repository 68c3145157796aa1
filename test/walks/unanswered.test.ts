/** Refunds whose answer does not come. The sandbox's book is the judge of what really happened. */
import { beforeEach, expect, test } from 'vitest'
import { testDatabase } from '../support/database.ts'
import { pass } from '../support/given.ts'
import { openTill, pay, wish, type Till } from '../support/till.ts'
import { act, ask, readPayment, readRefund, saidOf } from '../support/walk.ts'

const MINUTE = 60_000
const REASON = { reason: 'customer_left' }

let till: Till

beforeEach(async () => {
  till = await openTill((await testDatabase()).db, { channelTimeoutMs: 400, notified: false })
})

const executed = (): number => till.sandbox.book.executedRefunds().length
/** How often the refund's request was sent. */
const sends = async (no: string): Promise<number> =>
  (await saidOf(till, no)).filter((what) => what === 'refund').length

test('an answer that got lost leaves the refund unclear; asking finds it paid', async () => {
  const payment = await pay(till)
  till.sandbox.faults.set({ on: 'refund', kind: 'executed_then_timeout', times: 1 })
  const { no, ...asked } = await ask(till, wish(payment.no, { amount: 1_200 }))
  expect(asked).toMatchObject({
    state: 'sending',
    shows: 'outcome_unknown',
    attempts: [{ state: 'submitted' }],
  })
  expect(await readPayment(till, payment.no)).toMatchObject({ held: 1_200 })
  await pass(till, MINUTE)
  await pass(till, MINUTE)
  expect(await readRefund(till, no)).toMatchObject({ state: 'succeeded' })
  expect(executed()).toBe(1)
})

test('an answer that got lost and was never executed is found out by the same number, sent again and executed', async () => {
  const payment = await pay(till)
  till.sandbox.faults.set({ on: 'refund', kind: 'lost', times: 1 })
  const { no } = await ask(till, wish(payment.no))
  expect(executed()).toBe(0)
  await pass(till, MINUTE)
  await pass(till, 5 * MINUTE)
  const { state, attempts } = await readRefund(till, no)
  expect({ state, attempts: attempts.length }).toEqual({ state: 'succeeded', attempts: 1 })
  expect(await sends(no)).toBe(2)
  expect(executed()).toBe(1)
})

test('a not-found that is a lie makes no second refund: the same number returns the same one', async () => {
  const payment = await pay(till)
  till.sandbox.faults.set({ on: 'refund', kind: 'executed_then_timeout', times: 1 })
  till.sandbox.faults.set({ on: 'refund_query', kind: 'not_found_although_executed', times: 1 })
  const { no } = await ask(till, wish(payment.no))
  await pass(till, MINUTE)
  await pass(till, 5 * MINUTE)
  expect(await readRefund(till, no)).toMatchObject({ state: 'succeeded' })
  expect(executed()).toBe(1)
})

test('a stopped refund that was not executed is declined only after the quiet time, then owed', async () => {
  const payment = await pay(till)
  till.sandbox.faults.set({ on: 'refund', kind: 'lost' })
  const { no } = await ask(till, wish(payment.no))
  await act(till, no, 'stop', REASON, 'li')
  await pass(till, MINUTE)
  expect(await readRefund(till, no)).toMatchObject({ state: 'sending' })
  for (let round = 0; round < 6; round += 1) await pass(till, 10 * MINUTE)
  expect(await readRefund(till, no)).toMatchObject({
    state: 'owed',
    attempts: [{ state: 'declined', stopped: true }],
  })
  expect(await sends(no)).toBe(1)
  expect(await readPayment(till, payment.no)).toMatchObject({ held: 12_800 })
  till.sandbox.faults.clear()
  await act(till, no, 'send-again', { method: 'original' }, 'li')
  await pass(till, 2 * MINUTE)
  expect(await readRefund(till, no)).toMatchObject({
    state: 'succeeded',
    attempts: [{ state: 'declined' }, { state: 'succeeded' }],
  })
  expect(executed()).toBe(1)
})

test('two questions in the same minute are one answer: impatience proves nothing', async () => {
  const payment = await pay(till)
  till.sandbox.faults.set({ on: 'refund', kind: 'lost' })
  const { no } = await ask(till, wish(payment.no))
  await act(till, no, 'stop', REASON, 'li')
  const later = async (minutes: number) => {
    await till.sandbox.advance(minutes * MINUTE)
    till.clock.advance(minutes * MINUTE)
  }
  await later(20)
  for (let press = 0; press < 5; press += 1) {
    expect(await act(till, no, 'query')).toMatchObject({ attempts: [{ state: 'submitted' }] })
  }
  await later(2)
  expect(await act(till, no, 'query')).toMatchObject({ attempts: [{ state: 'declined' }] })
})

test('with every answer lost, a thousandth of the real thing: ten refunds happen ten times', async () => {
  const payments = []
  for (let n = 0; n < 10; n += 1) payments.push(await pay(till, 5_000))
  till.sandbox.faults.set({ on: 'refund', kind: 'executed_then_timeout' })
  const asked = await Promise.all(payments.map(({ no }) => ask(till, wish(no))))
  await pass(till, MINUTE)
  await pass(till, 2 * MINUTE)
  const states = await Promise.all(asked.map(async ({ no }) => (await readRefund(till, no)).state))
  expect(states).toEqual(asked.map(() => 'succeeded'))
  expect(executed()).toBe(10)
})
