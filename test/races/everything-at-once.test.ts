/** Every command on the same few sales at once: no deadlock, no refund beyond its payment, no counter astray. */
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Core } from '../../src/commands/core.ts'
import { approveRefund, lowerRefund, withdrawRefund } from '../../src/commands/decide-refunds.ts'
import { settlePayment } from '../../src/commands/drive-payments.ts'
import { sendAgain, stopRefund } from '../../src/commands/handle-attempts.ts'
import { requestRefunds } from '../../src/commands/request-refunds.ts'
import { sendAttempts, type Lease } from '../../src/commands/send-attempts.ts'
import { settleAttempts } from '../../src/commands/settle-attempts.ts'
import { askNow, sweepRefunds } from '../../src/commands/sweep-refunds.ts'
import { inTenant } from '../../src/db/connect.ts'
import { systemOf } from '../../src/domain/actor.ts'
import { fen } from '../../src/domain/money.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import type { Ask } from '../../src/domain/request.ts'
import {
  leasesOf,
  playedChannel,
  playedShop,
  plantSales,
  succeeded,
  UNKNOWN,
} from '../support/played-channel.ts'
import { testDatabase, type TestDatabase } from '../support/database.ts'
import { request } from '../support/given.ts'
import { cashier, owner, supervisor, TENANT, testClock } from '../support/shop.ts'

const CLIENTS = 8
const SALES = 12
const STEPS = 40
const BATCH = 4
const PAID = 10_000
const MINUTE = 60_000

/** A seeded draw, so that a failure names the choices that led to it. */
function draws(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * below)
  }
}

test('eight clients do everything to the same sales at once', { timeout: 120_000 }, async () => {
  const database = await testDatabase()
  const played = playedChannel()
  const clock = testClock()
  const core = await playedShop(database, played, { clock })
  const payments = await plantSales(core, SALES, { fen: PAID })
  const numbers: string[] = []
  /** What the channel paid out, by its own count: once for each number. */
  const executed = new Map<string, number>()
  const draw = draws(7)
  played.script.refund = (attempt) => {
    const fate = draw(5)
    if (fate === 0) return UNKNOWN
    if (fate === 1) return { kind: 'refused', code: 'CLOSED', proof: 'signed', final: true }
    executed.set(attempt.channelNumber, attempt.amount)
    const outcome = succeeded(`c${attempt.channelNumber}`, attempt.amount)
    return fate === 2 ? UNKNOWN : outcome
  }
  played.script.query = (attempt): Outcome =>
    executed.has(attempt.channelNumber)
      ? succeeded(`c${attempt.channelNumber}`, attempt.amount)
      : { kind: 'not_found' }

  const faults: unknown[] = []
  const client = async (seed: number) => {
    const pick = draws(seed)
    for (let step = 0; step < STEPS; step += 1) {
      await oneStep(core, pick, payments, numbers, executed).catch((error: unknown) =>
        faults.push(error),
      )
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, (_, place) => client(100 + place)))
  expect(faults).toEqual([])
  for (let round = 0; round < 3; round += 1) {
    clock.advance(30 * MINUTE)
    await sweepRefunds(core)
  }
  const paidOut = new Map<string, number>()
  const owners = new Map(
    (await attemptsOf(core)).map((row) => [row.channel_number, row.payment_no]),
  )
  for (const [number, amount] of executed) {
    const payment = owners.get(number) ?? 'nobody'
    paidOut.set(payment, (paidOut.get(payment) ?? 0) + amount)
  }
  expect(executed.size).toBeGreaterThan(SALES)
  expect([...paidOut].filter(([, amount]) => amount > PAID)).toEqual([])
  expect(
    await database.ownerDb
      .selectFrom('attempt')
      .select('refund_no')
      .where('state', '=', 'succeeded')
      .groupBy('refund_no')
      .having((at) => at.fn.countAll(), '>', 1)
      .execute(),
  ).toEqual([])
  // Asked of the server, since a deadlock that was done again would not show as a fault.
  expect(await deadlocks(database)).toBe(0)
})

async function deadlocks(database: TestDatabase): Promise<number> {
  // A process tells its counts when it ends.
  await database.db.destroy()
  const { rows } = await sql<{ count: number }>`
    select deadlocks::integer as count from pg_stat_database where datname = current_database()`.execute(
    database.ownerDb,
  )
  return rows[0]?.count ?? 0
}

const attemptsOf = (core: Core) =>
  inTenant(core.db, TENANT, (tx) =>
    tx.selectFrom('attempt').select(['channel_number', 'payment_no']).execute(),
  )

async function oneStep(
  core: Core,
  pick: (below: number) => number,
  payments: readonly string[],
  numbers: string[],
  executed: ReadonlyMap<string, number>,
): Promise<void> {
  const now = core.clock.now()
  const no = numbers[pick(Math.max(1, numbers.length))]
  const payment = payments[pick(payments.length)] ?? ''
  const send = (leases: readonly Lease[]) => sendAttempts(core, TENANT, leases)
  switch (pick(10)) {
    case 0:
    case 1:
    case 2: {
      const wishes = Array.from({ length: 1 + pick(BATCH) }, () =>
        request(payments[pick(payments.length)] ?? '', asks(pick)),
      )
      const actor = pick(2) === 0 ? cashier : supervisor
      const results = await requestRefunds(core, actor, wishes, now)
      for (const each of results) if (each.kind === 'stored') numbers.push(each.refundNo)
      return send(leasesOf(results))
    }
    case 3:
      await sweepRefunds(core)
      return
    case 4: {
      // Notices come in lists of several refunds, in whatever order.
      const known = [...new Set([no, numbers[pick(numbers.length)], numbers[pick(numbers.length)]])]
      const words = known.flatMap((refundNo) => {
        const amount = refundNo === undefined ? undefined : executed.get(`${refundNo}01`)
        return refundNo === undefined || amount === undefined
          ? []
          : [{ refundNo, seq: 1, outcome: succeeded(`c${refundNo}01`, amount), fence: null }]
      })
      return settleAttempts(core, systemOf(TENANT), words, now)
    }
    case 5:
      if (no !== undefined) await askNow(core, TENANT, no)
      return
    case 6:
      if (no !== undefined) {
        await withdrawRefund(core, supervisor, no, now)
        await lowerRefund(core, owner, no, fen(50), now)
      }
      return
    case 7: {
      if (no === undefined) return
      const acted =
        pick(2) === 0
          ? await approveRefund(core, owner, no, now)
          : await sendAgain(core, supervisor, no, 'original', now)
      return send(acted.kind === 'done' && acted.lease ? [acted.lease] : [])
    }
    case 8:
      if (no !== undefined) await stopRefund(core, supervisor, no, 'race', now)
      return
    case 9:
      return settlePayment(core, systemOf(TENANT), { paymentNo: payment, fence: null }, 'query', {
        kind: 'unknown',
        cause: 'lost',
        alarm: false,
      })
  }
}

function asks(pick: (below: number) => number): Ask {
  const kind = pick(4)
  if (kind === 0) return { kind: 'amount', fen: fen(100 + pick(3_000)) }
  if (kind === 1) return { kind: 'full' }
  return { kind: 'items', items: [{ line: 1 + pick(2), quantity: 1 + pick(2) }] }
}
