/** Notifications as the channel sends them, and as others would like to. */
import { sql } from 'kysely'
import { beforeEach, expect, test } from 'vitest'
import { UNPROVEN_BYTES_KEPT, UNPROVEN_KEPT } from '../../src/commands/receive-notice.ts'
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
const unproven = () =>
  inTenant(till.core.db, TENANT, (tx) =>
    tx
      .selectFrom('unproven_notice')
      .select(['id', 'account_no', 'body', 'bytes', 'verdict'])
      .orderBy('id')
      .execute(),
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
  expect((await notices()).map((each) => each.verdict)).toEqual(['refund', 'refund'])
  expect((await unproven()).map((each) => each.verdict)).toEqual([
    ...Array<string>(3).fill('refused: signature'),
    'refused: unsigned',
  ])
})

test('a forged notification is kept and moves nothing', async () => {
  till.sandbox.faults.set({ on: 'notify', kind: 'forged' })
  const no = await notified()
  await expect.poll(async () => (await unproven()).length).toBeGreaterThan(0)
  expect(await notices()).toEqual([])
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
  expect(await unproven()).toEqual([])
})

test('of what nobody signed only the beginning of the newest is kept, and nothing signed is lost by it', async () => {
  const no = await notified()
  await expect.poll(() => stateOf(no)).toBe('succeeded')
  const signed = await notices()
  await inTenant(till.core.db, TENANT, async (tx) => {
    for (const account of ['wx1', 'wx2']) {
      await sql`
        insert into channel_account (tenant_id, account_no, channel, settings, secrets)
        select tenant_id, 'wx2', channel, settings, secrets from channel_account where account_no = 'wx1'
        on conflict do nothing`.execute(tx)
      await sql`
        insert into unproven_notice (tenant_id, account_no, received_at, headers, body, bytes, verdict)
        select ${TENANT}::integer, ${account}::text, now(), '{}', 'x', 1, 'refused: signature'
          from generate_series(1, ${UNPROVEN_KEPT}::integer)`.execute(tx)
    }
  })
  const before = (await unproven()).filter((each) => each.account_no === 'wx1')
  const json = { 'content-type': 'application/json' }
  const large = Buffer.alloc(60 * 1024, 'y')
  expect((await post('/notify/wechatpay/1.wx1', json, large)).status).toBe(400)
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => post('/notify/wechatpay/1.wx1', json, Buffer.from('{}'))),
  )
  expect(new Set(answers.map((each) => each.status))).toEqual(new Set([400]))

  // Those that came at once did not see each other; the next one clears up behind all of them.
  await post('/notify/wechatpay/1.wx1', json, Buffer.from('{}'))
  const after = await unproven()
  const own = after.filter((each) => each.account_no === 'wx1')
  expect(own).toHaveLength(UNPROVEN_KEPT)
  expect(own.filter((each) => before.some(({ id }) => id === each.id))).toHaveLength(
    UNPROVEN_KEPT - 22,
  )
  expect(own.filter((each) => each.bytes > 2)).toMatchObject([
    { bytes: large.length, body: large.subarray(0, UNPROVEN_BYTES_KEPT) },
  ])
  expect(after.filter((each) => each.account_no === 'wx2')).toHaveLength(UNPROVEN_KEPT)
  expect(await notices()).toEqual(signed)
})

/** The headers that were kept, without those of the connection. */
function sent(kept: unknown): Record<string, string> {
  const own = ['host', 'connection', 'content-length', 'transfer-encoding', 'accept-encoding']
  return Object.fromEntries(
    Object.entries(kept as Record<string, string>).filter(([name]) => !own.includes(name)),
  )
}
