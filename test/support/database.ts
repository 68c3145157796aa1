import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, expect, inject, onTestFinished, TestRunner } from 'vitest'
import type { RunnerTestCase, RunnerTestSuite } from 'vitest'
import { APP_ROLE, connect, inTenant, type Db } from '../../src/db/connect.ts'
import { findDifferences, type Difference } from '../../src/store/audit.ts'
import { tenantsAfter } from '../../src/store/tenants.ts'
import { cloneTemplate, dropDatabase, withClient } from './server.ts'

/** A database of its own for one test file or one test. */
export type TestDatabase = {
  /** Logs in as the owner. */
  url: string
  /** As the application role, as the product runs. */
  db: Db
  /** As the owner, for what only the owner may do or see. */
  ownerDb: Db
  /** The running test spoils the books on purpose: the audit after it must find something instead of nothing. */
  leavesBooksWrong(): void
}

const CONNECTIONS_MAX = 10
const TENANTS_MAX = 1_000

/**
 * Clones the migrated template. Called at the top of a test file (`const database = await
 * testDatabase()`) it lives as long as the file, inside a test as long as the test. It is then
 * dropped, or kept and named in the output when something failed, so that it can be looked into.
 *
 * After each test the standing audit goes over the books of every merchant in it and must find nothing.
 */
export async function testDatabase(): Promise<TestDatabase> {
  const server = inject('databaseServer')
  const url = await cloneTemplate(server, inject('databaseTemplate'))
  const options = { url, applicationName: 'yuanlu test', maxConnections: CONNECTIONS_MAX }
  const db = connect(options)
  const ownerDb = connect({ ...options, role: null })
  // Its own, since a test may have closed or used up the others.
  const auditDb = connect({ ...options, maxConnections: 1 })

  const finish = async (failed: boolean): Promise<void> => {
    await Promise.all([db.destroy(), ownerDb.destroy(), auditDb.destroy()])
    if (!failed) return dropDatabase(server, url)
    console.warn(`kept for a look: database ${new URL(url).pathname.slice(1)}`)
  }
  let booksWrong = false
  const audit = async (): Promise<void> => {
    const expected = booksWrong ? expect.arrayContaining([expect.anything()]) : []
    booksWrong = false
    expect(await differencesIn(auditDb), 'the audit after the test').toEqual(expected)
  }
  if (TestRunner.getCurrentTest()) {
    // The last one goes first: servers opened on the database later have ended their turns by then.
    onTestFinished(({ task }) => finish(task.result?.state === 'fail'))
    onTestFinished(audit)
  } else {
    afterEach(audit)
    // Vitest insists on a destructured first argument; only the second one says how tests ended.
    // oxlint-disable-next-line no-empty-pattern
    afterAll(({}, suite) => finish(hasFailed(suite)))
  }
  return {
    url,
    db,
    ownerDb,
    leavesBooksWrong: () => {
      booksWrong = true
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

/** Of all merchants. */
async function differencesIn(db: Db): Promise<Difference[]> {
  const found: Difference[] = []
  for (const tenant of await tenantsAfter(db, 0, TENANTS_MAX)) {
    found.push(...(await inTenant(db, tenant, findDifferences)))
  }
  return found
}

function hasFailed(task: RunnerTestSuite | RunnerTestCase): boolean {
  if (task.result?.state === 'fail') return true
  return task.type === 'suite' && task.tasks.some(hasFailed)
}
