import { expect, test } from 'vitest'
import { noteDelivery } from '../../src/commands/deliver-webhooks.ts'
import { relayEvents } from '../../src/jobs/event-relay.ts'
import { testBoss } from '../jobs/given.ts'
import { testDatabase } from '../support/database.ts'
import { TENANT } from '../support/shop.ts'
import { openTill, pay } from '../support/till.ts'

const url = 'https://hooks.example/yuanlu'

test('the owner registers a receiver and sees it listed, its secret only once', async () => {
  const till = await openTill((await testDatabase()).db)
  const added = await till.call('POST', '/v1/webhooks', { url }, 'wang')
  expect(added).toMatchObject({ status: 201, body: { secret: expect.stringMatching(/^whsec_/) } })
  const list = await till.call('GET', '/v1/webhooks', undefined, 'wang')
  expect(list.body).toMatchObject({ webhooks: [{ url, allowPrivate: false, paused: false }] })
  expect(list.text).not.toContain('whsec_')
})

test('nobody else registers or sees receivers, and a wrong address is named in the caller’s language', async () => {
  const till = await openTill((await testDatabase()).db)
  expect(await till.call('POST', '/v1/webhooks', { url }, 'li')).toMatchObject({
    status: 403,
    body: { code: 'not_allowed' },
  })
  expect(await till.call('GET', '/v1/webhooks', undefined, 'zhang')).toMatchObject({ status: 403 })
  expect(
    await till.call('POST', '/v1/webhooks', { url: 'http://example.com/' }, 'wang'),
  ).toMatchObject({
    status: 400,
    body: {
      code: 'body_invalid',
      params: { issues: [{ path: 'body/url', message: '必须是 https 地址' }] },
    },
  })
})

test('the owner pauses, resumes and removes a receiver, and nobody else does', async () => {
  const till = await openTill((await testDatabase()).db)
  const { no } = (await till.call('POST', '/v1/webhooks', { url }, 'wang')).body as { no: string }
  const act = (what: string, by: 'li' | 'wang') =>
    till.call('POST', `/v1/webhooks/${no}/${what}`, undefined, by)
  for (const what of ['pause', 'resume', 'remove', 'deliveries/1/redeliver']) {
    expect(await act(what, 'li'), what).toMatchObject({
      status: 403,
      body: { code: 'not_allowed' },
    })
  }
  expect(await act('pause', 'wang')).toMatchObject({ status: 200, body: { no, paused: true } })
  expect((await act('pause', 'wang')).status).toBe(200)
  expect(await act('resume', 'wang')).toMatchObject({ status: 200, body: { no, paused: false } })
  expect(await act('remove', 'wang')).toMatchObject({ status: 200, body: { webhooks: [] } })
  expect(await act('remove', 'wang')).toMatchObject({ status: 404, body: { code: 'not_found' } })
  expect((await act('resume', 'wang')).body.title).toContain('通知接收地址')
})

test('deliveries are listed by page, taken or not, and one is asked for again', async () => {
  const database = await testDatabase()
  const till = await openTill(database.db)
  const { boss } = await testBoss(till.core, database)
  const { no } = (await till.call('POST', '/v1/webhooks', { url }, 'wang')).body as { no: string }
  const payment = await pay(till)
  await relayEvents(till.core, boss)
  const list = (query: string) =>
    till.call('GET', `/v1/webhooks/${no}/deliveries?${query}`, undefined, 'wang')
  const first = await list('limit=1')
  expect(first.body).toMatchObject({
    deliveries: [
      {
        type: 'payment.paid',
        no: payment.no,
        tries: 0,
        status: null,
        error: null,
        deliveredAt: null,
      },
    ],
    next: expect.any(String),
  })
  const second = await list(`limit=1&cursor=${first.body.next}`)
  expect(second.body).toMatchObject({ deliveries: [{ type: 'payment.submitted' }], next: null })

  const { event } = first.body.deliveries[0] as { event: number }
  await noteDelivery(
    till.core,
    { tenant: TENANT, webhook: no, event },
    { status: 204, error: null },
    new Date(),
  )
  expect((await list('delivered=true')).body.deliveries).toMatchObject([
    { event, status: 204, tries: 1 },
  ])
  expect((await list('delivered=false')).body.deliveries).toMatchObject([
    { type: 'payment.submitted' },
  ])
  const again = (id: number | string) =>
    till.call('POST', `/v1/webhooks/${no}/deliveries/${id}/redeliver`, undefined, 'wang')
  expect(await again(event)).toMatchObject({ status: 202, body: { event, deliveredAt: null } })
  expect(await relayEvents(till.core, boss)).toMatchObject({ again: 1 })
  expect((await again(event + 999)).status).toBe(404)
  for (const wrong of ['delivered=yes', 'limit=0', 'cursor=%21', 'more=1']) {
    expect((await list(wrong)).status, wrong).toBe(400)
  }
  expect((await again('1e3')).status).toBe(400)
  expect((await till.call('GET', '/v1/webhooks/1/deliveries', undefined, 'wang')).status).toBe(404)
  expect((await till.call('GET', `/v1/webhooks/${no}/deliveries`)).status).toBe(403)
})
