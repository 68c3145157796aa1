import { sql } from 'kysely'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Core } from '../../src/commands/core.ts'
import { inTenant } from '../../src/db/connect.ts'
import { auditTenant, requestAudits } from '../../src/jobs/audit.ts'
import { openBoss } from '../../src/jobs/boss.ts'
import { startJobs, type Jobs } from '../../src/jobs/jobs.ts'
import { AUDIT_QUEUE } from '../../src/jobs/queues.ts'
import { findDifferences } from '../../src/store/audit.ts'
import { readRefundSlips } from '../../src/store/refund-slips.ts'
import { testDatabase, type TestDatabase } from '../support/database.ts'
import { openShop, TENANT } from '../support/shop.ts'
import { webhookSink } from '../support/webhook-sink.ts'
import {
  finishRefunds,
  givenShop,
  givenWebhook,
  paidPayment,
  sentRefund,
  testBoss,
} from './given.ts'

const WAIT = { timeout: 15_000, interval: 25 }

async function testJobs(
  core: Core,
  database: TestDatabase,
  auditEverySeconds = 600,
): Promise<Jobs> {
  const webhooks = { loopbackHttp: true, timeoutMs: 1_000 }
  const settings = { url: database.url, relayIntervalMs: 25, auditEverySeconds, webhooks }
  const jobs = await startJobs(core, settings)
  onTestFinished(() => jobs.stop())
  return jobs
}

const jobStates = (database: TestDatabase, queue: string) =>
  sql<{ state: string; retry_count: number }>`
    select state::text as state, retry_count from pgboss.job where name = ${queue}`
    .execute(database.ownerDb)
    .then(({ rows }) => rows)

/** Waits for nothing but the retry's own delay to be over. */
const makeRetriesDue = (database: TestDatabase) =>
  sql`update pgboss.job set start_after = now() where state = 'retry'`.execute(database.ownerDb)

test('what happens reaches its receiver and its slip by itself, through a failure and on two nodes', async () => {
  const database = await testDatabase()
  const given = await givenShop(database)
  const sink = await webhookSink()
  sink.answers.push({ status: 503 })
  await givenWebhook(given.core, sink.url)
  await testJobs(given.core, database)
  await testJobs(given.core, database)
  const no = await sentRefund(given, await paidPayment(given))
  await finishRefunds(given)

  const { rows: events } = await sql<{ id: number }>`select id from event`.execute(database.ownerDb)
  const taken = () =>
    inTenant(given.core.db, TENANT, (tx) =>
      tx
        .selectFrom('webhook_delivery')
        .select('event_id')
        .where('delivered_at', 'is not', null)
        .execute(),
    )
  await vi.waitFor(async () => {
    await makeRetriesDue(database)
    expect(await taken()).toHaveLength(events.length)
  }, WAIT)
  expect(sink.received).toHaveLength(events.length + 1)
  const ids = new Set(sink.received.map((each) => each.headers['webhook-id']))
  expect(ids.size).toBe(events.length)
  await vi.waitFor(async () => {
    const slips = await inTenant(given.core.db, TENANT, (tx) => readRefundSlips(tx, no))
    expect(slips[0]?.kind).toBe('refund')
  }, WAIT)
  expect(await inTenant(given.core.db, TENANT, findDifferences)).toEqual([])
})

test('a backlog is worked off without a rest after each job', async () => {
  const database = await testDatabase()
  const { core } = await givenShop(database)
  const { boss } = await testBoss(core, database)
  const backlog = Array.from({ length: 30 }, () => ({ data: { tenant: TENANT } }))
  await boss.insert(AUDIT_QUEUE, backlog)
  await testJobs(core, database)
  // A rest of two seconds after each would make a minute of it.
  await vi.waitFor(async () => {
    const states = await jobStates(database, AUDIT_QUEUE)
    expect(states.filter((job) => job.state === 'completed')).toHaveLength(states.length)
  }, WAIT)
})

test('stopping waits for the delivery under way and starts no other', async () => {
  const database = await testDatabase()
  const given = await givenShop(database)
  const sink = await webhookSink()
  const { no: webhook } = await givenWebhook(given.core, sink.url)
  await paidPayment(given)
  sink.answers.push('hang', 'hang')
  const jobs = await testJobs(given.core, database)
  await vi.waitFor(() => expect(sink.received.length).toBeGreaterThan(0), WAIT)
  await jobs.stop()
  const met = sink.received.length
  const states = await jobStates(database, 'webhook')
  expect(states.some((each) => each.state === 'retry')).toBe(true)
  expect(states.some((each) => each.state === 'active')).toBe(false)

  // Another node takes over what was handed back.
  await testJobs(given.core, database)
  await vi.waitFor(async () => {
    await makeRetriesDue(database)
    const rows = await inTenant(given.core.db, TENANT, (tx) =>
      tx.selectFrom('webhook_delivery').selectAll().where('webhook_no', '=', webhook).execute(),
    )
    expect(rows.length).toBe(states.length)
    expect(rows.every((row) => row.delivered_at !== null)).toBe(true)
  }, WAIT)
  expect(sink.received.length).toBeGreaterThan(met)
  expect(await inTenant(given.core.db, TENANT, findDifferences)).toEqual([])
})

