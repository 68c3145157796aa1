/** Requests of many people, sends and answers, that meet at one node and are done list by list. */
import { sql } from 'kysely'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { refundResource } from '../../src/api/refunds.ts'
import type { Core } from '../../src/commands/core.ts'
import { openRefundLanes, type RefundLanes } from '../../src/commands/refund-lanes.ts'
import { takeRequests, type Asked } from '../../src/commands/request-refunds.ts'
import type { Lease } from '../../src/commands/send-attempts.ts'
import { inTenant } from '../../src/db/connect.ts'
import type { Actor } from '../../src/domain/actor.ts'
import { fen } from '../../src/domain/money.ts'
import type { RefundRequest } from '../../src/domain/request.ts'
import { rightsOf } from '../../src/domain/rights.ts'
import { lockPayments } from '../../src/store/books.ts'
import { lockPeople } from '../../src/store/people.ts'
import { makeApp } from '../api/app.ts'
import { testDatabase, type TestDatabase } from '../support/database.ts'
import { newNumber, readAttempts, readPayment, readRefund, request } from '../support/given.ts'
import {
  gate,
  leasesOf,
  lockWaits,
  playedChannel,
  playedShop,
  plantSales,
  succeeded,
  type Played,
} from '../support/played-channel.ts'
import { cashier, supervisor, TENANT } from '../support/shop.ts'

let database: TestDatabase
let core: Core
let played: Played
let lanes: RefundLanes

beforeEach(async () => {
  database = await testDatabase()
  played = playedChannel()
  core = await playedShop(database, played)
  lanes = openRefundLanes(core)
})

const ask = (payment: string, amount: number, more: Partial<RefundRequest> = {}) =>
  request(payment, { kind: 'amount', fen: fen(amount) }, more)

const limited = (actor: Actor, perDay: number): Actor => ({
  ...actor,
  rights: rightsOf('cashier', { perDayFen: fen(perDay) }),
})

/** Holds a payment until it is let go: whatever needs it waits, and what comes meanwhile is one list. */
async function hold(payment: string, tenant = TENANT): Promise<() => Promise<void>> {
  const [held, done] = [gate(), gate()]
  const holder = inTenant(core.db, tenant, async (tx) => {
    await lockPayments(tx, [payment])
    held.open()
    await done.wait
  })
  await held.wait
  return async () => {
    done.open()
    await holder
  }
}

/** A first request that is under way, waiting for a lock, until it is let go. */
async function busy(): Promise<() => Promise<void>> {
  const [payment = ''] = await plantSales(core, 1)
  const letGo = await hold(payment)
  const first = lanes.request(cashier, ask(payment, 1))
  await lockWaits(database.ownerDb, 1)
  return async () => {
    await letGo()
    await first
  }
}

test('requests of several people in one list: each is answered their own, under their own name', async () => {
  const letGo = await busy()
  const payments = await plantSales(core, 3)
  const asked = payments.map((payment, place) => ({
    actor: place === 1 ? supervisor : cashier,
    wish: ask(payment, 100 + place),
  }))
  const given = asked.map(({ actor, wish }) => lanes.request(actor, wish))
  await letGo()
  const results = await Promise.all(given)
  for (const [place, { actor, wish }] of asked.entries()) {
    expect(results[place]).toMatchObject({ kind: 'stored', refundNo: wish.no, fresh: true })
    expect(await readRefund(core, wish.no)).toMatchObject({
      requested_by: actor.staff,
      amount_fen: 100 + place,
    })
  }
})

test('what a person may ask for in a day is counted for each of them, through the whole list', async () => {
  const payments = await plantSales(core, 5)
  const [zhang, li] = [limited(cashier, 500), limited({ ...cashier, staff: 'li' }, 500)]
  const amounts = [300, 300, 300, 100, 200] as const
  const people = [zhang, li, zhang, li, cashier]
  const asked: Asked[] = payments.map((payment, place) => ({
    actor: people[place] ?? cashier,
    input: ask(payment, amounts[place] ?? 0),
  }))
  await takeRequests(core, TENANT, asked, core.clock.now())
  const states = await Promise.all(asked.map(({ input }) => readRefund(core, input.no)))
  expect(states.map(({ state }) => state)).toEqual([
    'sending',
    'sending',
    'requested',
    'sending',
    'sending',
  ])
})

