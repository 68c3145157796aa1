/** One budget for each channel account, whoever sends: what is beyond it waits a moment and is lost by nobody. */
import { beforeEach, expect, test } from 'vitest'
import type { Core } from '../../src/commands/core.ts'
import { requestRefunds } from '../../src/commands/request-refunds.ts'
import { sendAttempts } from '../../src/commands/send-attempts.ts'
import { sweepRefunds } from '../../src/commands/sweep-refunds.ts'
import type { Capabilities } from '../../src/domain/capabilities.ts'
import { testDatabase, type TestDatabase } from '../support/database.ts'
import { readAttempts, readRefund, request } from '../support/given.ts'
import {
  leasesOf,
  playedChannel,
  playedShop,
  plantSales,
  UNKNOWN,
  type Played,
} from '../support/played-channel.ts'
import { cashier, TENANT, testClock, testCore, type TestClock } from '../support/shop.ts'

let database: TestDatabase
let core: Core
let played: Played
let clock: TestClock

async function open(rate: Capabilities['rate']): Promise<void> {
  played = playedChannel({ rate })
  core = await playedShop(database, played, { clock })
}

beforeEach(async () => {
  database = await testDatabase()
  clock = testClock()
})

/** Requested, each of a payment of its own, and held by this process. */
async function begin(count: number, account = 'p1') {
  const wishes = (await plantSales(core, count, { account })).map((payment) => request(payment))
  const leases = leasesOf(await requestRefunds(core, cashier, wishes, clock.now()))
  return { nos: wishes.map((wish) => wish.no), leases }
}

const states = (nos: readonly string[]) =>
  Promise.all(nos.map(async (no) => (await readRefund(core, no)).state))

async function sweepUntilPaidBack(nos: readonly string[]): Promise<void> {
  while ((await states(nos)).some((state) => state !== 'succeeded')) {
    clock.advance(1_000)
    await sweepRefunds(core)
  }
}

/** Sends by the second of the process's clock in which they left. */
function mostInASecond(): number {
  const counts = new Map<number, number>()
  for (const { at } of played.sends) {
    const second = Math.floor(at / 1000)
    counts.set(second, (counts.get(second) ?? 0) + 1)
  }
  return Math.max(...counts.values())
}

test('what the budget does not allow stays unsent, says so, and goes later, each once', async () => {
  await open({ perSecond: 3 })
  const { nos, leases } = await begin(8)
  await sendAttempts(core, TENANT, leases)
  expect(played.sends).toHaveLength(3)
  const attempts = (await Promise.all(nos.map((no) => readAttempts(core, no)))).flat()
  const waiting = attempts.filter((attempt) => attempt.waiting === 'rate')
  expect(waiting).toHaveLength(5)
  for (const attempt of waiting) {
    expect(attempt).toMatchObject({ state: 'submitted', first_send_at: null, lease_until: null })
  }
  await sweepUntilPaidBack(nos)
  expect(new Set(played.sends.map((send) => send.number)).size).toBe(8)
  expect(played.sends).toHaveLength(8)
  const settled = (await Promise.all(nos.map((no) => readAttempts(core, no)))).flat()
  expect(settled.map((attempt) => attempt.waiting)).toEqual(nos.map(() => null))
})

test('two nodes share one budget', async () => {
  await open({ perSecond: 20 })
  const other: Core = { ...testCore(database.db, { clock }), channel: core.channel }
  const { nos, leases } = await begin(60)
  await Promise.all(
    leases.map((lease, place) => sendAttempts(place % 2 ? core : other, TENANT, [lease])),
  )
  while ((await states(nos)).some((state) => state !== 'succeeded')) {
    clock.advance(1_000)
    await Promise.all([sweepRefunds(core), sweepRefunds(other)])
  }
  expect(played.sends).toHaveLength(60)
  // Leave and the first byte are apart by a moment, so a send may fall into the second after the one it was counted in.
  expect(mostInASecond()).toBeLessThanOrEqual(40)
})

test('one account’s crowd does not hold back another account', async () => {
  await open({ perSecond: 1 })
  const crowd = await begin(5)
  const { leases } = await begin(1, 'p2')
  await sendAttempts(core, TENANT, [...crowd.leases, ...leases])
  expect(played.sends).toHaveLength(2)
})

test('a crowd of questions leaves room for a till’s send', async () => {
  const rate = { perSecond: 1_000 }
  await open(rate)
  played.script.refund = () => UNKNOWN
  const crowd = await begin(40)
  await sendAttempts(core, TENANT, crowd.leases)
  const { nos, leases } = await begin(1)
  rate.perSecond = 10
  while (played.queries.length === 0) {
    clock.advance(3_600_000)
    await sweepRefunds(core)
  }
  expect(played.queries).toHaveLength(8)
  await sendAttempts(core, TENANT, leases)
  expect(played.sends).toHaveLength(41)
  expect(await states([...crowd.nos, ...nos])).toEqual(played.sends.map(() => 'sending'))
})
