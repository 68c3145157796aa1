import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { defaultDataRoot } from '../../src/db/cluster.ts'
import { startEmbedded } from '../../src/db/embedded.ts'
import { QUEUES } from '../../src/jobs/queues.ts'
import { dropLeftovers, ensureTemplate } from './server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The owner's URL of the server that test databases are created on. */
    databaseServer: string
    /** The database to clone, migrated and empty. */
    databaseTemplate: string
  }
}

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url))

const quiet = {
  info: () => undefined,
  warn: (fields: object, event: string) => console.warn(event, fields),
}

/**
 * Runs once before all tests: one server, one template. `DATABASE_OWNER_URL` names another server, whose
 * login must be allowed to create databases and roles; otherwise our own PostgreSQL runs on a data
 * directory that is kept, so that only the first run on a machine has to create it.
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.DATABASE_OWNER_URL
  const server = given
    ? { ownerUrl: given, stop: async () => undefined }
    : await startEmbedded({
        dataDir: join(defaultDataRoot(process.env.XDG_DATA_HOME || null), 'test'),
        log: quiet,
      })
  try {
    await dropLeftovers(server.ownerUrl)
    const template = await ensureTemplate(server.ownerUrl, {
      directory: MIGRATIONS,
      queues: QUEUES,
    })
    project.provide('databaseServer', server.ownerUrl)
    project.provide('databaseTemplate', template)
  } catch (error) {
    await server.stop()
    throw error
  }
  return () => server.stop()
}
