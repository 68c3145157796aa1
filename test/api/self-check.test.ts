/** What a till finds out about everything it depends on. */
import { generateKeyPairSync } from 'node:crypto'
import { sql } from 'kysely'
import { beforeEach, expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { selfCheckShown } from '../../src/api/contract-till.ts'
import { accountSeal } from '../../src/commands/accounts.ts'
import { connect, inTenant } from '../../src/db/connect.ts'
import { testDatabase, type TestDatabase } from '../support/database.ts'
import { TENANT } from '../support/shop.ts'
import { openTill, pay, send, type Till } from '../support/till.ts'
import { startVirtualPrinter } from '../support/virtual-printer.ts'

const STRANGERS_KEY = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .publicKey.export({ type: 'spki', format: 'pem' })
  .toString()

let database: TestDatabase
let till: Till
beforeEach(async () => {
  database = await testDatabase()
  till = await openTill(database.db)
})

const check = async (of = till) => {
  const { status, text, body } = await of.call('POST', '/v1/self-check', undefined, 'nobody')
  expect(status, text).toBe(200)
  return selfCheckShown.parse(body)
}

/** Another node checks anew; a test need not wait until the last answer is old. */
const checkAnew = async () => check(await till.another())

const calls = async () => {
  const { rows } = await inTenant(till.core.db, TENANT, (tx) =>
    sql<{ act: string; verified: string }>`
      select act, verified from channel_call order by id`.execute(tx),
  )
  return rows
}

const asked = () => till.sandbox.requests.list('query').length

async function changeAccount(change: {
  readonly settings?: Record<string, unknown>
  readonly secrets?: Record<string, string>
}): Promise<void> {
  const { core } = till
  await inTenant(core.db, TENANT, async (tx) => {
    if (change.settings) {
      await sql`
        update channel_account set settings = settings || ${JSON.stringify(change.settings)}::jsonb`.execute(
        tx,
      )
    }
    if (change.secrets) {
      const { rows } = await sql<{ secrets: Buffer }>`select secrets from channel_account`.execute(
        tx,
      )
      const seal = accountSeal(TENANT, 'wx1')
      const old = JSON.parse(core.vault.open(rows[0]!.secrets, seal).toString('utf8')) as object
      const secrets = Buffer.from(JSON.stringify({ ...old, ...change.secrets }))
      await sql`update channel_account set secrets = ${core.vault.seal(secrets, seal)}`.execute(tx)
    }
  })
}

const usePrinter = (address: string | null) =>
  inTenant(till.core.db, TENANT, (tx) =>
    sql`update terminal set printer = ${address}::text where terminal_no = 't1'`.execute(tx),
  )

test("a terminal's key alone finds all well, and the channel is really asked, signed", async () => {
  await pay(till)
  const before = Date.now()
  const [saidBefore, askedBefore] = [await calls(), asked()]
  const found = await check()
  expect(found).toMatchObject({
    database: true,
    printer: { result: 'no_printer', says: '这台收银机没有设置网络打印机。' },
    channels: [
      {
        account: 'wx1',
        channel: 'wechatpay',
        ok: true,
        code: 'well',
        says: '连得上，双方签名都核对无误。',
      },
    ],
    publicUrl: { set: false },
    https: false,
    version: manifest.version,
  })
  expect(found.publicUrl.says).toContain('PUBLIC_URL')
  expect(new Date(found.time).getTime()).toBeGreaterThanOrEqual(before)
  expect(asked()).toBe(askedBefore + 1)
  expect(till.sandbox.requests.list('query').at(-1)).toMatchObject({ signature: 'ok' })
  // What was said to the channel is kept, as everything is.
  const said = await calls()
  expect(said).toHaveLength(saidBefore.length + 1)
  expect(said.at(-1)).toEqual({ act: 'query', verified: 'good' })
})

test("before the first payment the channel's signature is checked by its list of certificates", async () => {
  expect((await check()).channels).toMatchObject([{ ok: true, code: 'well' }])
  expect(till.sandbox.requests.list('certificates').at(-1)).toMatchObject({ signature: 'ok' })
})

test('a key that the channel does not know, and one of the channel that we do not', async () => {
  const { merchant, partner } = till.sandbox
  await changeAccount({ secrets: { privateKey: partner.merchant.privatePem } })
  expect((await checkAnew()).channels).toMatchObject([
    { ok: false, code: 'signature', says: expect.stringContaining('签名核对不上') },
  ])
  const mended = { privateKey: merchant.merchant.privatePem }
  await changeAccount({ secrets: mended })
  await pay(till)
  expect((await checkAnew()).channels).toMatchObject([{ ok: true, code: 'well' }])
  await changeAccount({ settings: { publicKey: STRANGERS_KEY } })
  expect((await checkAnew()).channels).toMatchObject([{ ok: false, code: 'signature' }])
})

test('a channel that cannot be reached, that answers with an error, and one that is set up wrongly', async () => {
  const { sandbox } = till
  const down = sandbox.faults.set({ on: 'query', kind: 'drop_connection_not_executed' })
  expect((await checkAnew()).channels).toMatchObject([{ ok: false, code: 'network' }])
  sandbox.faults.clear(down)
  sandbox.faults.set({ on: 'query', kind: 'error_500_not_executed', times: 1 })
  expect((await checkAnew()).channels).toMatchObject([{ ok: false, code: 'network' }])
  await changeAccount({ settings: { baseUrl: 'http://127.0.0.1:1' } })
  expect((await checkAnew()).channels).toMatchObject([
    { ok: false, code: 'network', says: expect.stringContaining('请勿重复退款') },
  ])
  await changeAccount({ settings: { mchid: 17 } })
  expect((await checkAnew()).channels).toMatchObject([{ ok: false, code: 'settings' }])
})

test('secrets that were sealed with another key are found', async () => {
  await inTenant(till.core.db, TENANT, (tx) =>
    sql`update channel_account set secrets = '\\x00'`.execute(tx),
  )
  expect((await checkAnew()).channels).toMatchObject([{ ok: false, code: 'settings', tookMs: 0 }])
})

test('asking again and again asks the channel and the printer once', async () => {
  await using printer = await startVirtualPrinter()
  await usePrinter(printer.address)
  const [first] = await Promise.all([check(), check(), check()])
  const again = await check()
  expect(asked()).toBe(1)
  expect(printer.jobs.length).toBeLessThanOrEqual(1)
  expect(again.channels).toEqual(first.channels)
})

test('the printer tells its roll without printing anything', async () => {
  for (const [paper, result] of [
    ['ok', 'ready'],
    ['low', 'ready'],
    ['out', 'no_paper'],
    ['silent', 'silent'],
  ] as const) {
    await using printer = await startVirtualPrinter({ paper })
    await usePrinter(printer.address)
    expect((await checkAnew()).printer.result, paper).toBe(result)
    await expect.poll(() => printer.jobs.length).toBe(1)
    expect(printer.jobs[0]).toMatchObject({ text: [], cuts: 0 })
  }
  await usePrinter('tcp://127.0.0.1:1')
  expect((await checkAnew()).printer).toMatchObject({
    result: 'unreachable',
    says: expect.stringContaining('退款不受影响'),
  })
  await usePrinter('http://printer')
  expect((await checkAnew()).printer.result).toBe('bad_address')
})

test('a database that is away is found too', async () => {
  const { url } = await testDatabase()
  const db = connect({ url, applicationName: 'yuanlu test', maxConnections: 4 })
  const node = await openTill(db)
  expect((await check(node)).database).toBe(true)
  await db.destroy()
  expect(await check(node)).toMatchObject({
    database: false,
    channels: [],
    printer: { result: 'not_checked' },
  })
})

test('in English; only with a key; and nothing else of a till without a person', async () => {
  const headers = { ...till.headers('nobody'), 'accept-language': 'en' }
  const found = await send(till.url, 'POST', '/v1/self-check', headers)
  expect(found.body).toMatchObject({
    channels: [{ says: 'Reached; both signatures were checked and are good.' }],
    printer: { says: 'This till has no network printer.' },
  })
  expect(found.text).not.toMatch(/[\u4e00-\u9fff]/)
  expect((await send(till.url, 'POST', '/v1/self-check', {})).status).toBe(401)
  expect((await till.call('POST', '/v1/sales/find', { code: '1' }, 'nobody')).body.code).toBe(
    'staff_needed',
  )
})