test('maintenance needs no more than the application role may do', async () => {
  const database = await testDatabase()
  const faults: string[] = []
  const note = (_fields: object, event: string) => faults.push(event)
  const { boss, stop } = await openBoss(database.url, { info: note, warn: note, error: note })
  onTestFinished(stop)
  const [id] =
    (await boss.insert('audit', [{ data: { tenant: TENANT } }], { returnId: true })) ?? []
  const [taken] = await boss.fetch('audit')
  expect(taken?.id).toBe(id)
  await sql`update pgboss.job set started_on = now() - interval '1 hour' where state = 'active'`.execute(
    database.ownerDb,
  )
  await sql`update pgboss.queue set monitor_on = null, maintain_on = null`.execute(database.ownerDb)
  await boss.supervise()
  expect(await jobStates(database, 'audit')).toMatchObject([{ state: 'retry' }])
  expect(faults).toEqual([])
})

test('a delivery that never succeeds ends among the dead letters and is kept', async () => {
  const database = await testDatabase()
  const given = await givenShop(database)
  const { boss } = await testBoss(given.core, database)
  await boss.insert('webhook', [{ data: { tenant: TENANT }, retryLimit: 0 }])
  await testJobs(given.core, database)
  await vi.waitFor(async () => {
    expect(await jobStates(database, 'webhook_dead')).toEqual([
      { state: 'created', retry_count: 0 },
    ])
  }, WAIT)
  expect(await inTenant(given.core.db, TENANT, findDifferences)).toEqual([])
})

test('the audit finds a counter that was tampered with, freezes the payment and calls a person', async () => {
  const database = await testDatabase()
  const given = await givenShop(database)
  const payment = await paidPayment(given)
  const other = await paidPayment(given)
  await sql`update payment set refunded_fen = 500 where payment_no = ${payment}`.execute(
    database.ownerDb,
  )
  await testJobs(given.core, database)
  const blocked = () =>
    inTenant(given.core.db, TENANT, (tx) =>
      tx
        .selectFrom('payment')
        .select(['payment_no', 'blocked'])
        .where('blocked', 'is not', null)
        .execute(),
    )
  await vi.waitFor(async () => {
    expect(await blocked()).toEqual([{ payment_no: payment, blocked: 'audit' }])
  }, WAIT)
  expect(other).not.toBe(payment)
  const incidents = await inTenant(given.core.db, TENANT, (tx) =>
    tx.selectFrom('incident').select(['kind', 'payment_no', 'closed_at']).execute(),
  )
  expect(incidents).toEqual([{ kind: 'audit', payment_no: payment, closed_at: null }])
  await expect(sentRefund(given, payment)).rejects.toThrow('not taken')

  await sql`update payment set refunded_fen = 0 where payment_no = ${payment}`.execute(
    database.ownerDb,
  )
  expect(await inTenant(given.core.db, TENANT, findDifferences)).toEqual([])
})

test('every tenant is audited once in each stretch of time, however many nodes ask', async () => {
  const database = await testDatabase()
  const given = await givenShop(database)
  await openShop(given.core, given.sandbox, TENANT + 1)
  const one = await testBoss(given.core, database)
  const other = await testBoss(given.core, database)
  // A stretch that cannot end while the test runs: it began with the epoch and is the longest there is.
  const longest = 2 ** 31 - 1
  await Promise.all([one, other, one].map(({ boss }) => requestAudits(given.core, boss, longest)))
  const { rows } = await sql<{ tenant: number }>`
    select (data ->> 'tenant')::integer as tenant from pgboss.job where name = 'audit' order by 1`.execute(
    database.ownerDb,
  )
  expect(rows).toEqual([{ tenant: TENANT }, { tenant: TENANT + 1 }])
  await auditTenant(given.core, { tenant: TENANT + 1 })
  expect(await inTenant(given.core.db, TENANT, findDifferences)).toEqual([])
})

test('a fault of the queue is told with its code, also where pg-boss has made a copy of it', async () => {
  const database = await testDatabase()
  const { core } = await givenShop(database)
  const told: unknown[] = []
  const log: Core['log'] = { ...core.log, error: ({ err }) => told.push(err) }
  const { boss } = await testBoss({ ...core, log }, database)
  const fault = Object.assign(new Error('terminating connection'), { code: '57P01' })
  const copy = { name: 'Error', message: fault.message, stack: '', code: fault.code }
  boss.emit('error', copy)
  boss.emit('error', fault)
  expect(told).toMatchObject([{ code: '57P01' }, { code: '57P01' }])
  expect(told.every((each) => each instanceof Error)).toBe(true)
})
