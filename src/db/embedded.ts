import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { prepareCluster, type Cluster } from './cluster.ts'
import { embeddedBinaries, type Binaries } from './embedded-binaries.ts'
import { holdProcess, knock, leave, logins, type Guard } from './guard.ts'
import type { Log } from './log.ts'
import { serverUser, type OsUser } from './os-user.ts'
import { clearStale, hasEnded, inspectPostmaster } from './postmaster.ts'

export type EmbeddedOptions = {
  /** Kept between runs; `defaultDataRoot` says where to put it. */
  dataDir: string
  /** A fixed TCP port on 127.0.0.1; by default a free one is chosen once and kept. */
  port?: number
  /** A server that runs but gives no answer for this long is replaced. */
  silenceMaxMs?: number
  log: Log
}

/**
 * A running server. `ownerUrl` is the login that migrates, no superuser; `url` the one that serves,
 * once `migrate` has let it act as the application role.
 */
export type Embedded = { url: string; ownerUrl: string; stop(): Promise<void> }

const POLL_MS = 50
/** A new server that ends at once is started again this often, waiting 100, 200, 400 … ms between. */
const LAUNCHES_MAX = 7
const FIRST_PAUSE_MS = 100
const SILENCE_MAX_MS = 15_000
const ANSWER_MAX_MS = 3_000
/** Replaying the log after a power cut may take minutes; meanwhile the server says that it lives. */
const BUSY_MAX_MS = 10 * 60_000
const SHUTDOWN_MAX_MS = 30_000
const QUIT_MAX_MS = 3_000
/** Between two tries to bring a lost server back. */
const REVIVE_PAUSE_MS = 5_000
const SERVER_LOG_BYTES_MAX = 10 * 1024 * 1024
const ERROR_TAIL_BYTES = 2_000

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '128MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  log_lock_waits: 'on',
}

/** What every step of a start needs to know. */
type Setup = Omit<EmbeddedOptions, 'dataDir'> & {
  cluster: Cluster
  binaries: Binaries
  user: OsUser | null
  signal?: AbortSignal
}

/**
 * Starts the PostgreSQL that comes with the product, or joins the one that already runs on
 * `dataDir` (left by a killed process, or used by another of ours). Whatever `kill -9` left behind
 * is cleaned up here; nothing ever has to be deleted by hand.
 *
 * `stop()` shuts the server down and waits, unless another of our processes still uses it. A process
 * that ends without `stop()` leaves the server running for the next start; nothing here delays its
 * exit. If the server dies while in use, it is started again on the same port.
 *
 * @throws Error when it cannot be started, with the server's own last words
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const user = await serverUser()
  const binaries = await embeddedBinaries(user)
  const cluster = await prepareCluster(options.dataDir, binaries, user)
  const { log } = options
  const setup: Setup = { ...options, cluster, binaries, user }

  let guard = await acquire(setup)
  const urls = await logins(guard, cluster)
  await writeFile(portFile(cluster), `${guard.port}\n`)

  const stopping = new AbortController()
  let reviving: Promise<void> = Promise.resolve()
  const watch = (): void => {
    // Holding the connection must not keep a process alive that has nothing else left to do.
    holdProcess(guard, false)
    guard.client.once('end', () => {
      if (stopping.signal.aborted) return
      log.warn({ pid: guard.pid }, 'database.lost')
      reviving = revive()
    })
  }
  const revive = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        // The port must stay: our pools know no other.
        guard = await acquire({ ...setup, port: guard.port, signal: stopping.signal })
        log.info({ pid: guard.pid, port: guard.port }, 'database.revived')
        return watch()
      } catch (error) {
        log.warn({ err: error }, 'database.not_revived')
        await delay(REVIVE_PAUSE_MS, null, { signal: stopping.signal }).catch(() => undefined)
      }
    }
  }
  watch()

  const shutDown = async (): Promise<void> => {
    stopping.abort()
    await reviving
    holdProcess(guard, true)
    // Rejects when the server is gone already: then there is nothing to stop.
    const last = await leave(guard).catch(() => false)
    if (last) await endServer(cluster, guard.pid, 'SIGINT', log)
    else log.info({ pid: guard.pid }, 'database.left')
    await guard.client.end().catch(() => undefined)
  }
  let stopped: Promise<void> | null = null
  return { ...urls, stop: () => (stopped ??= shutDown()) }
}

/** Joins the running server, or starts one and joins that. */
async function acquire(setup: Setup): Promise<Guard> {
  const { cluster, log, silenceMaxMs = SILENCE_MAX_MS } = setup
  let launched: Launched | null = null
  let launches = 0
  let silentSince: number | null = null
  const giveUpAt = Date.now() + BUSY_MAX_MS
  while (Date.now() < giveUpAt) {
    setup.signal?.throwIfAborted()
    const seen = await inspectPostmaster(cluster.pgdata)
    if (seen.kind === 'running') {
      const asked = Date.now()
      const answer = await knock(cluster, seen, Math.min(ANSWER_MAX_MS, silenceMaxMs))
      if (answer.kind === 'welcome') {
        log.info({ ...seen, adopted: seen.pid !== launched?.pid }, 'database.joined')
        return answer.guard
      }
      if (answer.kind === 'refused') throw refused(cluster, answer.cause)
      silentSince = answer.kind === 'silent' ? (silentSince ?? asked) : null
      if (silentSince && Date.now() - silentSince >= silenceMaxMs) {
        log.warn({ pid: seen.pid, err: answer.cause }, 'database.unresponsive')
        await endServer(cluster, seen.pid, 'SIGQUIT', log)
        silentSince = null
      }
    } else if (!launched || launched.ended) {
      if (launches >= LAUNCHES_MAX) {
        throw new Error(
          `PostgreSQL does not start in ${cluster.dataDir}:\n${await launched?.lastWords()}`,
        )
      }
      // Causes that pass by themselves: the process that another start of ours just won, a killed
      // server that is still a zombie, its workers that have not yet noticed.
      if (launches > 0) await delay(FIRST_PAUSE_MS * 2 ** (launches - 1))
      if (seen.kind === 'stale') await clearStale(cluster.pgdata, seen)
      launched = await launch(setup)
      launches += 1
    }
    await delay(POLL_MS)
  }
  throw new Error(`PostgreSQL in ${cluster.dataDir} was not ready within ${BUSY_MAX_MS / 1000} s.`)
}

