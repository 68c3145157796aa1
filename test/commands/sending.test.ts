/** Who may send, when two could: leases used twice, truths that arrive in between, attempts that cannot be signed. */
import { sql } from 'kysely'
import { beforeEach, expect, test } from 'vitest'
import type { Core } from '../../src/commands/core.ts'
import { remedyRefund, sendAgain, stopRefund } from '../../src/commands/handle-attempts.ts'
import { requestRefunds } from '../../src/commands/request-refunds.ts'
import { sendAttempts, type Lease } from '../../src/commands/send-attempts.ts'
import { settleAttempts } from '../../src/commands/settle-attempts.ts'
import { sweepRefunds } from '../../src/commands/sweep-refunds.ts'
import { inTenant } from '../../src/db/connect.ts'
import { leaseOpenAttempt, markRemedy } from '../../src/store/attempts.ts'
import { systemOf } from '../../src/domain/actor.ts'
import { fen } from '../../src/domain/money.ts'
import { testDatabase, type TestDatabase } from '../support/database.ts'
import { incidentKinds, readAttempts, readPayment, readRefund, request } from '../support/given.ts'
import { cashier, supervisor, TENANT, testClock, type TestClock } from '../support/shop.ts'
import {
  gate,
  leasesOf,
  lockWaits,
  playedChannel,
  playedShop,
  plantSales,
  succeeded,
  UNKNOWN,
  type Played,
} from '../support/played-channel.ts'

const MINUTE = 60_000

let database: TestDatabase
let core: Core
let played: Played
let clock: TestClock

beforeEach(async () => {
  database = await testDatabase()
  played = playedChannel()
  clock = testClock()
  core = await playedShop(database, played, { clock })
})

type Begun = { no: string; payment: string; lease: Lease }

async function begin(amount = 1_000): Promise<Begun> {
  const [payment = ''] = await plantSales(core, 1)
  const wish = request(payment, { kind: 'amount', fen: fen(amount) })
  const [lease] = leasesOf(await requestRefunds(core, cashier, [wish], clock.now()))
  if (!lease) throw new Error('no lease')
  return { no: wish.no, payment, lease }
}

const send = (...leases: Lease[]) => sendAttempts(core, TENANT, leases)

async function sweepAfter(ms: number): Promise<void> {
  clock.advance(ms)
  await sweepRefunds(core)
}

/** An attempt that was sent, never answered, stopped, and twice not found after the quiet time. */
async function declinedByInference(): Promise<Begun> {
  const begun = await begin()
  played.script.refund = () => UNKNOWN
  await send(begun.lease)
  await stopRefund(core, supervisor, begun.no, 'left', clock.now())
  played.script.query = () => ({ kind: 'not_found' })
  for (let round = 0; round < 4; round += 1) await sweepAfter(30 * MINUTE)
  expect(await readRefund(core, begun.no)).toMatchObject({ state: 'owed' })
  played.script.refund = (attempt) => succeeded(`c${attempt.channelNumber}`, attempt.amount)
  return begun
}

const leaseOf = (acted: Awaited<ReturnType<typeof sendAgain>>): Lease => {
  if (acted.kind !== 'done' || !acted.lease) throw new Error(JSON.stringify(acted))
  return acted.lease
}

test('one lease handed in twice, at once or after each other, sends once', async () => {
  played.script.refund = () => UNKNOWN
  const { no, lease } = await begin()
  await Promise.all([send(lease, lease), send(lease)])
  await send(lease)
  expect(played.sends).toHaveLength(1)
  expect(await readAttempts(core, no)).toMatchObject([{ sends: 1 }])
})

test('a new attempt does not leave while the old one is being settled as paid', async () => {
  const { no } = await declinedByInference()
  const before = played.sends.length
  const lease = leaseOf(await sendAgain(core, supervisor, no, 'original', clock.now()))
  const settled = gate()
  const held = gate()
  // Holds the settlement after all its locks, right before its books are written.
  const holder = database.ownerDb.transaction().execute(async (tx) => {
    await sql`lock table transfer in exclusive mode`.execute(tx)
    held.open()
    await settled.wait
  })
  await held.wait
  const outcome = succeeded('late', 1_000)
  const word = { refundNo: no, seq: 1, outcome, fence: null }
  const settling = settleAttempts(core, systemOf(TENANT), [word], clock.now())
  await lockWaits(database.ownerDb, 1)
  const sending = send(lease)
  await lockWaits(database.ownerDb, 2)
  settled.open()
  await Promise.all([holder, settling, sending])
  expect(played.sends.length).toBe(before)
  expect(await readRefund(core, no)).toMatchObject({ state: 'succeeded' })
})

test('a blocked payment lets no attempt leave that was opened before', async () => {
  const { no, payment, lease } = await begin()
  await inTenant(core.db, TENANT, (tx) =>
    tx.updateTable('payment').set({ blocked: 'audit' }).where('payment_no', '=', payment).execute(),
  )
  await send(lease)
  expect(played.sends).toHaveLength(0)
  expect(await readAttempts(core, no)).toMatchObject([{ state: 'submitted', first_send_at: null }])
})

