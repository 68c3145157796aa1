/** pg-boss as the product runs it: on a pool of its own, as the application role, never changing its tables. */
import { PgBoss } from 'pg-boss'
import type { Core } from '../commands/core.ts'
import { openPool } from '../db/connect.ts'
import { JOB_SCHEMA, jobDatabase } from '../db/job-schema.ts'

const CONNECTIONS_MAX = 4
/** How long running jobs may finish when the process ends; longer than one webhook may take. */
const DRAIN_MS = 10_000

export type Boss = {
  readonly boss: PgBoss
  /** No job starts after this is called; running ones finish, or are handed back for another try. */
  readonly stop: () => Promise<void>
}

/** pg-boss tells of its workers' faults by a copy that is no Error any more, of which a log could only say that. */
const errorOf = (told: Error): Error =>
  told instanceof Error ? told : Object.assign(new Error(), told)

export async function openBoss(url: string, log: Core['log']): Promise<Boss> {
  const pool = openPool({
    url,
    applicationName: 'yuanlu jobs',
    maxConnections: CONNECTIONS_MAX,
    log,
  })
  const boss = new PgBoss({
    db: jobDatabase(pool),
    schema: JOB_SCHEMA,
    // The tables and queues were made by migrate, as their owner; this role may neither change nor rebuild them.
    migrate: false,
    createSchema: false,
    reindex: false,
    monitorVacuum: false,
    // What is due regularly is put into queues by ourselves, so no cron is needed.
    schedule: false,
    registerInstance: false,
  })
  boss.on('error', (err) => log.error({ err: errorOf(err) }, 'jobs.failed'))
  boss.on('warning', () => log.warn({}, 'jobs.warned'))
  try {
    await boss.start()
  } catch (error) {
    await pool.end()
    throw error
  }
  const end = async () => {
    await boss.stop({ graceful: true, timeout: DRAIN_MS })
    await pool.end()
  }
  let ending: Promise<void> | null = null
  return { boss, stop: () => (ending ??= end()) }
}
