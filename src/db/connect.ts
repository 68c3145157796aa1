import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely'
import pg from 'pg'
import type { DB } from '../store/schema.ts'
import type { Log } from './log.ts'
import { prepareStatements } from './prepared.ts'

export type Db = Kysely<DB>
export type Tx = Transaction<DB>

/** The role all business SQL runs as: it owns nothing and row security binds it. */
export const APP_ROLE = 'yuanlu_app'

const STATEMENT_TIMEOUT_MS = 15_000
const LOCK_TIMEOUT_MS = 5_000
/** Longer than any wait between two statements of one command; ends what a hung process holds. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000
const CONNECT_TIMEOUT_MS = 10_000

export type ConnectOptions = {
  url: string
  /** Shown in pg_stat_activity. */
  applicationName: string
  maxConnections: number
  /** The role to take on; `null` stays the login itself, for the owner's own work. */
  role?: string | null
  log?: Log
}

/**
 * Opens a pool behind Kysely. Columns arrive as: bigint → safe integer (anything larger throws),
 * timestamptz → Date, date and numeric → string, json and jsonb → parsed. `sum()` of a bigint is
 * numeric in PostgreSQL: cast it back. Close with `db.destroy()`, before the server is stopped.
 */
export function connect(options: ConnectOptions): Db {
  const pool = openPool(options)
  prepareStatements(pool)
  return new Kysely<DB>({ dialect: new PostgresDialect({ pool }) })
}

/** The same pool without Kysely, for pg-boss (`jobDatabase`). Close with `pool.end()`. */
export function openPool(options: ConnectOptions): pg.Pool {
  const { role = APP_ROLE, log } = options
  const settings = {
    ...(role !== null && { role }),
    timezone: 'UTC',
    // Statements are planned once a connection (see prepared.ts), some of them while the tables are still empty. By key
    // is how all of them find their rows, so a plan must use the keys whatever the tables' size is at that moment.
    plan_cache_mode: 'force_generic_plan',
    enable_seqscan: 'off',
    jit: 'off',
    statement_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
  }
  const pool = new pg.Pool({
    connectionString: withSettings(options.url, settings),
    application_name: options.applicationName,
    max: options.maxConnections,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    types: typeParsers(),
  })
  // A connection that the server ends (restart, shutdown, a time limit) raises this event, idle or in the middle of a
  // transaction, and more than once; without listeners it would end the process. The transaction fails by itself, and
  // the pool replaces the connection.
  const ignore = (): void => undefined
  pool.on('error', ignore)
  pool.on('connect', (client) => {
    client.once('error', (error: Error) => log?.warn({ err: error }, 'database.connection_lost'))
    client.on('error', ignore)
  })
  return pool
}

/** @throws when the database does not answer */
export async function ping(db: Db): Promise<void> {
  await sql`select 1`.execute(db)
}

/**
 * Runs `fn` in one transaction that sees only the rows of `tenantId`. `dbNow` is the database's
 * clock at its beginning, the one time that all nodes share.
 */
export function inTenant<T>(
  db: Db,
  tenantId: number,
  fn: (tx: Tx, dbNow: Date) => Promise<T>,
): Promise<T> {
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ now: Date }>`
      select set_config('yuanlu.tenant', ${String(tenantId)}, true), clock_timestamp() as now`.execute(
      tx,
    )
    const [first] = rows
    if (!first) throw new Error('The database did not tell its time.')
    return fn(tx, first.now)
  })
}

/**
 * Runs `fn` on one snapshot of the rows of `tenantId`, in which nothing can be written: what an answer shows fits
 * together, however many statements it takes.
 */
export function readInTenant<T>(db: Db, tenantId: number, fn: (tx: Tx) => Promise<T>): Promise<T> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      await sql`select set_config('yuanlu.tenant', ${String(tenantId)}, true)`.execute(tx)
      return fn(tx)
    })
}

/** Adds start-up settings to a connection URL. Ours come last, so the URL cannot undo them. */
export function withSettings(url: string, settings: Record<string, string | number>): string {
  const full = new URL(url)
  const own = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`)
  full.searchParams.set(
    'options',
    [full.searchParams.get('options') ?? '', ...own].join(' ').trim(),
  )
  return full.toString()
}

function typeParsers(): pg.TypeOverrides {
  const { builtins } = pg.types
  const types = new pg.TypeOverrides()
  const asIs = (text: string): string => text
  types.setTypeParser(builtins.INT8, safeInteger)
  // A calendar day has no time zone; a Date would shift it by one in half of the world.
  types.setTypeParser(builtins.DATE, asIs)
  types.setTypeParser(builtins.NUMERIC, asIs)
  return types
}

function safeInteger(text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value)) return value
  throw new RangeError(`The database returned ${text}, which is beyond the safe integers.`)
}
