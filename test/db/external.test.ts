/** The whole product on a PostgreSQL server of somebody else, through the command line alone. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { chmod, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { connect as connectTo, createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { QueryResultRow } from 'pg'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { RefundShown } from '../../src/api/contract.ts'
import type { ShopKeys } from '../../src/commands/set-up-shop.ts'
import { ConfigError, readConfig, readMigrateConfig } from '../../src/config.ts'
import { startEmbedded } from '../../src/db/embedded.ts'
import { DatabaseFault } from '../../src/db/sign-in.ts'
import { migrateDatabase, MIGRATIONS, startYuanlu } from '../../src/main.ts'
import { freePort, runCommand, serveNode, type Env } from '../support/command-line.ts'
import { newNumber } from '../support/given.ts'
import { onDatabase, withClient } from '../support/server.ts'
import { TENANT, testSandbox, wechatAccount } from '../support/shop.ts'
import { tillClient } from '../support/till-client.ts'

const MASTER_KEY = randomBytes(32).toString('base64')
const MIGRATED = readdirSync(MIGRATIONS)
  .toSorted()
  .map((name) => `${name}\n`)
  .join('')
const OTHER = TENANT + 1
const WAIT = { timeout: 20_000, interval: 100 }
const quiet = { info: () => undefined, warn: () => undefined }

/** The DBA's own login; the product never gets it. */
let dba: string
const cleanUps: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  const dataDir = await realpath(await mkdtemp(join(tmpdir(), 'yuanlu-external-')))
  await chmod(dataDir, 0o755)
  const server = await startEmbedded({ dataDir, log: quiet })
  cleanUps.push(
    () => server.stop(),
    () => rm(dataDir, { recursive: true, force: true }),
  )
  const superuser = new URL(onDatabase(server.url, 'postgres'))
  superuser.username = 'postgres'
  superuser.password = (await readFile(join(dataDir, 'server', 'password'), 'utf8')).trim()
  dba = superuser.toString()
})

afterAll(async () => {
  for (const cleanUp of cleanUps) await cleanUp()
})

const query = (url: string, text: string): Promise<QueryResultRow[]> =>
  withClient(url, async (client) => (await client.query(text)).rows)

type Place = { readonly name: string; readonly url: string; readonly ownerUrl: string }

/** A database and its two logins, as a DBA hands them over. */
async function order(ownerRights: 'createrole' | 'nocreaterole'): Promise<Place> {
  const name = `shop_${randomBytes(4).toString('hex')}`
  await query(dba, `create role ${name}_owner login ${ownerRights} password 'of owner'`)
  await query(dba, `create role ${name}_service login password 'of service'`)
  await query(dba, `create database ${name} owner ${name}_owner`)
  return {
    name,
    url: as(`${name}_service`, 'of service', name),
    ownerUrl: as(`${name}_owner`, 'of owner', name),
  }
}

function as(login: string, password: string, database: string): string {
  const url = new URL(onDatabase(dba, database))
  url.username = login
  url.password = password
  return url.toString()
}

const logins = (place: Place): Env => ({
  DATABASE_URL: place.url,
  DATABASE_OWNER_URL: place.ownerUrl,
})
const serving = (url: string): Env => ({
  NODE_ENV: 'production',
  DATABASE_URL: url,
  YUANLU_MASTER_KEY: MASTER_KEY,
})

/** Made by the first test that needs it, by an owner who may create roles. */
const migrated = (() => {
  let made: Promise<Place> | null = null
  const make = async (): Promise<Place> => {
    const place = await order('createrole')
    expect(await runCommand(['migrate'], logins(place))).toEqual({
      code: 0,
      stdout: MIGRATED,
      stderr: expect.stringContaining('the database is ready'),
    })
    return place
  }
  return () => (made ??= make())
})()

