import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { installJobs, type JobQueue } from './job-schema.ts'
import { createBook, note, openMigrations } from './migration-book.ts'
import { readMigrations, type MigrationFile } from './migration-files.ts'
import { ensureRoles } from './roles.ts'
import { DatabaseFault, quoted, signIn } from './sign-in.ts'

export type MigrateOptions = {
  /** Connects as the owner of the database, not as the application role. */
  url: string
  /** The folder with `NNNN_name.sql` files. */
  directory: string
  /** The job queues that must exist afterwards. */
  queues?: readonly JobQueue[]
  /** The login that will serve; it is let act as the application role. */
  login?: string
}

/** `applied`: the names of the files this call ran, in order; empty when there was nothing to do. */
export type Migrated = { applied: string[] }

const MIGRATION_LOCK = 7_202_603
const LOCK_POLL_MS = 100
/** How long a node waits for another one that is migrating. */
const LOCK_WAIT_MAX_MS = 10 * 60_000
/** A migration that cannot get a table lock fails rather than making every till queue behind it. */
const LOCK_TIMEOUT_MS = 10_000
const CHECK_ROWS_SHOWN = 3

/**
 * Brings a database to the state of this version: roles, then each new file in a transaction of its
 * own, then the job tables. Any number of nodes may call it at once; one works, the others wait and
 * find nothing left to do.
 *
 * @throws DatabaseFault when the login may not do it, or when files and database do not fit together
 * @throws Error when a check finds rows (that file is rolled back), or with PostgreSQL's error
 */
export async function migrate(options: MigrateOptions): Promise<Migrated> {
  const files = await readMigrations(options.directory)
  const client = await signIn({
    url: options.url,
    applicationName: 'yuanlu migrate',
    settings: {
      lock_timeout: LOCK_TIMEOUT_MS,
      statement_timeout: 0,
      client_min_messages: 'warning',
    },
  })
  try {
    await refuseStranger(client)
    await lock(client)
    await ensureRoles(client, options.login ?? null)
    await createBook(client)
    const applied: string[] = []
    for (const file of await openMigrations(client, files)) {
      await apply(client, file)
      applied.push(file.name)
    }
    await installJobs(client, options.queues ?? [])
    return { applied }
  } finally {
    // Closing the session also gives the lock back.
    await client.end()
  }
}

async function refuseStranger(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ login: string; database: string; owns: boolean }>(`
    select current_user::text as login, datname::text as database,
           pg_has_role(current_user, datdba, 'usage') as owns
      from pg_database where datname = current_database()`)
  const [found] = rows
  if (!found || found.owns) return
  throw new DatabaseFault(
    `the login "${found.login}" does not own the database "${found.database}"; sign in as its owner, ` +
      `or let the DBA run: alter database ${quoted(found.database)} owner to ${quoted(found.login)}`,
  )
}

/**
 * Asks again and again instead of waiting inside the server: a statement that waits keeps a snapshot
 * open, and building an index without blocking writers waits for every older snapshot to end.
 */
async function lock(client: pg.Client): Promise<void> {
  const until = Date.now() + LOCK_WAIT_MAX_MS
  while (Date.now() < until) {
    const { rows } = await client.query<{ mine: boolean }>(
      `select pg_try_advisory_lock(${MIGRATION_LOCK}) as mine`,
    )
    if (rows[0]?.mine) return
    await delay(LOCK_POLL_MS)
  }
  throw new DatabaseFault(
    'another node has been migrating this database for too long; look what it waits for',
  )
}

async function apply(client: pg.Client, file: MigrationFile): Promise<void> {
  try {
    await client.query('begin')
    const transaction = await transactionId(client)
    await client.query(file.sql)
    if ((await transactionId(client)) !== transaction) {
      throw new Error('it must not begin or end a transaction; what it did so far has stayed')
    }
    if (file.check) await check(client, file.check)
    await note(client, file)
    await client.query('commit')
  } catch (cause) {
    await client.query('rollback').catch(() => undefined)
    throw new Error(`Migration ${file.name} failed: ${(cause as Error).message}`, { cause })
  }
}

async function transactionId(client: pg.Client): Promise<string | undefined> {
  const { rows } = await client.query<{ id: string }>('select pg_current_xact_id()::text as id')
  return rows[0]?.id
}

async function check(client: pg.Client, query: string): Promise<void> {
  const { rows } = await client.query<Record<string, unknown>>(query)
  if (rows.length === 0) return
  const shown = rows.slice(0, CHECK_ROWS_SHOWN).map((row) => JSON.stringify(row))
  throw new Error(`its check found ${rows.length} rows that must not exist: ${shown.join(', ')}`)
}
