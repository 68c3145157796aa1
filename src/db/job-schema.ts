import type pg from 'pg'
import { getMigrationPlans, PgBoss, type Db as JobDatabase, type QueueOptions } from 'pg-boss'
import { APP_ROLE } from './connect.ts'

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
  const db = jobDatabase(owner)
  const boss = new PgBoss({
    db,
    schema: JOB_SCHEMA,
    supervise: false,
    schedule: false,
    registerInstance: false,
  })
  // pg-boss reports background trouble as events; here every step is awaited and throws by itself.
  boss.on('error', () => undefined)
  await upgrade(boss, db)
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
 * pg-boss builds the indexes of an upgrade later, from a running instance, and ours run as a role
 * that may not. Its exported plan builds them at once.
 */
async function upgrade(boss: PgBoss, db: JobDatabase): Promise<void> {
  if (!(await boss.isInstalled())) return
  const version = await boss.schemaVersion()
  const plan = version === null ? '' : getMigrationPlans(JOB_SCHEMA, version)
  if (plan) await db.executeSql(plan)
}

function jobDatabase(client: pg.Client): JobDatabase {
  return {
    async executeSql(text, values) {
      // Several statements in one text give an array of results; pg-boss reads the last one's rows.
      const result = await client.query(text, values as unknown[] | undefined)
      const last = Array.isArray(result) ? (result.at(-1) as pg.QueryResult) : result
      return { rows: last.rows }
    },
  }
}
