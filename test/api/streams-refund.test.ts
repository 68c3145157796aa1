/** A refund followed step by step, whichever node makes the steps. */
import { beforeEach, expect, test } from 'vitest'
import { testDatabase } from '../support/database.ts'
import { pass } from '../support/given.ts'
import { testCore } from '../support/shop.ts'
import { openTill, pay, wish, type Till } from '../support/till.ts'

const MINUTE = 60_000

let till: Till
beforeEach(async () => {
  const database = await testDatabase()
  till = await openTill(database.db)
})
const open = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${till.url}${path}`, {
    headers: { ...till.headers('zhang'), accept: 'text/event-stream', ...headers },
  })

const idsOf = (text: string): string[] =>
  [...text.matchAll(/^id: (\d+)\nevent: ([a-z_.]+)$/gm)].map(([, id, type]) => `${id} ${type}`)

test('the stream tells what another node settles, ends with the refund, and stays ended', async () => {
  const payment = await pay(till)
  const asked = wish(payment.no)
  await till.call('POST', '/v1/refunds', asked)
  const reply = await open(`/v1/refunds/${asked.no}/events`)
  expect(reply.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  const whole = reply.text()
  const other = testCore(till.core.db, { clock: till.clock })
  await pass({ ...till, core: { ...other, vault: till.core.vault } }, 2 * MINUTE)
  expect(idsOf(await whole)).toEqual([
    '1 refund.requested',
    '2 refund.sending',
    '3 refund.processing',
    '4 refund.succeeded',
  ])

  const rest = await open(`/v1/refunds/${asked.no}/events`, { 'last-event-id': '2' })
  expect(idsOf(await rest.text())).toEqual(['3 refund.processing', '4 refund.succeeded'])
  const later = await open(`/v1/refunds/${asked.no}/events?after=3`)
  expect(idsOf(await later.text())).toEqual(['4 refund.succeeded'])
  const back = await open(`/v1/refunds/${asked.no}/events`, { 'last-event-id': '4' })
  expect(back.status).toBe(204)
})

test('a refund that is not there gives no stream', async () => {
  const reply = await open('/v1/refunds/7326112200000000000000/events')
  expect(reply.status).toBe(404)
  expect(await reply.json()).toMatchObject({ code: 'not_found' })
})
