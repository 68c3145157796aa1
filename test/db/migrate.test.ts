import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getRollbackPlans, PgBoss } from 'pg-boss'
import { afterAll, beforeEach, expect, inject, test } from 'vitest'
import { openPool } from '../../src/db/connect.ts'
import { jobDatabase } from '../../src/db/job-schema.ts'
import { migrate } from '../../src/db/migrate.ts'
import { dropDatabase, onDatabase, withClient } from '../support/server.ts'

const SLOW_FIRST = `
  create table merchant (tenant_id text primary key);
  select pg_sleep(0.3);`
const SECOND = 'create table store (tenant_id text references merchant);'

const leftovers: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const clear of leftovers.reverse()) await clear()
})

let url: string
let directory: string
beforeEach(async () => {
  url = await emptyDatabase()
  directory = await mkdtemp(join(tmpdir(), 'yuanlu-migrations-'))
  const made = directory
  leftovers.push(() => rm(made, { recursive: true }))
  await file('0001_first.sql', SLOW_FIRST)
  await file('0002_second.sql', SECOND)
})

test('two nodes that migrate at once run every file exactly once', async () => {
  const runs = await Promise.all([migrate({ url, directory }), migrate({ url, directory })])
  const applied = runs.flatMap((run) => run.applied)
  expect(applied).toEqual(['0001_first.sql', '0002_second.sql'])
  expect((await migrate({ url, directory })).applied).toEqual([])
})

test('databases of one server can be migrated at once though they share the roles', async () => {
  const urls = await Promise.all([1, 2, 3].map(() => emptyDatabase()))
  const runs = await Promise.all(urls.map((each) => migrate({ url: each, directory })))
  expect(runs.map((run) => run.applied.length)).toEqual([2, 2, 2])
})

test('a file that was changed after it had been applied is refused', async () => {
  await migrate({ url, directory })
  await file('0001_first.sql', `${SLOW_FIRST} -- changed`)
  await expect(migrate({ url, directory })).rejects.toThrow(/0001_first\.sql was changed/)
})

test('other line ends are not a change', async () => {
  await migrate({ url, directory })
  await file('0001_first.sql', SLOW_FIRST.replaceAll('\n', '\r\n'))
  expect((await migrate({ url, directory })).applied).toEqual([])
})

test('a database migrated by a newer version is refused', async () => {
  await migrate({ url, directory })
  await rm(join(directory, '0002_second.sql'))
  await expect(migrate({ url, directory })).rejects.toThrow(/migrated by a newer Yuanlu/)
})

test('a file that vanished or that comes too late is refused', async () => {
  await file('0003_third.sql', 'create table third ();')
  await rm(join(directory, '0002_second.sql'))
  await migrate({ url, directory })
  await file('0002_second.sql', SECOND)
  await expect(migrate({ url, directory })).rejects.toThrow(/0002_second\.sql comes too late/)
  await rm(join(directory, '0002_second.sql'))
  await rm(join(directory, '0001_first.sql'))
  await expect(migrate({ url, directory })).rejects.toThrow(/0001_first\.sql.*is missing/)
})

test('a failing file leaves nothing behind, and the ones before it stay', async () => {
  await file('0002_second.sql', 'create table half (); select 1 / 0;')
  await expect(migrate({ url, directory })).rejects.toThrow(/0002_second\.sql failed.*zero/)
  expect(await tables()).toEqual(['merchant'])
})

test('a check that finds rows rolls its file back', async () => {
  await file('0002_second.check.sql', `select 'wrong' as what from merchant`)
  await file('0002_second.sql', `insert into merchant values ('m1'); ${SECOND}`)
  await expect(migrate({ url, directory })).rejects.toThrow(/found 1 rows.*wrong/)
  expect(await tables()).toEqual(['merchant'])
  await file('0002_second.sql', SECOND)
  expect((await migrate({ url, directory })).applied).toEqual(['0002_second.sql'])
})

test('a file that ends its transaction itself is reported and not booked', async () => {
  await file('0002_second.sql', `${SECOND} commit; begin;`)
  await expect(migrate({ url, directory })).rejects.toThrow(/must not begin or end a transaction/)
})

