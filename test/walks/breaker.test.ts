/** A channel that stops answering: what comes in meanwhile is kept, said why, and goes by itself once it is back. */
import { beforeEach, expect, test } from 'vitest'
import { sweepRefunds } from '../../src/commands/sweep-refunds.ts'
import { testDatabase } from '../support/database.ts'
import { pass, sweepAll } from '../support/given.ts'
import { openTill, pay, wish, type Till } from '../support/till.ts'
import { ask, incidentsOf, readRefund, saidOf } from '../support/walk.ts'

const SECOND = 1_000
const MINUTE = 60_000
const FAILURES = 3

let till: Till

beforeEach(async () => {
  till = await openTill((await testDatabase()).db, {
    notified: false,
    settings: { breaker: { failures: FAILURES, windowMs: MINUTE, pauseMs: 30 * SECOND } },
  })
})

async function paid(count: number): Promise<string[]> {
  const payments: string[] = []
  while (payments.length < count) payments.push((await pay(till)).no)
  return payments
}

/** Refunds of payments of their own that meet silence, until the breaker is open. @returns their numbers. */
async function goDown(): Promise<string[]> {
  const payments = await paid(FAILURES)
  for (const on of ['refund', 'refund_query'] as const) {
    till.sandbox.faults.set({ on, kind: 'drop_connection_not_executed' })
  }
  const refunds: string[] = []
  for (const payment of payments) refunds.push((await ask(till, wish(payment))).no)
  return refunds
}

const statesOf = async (refunds: readonly string[]) =>
  (await Promise.all(refunds.map((no) => readRefund(till, no)))).map((refund) => refund.state)

test('a refund asked for while the channel is silent is kept with a reason and a time, and goes once by itself', async () => {
  const { no: payment } = await pay(till)
  const unclear = await goDown()
  expect(await incidentsOf(till)).toMatchObject([
    { kind: 'channel_down', account: 'wx1', detail: { failures: FAILURES } },
  ])
  // Another node, which met no failure itself.
  const { no, ...asked } = await ask(await till.another(), wish(payment))
  expect(asked).toMatchObject({ state: 'approved', sendReason: 'channel_down', attempts: [] })
  expect(Date.parse(asked.sendAt ?? '')).toBeGreaterThan(till.clock.now().getTime())

  till.sandbox.faults.clear()
  for (let round = 0; round < 6; round += 1) await pass(till, MINUTE)
  const refunds = [...unclear, no]
  expect(await statesOf(refunds)).toEqual(refunds.map(() => 'succeeded'))
  expect((await saidOf(till, no)).filter((what) => what === 'refund')).toHaveLength(1)
  expect(till.sandbox.book.executedRefunds()).toHaveLength(FAILURES + 1)
  expect(await incidentsOf(till)).toEqual([])
  expect(await incidentsOf(till, false)).toMatchObject([
    { kind: 'channel_down', closedBy: 'system' },
  ])
})

test('after a pause one of those kept tries, on whichever node, and the others wait for the next', async () => {
  const payments = await paid(4)
  await goDown()
  const refunds: string[] = []
  for (const payment of payments) refunds.push((await ask(till, wish(payment))).no)
  expect(await statesOf(refunds)).toEqual(refunds.map(() => 'approved'))
  await till.sandbox.advance(31 * SECOND)
  till.clock.advance(31 * SECOND)
  const { core } = await till.another()
  await Promise.all([sweepRefunds(till.core), sweepRefunds(core)])
  await sweepAll(till.core)
  expect((await statesOf(refunds)).toSorted()).toEqual([
    'approved',
    'approved',
    'approved',
    'sending',
  ])
})