test('people are locked in the order of their numbers, whoever comes first in the list', async () => {
  const payments = await plantSales(core, 2)
  const people = [limited(cashier, 500), limited({ ...cashier, staff: 'li' }, 500)]
  const asked: Asked[] = people.map((actor, place) => ({
    actor,
    input: ask(payments[place] ?? '', 100),
  }))
  const given = await inTenant(core.db, TENANT, async (tx) => {
    await lockPeople(tx, ['li'])
    const waiting = takeRequests(core, TENANT, asked, core.clock.now())
    await lockWaits(database.ownerDb, 1)
    // Zhang comes first in the list: whoever holds zhang while waiting for li would deadlock with the other order.
    await sql`select from staff where staff_no = 'zhang' for no key update nowait`.execute(tx)
    return { waiting }
  })
  expect(leasesOf(await given.waiting)).toHaveLength(2)
})

test('a request that faults does so alone, and those around it are stored', async () => {
  const [good = '', also = ''] = await plantSales(core, 2)
  const [bad = ''] = await plantSales(core, 1, { account: 'p2' })
  const broken: Core = {
    ...core,
    channel: () => ({
      ...played.channel,
      freezeRefund: (brief, account) => {
        if (account.accountNo === 'p2') throw new Error('no key')
        return played.channel.freezeRefund(brief, account)
      },
    }),
  }
  const own = openRefundLanes(broken)
  const wishes = [ask(good, 100), ask(bad, 100), ask(also, 100)]
  const results = await Promise.all(wishes.map((wish) => own.request(cashier, wish)))
  expect(results).toMatchObject([{ kind: 'stored' }, { kind: 'faulted' }, { kind: 'stored' }])
  expect(await readPayment(core, bad)).toMatchObject({ held_fen: 0 })
})

test('requests on one payment are judged in the order they came', async () => {
  const letGo = await busy()
  const [payment = ''] = await plantSales(core, 1, { fen: 1_000 })
  const given = [600, 300, 200, 100].map((amount) => lanes.request(cashier, ask(payment, amount)))
  await letGo()
  expect(await Promise.all(given)).toMatchObject([
    { kind: 'stored' },
    { kind: 'stored' },
    { kind: 'refused', refusal: { code: 'over_room', params: { room: 100 } } },
    { kind: 'stored' },
  ])
})

test('a request that replaces another goes beside the list, on the same books', async () => {
  const letGo = await busy()
  const [payment = ''] = await plantSales(core, 1)
  const open = ask(payment, 10_000)
  const [asked] = await takeRequests(
    core,
    TENANT,
    [{ actor: limited(cashier, 1), input: open }],
    core.clock.now(),
  )
  expect(asked).toMatchObject({ kind: 'stored', lease: null })
  const wish = ask(payment, 4_000, { replaces: open.no })
  expect(await lanes.request(supervisor, wish)).toMatchObject({ kind: 'stored', fresh: true })
  await letGo()
  expect(await readRefund(core, open.no)).toMatchObject({ state: 'rejected' })
})

test('two merchants at one node: neither waits for the other, nor sees it', async () => {
  const letGo = await busy()
  await playedShop(database, played, {}, 2)
  const [theirs = ''] = await plantSales(core, 1, { tenant: 2 })
  const wish = ask(theirs, 100)
  expect(await lanes.request({ ...cashier, tenant: 2 }, wish)).toMatchObject({ kind: 'stored' })
  const mine = lanes.request(cashier, ask(theirs, 100))
  await letGo()
  expect(await mine).toMatchObject({ kind: 'refused', refusal: { code: 'not_found' } })
})

async function stored(count: number): Promise<Lease[]> {
  const payments = await plantSales(core, count)
  const given = payments.map((payment) => lanes.request(cashier, ask(payment, 100)))
  return leasesOf(await Promise.all(given))
}

