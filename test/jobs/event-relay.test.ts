import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { relayEvents, relayTenant } from '../../src/jobs/event-relay.ts'
import { testDatabase, type TestDatabase } from '../support/database.ts'
import { TENANT, testCore } from '../support/shop.ts'
import {
  finishRefunds,
  givenShop,
  givenWebhook,
  paidPayment,
  sentRefund,
  testBoss,
} from './given.ts'

type Job = { name: string; data: { event?: number; webhook?: string; seq?: number } }

async function jobsOf(database: TestDatabase): Promise<Job[]> {
  const { rows } = await sql<Job>`
    select name, data from pgboss.job where name in ('webhook', 'slip')
     order by name, (data ->> 'event')::bigint`.execute(database.ownerDb)
  return rows
}

const eventsOf = (database: TestDatabase) =>
  sql<{ id: number; type: string; relayed: boolean }>`
    select id, type, relayed_at is not null as relayed from event order by id`
    .execute(database.ownerDb)
    .then(({ rows }) => rows)

test('events become jobs for every receiver, and each is relayed once', async () => {
  const database = await testDatabase()
  const given = await givenShop(database)
  const { boss } = await testBoss(given.core, database)
  const first = await givenWebhook(given.core, 'http://127.0.0.1:9/a')
  const second = await givenWebhook(given.core, 'http://127.0.0.1:9/b')
  await sentRefund(given, await paidPayment(given))
  await finishRefunds(given)

  const events = await eventsOf(database)
  expect(events.map((each) => each.type)).toContain('refund.succeeded')
  const relayed = await relayEvents(given.core, boss)
  expect(relayed).toEqual({ events: events.length, again: 0, queues: new Set(['webhook', 'slip']) })
  expect((await relayEvents(given.core, boss)).events).toBe(0)

  const jobs = await jobsOf(database)
  for (const { no } of [first, second]) {
    const told = jobs.filter((job) => job.data.webhook === no).map((job) => job.data.event)
    expect(told).toEqual(events.map((each) => each.id))
  }
  const slips = events.filter((each) => /processing|succeeded/.test(each.type))
  expect(jobs.filter((job) => job.name === 'slip')).toHaveLength(slips.length)
})

test('a relay that dies between enqueueing and marking leaves no job and no mark', async () => {
  const database = await testDatabase()
  const given = await givenShop(database)
  const { boss } = await testBoss(given.core, database)
  await givenWebhook(given.core, 'http://127.0.0.1:9/a')
  await paidPayment(given)
  let seen = 0
  const dying = testCore(database.db, {
    crashPoint: (name) => {
      if (name !== 'relay.after_enqueue') return
      seen += 1
      throw new Error('killed')
    },
  })
  await expect(relayTenant(dying, boss, TENANT)).rejects.toThrow('killed')
  expect(seen).toBe(1)
  expect(await jobsOf(database)).toEqual([])
  expect((await eventsOf(database)).some((each) => each.relayed)).toBe(false)

  const { events } = await relayEvents(given.core, boss)
  expect(await jobsOf(database)).toHaveLength(events)
  expect((await eventsOf(database)).every((each) => each.relayed)).toBe(true)
})

test('two relays at once enqueue each event once', async () => {
  const database = await testDatabase()
  const given = await givenShop(database)
  const one = await testBoss(given.core, database)
  const other = await testBoss(given.core, database)
  await givenWebhook(given.core, 'http://127.0.0.1:9/a')
  for (let count = 0; count < 3; count += 1) await sentRefund(given, await paidPayment(given))

  const rounds = await Promise.all(
    [one, other, one, other].map(({ boss }) => relayEvents(given.core, boss)),
  )
  const events = await eventsOf(database)
  expect(rounds.reduce((sum, round) => sum + round.events, 0)).toBe(events.length)
  const told = (await jobsOf(database))
    .filter((job) => job.name === 'webhook')
    .map((job) => job.data.event)
  expect(told).toEqual(events.map((each) => each.id))
})
