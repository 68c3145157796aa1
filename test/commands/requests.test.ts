/** Requests that meet each other: in one batch, at two tills, at a commit whose answer is lost. */
import { Kysely, PostgresDialect, sql } from 'kysely'
import type pg from 'pg'
import { beforeEach, expect, test } from 'vitest'
import type { Core } from '../../src/commands/core.ts'
import { requestRefunds } from '../../src/commands/request-refunds.ts'
import { sendAttempts } from '../../src/commands/send-attempts.ts'
import { inTenant, openPool } from '../../src/db/connect.ts'
import { fen } from '../../src/domain/money.ts'
import type { Ask } from '../../src/domain/request.ts'
import { lockPayments } from '../../src/store/books.ts'
import type { DB } from '../../src/store/schema.ts'
import { testDatabase, type TestDatabase } from '../support/database.ts'
import { newNumber, readAttempts, readPayment, readRefund, request } from '../support/given.ts'
import { cashier, supervisor, TENANT } from '../support/shop.ts'
import {
  gate,
  leasesOf,
  playedChannel,
  playedShop,
  plantSales,
  type Played,
} from '../support/played-channel.ts'

let database: TestDatabase
let core: Core
let played: Played

beforeEach(async () => {
  database = await testDatabase()
  played = playedChannel()
  core = await playedShop(database, played)
})

const ask = (payment: string, amount: number, no = newNumber('refund')) =>
  request(payment, { kind: 'amount', fen: fen(amount) }, { no })

const now = () => core.clock.now()

test('a number given twice in one batch is one refund with one lease, sent once', async () => {
  const [payment = ''] = await plantSales(core, 1)
  const wish = ask(payment, 1_000)
  const results = await requestRefunds(core, cashier, [wish, { ...wish }], now())
  expect(results).toMatchObject([
    { kind: 'stored', fresh: true, lease: { seq: 1 } },
    { kind: 'stored', fresh: false, lease: null },
  ])
  await sendAttempts(core, TENANT, leasesOf(results))
  expect(played.sends).toHaveLength(1)
})

test('two payments of one sale asked for the same pieces in one batch: the pieces go back once', async () => {
  const [first = ''] = await plantSales(core, 1)
  const second = newNumber('payment')
  await inTenant(core.db, TENANT, (tx) =>
    sql`
      insert into payment (tenant_id, payment_no, sale_no, account_no, channel, method, state, paid_fen,
                           channel_number, body, fingerprint, created_at, paid_at)
      select tenant_id, ${second}, sale_no, account_no, channel, method, state, paid_fen,
             ${`${second}00`}, '', '', created_at, paid_at
        from payment where payment_no = ${first}`.execute(tx),
  )
  const piece: Ask = { kind: 'items', items: [{ line: 1, quantity: 2 }] }
  const results = await requestRefunds(
    core,
    cashier,
    [request(first, piece), request(second, piece)],
    now(),
  )
  expect(results).toMatchObject([
    { kind: 'stored' },
    { kind: 'refused', refusal: { code: 'items_taken', params: { line: 1, left: 0, held: 2 } } },
  ])
})
test('a number given twice in one batch with other content refuses the second, never the first', async () => {
  const [payment = ''] = await plantSales(core, 1)
  const wish = ask(payment, 1_000)
  const results = await requestRefunds(core, cashier, [wish, ask(payment, 2_000, wish.no)], now())
  expect(results).toMatchObject([
    { kind: 'stored', fresh: true, lease: { seq: 1 } },
    { kind: 'refused', refusal: { code: 'number_taken' } },
  ])
  expect(await readRefund(core, wish.no)).toMatchObject({ amount_fen: 1_000 })
})

test.each([
  ['payer', { state: 'approved', send_reason: 'in_flight' }],
  ['payment', { state: 'sending', send_reason: null }],
] as const)(
  'where a channel wants refunds of one %s one after the other, a second payment of the payer is %o',
  async (serialisePer, second) => {
    const shop: Core = {
      ...core,
      channel: () => ({ ...played.channel, can: { ...played.channel.can, serialisePer } }),
    }
    const payments = await plantSales(shop, 2)
    await inTenant(core.db, TENANT, (tx) =>
      tx
        .updateTable('payment')
        .set({ payer_subject: 'the same person' })
        .where('payment_no', 'in', payments)
        .execute(),
    )
    const wishes = payments.map((payment) => ask(payment, 100))
    for (const wish of wishes) await requestRefunds(shop, cashier, [wish], now())
    expect(await readRefund(core, wishes[1]?.no ?? '')).toMatchObject(second)
  },
)

test('two tills that use one new number for two payments: one refund, and the other is told', async () => {
  const payments = await plantSales(core, 2)
  for (let round = 0; round < 10; round += 1) {
    const no = newNumber('refund')
    const results = (
      await Promise.all(
        payments.map((payment) => requestRefunds(core, cashier, [ask(payment, 100, no)], now())),
      )
    ).flat()
    expect(results.filter((each) => each.kind === 'stored')).toHaveLength(1)
    expect(results.filter((each) => each.kind === 'refused')).toMatchObject([
      { refusal: { code: 'number_taken' } },
    ])
  }
})

