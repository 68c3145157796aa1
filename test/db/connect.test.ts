import { sql } from 'kysely'
import { expect, test, vi } from 'vitest'
import { connect, inTenant, type Db } from '../../src/db/connect.ts'
import { testDatabase } from '../support/database.ts'
import type { Log } from '../../src/db/log.ts'
import { withClient } from '../support/server.ts'

const database = await testDatabase()

test('the pool runs as the application role, whatever the URL says', async () => {
  const url = new URL(database.url)
  url.searchParams.set('options', '-c role=none -c statement_timeout=0')
  const db = connect({ url: url.toString(), applicationName: 'test', maxConnections: 1 })
  expect(await one(db, `select current_user::text as name`)).toEqual({ name: 'yuanlu_app' })
  expect(await one(db, `select current_setting('statement_timeout') as name`)).toEqual({
    name: '15s',
  })
  await sql`reset role`.execute(db)
  expect(await one(db, `select current_user::text as name`)).toEqual({ name: 'yuanlu_app' })
  await db.destroy()
})

test('a transaction knows its tenant and the time of the database, and forgets both', async () => {
  const before = Date.now()
  const seen = await inTenant(database.db, 7, async (tx, dbNow) => {
    const { rows } = await sql<{
      tenant: string
    }>`select current_setting('yuanlu.tenant') as tenant`.execute(tx)
    return { tenant: rows[0]?.tenant, dbNow }
  })
  expect(seen.tenant).toBe('7')
  expect(Math.abs(seen.dbNow.getTime() - before)).toBeLessThan(10_000)
  expect(
    await one(database.db, `select coalesce(current_setting('yuanlu.tenant', true), '') as tenant`),
  ).toEqual({ tenant: '' })
})

test('values arrive as exact types, and an integer beyond the safe ones throws', async () => {
  expect(
    await one(
      database.db,
      `select 9007199254740991::int8 as fen, date '2026-02-28' as day, 0.10::numeric as rate,
              timestamptz '2026-02-28 08:00+08' as at, '{"a":1}'::jsonb as doc`,
    ),
  ).toEqual({
    fen: 9007199254740991,
    day: '2026-02-28',
    rate: '0.10',
    at: new Date('2026-02-28T00:00:00Z'),
    doc: { a: 1 },
  })
  await expect(one(database.db, 'select 9007199254740992::int8 as fen')).rejects.toThrow(
    /safe integers/,
  )
})

test('an idle connection that the server ends is reported and replaced', async () => {
  const warn = vi.fn<Log['warn']>()
  const db = connect({
    url: database.url,
    applicationName: 'test to be cut',
    maxConnections: 1,
    log: { info: () => undefined, warn },
  })
  await one(db, 'select 1 as n')
  await withClient(database.url, (client) =>
    client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'test to be cut'`,
    ),
  )
  await vi.waitFor(() => expect(warn).toHaveBeenCalledOnce())
  expect(await one(db, 'select 1 as n')).toEqual({ n: 1 })
  await db.destroy()
})

test.each(['between two statements', 'during a statement'])(
  'a connection that the server ends %s of a transaction fails that transaction and nothing else',
  async (when) => {
    const warn = vi.fn<Log['warn']>()
    const db = connect({
      url: database.url,
      applicationName: 'test to be cut',
      maxConnections: 1,
      log: { info: () => undefined, warn },
    })
    const cut = () =>
      withClient(database.url, (client) =>
        client.query(`
          select pg_terminate_backend(pid) from pg_stat_activity
           where application_name = 'test to be cut' and xact_start is not null`),
      )
    const cutOff = inTenant(db, 1, async (tx) => {
      const slow = when === 'during a statement' ? sql`select pg_sleep(10)`.execute(tx) : null
      await Promise.all([slow, cut()])
      await vi.waitFor(() => expect(warn).toHaveBeenCalledOnce())
      await sql`select 1`.execute(tx)
    })
    await expect(cutOff).rejects.toThrow(/[Cc]onnection/)
    expect(await one(db, 'select 1 as n')).toEqual({ n: 1 })
    expect(warn).toHaveBeenCalledOnce()
    await db.destroy()
  },
)

async function one(db: Db, text: string): Promise<unknown> {
  const { rows } = await sql.raw(text).execute(db)
  return rows[0]
}
