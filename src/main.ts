/**
 * The composition root: database, migrations, core, jobs, HTTP, in that order; ended in reverse. Everything that
 * draws lots, reads a clock or touches the process is put together here and passed inward.
 */
import { createSecretKey, randomBytes, randomInt, type KeyObject } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { buildApp } from './api/app.ts'
import { authorityResource } from './api/authority.ts'
import { openResources, resources } from './api/index.ts'
import { pageResource } from './api/pages.ts'
import { keepPlainHttpOut } from './api/plain-http.ts'
import { cachedLookup } from './auth/key-cache.ts'
import { actorOf, isRefusal } from './auth/keys.ts'
import { makePins } from './auth/pins.ts'
import { makeVault } from './auth/vault.ts'
import { closeCalls } from './channels/call.ts'
import { registry, type Channels } from './channels/index.ts'
import type { Clock, Core, CrashPoint } from './commands/core.ts'
import { openRefundLanes } from './commands/refund-lanes.ts'
import { ConfigError, type Config, type MigrateConfig } from './config.ts'
import { defaultDataRoot } from './db/cluster.ts'
import { connect, ping, readInTenant, type Db } from './db/connect.ts'
import { startEmbedded } from './db/embedded.ts'
import { migrate } from './db/migrate.ts'
import { assertReady } from './db/ready.ts'
import { DatabaseFault, loginOf } from './db/sign-in.ts'
import { NO_FEE } from './domain/fees.ts'
import { refuse } from './domain/problems.ts'
import { DEFAULT_PARAMS, RULES } from './domain/policy/rules/index.ts'
import { AUDIT_EVERY_SECONDS, RELAY_INTERVAL_MS, startJobs } from './jobs/jobs.ts'
import { QUEUES } from './jobs/queues.ts'
import type { Loop } from './jobs/loop.ts'
import { startSweeper } from './jobs/sweeper.ts'
import { makeLog, type Log } from './log.ts'
import { findKeys } from './store/keys.ts'
import { reasonText } from './texts/reasons.ts'
import { standBefore } from './tls/door.ts'
import { keepCertificate, type KeptCertificate } from './tls/keeper.ts'

/** The sample shop's merchant. Its keys lie in a file for everybody to try, so production does not let them in. */
export const DEMO_TENANT = 1_000_000

export type Yuanlu = {
  /** For people: HTTPS where a certificate is there. */
  readonly url: string
  /** For programs on this machine: plain HTTP, on the same port. */
  readonly localUrl: string
  readonly dataDir: string
  readonly core: Core
  /** Ends it in order: no new requests, what is under way finishes, then jobs, then the database. */
  readonly close: () => Promise<void>
}

/** What tests and the demo may put in place of the real thing; production passes nothing. */
export type Replacements = {
  readonly channels?: Channels
  readonly clock?: Clock
  readonly log?: Log
  readonly crashPoint?: (name: CrashPoint) => void
  readonly sendWithinMs?: number
}

export const MIGRATIONS = join(import.meta.dirname, '../migrations')
/** What `npm run build` makes of web/till. */
const TILL_PAGES = join(import.meta.dirname, '../web/dist/till')

/** Where this process keeps its data. */
export const dataDirOf = (config: Pick<Config, 'dataDir' | 'userDataDir'>): string =>
  config.dataDir ?? defaultDataRoot(config.userDataDir)

const DRAIN_MS = 10_000
/** Shorter than any lease, so that a send can never outlive its holder's lease. */
const SEND_WITHIN_MS = 20_000
/** The sweeper counts as running while its last round is not older than this. */
const SWEEP_AGE_MAX_MS = 60_000
const MASTER_KEY_BYTES = 32

