/** The processes that are killed: nodes of the product, and PostgreSQL with its backends. */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'

const CLI = join(import.meta.dirname, '../src/cli.ts')
/** Long, since whatever it needs is killed again and again meanwhile. */
const LISTEN_WAIT_MS = 5 * 60_000
const LOOK_EVERY_MS = 50

export type Program = {
  readonly port: number
  /** Resolves once it listens. A program that ended is begun again. */
  readonly begin: () => Promise<void>
  readonly signal: (signal: NodeJS.Signals) => void
  /** SIGKILL, whatever state it is in. */
  readonly kill: () => Promise<void>
  /** As `kill`, and it is not begun again, whoever is about to. */
  readonly end: () => Promise<void>
  /** How it ended each time that it did so by itself after it had listened; a good program never does. */
  readonly ownEnds: () => readonly string[]
}

/** `yuanlu …` in a process of its own, which listens on `port`; what it says goes to `logPath`. */
export function yuanlu(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  port: number,
  logPath: string,
): Program {
  const ownEnds: string[] = []
  let child: ChildProcess | null = null
  let hasListened = false
  let isOver = false
  const isAlive = () => child !== null && child.exitCode === null && child.signalCode === null
  const start = () => {
    const log = openSync(logPath, 'a')
    const started = spawn(process.execPath, [CLI, ...args], {
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', log, log],
    })
    closeSync(log)
    started.once('exit', (code, signal) => {
      // Whoever kills it says so first.
      if (hasListened && child === started) ownEnds.push(String(signal ?? code))
    })
    hasListened = false
    child = started
  }
  const kill = async () => {
    if (child === null || !isAlive()) return
    const gone = once(child, 'exit')
    hasListened = false
    child.kill('SIGKILL')
    await gone
  }
  return {
    port,
    begin: async () => {
      const until = performance.now() + LISTEN_WAIT_MS
      while (performance.now() < until) {
        if (isOver) return
        if (!isAlive()) start()
        if (await listens(port)) {
          hasListened = true
          return
        }
        await delay(LOOK_EVERY_MS)
      }
      throw new Error(`yuanlu ${args[0]} does not listen; see ${logPath}`)
    },
    signal: (signal) => void child?.kill(signal),
    kill,
    end: () => {
      isOver = true
      return kill()
    },
    ownEnds: () => ownEnds,
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

type Server = { readonly pid: number; readonly children: readonly Backend[] }
type Backend = { readonly pid: number; readonly title: string }

const runs = promisify(execFile)

/** The server of `pgdata` as the system's table of processes shows it; null while there is none. */
async function findServer(pgdata: string): Promise<Server | null> {
  const text = await readFile(join(pgdata, 'postmaster.pid'), 'utf8').catch(() => '')
  const pid = Number(text.split('\n')[0])
  if (!(pid > 1)) return null
  const { stdout } = await runs('ps', ['-o', 'pid=,args=', '--ppid', String(pid)]).catch(() => ({
    stdout: '',
  }))
  const children = stdout
    .split('\n')
    .map((line) => /^\s*(\d+) (.*)$/.exec(line))
    .flatMap((found) => (found ? [{ pid: Number(found[1]), title: found[2] ?? '' }] : []))
  return children.length === 0 ? null : { pid, children }
}

/** A backend of the product in the middle of something has a title such as `postgres: yuanlu_service … COMMIT`. */
const OURS = /^postgres: yuanlu_service /
const IDLE = / idle$/

/** kill -9 of one backend, one at work if there is any. @returns its title, or null when there was none. */
export async function killBackend(
  pgdata: string,
  pick: <Item>(items: readonly Item[]) => Item,
): Promise<string | null> {
  const server = await findServer(pgdata)
  const ours = server?.children.filter(({ title }) => OURS.test(title)) ?? []
  const busy = ours.filter(({ title }) => !IDLE.test(title))
  if (ours.length === 0) return null
  const { pid, title } = pick(busy.length > 0 ? busy : ours)
  return killed(pid) ? title : null
}

/** kill -9 of the postmaster and all it has begun. @returns whether there was one. */
export async function killPostmaster(pgdata: string): Promise<boolean> {
  const server = await findServer(pgdata)
  if (server === null || !killed(server.pid)) return false
  for (const { pid } of server.children) killed(pid)
  return true
}

function killed(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL')
    return true
  } catch {
    return false
  }
}