test('migrate, shop, serve: a payment and a refund, a restart, another refund, an empty audit', async () => {
  const place = await migrated()
  expect(await runCommand(['migrate'], logins(place))).toMatchObject({ code: 0, stdout: '' })
  const sandbox = await testSandbox({ settings: { arrivalToBalanceMs: 200 } })
  const shop = await shopFile(wechatAccount(sandbox))
  const set = await runCommand(['shop', shop], serving(place.url))
  expect(set.code).toBe(0)
  const till = tillClient(JSON.parse(set.stdout) as ShopKeys, sandbox)

  const payAndRefund = async (url: string): Promise<string> => {
    const payment = await till.pay(url, 5_000)
    const no = newNumber('refund')
    await till.refund(url, no, payment, 1_200)
    await vi.waitFor(async () => {
      const refund = await till.ask<RefundShown>(url, 'GET', `/v1/refunds/${no}`)
      expect(refund).toMatchObject({ state: 'succeeded', amount: 1_200 })
    }, WAIT)
    expect(await till.ask<string>(url, 'GET', `/v1/refunds/${no}/slip?format=svg`)).toContain(
      '<svg',
    )
    return no
  }

  const port = await freePort()
  const env = { ...serving(place.url), PORT: String(port), NOTIFY_URL: `http://127.0.0.1:${port}` }
  const first = await serveNode(env)
  const before = await payAndRefund(first.url)
  expect((await fetch(`${first.url}/readyz`)).status).toBe(200)
  // Every connection is the service's: the owner is not signed in while serving.
  expect(
    await query(
      dba,
      `select distinct usename from pg_stat_activity where datname = '${place.name}'`,
    ),
  ).toEqual([{ usename: `${place.name}_service` }])
  expect(await first.kill('SIGTERM')).toBe(0)

  const second = await serveNode(env)
  expect(await till.ask(second.url, 'GET', `/v1/refunds/${before}`)).toMatchObject({
    state: 'succeeded',
  })
  await payAndRefund(second.url)
  expect(sandbox.book.executedRefunds()).toHaveLength(2)
  expect(sandbox.book.refundedFen()).toBe(2_400)
  expect(await second.kill('SIGTERM')).toBe(0)
  const audit = await runCommand(['audit', String(TENANT)], serving(place.url))
  expect(audit).toMatchObject({ code: 0, stdout: '' })
  expect(audit.stderr).toContain('0 differences')
  const nobody = await runCommand(['audit', '99'], serving(place.url))
  expect(nobody).toEqual({ code: 1, stdout: '', stderr: 'there is no merchant 99\n' })
}, 60_000)

test('enrol, pin: a device becomes a terminal, and somebody signs in there', async () => {
  const place = await migrated()
  const sandbox = await testSandbox()
  const env = { ...serving(place.url), PUBLIC_URL: 'https://refunds.example.com' }
  const shop = await shopFile(wechatAccount(sandbox), OTHER)
  expect((await runCommand(['shop', shop], env)).code).toBe(0)

  const easy = await runCommand(['pin', `${OTHER}`, 'zhang'], env, '1234\n')
  expect(easy).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('too easy') })
  expect(await runCommand(['pin', `${OTHER}`, 'nobody'], env, '4827\n')).toMatchObject({ code: 1 })
  expect(await runCommand(['pin', `${OTHER}`, 'zhang'], env)).toMatchObject({ code: 2 })
  expect(await runCommand(['pin', `${OTHER}`, 'zhang'], env, '4827\n')).toMatchObject({ code: 0 })
  expect(await runCommand(['enrol', `${OTHER}`, 't9'], env)).toMatchObject({ code: 1, stdout: '' })
  const { code: ended, stdout } = await runCommand(['enrol', `${OTHER}`, 't1'], env)
  expect(ended).toBe(0)
  const [code = '', link] = stdout.trim().split('\n')
  expect(link).toBe(`https://refunds.example.com/till/#enrol=${code}`)

  const { url } = await serveNode(env)
  const post = async (path: string, body: object, headers = {}) => {
    const reply = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
    expect(reply.status).toBe(201)
    return (await reply.json()) as Record<string, unknown>
  }
  const { key } = await post('/v1/enrol', { code })
  const headers = { authorization: `Bearer ${String(key)}` }
  expect(await post('/v1/sessions', { staff: 'zhang', pin: '4827' }, headers)).toMatchObject({
    staff: { no: 'zhang', rights: { perDayFen: 50_000, earlierDay: true } },
  })
}, 120_000)

