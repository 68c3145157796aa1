import { createHmac } from 'node:crypto'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { addWebhook, WEBHOOKS_MAX } from '../../src/commands/add-webhook.ts'
import { inTenant } from '../../src/db/connect.ts'
import { deliverWebhook } from '../../src/jobs/deliver-webhook.ts'
import { sendWebhook, webhookRules, webhookSecret } from '../../src/notify/webhook.ts'
import { testDatabase, type TestDatabase } from '../support/database.ts'
import { cashier, owner, supervisor, TENANT } from '../support/shop.ts'
import { readPayment } from '../support/given.ts'
import { webhookSink, type Received } from '../support/webhook-sink.ts'
import { finishRefunds, givenShop, givenWebhook, paidPayment, sentRefund } from './given.ts'

const HTTP = { loopbackHttp: true, timeoutMs: 300 }

const eventIds = (database: TestDatabase, type: string) =>
  sql<{ id: number }>`select id from event where type = ${type} order by id`
    .execute(database.ownerDb)
    .then(({ rows }) => rows.map((row) => row.id))

const deliveries = (database: TestDatabase) =>
  inTenant(database.db, TENANT, (tx) =>
    tx.selectFrom('webhook_delivery').selectAll().orderBy('event_id').execute(),
  )

/** As a receiver would check it, from the published rules and not from our code. */
function verified(secret: string, { headers, body }: Received): boolean {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`
  const expected = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
  return headers['webhook-signature'] === expected
}

test('a delivery carries the event, a fresh time and a signature that its receiver can verify', async () => {
  const database = await testDatabase()
  const given = await givenShop(database)
  const sink = await webhookSink()
  const { no: webhook, secret } = await givenWebhook(given.core, sink.url)
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
  const refund = await sentRefund(given, await paidPayment(given))
  await finishRefunds(given)
  const [event = 0] = await eventIds(database, 'refund.succeeded')

  await deliverWebhook(given.core, { tenant: TENANT, webhook, event }, HTTP)
  const [got] = sink.received
  if (!got) throw new Error('nothing arrived')
  expect(verified(secret, got)).toBe(true)
  expect(verified(webhookSecret(Buffer.alloc(32)), got)).toBe(false)
  expect(verified(secret, { ...got, body: `${got.body} ` })).toBe(false)
  expect(got.headers['webhook-id']).toBe(`evt_${TENANT}_${event}`)
  expect(Math.abs(Number(got.headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(10)
  expect(JSON.parse(got.body)).toMatchObject({
    type: 'refund.succeeded',
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
    data: {
      subject: 'refund',
      no: refund,
      seq: expect.any(Number) as number,
      facts: { payer_fen: 1200 },
    },
  })
})

test('a failed delivery is tried again under the same id, and not again once it was taken', async () => {
  const database = await testDatabase()
  const given = await givenShop(database)
  const sink = await webhookSink()
  sink.answers.push(
    { status: 500, body: 'x'.repeat(5_000) },
    'hang',
    { status: 404 },
    { status: 200 },
  )
  const { no: webhook } = await givenWebhook(given.core, sink.url)
  await paidPayment(given)
  const [event = 0] = await eventIds(database, 'payment.paid')
  const job = { tenant: TENANT, webhook, event }

  await expect(deliverWebhook(given.core, job, HTTP)).rejects.toThrow(
    'webhook failed with status 500',
  )
  const [first] = await deliveries(database)
  expect(first).toMatchObject({ status: 500, tries: 1, delivered_at: null })
  expect(first?.error).toBe(`status 500: ${'x'.repeat(200)}`)
  await expect(deliverWebhook(given.core, job, HTTP)).rejects.toThrow('webhook failed')
  expect(await deliveries(database)).toMatchObject([
    { status: null, error: 'TimeoutError', tries: 2 },
  ])
  await expect(deliverWebhook(given.core, job, HTTP)).rejects.toThrow('status 404')
  await deliverWebhook(given.core, job, HTTP)
  expect(await deliveries(database)).toMatchObject([{ status: 200, error: null, tries: 4 }])
  await deliverWebhook(given.core, job, HTTP)
  await deliverWebhook(given.core, job, HTTP)

  expect(sink.received).toHaveLength(4)
  expect(new Set(sink.received.map((each) => each.headers['webhook-id'])).size).toBe(1)
  expect(new Set(sink.received.map((each) => each.body)).size).toBe(1)
})

test('an answer without end is cut off, and one that says yes counts whatever follows', async () => {
  const sink = await webhookSink()
  const long = 'y'.repeat(300 * 1024)
  sink.answers.push({ status: 500, body: long }, { status: 200, body: long })
  const target = { url: sink.url, secret: webhookSecret(Buffer.alloc(32, 1)), allowPrivate: true }
  const message = { id: 'evt_1_1', body: '{}' }
  const failed = await sendWebhook(target, message, new Date(), HTTP)
  expect(failed).toMatchObject({ kind: 'failed', status: 500 })
  expect(JSON.stringify(failed).length).toBeLessThan(300)
  expect(await sendWebhook(target, message, new Date(), HTTP)).toEqual({
    kind: 'delivered',
    status: 200,
  })
})

test('nothing a person typed or a customer is called ever leaves in a webhook', async () => {
  const database = await testDatabase()
  const given = await givenShop(database)
  const sink = await webhookSink()
  const { no: webhook } = await givenWebhook(given.core, sink.url)
  const canaries = ['金丝雀张三13800001111', 'canary@example.com', 'zhang', '1号机']
  const payment = await paidPayment(given, canaries[0])
  await sentRefund(given, payment, canaries[1])
  await finishRefunds(given)
  const { rows } = await sql<{ id: number }>`select id from event order by id`.execute(
    database.ownerDb,
  )
  for (const { id } of rows) {
    await deliverWebhook(given.core, { tenant: TENANT, webhook, event: id }, HTTP)
  }
  expect(sink.received).toHaveLength(rows.length)
  const told = sink.received.map((each) => each.body).join('\n')
  for (const canary of canaries) expect(told).not.toContain(canary)
  const { payer_masked, payer_subject } = await readPayment(given.core, payment)
  const known = [payer_masked, payer_subject].filter((value) => value !== null)
  expect(known).not.toEqual([])
  for (const value of known) expect(told).not.toContain(value)
})

test('only the owner registers a receiver; its secret is kept sealed', async () => {
  const database = await testDatabase()
  const { core } = await givenShop(database)
  const rules = webhookRules(false)
  const add = (actor: typeof owner, url: string, allowPrivate = false) =>
    addWebhook(core, actor, { url, allowPrivate }, rules, new Date())
  for (const actor of [cashier, supervisor]) {
    expect(await add(actor, 'https://hooks.example/')).toMatchObject({
      refusal: { code: 'not_allowed' },
    })
  }
  expect(await add(owner, 'https://10.0.0.1/')).toEqual({
    kind: 'wrong',
    what: 'address_forbidden',
  })
  const added = await add(owner, 'https://hooks.example/')
  if (added.kind !== 'added') throw new Error('not added')
  const [row] = await inTenant(core.db, TENANT, (tx) =>
    tx.selectFrom('webhook').selectAll().execute(),
  )
  expect(row?.secret.includes(added.secret)).toBe(false)
  expect(row?.secret.includes(Buffer.from(added.secret.slice(6), 'base64'))).toBe(false)
  for (let count = 1; count < WEBHOOKS_MAX; count += 1) {
    expect((await add(owner, 'https://hooks.example/')).kind).toBe('added')
  }
  expect(await add(owner, 'https://hooks.example/')).toEqual({
    kind: 'wrong',
    what: 'too_many_webhooks',
  })
})

test('one merchant never receives the events of another', async () => {
  const database = await testDatabase()
  const given = await givenShop(database)
  const sink = await webhookSink()
  const { no: webhook } = await givenWebhook(given.core, sink.url)
  await paidPayment(given)
  const [event = 0] = await eventIds(database, 'payment.paid')
  await deliverWebhook(given.core, { tenant: TENANT + 1, webhook, event }, HTTP)
  expect(sink.connections()).toBe(0)
})
