import type pg from 'pg'
import { getMigrationPlans, PgBoss, type Db as JobDatabase, type QueueOptions } from 'pg-boss'
import packageJson from 'pg-boss/package.json' with { type: 'json' }
import { APP_ROLE } from './connect.ts'
import { DatabaseFault } from './sign-in.ts'

export const JOB_SCHEMA = 'pgboss'

/**
 * A queue the product uses. Queues with tables of their own (pg-boss "partition") are left out on
 * purpose: creating one is DDL, which the application role must not be able to do.
 */
export type JobQueue = QueueOptions & {
  name: string
  policy?: 'standard' | 'short' | 'singleton' | 'stately' | 'exclusive'
  deadLetter?: string
}

/**
 * Installs or upgrades pg-boss's tables as the owner, creates `queues` (those named as somebody's
 * dead letter queue first) and lets the application role work with them.
 */
export async function installJobs(owner: pg.Client, queues: readonly JobQueue[]): Promise<void> {
  const boss = new PgBoss({
    db: jobDatabase(owner),
    schema: JOB_SCHEMA,
    supervise: false,
    schedule: false,
    registerInstance: false,
  })
  // pg-boss reports background trouble as events; here every step is awaited and throws by itself.
  boss.on('error', () => undefined)
  await upgrade(boss, owner)
  await boss.start()
  try {
    const deadLetters = new Set(queues.map((queue) => queue.deadLetter))
    const ordered = [...queues].sort(
      (a, b) => Number(deadLetters.has(b.name)) - Number(deadLetters.has(a.name)),
    )
    for (const { name, ...options } of ordered) {
      if (await boss.getQueue(name)) {
        // The policy of a queue is fixed for its life; everything else follows the code.
        const { policy: _fixed, ...changeable } = options
        if (Object.keys(changeable).length > 0) await boss.updateQueue(name, changeable)
      } else {
        await boss.createQueue(name, options)
      }
    }
  } finally {
    await boss.stop({ close: false, graceful: false })
  }
  await owner.query(`
    grant usage on schema ${JOB_SCHEMA} to ${APP_ROLE};
    grant select, insert, update, delete on all tables in schema ${JOB_SCHEMA} to ${APP_ROLE};
    grant usage, select on all sequences in schema ${JOB_SCHEMA} to ${APP_ROLE};
    grant execute on all functions in schema ${JOB_SCHEMA} to ${APP_ROLE};
  `)
}

/**
 * pg-boss would build the indexes of an upgrade later and from a running instance, but ours run as
 * a role that may not.
 */
async function upgrade(boss: PgBoss, owner: pg.Client): Promise<void> {
  if (!(await boss.isInstalled())) return
  const found = (await boss.schemaVersion()) ?? 0
  const expected = packageJson.pgboss.schema
  refuseNewer(found)
  if (found < expected) await owner.query(inOneTransaction(getMigrationPlans(JOB_SCHEMA, found)))
}

function refuseNewer(found: number): void {
  if (found <= packageJson.pgboss.schema) return
  throw new DatabaseFault(
    `this database was migrated by a newer Yuanlu (its job tables are at ${found}, ` +
      `this version knows ${packageJson.pgboss.schema}); start that version`,
  )
}

/** What the application finds missing: the tables as this version needs them, or a queue; null when nothing is. */
export async function missingJobs(
  application: pg.Client,
  queues: readonly JobQueue[],
): Promise<string | null> {
  const boss = new PgBoss({ db: jobDatabase(application), schema: JOB_SCHEMA, migrate: false })
  const found = (await boss.isInstalled()) ? ((await boss.schemaVersion()) ?? 0) : 0
  refuseNewer(found)
  if (found < packageJson.pgboss.schema) return 'the job tables of this version'
  const { rows } = await application.query<{ name: string }>(`select name from ${JOB_SCHEMA}.queue`)
  const missing = queues.find((queue) => !rows.some((row) => row.name === queue.name))
  return missing ? `the queue "${missing.name}"` : null
}

/**
 * The exported plan commits the new version number and then builds indexes "concurrently", made for
 * psql. Ended half-way that leaves a current version without its indexes, which nothing would ever
 * repair. Job tables are small: they can be locked while everything happens at once or not at all.
 */
function inOneTransaction(plan: string): string {
  const [changes, indexes, ...more] = plan.split(/^\s*COMMIT;\s*$/m)
  if (!changes || indexes === undefined || more.length > 0) {
    throw new Error('The upgrade plan of the job tables has an unknown form.')
  }
  return `${changes}\n${indexes.replaceAll(/ INDEX CONCURRENTLY /g, ' INDEX ')}\nCOMMIT;`
}

/** Lets pg-boss speak through a pool or a connection of ours. */
export function jobDatabase(database: pg.Pool | pg.Client): JobDatabase {
  return {
    async executeSql(text, values) {
      // Some texts hold several statements; pg then returns one result for each, and pg-boss wants
      // the rows of all of them. Kysely drops them, so pg-boss cannot run over a `Db`.
      const results = [await database.query(text, values)].flat() as pg.QueryResult[]
      return { rows: results.flatMap((result) => result.rows as unknown[]) }
    },
  }
}
