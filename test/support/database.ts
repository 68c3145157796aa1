import { randomBytes } from 'node:crypto'
import { afterAll, inject, onTestFinished, TestRunner } from 'vitest'
import type { RunnerTestCase, RunnerTestSuite } from 'vitest'
import { APP_ROLE, connect, type Db } from '../../src/db/connect.ts'
import { cloneTemplate, dropDatabase, withClient } from './server.ts'

/** A database of its own for one test file or one test. */
export type TestDatabase = {
  /** Logs in as the owner. */
  url: string
  /** As the application role, as the product runs. */
  db: Db
  /** As the owner, for what only the owner may do or see. */
  ownerDb: Db
  /** Drops it at once; needed only by a test that wants it gone before its end. */
  drop(): Promise<void>
}

const CONNECTIONS_MAX = 10

/**
 * Clones the migrated template. Called at the top of a test file (`const database = await
 * testDatabase()`) it lives as long as the file, inside a test as long as the test. It is then
 * dropped, or kept and named in the output when something failed, so that it can be looked into.
 */
export async function testDatabase(): Promise<TestDatabase> {
  const server = inject('databaseServer')
  const url = await cloneTemplate(server, inject('databaseTemplate'))
  const options = { url, applicationName: 'yuanlu test', maxConnections: CONNECTIONS_MAX }
  const db = connect(options)
  const ownerDb = connect({ ...options, role: null })

  const disconnect = once(() => Promise.all([db.destroy(), ownerDb.destroy()]))
  const drop = once(async () => {
    await disconnect()
    await dropDatabase(server, url)
  })
  let dropped = false
  const finish = async (failed: boolean): Promise<void> => {
    if (dropped) return
    if (!failed) return drop()
    await disconnect()
    console.warn(`kept for a look: database ${new URL(url).pathname.slice(1)}`)
  }
  if (TestRunner.getCurrentTest()) {
    onTestFinished(({ task }) => finish(task.result?.state === 'fail'))
  } else {
    // Vitest insists on a destructured first argument; only the second one says how tests ended.
    // oxlint-disable-next-line no-empty-pattern
    afterAll(({}, suite) => finish(hasFailed(suite)))
  }
  return {
    url,
    db,
    ownerDb,
    drop: () => {
      dropped = true
      return drop()
    },
  }
}

/** A login of its own that may act as the application role and as nobody else, for one test: what the product serves as. */
export async function serviceUrl(database: TestDatabase): Promise<string> {
  const name = `yuanlu_t_${randomBytes(4).toString('hex')}`
  const run = (statement: string) =>
    withClient(inject('databaseServer'), (client) => client.query(statement))
  await run(`create role ${name} login password '${name}' in role ${APP_ROLE}`)
  onTestFinished(async () => {
    await run(`drop role ${name}`)
  })
  const url = new URL(database.url)
  url.username = name
  url.password = name
  return url.toString()
}

function hasFailed(task: RunnerTestSuite | RunnerTestCase): boolean {
  if (task.result?.state === 'fail') return true
  return task.type === 'suite' && task.tasks.some(hasFailed)
}

/** Runs `work` at the first call; later calls share its result. */
function once<T>(work: () => Promise<T>): () => Promise<void> {
  let running: Promise<unknown> | null = null
  return async () => {
    await (running ??= work())
  }
}