export async function startYuanlu(
  config: Config,
  replacements: Replacements = {},
): Promise<Yuanlu> {
  if (config.production && replacements.clock) throw new Error('a movable clock is for tests only')
  const log = replacements.log ?? makeLog(config.logLevel)
  const opened: (() => Promise<void>)[] = []
  try {
    const kept = await certificateOf(config, log, opened)
    const { db, url: databaseUrl } = await openDatabase(config, log, opened)
    const core = makeCore(config, db, await masterKeyOf(config), log, replacements)
    opened.push(closeCalls)
    const sweeper = startSweeper(core, config.sweepIntervalMs)
    opened.push(sweeper.stop)
    const jobs = await startJobs(core, {
      url: databaseUrl,
      relayIntervalMs: RELAY_INTERVAL_MS,
      auditEverySeconds: AUDIT_EVERY_SECONDS,
      webhooks: { loopbackHttp: !config.production },
    })
    opened.push(jobs.stop)
    const port = await listen(config, core, sweeper, kept, log, opened)
    const place = `${bracketed(ANY_ADDRESS.get(config.host) ?? config.host)}:${port}`
    log.info({ production: config.production, port, https: kept !== null }, 'server.listening')
    return {
      url: `${kept === null ? 'http' : 'https'}://${place}`,
      localUrl: `http://${place}`,
      dataDir: dataDirOf(config),
      core,
      close: () => closeAll(opened),
    }
  } catch (error) {
    await closeAll(opened)
    throw error
  }
}

async function openDatabase(
  config: Config,
  log: Log,
  opened: (() => Promise<void>)[],
): Promise<{ db: Db; url: string }> {
  const url = config.databaseUrl ?? (await openEmbedded(config, log, opened))
  const ready = assertReady({ url, directory: MIGRATIONS, queues: QUEUES })
  await (config.databaseUrl === null ? ready : told('DATABASE_URL', ready))
  const db = connect({ url, applicationName: 'yuanlu', maxConnections: config.databasePool, log })
  opened.push(() => db.destroy())
  return { db, url }
}

/** The database that is ours alone is migrated at every start. */
async function openEmbedded(
  config: Config,
  log: Log,
  opened: (() => Promise<void>)[],
): Promise<string> {
  const dataDir = join(dataDirOf(config), 'postgres')
  const embedded = await told('YUANLU_DATA_DIR', startEmbedded({ dataDir, log }))
  opened.push(() => embedded.stop())
  const { url, ownerUrl } = embedded
  const { applied } = await migrate({
    url: ownerUrl,
    directory: MIGRATIONS,
    queues: QUEUES,
    login: loginOf(url),
  })
  for (const migration of applied) log.info({ migration }, 'database.migrated')
  return url
}

/**
 * Brings the database of a server to this version, and proves that its login can serve.
 *
 * @returns the names of the migrations that were applied
 */
export async function migrateDatabase(config: MigrateConfig): Promise<readonly string[]> {
  const { databaseUrl: url, databaseOwnerUrl } = config
  const place = { directory: MIGRATIONS, queues: QUEUES }
  const { applied } = await told(
    'DATABASE_OWNER_URL',
    migrate({ ...place, url: databaseOwnerUrl, login: loginOf(url) }),
  )
  await told('DATABASE_URL', assertReady({ ...place, url }))
  return applied
}

/** A fault of the database is told with the setting that leads to it. */
async function told<T>(setting: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (cause) {
    if (!(cause instanceof DatabaseFault)) throw cause
    throw new DatabaseFault(`${setting}: ${cause.message}`, { cause })
  }
}

/** Given, or with the embedded database made once and kept beside it, readable by its owner alone. */
async function masterKeyOf(config: Config): Promise<KeyObject> {
  if (config.masterKey) return config.masterKey
  const path = join(dataDirOf(config), 'master.key')
  try {
    await writeFile(path, randomBytes(MASTER_KEY_BYTES).toString('base64'), {
      flag: 'wx',
      mode: 0o600,
    })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  const key = Buffer.from(await readFile(path, 'utf8'), 'base64')
  if (key.length !== MASTER_KEY_BYTES)
    throw new ConfigError([
      `YUANLU_MASTER_KEY is not set, and ${path} holds no key of ${MASTER_KEY_BYTES} bytes; bring the file back from your backup, what it has sealed opens with no other`,
    ])
  return createSecretKey(key)
}

const digits = (count: number): string =>
  Array.from({ length: count }, () => String(randomInt(10))).join('')

function makeCore(
  config: Config,
  db: Db,
  masterKey: KeyObject,
  log: Log,
  replacements: Replacements,
): Core {
  const vault = makeVault(masterKey)
  return {
    db,
    log,
    channel: replacements.channels ?? registry(),
    vault,
    pins: makePins(vault),
    clock: replacements.clock ?? { now: () => new Date(), offsetMs: () => 0 },
    random: { digits, bytes: randomBytes },
    settings: {
      channelTimeoutMs: config.channelTimeoutMs,
      leaseMs: config.leaseMs,
      breaker: config.breaker,
      sendWithinMs: replacements.sendWithinMs ?? Math.min(SEND_WITHIN_MS, config.leaseMs - 1),
      notifyBase: config.notifyUrl,
      publicUrl: config.publicUrl,
      shop: { rules: RULES, params: DEFAULT_PARAMS, fee: NO_FEE },
      loopbackWebhooks: !config.production,
    },
    // Customers of these channels read Chinese; it stands in their bill.
    reasonText: (code) => reasonText('zh', code),
    crashPoint: replacements.crashPoint ?? (() => undefined),
  }
}

/** Null: plain HTTP. */
/** Where `yuanlu cert` keeps what it makes. */
export const tlsDirOf = (config: Pick<Config, 'dataDir' | 'userDataDir'>): string =>
  join(dataDirOf(config), 'tls')

async function certificateOf(
  config: Config,
  log: Log,
  opened: (() => Promise<void>)[],
): Promise<KeptCertificate | null> {
  const { https } = config
  if (https.kind === 'off') return null
  const source = https.kind === 'own' ? { ...https, folder: tlsDirOf(config) } : https
  const kept = await keepCertificate(source, log)
  if (kept !== null) opened.push(kept.stop)
  return kept
}

/** Where this machine itself is, for a server that listens on all its addresses. */
const ANY_ADDRESS = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
])

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host)