test('an owner without rights on the roles learns everything that a superuser has to do', async () => {
  await migrate({ url, directory })
  const name = `owner_${randomBytes(4).toString('hex')}`
  await query(`create role ${name} login createdb password 'other'`)
  leftovers.push(() =>
    withClient(inject('databaseServer'), (client) => client.query(`drop role ${name}`)),
  )
  const other = new URL(await emptyDatabase(name))
  other.username = name
  other.password = 'other'
  const told = await migrate({ url: other.toString(), directory }).then(
    () => 'migrated',
    (error: unknown) => String(error),
  )
  const [, statements = ''] = told.split('let a superuser run: ')
  expect(statements.split('; ')).toEqual([
    `grant yuanlu_app to "${name}" with inherit true, set true`,
    `grant yuanlu_claim to "${name}" with inherit true, set true`,
  ])
  await query(statements)
  expect((await migrate({ url: other.toString(), directory })).applied).toHaveLength(2)
})

test('job tables of an older version are brought up to date, those of a newer one refused', async () => {
  await migrate({ url, directory })
  const boss = jobs()
  const current = await boss.schemaVersion()
  await query(getRollbackPlans('pgboss', current!))
  expect(await boss.schemaVersion()).toBe(current! - 1)
  await migrate({ url, directory })
  expect(await boss.schemaVersion()).toBe(current)
  expect(await boss.detectSchemaDrift()).toMatchObject({ ok: true })

  await query('update pgboss.version set version = version + 1')
  await expect(migrate({ url, directory })).rejects.toThrow(/newer Yuanlu.*job tables/)
})

test('the application role creates queues, sends, fetches, completes and supervises', async () => {
  const queues = [
    { name: 'notices', retryLimit: 5, deadLetter: 'notices-dead' },
    { name: 'notices-dead' },
  ]
  await migrate({ url, directory, queues })
  await migrate({ url, directory, queues: [{ ...queues[0]!, retryLimit: 6 }, queues[1]!] })
  const boss = jobs()
  const troubles: unknown[] = []
  boss.on('error', (error) => troubles.push(error))
  await boss.start()
  expect(await boss.getQueue('notices')).toMatchObject({
    retryLimit: 6,
    deadLetter: 'notices-dead',
  })
  await boss.createQueue('made-by-app')
  for (const queue of ['notices', 'made-by-app']) {
    const id = await boss.send(queue, { fen: 1200 })
    const [job] = await boss.fetch<{ fen: number }>(queue)
    expect(job).toMatchObject({ id, data: { fen: 1200 } })
    await boss.complete(queue, job!.id)
    const [done] = await boss.findJobs(queue, { id: job!.id })
    expect(done).toMatchObject({ state: 'completed' })
  }
  await boss.supervise()
  await expect(boss.createQueue('with-table', { partition: true })).rejects.toThrow(/denied|owner/)
  await boss.stop({ close: false })
  expect(troubles).toEqual([])
})

/** pg-boss as the product runs it: as the application role, over a pool of ours. */
function jobs(): PgBoss {
  const pool = openPool({ url, applicationName: 'test', maxConnections: 2 })
  leftovers.push(() => pool.end())
  return new PgBoss({
    db: jobDatabase(pool),
    schema: 'pgboss',
    migrate: false,
    supervise: false,
    schedule: false,
  })
}

async function emptyDatabase(owner?: string): Promise<string> {
  const server = inject('databaseServer')
  const name = `yuanlu_t_${Date.now().toString(36)}_${randomBytes(4).toString('hex')}`
  await withClient(server, async (client) => {
    await client.query(`create database ${name}`)
    if (owner) {
      await client.query(`grant ${owner} to current_user with set true`)
      await client.query(`alter database ${name} owner to ${owner}`)
    }
  })
  const made = onDatabase(server, name)
  leftovers.push(() => dropDatabase(server, made))
  return made
}

const file = (name: string, text: string): Promise<void> => writeFile(join(directory, name), text)

const query = (text: string): Promise<Record<string, unknown>[]> =>
  withClient(url, async (client) => (await client.query(text)).rows)

async function tables(): Promise<unknown[]> {
  const rows = await query(
    `select tablename from pg_tables where schemaname = 'public' order by tablename`,
  )
  return rows.map((row) => row.tablename)
}