test('a request to replace another payment’s refund is refused without touching that payment', async () => {
  const [mine = '', theirs = ''] = await plantSales(core, 2)
  const other = ask(theirs, 100)
  await requestRefunds(core, cashier, [other], now())
  const [held, done] = [gate(), gate()]
  const holder = inTenant(core.db, TENANT, async (tx) => {
    await lockPayments(tx, [theirs])
    held.open()
    await done.wait
  })
  await held.wait
  const wish = { ...ask(mine, 100), replaces: other.no }
  const [answer] = await requestRefunds(core, supervisor, [wish], now()).finally(done.open)
  expect(answer).toMatchObject({ kind: 'refused', refusal: { code: 'not_found' } })
  await holder
})

test('a number taken in the same moment refuses its own request and no other of the batch', async () => {
  const payments = await plantSales(core, 40)
  const nos = Array.from({ length: 20 }, () => newNumber('refund'))
  const batch = (from: number) => nos.map((no, place) => ask(payments[from + place] ?? '', 100, no))
  const forward = batch(0)
  const backward = batch(20).toReversed()
  const results = (
    await Promise.all([
      requestRefunds(core, cashier, forward, now()),
      requestRefunds(core, cashier, backward, now()),
    ])
  ).flat()
  expect(results.filter((each) => each.kind === 'stored')).toHaveLength(20)
  expect(results.filter((each) => each.kind === 'refused')).toHaveLength(20)
})

test('an account that cannot sign faults its own request and no other of the batch', async () => {
  const [good = ''] = await plantSales(core, 1)
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
  const results = await requestRefunds(broken, cashier, [ask(good, 100), ask(bad, 100)], now())
  expect(results).toMatchObject([{ kind: 'stored', fresh: true }, { kind: 'faulted' }])
  await expect(requestRefunds(broken, cashier, [ask(bad, 100)], now())).rejects.toThrow('no key')
})

test('another merchant may use the same number: neither sees the other', async () => {
  const other = await playedShop(database, played, {}, 2)
  const [mine = ''] = await plantSales(core, 1)
  const [theirs = ''] = await plantSales(other, 1, { tenant: 2 })
  const no = newNumber('refund')
  const [ours] = await requestRefunds(core, cashier, [ask(mine, 100, no)], now())
  const [seen] = await requestRefunds(other, { ...cashier, tenant: 2 }, [ask(mine, 100, no)], now())
  const [own] = await requestRefunds(
    other,
    { ...cashier, tenant: 2 },
    [ask(theirs, 300, no)],
    now(),
  )
  expect(ours).toMatchObject({ kind: 'stored', fresh: true })
  expect(seen).toMatchObject({ kind: 'refused', refusal: { code: 'not_found' } })
  expect(own).toMatchObject({ kind: 'stored', fresh: true })
  expect(await readRefund(core, no)).toMatchObject({ amount_fen: 100 })
})

/** A database whose next COMMIT is carried out, and whose answer to it never comes. */
function losingCommits(): { core: Core; lose: (times: number) => void } {
  let left = 0
  const pool = openPool({ url: database.url, applicationName: 'losing', maxConnections: 4 })
  const connect = pool.connect.bind(pool) as () => Promise<pg.PoolClient>
  const wrapped = {
    end: () => pool.end(),
    connect: async () => {
      const client = await connect()
      const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>
      return new Proxy(client, {
        get(target, name) {
          if (name !== 'query') {
            const value: unknown = Reflect.get(target, name)
            return typeof value === 'function' ? value.bind(target) : value
          }
          return async (...args: unknown[]) => {
            const answer = await query(...args)
            if (args[0] !== 'commit' || left === 0) return answer
            left -= 1
            throw new Error('Connection terminated unexpectedly')
          }
        },
      })
    },
  }
  const db = new Kysely<DB>({ dialect: new PostgresDialect({ pool: wrapped as never }) })
  return { core: { ...core, db }, lose: (times) => (left = times) }
}

test('a commit whose answer is lost is read back: the request is answered with what is stored', async () => {
  const losing = losingCommits()
  const payments = await plantSales(core, 3)
  const wishes = payments.map((payment) => ask(payment, 500))
  const [alone, ...several] = wishes
  losing.lose(1)
  expect(await requestRefunds(losing.core, cashier, alone ? [alone] : [], now())).toMatchObject([
    { kind: 'stored', fresh: false },
  ])
  losing.lose(1)
  expect(await requestRefunds(losing.core, cashier, several, now())).toMatchObject([
    { kind: 'stored', fresh: false },
    { kind: 'stored', fresh: false },
  ])
  for (const wish of wishes) expect(await readAttempts(core, wish.no)).toHaveLength(1)
  for (const payment of payments)
    expect(await readPayment(core, payment)).toMatchObject({ held_fen: 500 })
  await losing.core.db.destroy()
})
