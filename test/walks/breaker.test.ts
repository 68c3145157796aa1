/** A channel that stops answering: what comes in meanwhile is kept, said why, and goes by itself once it is back. */
import { beforeEach, expect, test } from 'vitest'
import type { Sandbox } from '../../sandbox/main.ts'
import type { Core } from '../../src/commands/core.ts'
import { sweepRefunds } from '../../src/commands/sweep-refunds.ts'
import { inTenant } from '../../src/db/connect.ts'
import { testDatabase, type TestDatabase } from '../support/database.ts'
import {
  differences,
  incidentKinds,
  paidSale,
  pass,
  readAttempts,
  readRefund,
  refund,
  request,
  sweepAll,
} from '../support/given.ts'
import {
  cashier,
  openShop,
  TENANT,
  testClock,
  testCore,
  testSandbox,
  type TestClock,
} from '../support/shop.ts'

const SECOND = 1_000
const MINUTE = 60_000
const FAILURES = 3

let database: TestDatabase
let sandbox: Sandbox
let core: Core
let clock: TestClock

const node = (): Core =>
  testCore(database.db, {
    clock,
    settings: { breaker: { failures: FAILURES, windowMs: MINUTE, pauseMs: 30 * SECOND } },
  })

beforeEach(async () => {
  database = await testDatabase()
  sandbox = await testSandbox()
  clock = testClock()
  core = node()
  await openShop(core, sandbox)
})

const silence = () => {
  for (const on of ['refund', 'refund_query'] as const) {
    sandbox.faults.set({ on, kind: 'drop_connection_not_executed' })
  }
}

/** Refunds of payments of their own that meet silence, until the breaker is open. */
async function goDown(): Promise<string[]> {
  const nos: string[] = []
  const sales = []
  for (let count = 0; count < FAILURES; count += 1) sales.push(await paidSale(core, sandbox))
  silence()
  for (const sale of sales) {
    const wish = request(sale.paymentNo)
    await refund(core, cashier, wish)
    nos.push(wish.no)
  }
  return nos
}

const incidents = () =>
  inTenant(core.db, TENANT, (tx) =>
    tx.selectFrom('incident').selectAll().where('kind', '=', 'channel_down').execute(),
  )

test('a refund asked for while the channel is silent is kept with a reason and a time, and goes once by itself', async () => {
  const sale = await paidSale(core, sandbox)
  const unclear = await goDown()
  expect(await incidents()).toMatchObject([
    { account_no: 'wx1', detail: { failures: FAILURES }, closed_at: null },
  ])
  const wish = request(sale.paymentNo)
  // Another node, which met no failure itself.
  await refund(node(), cashier, wish)
  expect(await readRefund(core, wish.no)).toMatchObject({
    state: 'approved',
    send_reason: 'channel_down',
    attempts: 0,
  })
  const { send_at: sendAt } = await readRefund(core, wish.no)
  expect(sendAt?.getTime()).toBeGreaterThan(clock.now().getTime())
  expect(await differences(core)).toEqual([])

  sandbox.faults.clear()
  for (let round = 0; round < 6; round += 1) await pass({ core, clock, sandbox }, MINUTE)
  for (const no of [...unclear, wish.no]) {
    expect(await readRefund(core, no)).toMatchObject({ state: 'succeeded' })
  }
  expect(await readAttempts(core, wish.no)).toMatchObject([{ sends: 1 }])
  expect(sandbox.book.executedRefunds()).toHaveLength(FAILURES + 1)
  expect(await incidentKinds(core)).toEqual([])
  expect(await incidents()).toMatchObject([{ closed_by: 'system' }])
  expect(await differences(core)).toEqual([])
})

test('after a pause one of those kept tries, on whichever node, and the others wait for the next', async () => {
  const sales = []
  for (let count = 0; count < 4; count += 1) sales.push(await paidSale(core, sandbox))
  await goDown()
  const wishes = sales.map((sale) => request(sale.paymentNo))
  for (const wish of wishes) await refund(core, cashier, wish)
  const states = async () =>
    (await Promise.all(wishes.map((wish) => readRefund(core, wish.no)))).map((row) => row.state)
  expect(await states()).toEqual(wishes.map(() => 'approved'))
  await sandbox.advance(31 * SECOND)
  clock.advance(31 * SECOND)
  await Promise.all([sweepRefunds(core), sweepRefunds(node())])
  await sweepAll(core)
  expect((await states()).toSorted()).toEqual(['approved', 'approved', 'approved', 'sending'])
  expect(await differences(core)).toEqual([])
})