test('an owner without CREATEROLE is told what the DBA has to run, once, and then migrates', async () => {
  await migrated()
  const place = await order('nocreaterole')
  const { code, stderr } = await runCommand(['migrate'], logins(place))
  expect(code).toBe(1)
  const [told = '', statements = ''] = stderr.trim().split('let a superuser run: ')
  expect(told).toMatch(/^DATABASE_OWNER_URL: the server refused us a role \(permission denied/)
  await query(dba, statements)
  expect((await runCommand(['migrate'], logins(place))).code).toBe(0)
})

test('two nodes that migrate at once: one works, both end well', async () => {
  await migrated()
  const place = await order('nocreaterole')
  await query(dba, `grant yuanlu_app, yuanlu_claim to ${place.name}_owner`)
  await query(dba, `grant yuanlu_app to ${place.name}_service`)
  const both = await Promise.all([1, 2].map(() => runCommand(['migrate'], logins(place))))
  expect(both.map((each) => each.code)).toEqual([0, 0])
  expect(both.map((each) => each.stdout).sort()).toEqual(['', MIGRATED])
})

describe('what cannot work is one line that names the setting and the way out', () => {
  const serve = (url: string) => ['serve', serving(url)] as const
  const migrate = (place: Place, change: Partial<Place>) =>
    ['migrate', logins({ ...place, ...change })] as const

  const CASES: readonly [string, RegExp, () => Promise<readonly [string, Env]>][] = [
    [
      'a wrong password',
      /^DATABASE_URL: the server at 127\.0\.0\.1:\d+ refuses the login "\w+" \(password.*\); correct its name or password/,
      async () => serve(changed((await migrated()).url, { password: 'wrong' })),
    ],
    [
      'no password where one is asked for',
      /^DATABASE_URL: the server at .* refuses the login "\w+" \(SASL: .*password.*\); correct its name or password/,
      async () => serve(changed((await migrated()).url, { password: '' })),
    ],
    [
      'a wrong password of the owner',
      /^DATABASE_OWNER_URL: the server at .* refuses the login/,
      async () => {
        const place = await migrated()
        return migrate(place, { ownerUrl: changed(place.ownerUrl, { password: 'wrong' }) })
      },
    ],
    [
      'a server that is not there',
      /^DATABASE_URL: no PostgreSQL answers at 127\.0\.0\.1:\d+ \(ECONNREFUSED\); start it, or correct/,
      async () => serve(changed((await migrated()).url, { port: String(await freePort()) })),
    ],
    [
      'something else than PostgreSQL',
      /^DATABASE_URL: no PostgreSQL answers at 127\.0\.0\.1:\d+ \(.+\); start it, or correct/,
      async () => {
        const port = await listening(createServer((socket) => socket.end('HTTP/1.1 400\r\n\r\n')))
        return serve(changed((await migrated()).url, { port }))
      },
    ],
    [
      'a database that is not there',
      /^DATABASE_URL: the server at .* has no database "nothing"; correct its name/,
      async () => serve(changed((await migrated()).url, { pathname: '/nothing' })),
    ],
    [
      'a database that was never migrated',
      /^DATABASE_URL: this database has not been set up; run "yuanlu migrate" with DATABASE_OWNER_URL/,
      async () => serve((await order('createrole')).url),
    ],
    [
      'a database that lacks the last migration',
      /^DATABASE_URL: this database lacks the migrations 0001_money_core\.sql[^;]*; run "yuanlu migrate"/,
      async () => {
        const place = await withBook('delete from yuanlu_meta.migration')
        return serve(place.url)
      },
    ],
    [
      'a database that a newer version has migrated',
      /^DATABASE_URL: this database was migrated by a newer Yuanlu \(it is at 9999_x\.sql\); start that/,
      async () => {
        const place = await withBook(
          `insert into yuanlu_meta.migration values (9999, '9999_x.sql', '')`,
        )
        return serve(place.url)
      },
    ],
    [
      'a superuser',
      /^DATABASE_URL: the login "postgres" is a superuser, .*; serve as a login that is a member of "yuanlu_app"/,
      async () => serve(onDatabase(dba, (await migrated()).name)),
    ],
    [
      'the owner',
      /^DATABASE_URL: the login "\w+_owner" owns this database, /,
      async () => serve((await migrated()).ownerUrl),
    ],
    [
      'a login that may act as the owner',
      /^DATABASE_URL: the login "\w+_deputy" may act as "\w+_owner", which owns this database, /,
      async () => {
        const { name } = await migrated()
        return serve(await extra(name, 'deputy', `in role ${name}_owner`))
      },
    ],
    [
      'a login that row security does not bind',
      /^DATABASE_URL: the login "\w+_unbound" has BYPASSRLS, /,
      async () => serve(await extra((await migrated()).name, 'unbound', 'bypassrls')),
    ],
    [
      'a login that writes without a grant',
      /^DATABASE_URL: the login "\w+_writer" may act as "pg_write_all_data", which reaches past all grants, /,
      async () =>
        serve(await extra((await migrated()).name, 'writer', 'in role pg_write_all_data')),
    ],
    [
      'a login that looks across merchants',
      /^DATABASE_URL: the login "\w+_looker" may act as "yuanlu_claim", which looks across merchants, /,
      async () => serve(await extra((await migrated()).name, 'looker', 'in role yuanlu_claim')),
    ],
    [
      'a login without rights',
      /^DATABASE_URL: the login "\w+_stranger" may not act as "yuanlu_app"; .*grant yuanlu_app to "\w+_stranger"$/,
      async () => serve(await extra((await migrated()).name, 'stranger', '')),
    ],
    [
      'a server that is too old',
      /^DATABASE_URL: the server at .* is PostgreSQL 15\.4; use one of version 16 or newer$/,
      async () => serve(await aged((await migrated()).url)),
    ],
    [
      'a server that is too old to migrate',
      /^DATABASE_OWNER_URL: the server at .* is PostgreSQL 15\.4; use one of version 16 or newer$/,
      async () => {
        const place = await migrated()
        return migrate(place, { ownerUrl: await aged(place.ownerUrl) })
      },
    ],
    [
      'a migration by somebody who is not the owner',
      /^DATABASE_OWNER_URL: the login "(\w+)_service" does not own the database "\1"; .*alter database "\1" owner to/,
      async () => {
        const place = await migrated()
        return migrate(place, { ownerUrl: place.url })
      },
    ],
    [
      'a migration for a login that is not there',
      /^DATABASE_OWNER_URL: there is no login "nobody" to serve as; let the DBA run: create role "nobody" login/,
      async () => {
        const place = await migrated()
        return migrate(place, { url: changed(place.url, { username: 'nobody' }) })
      },
    ],
    [
      'a migration for the owner as the login that serves',
      /^DATABASE_URL: the login "\w+_owner" owns this database, /,
      async () => {
        const place = await migrated()
        return migrate(place, { url: place.ownerUrl })
      },
    ],
    [
      'a port that is taken',
      /^PORT \d+ on 127\.0\.0\.1 is taken by another program, .*; end it, or set another PORT$/,
      async () => {
        const [command, env] = serve((await migrated()).url)
        return [command, { ...env, PORT: await listening(createServer()) }]
      },
    ],
    [
      'an address that is not this machine',
      /^HOST 192\.0\.2\.1 is no address of this machine; set one of its own, /,
      async () => {
        const [command, env] = serve((await migrated()).url)
        return [command, { ...env, HOST: '192.0.2.1' }]
      },
    ],
    [
      'a migration without the owner',
      /^DATABASE_OWNER_URL is missing; set the address of your PostgreSQL database with the login that owns it/,
      async () => ['migrate', { DATABASE_URL: (await migrated()).url }],
    ],
  ]

  test.each(CASES)('%s', async (_name, line, given) => {
    const [command, env] = await given()
    const run = async (): Promise<unknown> =>
      command === 'serve' ? startYuanlu(readConfig(env)) : migrateDatabase(readMigrateConfig(env))
    const error = await run().then(
      () => null,
      (thrown: unknown) => thrown,
    )
    expect([DatabaseFault, ConfigError]).toContain((error as Error | null)?.constructor)
    expect((error as Error).message).toMatch(line)
    expect((error as Error).message).not.toMatch(/\n|of service|of owner|wrong"/)
  })

  const AS_A_PROCESS = [
    'a wrong password',
    'a server that is not there',
    'a database that was never migrated',
    'a superuser',
    'a server that is too old',
    'a migration without the owner',
  ]
  test.each(CASES.filter(([name]) => AS_A_PROCESS.includes(name)))(
    '%s, at the command line: exit code 1 and no trace',
    async (_name, line, given) => {
      const [command, env] = await given()
      const { code, stderr } = await runCommand([command], env)
      expect(stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(line)])
      expect(code).toBe(1)
    },
  )
})

function changed(
  url: string,
  change: Partial<Record<'port' | 'password' | 'pathname' | 'username', string>>,
): string {
  return Object.assign(new URL(url), change).toString()
}

/** Another login of the DBA's making. */
async function extra(database: string, suffix: string, rights: string): Promise<string> {
  await query(dba, `create role ${database}_${suffix} login password 'of service' ${rights}`)
  return as(`${database}_${suffix}`, 'of service', database)
}

/** A migrated database whose book was then changed. */
async function withBook(change: string): Promise<Place> {
  await migrated()
  const place = await order('nocreaterole')
  await query(dba, `grant yuanlu_app, yuanlu_claim to ${place.name}_owner`)
  await query(dba, `grant yuanlu_app to ${place.name}_service`)
  await migrateDatabase(readMigrateConfig(logins(place)))
  await query(place.ownerUrl, change)
  return place
}

/** The same server, seen through a line on which its version reads 15.4. */
async function aged(url: string): Promise<string> {
  const [row] = await query(
    url,
    `select current_setting('server_version_num') as number, current_setting('server_version') as text`,
  )
  const { hostname, port } = new URL(url)
  const server = createServer((near) => {
    const far = connectTo(Number(port), hostname)
    far.on('data', (bytes) => {
      const text = bytes.toString('latin1')
      near.write(text.replace(row?.['number'], '150004').replace(row?.['text'], '15.4'), 'latin1')
    })
    near.on('data', (bytes) => far.write(bytes))
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('close', () => other.destroy())
      one.on('error', () => other.destroy())
    }
  })
  return changed(url, { port: await listening(server) })
}

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
  })
  return String((server.address() as AddressInfo).port)
}

async function shopFile(
  account: ReturnType<typeof wechatAccount>,
  tenant = TENANT,
): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'yuanlu-shop-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const path = join(directory, 'shop.json')
  const shop = {
    tenant,
    name: '川味小馆',
    phone: '028-12345678',
    stores: [{ no: 's1', name: '春熙路店', address: '春熙路 1 号', phone: '028-12345678' }],
    terminals: [{ no: 't1', store: 's1', name: '1号机', printer: null }],
    staff: [
      {
        no: 'zhang',
        store: 's1',
        name: '张三',
        role: 'cashier',
        pin: '583014',
        rights: { perDayFen: 50_000, earlierDay: true },
      },
    ],
    accounts: [account],
  }
  await writeFile(path, JSON.stringify(shop))
  return path
}