test('a process whose lease was taken over, or whose time to send is over, sends nothing', async () => {
  const { no, lease } = await begin()
  await database.ownerDb.transaction().execute(async (tx) => {
    await sql`set local role yuanlu_claim`.execute(tx)
    await sql`update attempt set fence = fence + 1`.execute(tx)
  })
  await send(lease)
  const late = { ...lease, fence: lease.fence + 1 }
  await database.ownerDb.transaction().execute(async (tx) => {
    await sql`set local role yuanlu_claim`.execute(tx)
    await sql`update attempt set send_by = clock_timestamp()`.execute(tx)
  })
  await send(late)
  expect(played.sends).toHaveLength(0)
  expect(await readAttempts(core, no)).toMatchObject([{ first_send_at: null, sends: 0 }])
})

test('an attempt that cannot be signed calls a person and keeps no other from being sent', async () => {
  const first = await begin()
  const [second, third] = [await begin(), await begin()]
  played.script.sign = (attempt) => {
    if (attempt.channelNumber.startsWith(first.no)) throw new Error('no key')
  }
  await send(first.lease, second.lease, third.lease)
  expect(played.sends).toHaveLength(2)
  expect(await readAttempts(core, first.no)).toMatchObject([
    { state: 'submitted', first_send_at: null, alarm: 'Error' },
  ])
  expect(await incidentKinds(core)).toEqual(['alarm'])
  played.script.sign = () => undefined
  await sweepAfter(MINUTE)
  expect(await readRefund(core, first.no)).toMatchObject({ state: 'succeeded' })
})

test('a channel that throws instead of answering is one that may have executed', async () => {
  const { no, lease } = await begin()
  played.script.refund = () => {
    throw new Error('broken pipe')
  }
  await send(lease)
  expect(await readAttempts(core, no)).toMatchObject([{ state: 'submitted', tries: 1, sends: 1 }])
  expect(await readRefund(core, no)).toMatchObject({ state: 'sending' })
})

test('a not-found on a payment that may not send is asked again by the schedule, not without end', async () => {
  const { no, payment, lease } = await begin()
  played.script.refund = () => UNKNOWN
  await send(lease)
  await inTenant(core.db, TENANT, (tx) =>
    tx.updateTable('payment').set({ blocked: 'audit' }).where('payment_no', '=', payment).execute(),
  )
  played.script.query = () => ({ kind: 'not_found' })
  clock.advance(MINUTE)
  for (let round = 0; round < 5; round += 1) await sweepRefunds(core)
  expect(played.queries).toHaveLength(1)
  expect(await readAttempts(core, no)).toMatchObject([{ state: 'submitted', sends: 1 }])
})

test('a remedy gets leave once, and only as it was decided last', async () => {
  const { no, payment, lease } = await begin()
  played.script.refund = () => ({ kind: 'stuck', code: 'A', channelNo: 'c1', remedies: [] })
  await send(lease)
  const decided = await remedyRefund(
    core,
    { ...supervisor, second: { staff: 'wang', roles: ['owner'], way: 'key', grant: null } },
    no,
    'to_bank_card',
    { bank: 'CMB_DEBIT', number: '1111', holder: '张三' },
    clock.now(),
  )
  expect(decided).toMatchObject({ kind: 'done' })
  const [attempt] = await readAttempts(core, no)
  const key = { refund_no: no, seq: 1, payment_no: payment, fence: attempt?.fence ?? 0 }
  await inTenant(core.db, TENANT, async (tx) => {
    await leaseOpenAttempt(tx, no, 30_000, 20_000)
    const held = { ...key, fence: key.fence + 1 }
    expect(await markRemedy(tx, held, 'signed for another decision', 0)).toBe(false)
    expect(await markRemedy(tx, held, attempt?.remedy_body ?? '', 0)).toBe(true)
    expect(await markRemedy(tx, held, attempt?.remedy_body ?? '', 0)).toBe(false)
  })
})

test('a not-found that a former holder brings proves nothing', async () => {
  const { no, lease } = await begin()
  played.script.refund = () => UNKNOWN
  await send(lease)
  await stopRefund(core, supervisor, no, 'left', clock.now())
  clock.advance(60 * MINUTE)
  const zombie = { refundNo: no, seq: 1, outcome: { kind: 'not_found' as const }, fence: 0 }
  for (let round = 0; round < 3; round += 1)
    await settleAttempts(core, systemOf(TENANT), [zombie], clock.now())
  expect(await readAttempts(core, no)).toMatchObject([{ state: 'submitted', not_found_count: 0 }])
  const paid = { ...zombie, outcome: succeeded('z', 1_000) }
  await settleAttempts(core, systemOf(TENANT), [paid], clock.now())
  expect(await readRefund(core, no)).toMatchObject({ state: 'succeeded' })
})

test('a success that comes before the reply stays a success when the reply says processing', async () => {
  const { no, payment, lease } = await begin()
  played.script.refund = async () => {
    const word = { refundNo: no, seq: 1, outcome: succeeded('c1', 1_000), fence: null }
    await settleAttempts(core, systemOf(TENANT), [word], clock.now())
    return { kind: 'processing', channelNo: 'c1' }
  }
  await send(lease)
  expect(await readAttempts(core, no)).toMatchObject([{ state: 'succeeded', due_at: null }])
  expect(await readPayment(core, payment)).toMatchObject({ held_fen: 0, refunded_fen: 1_000 })
})
