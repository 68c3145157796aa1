/** Every command on the same few sales at once: no deadlock, no refund beyond its payment, no counter astray. */
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Core } from '../../src/commands/core.ts'
import {
  approveRefund,
  lowerRefund,
  rejectRefund,
  withdrawRefund,
} from '../../src/commands/decide-refunds.ts'
import { settlePayment } from '../../src/commands/drive-payments.ts'
import {
  answerCash,
  closeRefund,
  sendAgain,
  stopRefund,
} from '../../src/commands/handle-attempts.ts'
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
import { cashier, owner, seconded, supervisor, TENANT, testClock } from '../support/shop.ts'

const CLIENTS = 8
const SALES = 12
const STEPS = 60
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
  /** What the channel paid out, by its own count: once for each number. What a bank sent back is there no more. */
  const executed = new Map<string, Paid>()
  const cameBack = new Map<string, Paid>()
  const draw = draws(7)
  played.script.refund = (attempt) => {
    const fate = draw(6)
    if (fate === 0) return UNKNOWN
    if (fate === 1) return { kind: 'refused', code: 'CLOSED', proof: 'signed', final: true }
    const paid = { amount: attempt.amount, at: new Date() }
    if (fate === 5) {
      cameBack.set(attempt.channelNumber, paid)
      return said(attempt.channelNumber, paid)
    }
    executed.set(attempt.channelNumber, paid)
    return fate === 2 ? UNKNOWN : said(attempt.channelNumber, paid)
  }
  played.script.query = ({ channelNumber }): Outcome => {
    const [paid, back] = [executed.get(channelNumber), cameBack.get(channelNumber)]
    if (back) return returned(channelNumber, back)
    return paid ? said(channelNumber, paid) : { kind: 'not_found' }
  }

  const faults: unknown[] = []
  const client = async (seed: number) => {
    const pick = draws(seed)
    for (let step = 0; step < STEPS; step += 1) {
      await oneStep(core, pick, payments, numbers, { executed, cameBack }).catch((error: unknown) =>
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
  for (const [number, { amount }] of executed) {
    const payment = owners.get(number) ?? 'nobody'
    paidOut.set(payment, (paidOut.get(payment) ?? 0) + amount)
  }
  expect(executed.size).toBeGreaterThan(SALES)
  expect([...paidOut].filter(([, amount]) => amount > PAID)).toEqual([])
  // The channel never did more than it was asked for, so nothing may look as if it had.
  expect(
    await database.ownerDb
      .selectFrom('payment')
      .select(['payment_no', 'blocked'])
      .where((at) => at.or([at('excess_fen', '>', 0), at('blocked', 'is not', null)]))
      .execute(),
  ).toEqual([])
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

type Paid = { readonly amount: number; readonly at: Date }
type Told = {
  readonly executed: ReadonlyMap<string, Paid>
  readonly cameBack: ReadonlyMap<string, Paid>
}

const said = (number: string, { amount, at }: Paid): Outcome => succeeded(`c${number}`, amount, at)

const returned = (number: string, { at }: Paid): Outcome => ({
  kind: 'returned',
  at: new Date(at.getTime() + MINUTE),
  code: 'BANK',
  channelNo: `c${number}`,
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
  { executed, cameBack }: Told,
): Promise<void> {
  const now = core.clock.now()
  const no = numbers[pick(Math.max(1, numbers.length))]
  const payment = payments[pick(payments.length)] ?? ''
  const send = (leases: readonly Lease[]) => sendAttempts(core, TENANT, leases)
  switch (pick(14)) {
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
        const number = `${refundNo}01`
        const [paid, back] = [executed.get(number), cameBack.get(number)]
        const outcome = paid ? said(number, paid) : back ? returned(number, back) : null
        return refundNo === undefined || outcome === null
          ? []
          : [{ refundNo, seq: 1, outcome, fence: null }]
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
    case 10: {
      const wish = request(payment, asks(pick), { replaces: no ?? null })
      return send(leasesOf(await requestRefunds(core, seconded(supervisor), [wish], now)))
    }
    case 11: {
      const wish = request(payment, asks(pick), { method: 'cash' })
      const [cash] = await requestRefunds(core, seconded(cashier), [wish], now)
      if (cash?.kind !== 'stored') return
      numbers.push(cash.refundNo)
      const answer = pick(2) === 0 ? 'paid' : 'not_paid'
      await answerCash(core, seconded(cashier), cash.refundNo, answer, now)
      return
    }
    case 12:
      if (no === undefined) return
      await sendAgain(core, seconded(supervisor), no, 'cash', now)
      await answerCash(core, cashier, no, 'paid', now)
      return
    case 13:
      if (no === undefined) return
      await rejectRefund(core, supervisor, no, 'race', now)
      await closeRefund(core, seconded(supervisor), no, 'race', now)
      return
  }
}

function asks(pick: (below: number) => number): Ask {
  const kind = pick(4)
  if (kind === 0) return { kind: 'amount', fen: fen(100 + pick(3_000)) }
  if (kind === 1) return { kind: 'full' }
  return { kind: 'items', items: [{ line: 1 + pick(2), quantity: 1 + pick(2) }] }
}
