/** Notifications as the channel sends them, and as others would like to. */
import { beforeEach, expect, test } from 'vitest'
import { inTenant } from '../../src/db/connect.ts'
import { testDatabase } from '../support/database.ts'
import { TENANT } from '../support/shop.ts'
import { openTill, pay, wish, type Till } from '../support/till.ts'
import { stepsOf } from '../support/walk.ts'

const MINUTE = 60_000

let till: Till
beforeEach(async () => {
  const database = await testDatabase()
  till = await openTill(database.db)
})
const notices = () =>
  inTenant(till.core.db, TENANT, (tx) =>
    tx.selectFrom('raw_notice').select(['headers', 'body', 'verdict']).orderBy('id').execute(),
  )

/** A refund that nobody asks about: only the notification can settle it. */
async function notified(): Promise<string> {
  const payment = await pay(till)
  const asked = wish(payment.no, { amount: 1_000 })
  await till.call('POST', '/v1/refunds', asked)
  await till.sandbox.advance(2 * MINUTE)
  return asked.no
}

const stateOf = async (no: string): Promise<unknown> =>
  (await till.call('GET', `/v1/refunds/${no}`)).body.state

const post = (path: string, headers: Record<string, string>, body: Buffer) =>
  fetch(`${till.url}${path}`, { method: 'POST', headers, body: new Uint8Array(body) })

test('a notification settles a refund, and told again it changes nothing', async () => {
  const no = await notified()
  await expect.poll(() => stateOf(no)).toBe('succeeded')
  const before = await stepsOf(till, 'refunds', no)
  const [notice] = await notices()
  if (!notice) throw new Error('no notice was kept')
  expect(notice.verdict).toBe('refund')
  const headers = sent(notice.headers)
  const again = await post('/notify/wechatpay/1.wx1', headers, notice.body)
  expect(again.status).toBe(204)
  expect(await stepsOf(till, 'refunds', no)).toEqual(before)

  for (const place of [0, Math.floor(notice.body.length / 2), notice.body.length - 1]) {
    const flipped = Buffer.from(notice.body)
    flipped[place] = (flipped[place] ?? 0) ^ 1
    expect((await post('/notify/wechatpay/1.wx1', headers, flipped)).status).toBe(400)
  }
  const unsigned = { 'content-type': 'application/json' }
  expect((await post('/notify/wechatpay/1.wx1', unsigned, notice.body)).status).toBe(400)
  expect(await stepsOf(till, 'refunds', no)).toEqual(before)
  expect((await notices()).map((each) => each.verdict.split(':')[0])).toEqual([
    'refund',
    'refund',
    ...Array<string>(4).fill('refused'),
  ])
})

test('a forged notification is kept and moves nothing', async () => {
  till.sandbox.faults.set({ on: 'notify', kind: 'forged' })
  const no = await notified()
  await expect.poll(async () => (await notices()).length).toBeGreaterThan(0)
  const forged = (await notices()).filter((each) => each.verdict.startsWith('refused'))
  expect(forged.length).toBeGreaterThan(0)
  expect(['sending', 'succeeded']).toContain(await stateOf(no))
  expect(till.sandbox.book.executedRefunds()).toHaveLength(1)
})

test('an address that is no account of ours is not there, whatever is sent', async () => {
  const body = Buffer.from('{}')
  for (const path of [
    '/notify/wechatpay/1.wx9',
    '/notify/wechatpay/3.wx1',
    '/notify/alipay/1.wx1',
    '/notify/wechatpay/wx1',
    '/notify/wechatpay/9999999999.wx1',
    "/notify/wechatpay/1.wx1'--",
  ]) {
    const answer = await post(path, { 'content-type': 'text/plain' }, body)
    expect(answer.status, path).toBe(404)
  }
  const large = await post('/notify/wechatpay/1.wx1', {}, Buffer.alloc(64 * 1024 + 1))
  expect(large.status).toBe(413)
  expect(await notices()).toEqual([])
})

/** The headers that were kept, without those of the connection. */
function sent(kept: unknown): Record<string, string> {
  const own = ['host', 'connection', 'content-length', 'transfer-encoding', 'accept-encoding']
  return Object.fromEntries(
    Object.entries(kept as Record<string, string>).filter(([name]) => !own.includes(name)),
  )
}