test('sends that meet go out once each, and each answer settles its own refund', async () => {
  const leases = await stored(5)
  const [declined] = leases
  played.script.refund = (attempt) =>
    attempt.channelNumber.startsWith(declined?.refundNo ?? '-')
      ? { kind: 'refused', code: 'NO', proof: 'signed', final: true }
      : succeeded(`c${attempt.channelNumber}`, attempt.amount)
  await Promise.all([...leases, ...leases].map((lease) => lanes.send(TENANT, lease)))
  expect(played.sends).toHaveLength(5)
  const states = await Promise.all(
    leases.map(async ({ refundNo }) => (await readRefund(core, refundNo)).state),
  )
  expect(states).toEqual(['owed', ...Array<string>(4).fill('succeeded')])
})

test('an answer that comes late keeps nobody else’s back', async () => {
  const leases = await stored(3)
  const [slow, ...others] = leases
  const late = gate()
  played.script.refund = async (attempt) => {
    if (attempt.channelNumber.startsWith(slow?.refundNo ?? '-')) await late.wait
    return succeeded(`c${attempt.channelNumber}`, attempt.amount)
  }
  const [first, ...rest] = leases.map((lease) => lanes.send(TENANT, lease))
  await Promise.all(rest)
  for (const { refundNo } of others) {
    expect(await readRefund(core, refundNo)).toMatchObject({ state: 'succeeded' })
  }
  late.open()
  await first
  expect(await readRefund(core, slow?.refundNo ?? '')).toMatchObject({ state: 'succeeded' })
})

test('among answers that meet, one that cannot be put down fails alone', async () => {
  const leases = await stored(3)
  await Promise.all(leases.map((lease) => lanes.send(TENANT, lease)))
  const word = (refundNo: string) => ({
    refundNo,
    seq: 1,
    fence: null,
    outcome: { kind: 'returned', at: core.clock.now(), code: 'R', channelNo: null } as const,
  })
  const nobodys = newNumber('refund')
  const nos = [...leases.map(({ refundNo }) => refundNo), nobodys]
  const settled = await Promise.allSettled(nos.map((no) => lanes.settle(TENANT, word(no))))
  expect(settled.map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'fulfilled',
    'rejected',
  ])
  for (const { refundNo } of leases) {
    expect(await readAttempts(core, refundNo)).toMatchObject([{ state: 'returned' }])
  }
})

test('over HTTP a full lane is answered 503 with a time to come back, and leaves nothing behind', async () => {
  const { app } = makeApp({ authenticate: async () => cashier }, [refundResource(core, lanes)])
  onTestFinished(() => app.close())
  const letGo = await busy()
  const waiting = Array.from({ length: 1_000 }, () => lanes.request(cashier, ask('0', 1)))
  const [payment = ''] = await plantSales(core, 1)
  const wish = {
    no: newNumber('refund'),
    payment,
    amount: 100,
    method: 'original',
    reason: 'quality',
  }
  const post = () => app.inject({ method: 'POST', url: '/v1/refunds', payload: wish })
  const refused = await post()
  expect(refused.statusCode).toBe(503)
  expect(refused.headers['retry-after']).toBe('2')
  expect(refused.json()).toMatchObject({ code: 'busy' })
  await letGo()
  await Promise.all(waiting)
  expect((await post()).json()).toMatchObject({ no: wish.no, state: 'succeeded' })
})

test('closing the server waits for what was given, though nobody waits for the answer any more', async () => {
  const { app } = makeApp({ authenticate: async () => cashier }, [refundResource(core, lanes)])
  await app.ready()
  const letGo = await busy()
  const wishes = (await plantSales(core, 3)).map((payment) => ask(payment, 100))
  for (const wish of wishes) void lanes.request(cashier, wish)
  let closed = false
  const closing = app.close().then(() => (closed = true))
  await lockWaits(database.ownerDb, 1)
  expect(closed).toBe(false)
  await letGo()
  await closing
  for (const wish of wishes) {
    expect(await readRefund(core, wish.no)).toMatchObject({ state: 'sending' })
  }
})
