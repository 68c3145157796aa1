/** The PostgreSQL that stories are played on, one of its own, with a database for each player. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defaultDataRoot } from '../src/db/cluster.ts'
import { startEmbedded } from '../src/db/embedded.ts'
import { QUEUES } from '../src/jobs/queues.ts'
import { cloneTemplate, dropDatabase, ensureTemplate, withClient } from '../test/support/server.ts'
import { STORY_NAME } from './database.ts'
import { goOn } from './stage.ts'

const MIGRATIONS = fileURLToPath(new URL('../migrations', import.meta.url))
const quiet = { info: () => undefined, warn: () => undefined }

export type Home = {
  /** @returns the owner's URL of a fresh database; dropped when home closes. */
  readonly database: () => Promise<string>
  readonly close: () => Promise<void>
}

/** A run that was killed may have left server processes that it held still. */
const wakeStopped = (ownerUrl: string): Promise<void> =>
  withClient(ownerUrl, async (client) => {
    const { rows } = await client.query<{ pid: number }>(
      `select pid from pg_stat_activity where application_name = '${STORY_NAME}'`,
    )
    for (const { pid } of rows) goOn(pid)
  })

export async function openHome(): Promise<Home> {
  const dataDir = join(defaultDataRoot(process.env['XDG_DATA_HOME'] || null), 'sim')
  const server = await startEmbedded({ dataDir, log: quiet })
  await wakeStopped(server.ownerUrl)
  const urls: string[] = []
  const template = await ensureTemplate(server.ownerUrl, { directory: MIGRATIONS, queues: QUEUES })
  return {
    database: async () => {
      const url = await cloneTemplate(server.ownerUrl, template)
      urls.push(url)
      return url
    },
    close: async () => {
      await Promise.all(urls.map((url) => dropDatabase(server.ownerUrl, url)))
      await server.stop()
    },
  }
}