type Launched = { pid: number | undefined; ended: boolean; lastWords(): Promise<string> }

async function launch({ cluster, binaries, user, port, log }: Setup): Promise<Launched> {
  const chosen = await choosePort(cluster, port)
  const logPath = await rotatedLog(cluster)
  const output = await open(logPath, 'a', 0o600)
  try {
    const from = (await output.stat()).size
    const settings = Object.entries({ ...SETTINGS, port: String(chosen) })
    const child = spawn(
      binaries.postgres,
      ['-D', cluster.pgdata, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      {
        cwd: '/',
        env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
        stdio: ['ignore', output.fd, output.fd],
        // Its own process group: Ctrl-C in a terminal must reach us, who still have work to finish,
        // and not the server at the same moment.
        detached: true,
        ...(user && { uid: user.uid, gid: user.gid }),
      },
    )
    child.unref()
    log.info({ pid: child.pid, port: chosen }, 'database.launched')
    const launched: Launched = {
      pid: child.pid,
      ended: false,
      lastWords: async () =>
        (await readFile(logPath)).subarray(from).subarray(-ERROR_TAIL_BYTES).toString(),
    }
    child.once('exit', () => (launched.ended = true))
    child.once('error', (error) => {
      launched.ended = true
      launched.lastWords = async () => error.message
    })
    return launched
  } finally {
    await output.close()
  }
}

/** The port asked for, else the one used last time if it is free, else any free one. */
async function choosePort(cluster: Cluster, asked: number | undefined): Promise<number> {
  if (asked) {
    if (await freePort(asked)) return asked
    throw new Error(`Port ${asked} on 127.0.0.1 is taken by another program.`)
  }
  const remembered = Number(await readFile(portFile(cluster), 'utf8').catch(() => ''))
  const port = (remembered && (await freePort(remembered))) || (await freePort(0))
  if (!port) throw new Error('No free TCP port on 127.0.0.1.')
  return port
}

/** Binds `port` (0: any) for a moment; returns the port, or null when it is taken. */
async function freePort(port: number): Promise<number | null> {
  const probe = createServer()
  try {
    probe.listen(port, '127.0.0.1')
    await once(probe, 'listening')
    return (probe.address() as AddressInfo).port
  } catch {
    return null
  } finally {
    probe.close()
  }
}

/** The server's log; the one before is kept when it has grown beyond its limit. */
async function rotatedLog(cluster: Cluster): Promise<string> {
  const path = join(cluster.dataDir, 'server.log')
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  )
  if (size > SERVER_LOG_BYTES_MAX) await rename(path, `${path}.1`)
  return path
}

/** Sends `signal` and waits; a server that does not end is asked more and more firmly. */
async function endServer(
  cluster: Cluster,
  pid: number,
  signal: 'SIGINT' | 'SIGQUIT',
  log: Log,
): Promise<void> {
  const steps = [
    // Fast shutdown: open transactions are rolled back, everything committed is written out.
    { signal: 'SIGINT', waitMs: SHUTDOWN_MAX_MS },
    // Immediate: like a crash, the next start replays the log. Nothing committed is lost.
    { signal: 'SIGQUIT', waitMs: QUIT_MAX_MS },
    { signal: 'SIGKILL', waitMs: QUIT_MAX_MS },
  ] as const
  for (const step of steps.slice(signal === 'SIGINT' ? 0 : 1)) {
    if (await hasEnded(pid, cluster.pgdata)) return
    log.info({ pid, signal: step.signal }, 'database.stopping')
    signalServer(pid, step.signal)
    const until = Date.now() + step.waitMs
    while (Date.now() < until) {
      if (await hasEnded(pid, cluster.pgdata)) return
      await delay(POLL_MS)
    }
  }
  throw new Error(`PostgreSQL (process ${pid}) in ${cluster.dataDir} does not end.`)
}

function signalServer(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    // It ended between our look and our signal.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

const portFile = (cluster: Cluster): string => join(cluster.dataDir, 'port')

const refused = (cluster: Cluster, cause: unknown): Error =>
  new Error(
    `PostgreSQL in ${cluster.dataDir} refuses the password kept beside its data ` +
      '(server/password). Was it changed by hand?',
    { cause },
  )