/** @returns the port */
async function listen(
  config: Config,
  core: Core,
  sweeper: Loop,
  kept: KeptCertificate | null,
  log: Log,
  opened: (() => Promise<void>)[],
): Promise<number> {
  const lookup = cachedLookup(
    (tenant, hashes) =>
      readInTenant(core.db, tenant, (tx) => findKeys(tx, hashes, core.clock.now())),
    () => performance.now(),
  )
  const lanes = openRefundLanes(core)
  const app = buildApp(
    {
      config: { drainMs: DRAIN_MS },
      log,
      authenticate: async (headers) => {
        const answer = await actorOf(lookup, headers)
        const isDemo = !isRefusal(answer) && answer.tenant === DEMO_TENANT
        return config.production && isDemo ? refuse('not_signed_in', {}) : answer
      },
      checks: {
        database: async () => {
          await ping(core.db)
          return true
        },
        // Was looked at before this process listened, and a newer schema refuses to start older code.
        migrations: async () => true,
        sweeper: async () => {
          const last = sweeper.lastEndedMs()
          return last !== null && performance.now() - last < SWEEP_AGE_MAX_MS
        },
      },
    },
    resources(core, lanes),
    [
      ...openResources(core, lanes),
      authorityResource(() => kept?.authorityPem() ?? null),
      pageResource(TILL_PAGES),
    ],
  )
  opened.push(() => app.close())
  if (kept !== null) {
    keepPlainHttpOut(app)
    const leaveDoor = standBefore(app.server, kept, log)
    opened.push(async () => leaveDoor())
  }
  await app.listen({ host: config.host, port: config.port }).catch((error: unknown) => {
    throw listenFault(config, error)
  })
  return (app.server.address() as AddressInfo).port
}

/** What the settings ask for and this machine does not give, as a fault of the setting. */
function listenFault({ host, port }: Config, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException
  const nobody = `HOST ${host} is a name that leads nowhere; set an address of this machine`
  const says: Record<string, string> = {
    EADDRINUSE: `PORT ${port} on ${host} is taken by another program, perhaps another Yuanlu; end it, or set another PORT`,
    EACCES: `PORT ${port} is not for ordinary users; set one from 1024 up and let a reverse proxy stand before it`,
    EADDRNOTAVAIL: `HOST ${host} is no address of this machine; set one of its own, 127.0.0.1, or 0.0.0.0 for all`,
    ENOTFOUND: nobody,
    EAI_AGAIN: nobody,
  }
  const sentence = says[code ?? '']
  return sentence === undefined ? error : new ConfigError([sentence])
}

/** Last opened, first closed; one that fails does not keep the others open. */
async function closeAll(opened: (() => Promise<void>)[]): Promise<void> {
  const faults: unknown[] = []
  for (const close of opened.splice(0).toReversed()) {
    await close().catch((error: unknown) => faults.push(error))
  }
  if (faults.length > 0) throw new AggregateError(faults, 'not everything could be closed in order')
}
