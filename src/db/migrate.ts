import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { withSettings } from './connect.ts'
import { installJobs, type JobQueue } from './job-schema.ts'
import { readMigrations, type MigrationFile } from './migration-files.ts'
import { ensureRoles } from './roles.ts'

export type MigrateOptions = {
  /** Connects as the owner of the database, not as the application role. */
  url: string
  /** The folder with `NNNN_name.sql` files. */
  directory: string
  /** The job queues that must exist afterwards. */
  queues?: readonly JobQueue[]
}

/** `applied`: the names of the files this call ran, in order; empty when there was nothing to do. */
export type Migrated = { applied: string[] }

type AppliedRow = { version: number; name: string; checksum: string }

const MIGRATION_LOCK = 7_202_603
const LOCK_POLL_MS = 100
/** How long a node waits for another one that is migrating. */
const LOCK_WAIT_MAX_MS = 10 * 60_000
/** A migration that cannot get a table lock fails rather than making every till queue behind it. */
const LOCK_TIMEOUT_MS = 10_000
/** `grant … with set` and `pg_has_role(…, 'set')` exist from here on. */
const SERVER_VERSION_MIN = 160_000
const CHECK_ROWS_SHOWN = 3

/**
 * Brings a database to the state of this version: roles, then each new file in a transaction of its
 * own, then the job tables. Any number of nodes may call it at once; one works, the others wait and
 * find nothing left to do.
 *
 * @throws Error when an applied file was changed or is missing, when the database was migrated by a
 *   newer version, when a check finds rows (that file is rolled back), or with PostgreSQL's error
 */
export async function migrate(options: MigrateOptions): Promise<Migrated> {
  const files = await readMigrations(options.directory)
  const client = new pg.Client({
    connectionString: withSettings(options.url, {
      lock_timeout: LOCK_TIMEOUT_MS,
      statement_timeout: 0,
      client_min_messages: 'warning',
    }),
    application_name: 'yuanlu migrate',
  })
  // A lost connection also fails the statement under way, which is where it is reported.
  client.on('error', () => undefined)
  await client.connect()
  try {
    await refuseOldServer(client)
    await lock(client)
    await ensureRoles(client)
    await createBook(client)
    const applied: string[] = []
    for (const file of compare(files, await readBook(client))) {
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

async function refuseOldServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ number: number; text: string }>(
    `select current_setting('server_version_num')::int4 as number,
            current_setting('server_version') as text`,
  )
  const [server] = rows
  if (server && server.number >= SERVER_VERSION_MIN) return
  throw new Error(`Yuanlu needs PostgreSQL 16 or newer; this server is ${server?.text}.`)
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
  throw new Error('Another node has been migrating this database for too long.')
}

/** In a schema of its own, out of sight of the application role and of generated types. */
async function createBook(client: pg.Client): Promise<void> {
  await client.query(`
    create schema if not exists yuanlu_meta;
    create table if not exists yuanlu_meta.migration (
      version integer primary key,
      name text not null,
      checksum text not null,
      applied_at timestamptz not null default clock_timestamp()
    );
  `)
}

async function readBook(client: pg.Client): Promise<AppliedRow[]> {
  const { rows } = await client.query<AppliedRow>(
    'select version, name, checksum from yuanlu_meta.migration order by version',
  )
  return rows
}

/** Returns the files still to run, after proving that the book and the files tell one story. */
function compare(files: MigrationFile[], book: AppliedRow[]): MigrationFile[] {
  const newest = book.at(-1)?.version ?? 0
  if (newest > (files.at(-1)?.version ?? 0)) {
    throw new Error(
      `This database was migrated by a newer Yuanlu (it is at ${book.at(-1)?.name}). ` +
        'Start that version; an older one could misread its data.',
    )
  }
  for (const row of book) {
    const file = files.find((candidate) => candidate.version === row.version)
    if (!file) throw new Error(`Migration ${row.name} was applied here, but its file is missing.`)
    if (file.checksum !== row.checksum) {
      throw new Error(
        `Migration ${file.name} was changed after it had been applied here. ` +
          'Restore the file and put the change into a new migration.',
      )
    }
  }
  const done = new Set(book.map((row) => row.version))
  const open = files.filter((file) => !done.has(file.version))
  const late = open.find((file) => file.version < newest)
  if (late) {
    throw new Error(`Migration ${late.name} comes too late: this database is already at ${newest}.`)
  }
  return open
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
    await client.query(
      'insert into yuanlu_meta.migration (version, name, checksum) values ($1, $2, $3)',
      [file.version, file.name, file.checksum],
    )
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
