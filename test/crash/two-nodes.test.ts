/** Two nodes of the real service on one database, and one of them is killed in the middle of the work. */
import { sql } from 'kysely'
import { PgBoss } from 'pg-boss'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { RefundShown } from '../../src/api/contract.ts'
import { inTenant, openPool } from '../../src/db/connect.ts'
import { JOB_SCHEMA, jobDatabase } from '../../src/db/job-schema.ts'
import { chainHolds } from '../../src/domain/evidence.ts'
import { freePort, serveNode, type Env } from '../support/command-line.ts'
import { serviceUrl, testDatabase, type TestDatabase } from '../support/database.ts'
import { newNumber } from '../support/given.ts'
import { withClient } from '../support/server.ts'
import { MASTER_KEY, openShop, TENANT, testCore, testSandbox } from '../support/shop.ts'
import { tillClient } from '../support/till-client.ts'
import { webhookSink } from '../support/webhook-sink.ts'

const REFUNDS = 24
const EACH_FEN = 1_200
/** Refunds asked for at the same time. */
const AT_ONCE = 6
const KILL_AFTER = 8
const WAIT = { timeout: 30_000, interval: 200 }

test('of refunds through two nodes, one of them killed, each happens exactly once, and the other node goes on', async () => {
  const database = await testDatabase()
  const sandbox = await testSandbox({ settings: { arrivalToBalanceMs: 200 } })
  const core = testCore(database.db)
  const keys = await openShop(core, sandbox)
  const till = tillClient(keys, sandbox)
  const sink = await webhookSink()

  const port = await freePort()
  const env: Env = {
    NODE_ENV: 'test',
    DATABASE_URL: await serviceUrl(database),
    YUANLU_MASTER_KEY: MASTER_KEY.toString('base64'),
    // The one public address of both: what balances their load leads to whoever lives.
    NOTIFY_URL: `http://127.0.0.1:${port}`,
    SWEEP_INTERVAL_MS: '200',
    LEASE_MS: '2000',
    CHANNEL_TIMEOUT_MS: '1500',
  }
  const [doomed, survivor] = await Promise.all([
    serveNode(env),
    serveNode({ ...env, PORT: String(port) }),
  ])
  await tillClient(keys, sandbox, 'wang').ask(survivor.url, 'POST', '/v1/webhooks', {
    url: sink.url,
    allowPrivate: true,
  })

  const payments: string[] = []
  await together(REFUNDS, async (place) => {
    payments.push(await till.pay(place % 2 === 0 ? doomed.url : survivor.url, 5_000))
  })
  const numbers = payments.map(() => newNumber('refund'))

  // Slow enough that some are at the channel at any moment.
  sandbox.faults.set({ on: 'refund', kind: 'slow', ms: 300 })
  // Half of the outcomes are told by nobody: they are known only to who asks.
  sandbox.faults.set({ on: 'notify', kind: 'never', times: REFUNDS / 2 })
  let answered = 0
  let unanswered = 0
  let ending: number | NodeJS.Signals | null = null
  await together(REFUNDS, async (place) => {
    const [no = '', payment = ''] = [numbers[place], payments[place]]
    const ask = (url: string) => till.refund(url, no, payment, EACH_FEN)
    const near = place % 2 === 0 ? doomed.url : survivor.url
    try {
      await ask(near)
    } catch (error) {
      if (near === survivor.url) throw error
      unanswered += 1
      // The till presses again, with the number it has kept.
      await ask(survivor.url)
    }
    answered += 1
    if (answered === KILL_AFTER) ending = await doomed.kill('SIGKILL')
  })
  expect(ending).toBe('SIGKILL')
  expect(unanswered).toBeGreaterThan(0)

  await vi.waitFor(async () => {
    const shown = await Promise.all(
      numbers.map((no) => till.ask<RefundShown>(survivor.url, 'GET', `/v1/refunds/${no}`)),
    )
    const states = shown.map(({ state, attempts }) => `${state} in ${attempts.length}`)
    expect(states).toEqual(numbers.map(() => 'succeeded in 1'))
  }, WAIT)
  expect(sandbox.book.executedRefunds()).toHaveLength(REFUNDS)
  expect(sandbox.book.refundedFen()).toBe(REFUNDS * EACH_FEN)

  await giveBackJobsOfTheDead(database)
  await vi.waitFor(async () => {
    expect(await openWork(database)).toEqual({ unrelayed: 0, jobs: 0 })
  }, WAIT)
  const events = await inTenant(database.db, TENANT, (tx) =>
    tx.selectFrom('event').selectAll().where('subject', '=', 'refund').orderBy('seq').execute(),
  )
  const chains = Map.groupBy(events, (event) => event.subject_no)
  expect([...chains.keys()].toSorted()).toEqual(numbers.toSorted())
  for (const chain of chains.values()) expect(chainHolds(chain)).toBe(true)
  const told = new Set(sink.received.map(({ headers }) => headers['webhook-id']))
  expect(told.size).toBeGreaterThanOrEqual(events.length)
  const slips = await inTenant(database.db, TENANT, (tx) =>
    tx.selectFrom('refund_slip').select('refund_no').distinct().execute(),
  )
  expect(slips).toHaveLength(REFUNDS)
}, 60_000)

/** Runs `work` for each place below `count`, a few at once. */
async function together(count: number, work: (place: number) => Promise<void>): Promise<void> {
  const places = Array.from({ length: count }, (_, place) => place).values()
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const place of places) await work(place)
    }),
  )
}

/** Turns forward the minute after which a job counts as lost, so that the test need not wait for it. */
async function giveBackJobsOfTheDead(database: TestDatabase): Promise<void> {
  await withClient(database.url, (client) =>
    client.query(`
      update ${JOB_SCHEMA}.job set started_on = started_on - interval '1 hour' where state = 'active';
      update ${JOB_SCHEMA}.queue set monitor_on = null`),
  )
  const pool = openPool({ url: database.url, applicationName: 'test', maxConnections: 1 })
  onTestFinished(() => pool.end())
  const boss = new PgBoss({ db: jobDatabase(pool), schema: JOB_SCHEMA, migrate: false })
  await boss.supervise()
}

const openWork = (database: TestDatabase) =>
  inTenant(database.db, TENANT, async (tx) => {
    const { rows } = await sql<{ unrelayed: number; jobs: number }>`
      select (select count(*)::int from event where relayed_at is null) as unrelayed,
             (select count(*)::int from ${sql.table(`${JOB_SCHEMA}.job`)}
               where state in ('created', 'retry', 'active') and name in ('webhook', 'slip')) as jobs`.execute(
      tx,
    )
    return rows[0]
  })
