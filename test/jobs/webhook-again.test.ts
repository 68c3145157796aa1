/** Receivers that pause, go on, are removed, and what they are sent again. */
import { expect, test } from 'vitest'
import { sql } from 'kysely'
import {
  pauseWebhook,
  redeliver,
  removeWebhook,
  resumeWebhook,
} from '../../src/commands/change-webhook.ts'
import { forgetDeliveries } from '../../src/commands/forget-deliveries.ts'
import { inTenant } from '../../src/db/connect.ts'
import { auditTenant } from '../../src/jobs/audit.ts'
import { deliverWebhook } from '../../src/jobs/deliver-webhook.ts'
import { relayEvents } from '../../src/jobs/event-relay.ts'
import { listDeliveries } from '../../src/store/deliveries.ts'
import { testDatabase, type TestDatabase } from '../support/database.ts'
import { owner, TENANT } from '../support/shop.ts'
import { webhookSink } from '../support/webhook-sink.ts'
import { givenShop, givenWebhook, paidPayment, testBoss, type Given } from './given.ts'

const HTTP = { loopbackHttp: true, timeoutMs: 300 }
const DAY_MS = 24 * 3_600_000

const deliveries = ({ core }: Given, webhookNo: string) =>
  inTenant(core.db, TENANT, (tx) =>
    listDeliveries(tx, { webhookNo, delivered: null, before: null, most: 100 }),
  )

type Job = { webhook: string; event: number }
const jobsOf = async (database: TestDatabase): Promise<Job[]> => {
  const { rows } = await sql<{ data: Job }>`
    select data from pgboss.job where name = 'webhook' order by created_on, id`.execute(
    database.ownerDb,
  )
  return rows.map((row) => row.data)
}

/** What a worker would do with every job there is; @returns how many failed. */
async function work(given: Given, database: TestDatabase): Promise<number> {
  let failed = 0
  for (const { webhook, event } of await jobsOf(database)) {
    await deliverWebhook(given.core, { tenant: TENANT, webhook, event }, HTTP).catch(
      () => (failed += 1),
    )
  }
  return failed
}

test('a paused receiver gets nothing, and all of it once it goes on', async () => {
  const database = await testDatabase()
  const given = await givenShop(database)
  const { boss } = await testBoss(given.core, database)
  const sink = await webhookSink()
  const { no } = await givenWebhook(given.core, sink.url)
  expect(await pauseWebhook(given.core, owner, no)).toEqual({ kind: 'done' })
  await paidPayment(given)
  const relayed = await relayEvents(given.core, boss)
  expect(relayed.events).toBeGreaterThan(0)
  expect(await jobsOf(database)).toEqual([])
  const kept = await deliveries(given, no)
  expect(kept).toHaveLength(relayed.events)
  expect(kept.every((each) => each.tries === 0 && each.delivered_at === null)).toBe(true)
  expect(await redeliver(given.core, owner, no, kept[0]?.event_id ?? 0)).toMatchObject({
    refusal: { code: 'state_changed' },
  })

  await resumeWebhook(given.core, owner, no)
  expect(await relayEvents(given.core, boss)).toMatchObject({ events: 0, again: kept.length })
  expect(await relayEvents(given.core, boss)).toMatchObject({ events: 0, again: 0 })
  expect(await work(given, database)).toBe(0)
  expect(sink.received).toHaveLength(kept.length)
  expect((await deliveries(given, no)).every((each) => each.delivered_at !== null)).toBe(true)
})

test('one event is sent again on request, under the same id, and once only', async () => {
  const database = await testDatabase()
  const given = await givenShop(database)
  const { boss } = await testBoss(given.core, database)
  const sink = await webhookSink()
  const { no } = await givenWebhook(given.core, sink.url)
  await paidPayment(given)
  await relayEvents(given.core, boss)
  await work(given, database)
  const [newest] = await deliveries(given, no)
  const event = newest?.event_id ?? 0
  const before = sink.received.length
  expect(await redeliver(given.core, owner, no, event)).toEqual({ kind: 'done' })
  expect(await deliveries(given, no)).toMatchObject([{ event_id: event, delivered_at: null }, {}])
  expect(await relayEvents(given.core, boss)).toMatchObject({ again: 1 })
  await work(given, database)
  expect(sink.received).toHaveLength(before + 1)
  expect(sink.received.at(-1)?.headers['webhook-id']).toBe(`evt_${TENANT}_${event}`)
  expect((await deliveries(given, no))[0]).toMatchObject({ tries: 2, status: 204 })
  expect(await redeliver(given.core, owner, no, event + 1_000)).toMatchObject({
    refusal: { code: 'not_found', params: { what: 'delivery' } },
  })
})

test('a removed receiver gets nothing more, and its deliveries are gone', async () => {
  const database = await testDatabase()
  const given = await givenShop(database)
  const { boss } = await testBoss(given.core, database)
  const sink = await webhookSink()
  const { no } = await givenWebhook(given.core, sink.url)
  await paidPayment(given)
  await relayEvents(given.core, boss)
  expect(await removeWebhook(given.core, owner, no)).toEqual({ kind: 'done' })
  expect(await work(given, database)).toBe(0)
  expect(sink.connections()).toBe(0)
  expect(await deliveries(given, no)).toEqual([])
  expect(await removeWebhook(given.core, owner, no)).toMatchObject({
    refusal: { code: 'not_found' },
  })
})

test('what a receiver wrote is blanked after 30 days, and the delivery forgotten after 90', async () => {
  const database = await testDatabase()
  const given = await givenShop(database)
  const { boss } = await testBoss(given.core, database)
  const sink = await webhookSink()
  sink.answers.push({ status: 500, body: 'secret of theirs' })
  const { no } = await givenWebhook(given.core, sink.url)
  await paidPayment(given)
  await relayEvents(given.core, boss)
  expect(await work(given, database)).toBe(1)
  const errors = async () =>
    (await deliveries(given, no)).map((each) => each.error).filter((each) => each !== null)
  expect(await errors()).toEqual(['status 500: secret of theirs'])
  const forget = (days: number) =>
    forgetDeliveries(given.core, TENANT, new Date(Date.now() + days * DAY_MS))
  await forget(29)
  expect(await errors()).toHaveLength(1)
  const all = (await deliveries(given, no)).length
  await forget(31)
  expect(await errors()).toEqual([])
  expect(await deliveries(given, no)).toHaveLength(all)
  await forget(91)
  expect(await deliveries(given, no)).toEqual([])
})

test('the audit, which comes to every shop, clears away what is too old', async () => {
  const database = await testDatabase()
  const given = await givenShop(database)
  const { boss } = await testBoss(given.core, database)
  const { no } = await givenWebhook(given.core, (await webhookSink()).url)
  await paidPayment(given)
  await relayEvents(given.core, boss)
  const [kept] = await deliveries(given, no)
  await inTenant(given.core.db, TENANT, (tx) =>
    tx
      .updateTable('webhook_delivery')
      .set({ created_at: new Date(Date.now() - 91 * DAY_MS) })
      .where('event_id', '<>', kept?.event_id ?? 0)
      .execute(),
  )
  await auditTenant(given.core, { tenant: TENANT })
  expect(await deliveries(given, no)).toEqual([kept])
})
