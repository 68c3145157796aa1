import { createHash, randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { JobQueue } from '../../src/db/job-schema.ts'
import { migrate } from '../../src/db/migrate.ts'

/**
 * The databases of a test server. A template is named by everything it was built from, so that
 * several checkouts can share one server; a test database carries its time of birth in its name.
 */
const TEMPLATE_PREFIX = 'yuanlu_tpl_'
const DATABASE_PREFIX = 'yuanlu_t_'
const DRAFT_PREFIX = 'yuanlu_draft_'

const KEPT_MS = 24 * 60 * 60 * 1000
const CLONE_TRIES_MAX = 50
const CLONE_PAUSE_MS = 100
const OBJECT_IN_USE = '55006'
const NOT_PERMITTED = '42501'
const DUPLICATE_DATABASE = '42P04'
const NO_SUCH_DATABASE = '3D000'

/** What a template is built from. */
export type TemplateSource = { directory: string; queues: readonly JobQueue[] }

/** Runs `work` with a connection of its own to `url`. */
export async function withClient<T>(
  url: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'yuanlu test support' })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** The same login on another database of the same server. */
export function onDatabase(url: string, name: string): string {
  const other = new URL(url)
  other.pathname = `/${name}`
  return other.toString()
}

/** Returns the name of a migrated, empty database to clone from; builds it when it is missing. */
export async function ensureTemplate(url: string, source: TemplateSource): Promise<string> {
  const template = `${TEMPLATE_PREFIX}${await fingerprint(source)}`
  await withClient(url, async (client) => {
    if (!(await databases(client, template)).length) await build(client, url, template, source)
    await client.query(`comment on database ${template} is '${Date.now()}'`)
  })
  return template
}

/** Clones `template` under a new name and returns the URL of the clone. */
export function cloneTemplate(url: string, template: string): Promise<string> {
  const name = `${DATABASE_PREFIX}${Date.now().toString(36)}_${randomBytes(4).toString('hex')}`
  return withClient(url, async (client) => {
    for (let tries = 1; ; tries += 1) {
      try {
        await client.query(`create database ${name} template ${template}`)
        return onDatabase(url, name)
      } catch (error) {
        // Another clone, or a cleaning worker of the server, is looking at the template right now.
        if ((error as { code?: string }).code !== OBJECT_IN_USE || tries === CLONE_TRIES_MAX) {
          throw error
        }
        await delay(CLONE_PAUSE_MS)
      }
    }
  })
}

export function dropDatabase(url: string, databaseUrl: string): Promise<void> {
  const name = new URL(databaseUrl).pathname.slice(1)
  return withClient(url, async (client) => {
    for (let tries = 1; ; tries += 1) {
      try {
        await client.query(`drop database if exists ${name} with (force)`)
        return
      } catch (error) {
        // A cleaning worker of the server is in it right now; it is the superuser's and not ours to end.
        if ((error as { code?: string }).code !== NOT_PERMITTED || tries === CLONE_TRIES_MAX) {
          throw error
        }
        await delay(CLONE_PAUSE_MS)
      }
    }
  })
}

/** Drops templates nobody asked for, and test databases kept by failures, for more than a day. */
export function dropLeftovers(url: string): Promise<string[]> {
  return withClient(url, async (client) => {
    const dropped: string[] = []
    const before = Date.now() - KEPT_MS
    for (const { name, comment } of await databases(client, 'yuanlu\\_%')) {
      const bornAt = name.startsWith(TEMPLATE_PREFIX)
        ? Number(comment)
        : name.startsWith(DATABASE_PREFIX) || name.startsWith(DRAFT_PREFIX)
          ? Number.parseInt(name.split('_')[2] ?? '', 36)
          : Number.NaN
      if (!(bornAt < before)) continue
      // A template nobody used since may be dropped by two runs at once.
      await client.query(`drop database if exists ${name} with (force)`)
      dropped.push(name)
    }
    return dropped
  })
}

async function build(
  client: pg.Client,
  url: string,
  template: string,
  source: TemplateSource,
): Promise<void> {
  // Built under another name and renamed when complete: a run that dies half-way leaves no
  // half-migrated template, and of two runs at once the slower one drops its own.
  const draft = `${DRAFT_PREFIX}${Date.now().toString(36)}_${randomBytes(4).toString('hex')}`
  await client.query(`create database ${draft}`)
  try {
    await migrate({ url: onDatabase(url, draft), ...source })
    await client.query(`alter database ${draft} rename to ${template}`)
  } catch (error) {
    await client.query(`drop database if exists ${draft} with (force)`)
    const { code } = error as { code?: string }
    if (code !== DUPLICATE_DATABASE && code !== NO_SUCH_DATABASE) throw error
  }
}

async function databases(
  client: pg.Client,
  pattern: string,
): Promise<{ name: string; comment: string | null }[]> {
  const { rows } = await client.query<{ name: string; comment: string | null }>(
    `select datname as name, shobj_description(oid, 'pg_database') as comment
     from pg_database where datname like $1`,
    [pattern],
  )
  return rows
}

/** Changes whenever the migrations, the code that applies them, the queues or pg-boss change. */
async function fingerprint({ directory, queues }: TemplateSource): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(queues))
  hash.update(await readFile(createRequire(import.meta.url).resolve('pg-boss/package.json')))
  const code = new URL('../../src/db/', import.meta.url).pathname
  for (const folder of [directory, code]) {
    const entries = await readdir(folder, { withFileTypes: true })
    for (const name of entries
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name)
      .sort()) {
      hash.update(name).update(await readFile(join(folder, name)))
    }
  }
  return hash.digest('hex').slice(0, 16)
}
