import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { QueryResultRow } from 'pg'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { canHoldCluster } from '../../src/db/cluster.ts'
import { startEmbedded, type Embedded } from '../../src/db/embedded.ts'
import { migrate } from '../../src/db/migrate.ts'
import { run, SELF, serverUser } from '../../src/db/os-user.ts'
import { inspectPostmaster } from '../../src/db/postmaster.ts'
import { onDatabase, withClient } from '../support/server.ts'

const HOLDER = fileURLToPath(new URL('hold-server.ts', import.meta.url))

const quiet = { info: () => undefined, warn: () => undefined }

const cleanUps: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

test('the server keeps its data, its password and its port between two starts', async () => {
  const dataDir = await clusterDir()
  const first = await start(dataDir)
  await query(first.ownerUrl, 'create table kept as select 7 as n')
  await first.stop()
  expect(await inspectPostmaster(pgdata(dataDir))).toEqual({ kind: 'absent' })

  const second = await start(dataDir)
  expect(second.ownerUrl).toBe(first.ownerUrl)
  expect(await query(second.ownerUrl, 'select n from kept')).toEqual([{ n: 7 }])
})

test('it writes through, listens on this machine only and asks for a password', async () => {
  const dataDir = await clusterDir()
  const { ownerUrl: url } = await start(dataDir)
  const names = ['fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums']
  for (const name of names) {
    expect(await query(url, `select current_setting('${name}') as value`)).toEqual([
      { value: 'on' },
    ])
  }
  expect(await query(url, `select current_setting('listen_addresses') as value`)).toEqual([
    { value: '127.0.0.1' },
  ])
  const [role] = await query(url, 'select rolsuper from pg_roles where rolname = current_user')
  expect(role).toEqual({ rolsuper: false })

  const withoutPassword = new URL(url)
  withoutPassword.password = 'wrong'
  await expect(query(withoutPassword.toString(), 'select 1')).rejects.toThrow(/password/)
  const { mode } = await stat(join(dataDir, 'server', 'password'))
  expect(mode & 0o777).toBe(0o600)
})

test('after kill -9 of the server a start recovers what was committed', async () => {
  const dataDir = await clusterDir()
  const holder = await hold(dataDir)
  await query(holder.url, 'create table kept as select 7 as n')
  const { pid } = await running(dataDir)
  holder.child.kill('SIGKILL')
  process.kill(pid, 'SIGKILL')

  const server = await start(dataDir)
  expect((await running(dataDir)).pid).not.toBe(pid)
  expect(await query(server.ownerUrl, 'select n from kept')).toEqual([{ n: 7 }])
})

test('after kill -9 of our process the next start adopts the server it left, and stops it', async () => {
  const dataDir = await clusterDir()
  const holder = await hold(dataDir)
  const { pid } = await running(dataDir)
  holder.child.kill('SIGKILL')
  await once(holder.child, 'exit')

  const server = await start(dataDir)
  expect(server.ownerUrl).toBe(holder.url)
  expect((await running(dataDir)).pid).toBe(pid)
  await server.stop()
  expect(await inspectPostmaster(pgdata(dataDir))).toEqual({ kind: 'absent' })
})

test('a second process adopts the server and does not take it away from the first', async () => {
  const dataDir = await clusterDir()
  const first = await start(dataDir)
  const { pid } = await running(dataDir)
  const second = await hold(dataDir)
  expect(second.url).toBe(first.ownerUrl)

  await release(second.child)
  expect((await running(dataDir)).pid).toBe(pid)
  expect(await query(first.ownerUrl, 'select 1 as n')).toEqual([{ n: 1 }])
})

test('a process that ends without stopping the server is not held up, and the server stays', async () => {
  const dataDir = await clusterDir()
  const { child, url } = await hold(dataDir, 'leave')
  if (child.exitCode === null) await once(child, 'exit')
  expect(child.exitCode).toBe(0)
  expect(await query(url, 'select 1 as n')).toEqual([{ n: 1 }])
  await start(dataDir)
})

test('of several starts and stops at once all share one server, and the last one stops it', async () => {
  const dataDir = await emptyDir()
  const servers = [...(await Promise.all([start(dataDir), start(dataDir)])), await start(dataDir)]
  expect(new Set(servers.map((server) => server.ownerUrl)).size).toBe(1)
  await Promise.all(servers.map((server) => server.stop()))
  expect(await inspectPostmaster(pgdata(dataDir))).toEqual({ kind: 'absent' })
})

test('a server that is killed while in use comes back on the same port', async () => {
  const dataDir = await clusterDir()
  const { ownerUrl: url } = await start(dataDir)
  process.kill((await running(dataDir)).pid, 'SIGKILL')
  await vi.waitFor(() => query(url, 'select 1'), { timeout: 15_000, interval: 100 })
})

test('a server that hangs is replaced', async () => {
  const dataDir = await clusterDir()
  const holder = await hold(dataDir)
  const { pid } = await running(dataDir)
  holder.child.kill('SIGKILL')
  process.kill(pid, 'SIGSTOP')

  const server = await start(dataDir, { silenceMaxMs: 500 })
  expect((await running(dataDir)).pid).not.toBe(pid)
  expect(await query(server.ownerUrl, 'select 1 as n')).toEqual([{ n: 1 }])
})

const strangers = {
  'the number of a process that is gone': async () => {
    const child = spawn('true')
    await once(child, 'exit')
    return child.pid
  },
  'the number of somebody else’s live process': async () => {
    const user = await serverUser()
    const child = spawn('sleep', ['60'], { ...(user && { uid: user.uid, gid: user.gid }) })
    cleanUps.push(async () => child.kill('SIGKILL'))
    await once(child, 'spawn')
    return child.pid
  },
  'the number of a zombie': async () => {
    const user = await serverUser()
    // The shell starts a child, prints its number and becomes a program that never reaps it.
    const child = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      ...(user && { uid: user.uid, gid: user.gid }),
    })
    cleanUps.push(async () => child.kill('SIGKILL'))
    const [printed] = (await once(child.stdout, 'data')) as [Buffer]
    return Number(printed.toString())
  },
}

test.each(Object.keys(strangers) as (keyof typeof strangers)[])(
  'a lock file left with %s does not block the start',
  async (kind) => {
    const dataDir = await clusterDir()
    const lockFile = join(pgdata(dataDir), 'postmaster.pid')
    const server = await start(dataDir)
    const left = await readFile(lockFile, 'utf8')
    await query(server.ownerUrl, 'create table kept as select 7 as n')
    await server.stop()
    await writeFile(lockFile, left.replace(/^\d+/, String(await strangers[kind]())))
    const user = await serverUser()
    if (user) await chown(lockFile, user.uid, user.gid)
    expect(await inspectPostmaster(pgdata(dataDir))).toMatchObject({ kind: 'stale' })

    const again = await start(dataDir)
    expect(await query(again.ownerUrl, 'select n from kept')).toEqual([{ n: 7 }])
  },
)

test('a port that is taken is refused by name when it was asked for, else replaced', async () => {
  const dataDir = await clusterDir()
  const first = await start(dataDir)
  const port = Number(new URL(first.ownerUrl).port)
  await expect(start(await clusterDir(), { port })).rejects.toThrow(`Port ${port}`)

  const otherDir = await clusterDir()
  await writeFile(join(otherDir, 'port'), `${port}\n`)
  const other = await start(otherDir)
  expect(Number(new URL(other.ownerUrl).port)).not.toBe(port)
})

test('on a new server several databases create the shared roles at once', async () => {
  const dataDir = await clusterDir()
  const { ownerUrl: url } = await start(dataDir)
  const migrations = await emptyDir()
  await writeFile(join(migrations, '0001_first.sql'), 'create table merchant ();')
  const names = ['one', 'two', 'three', 'four']
  for (const name of names) await query(url, `create database ${name}`)
  const runs = await Promise.all(
    names.map((name) => migrate({ url: onDatabase(url, name), directory: migrations })),
  )
  expect(runs.map((run) => run.applied.length)).toEqual([1, 1, 1, 1])
})

test('a data directory that the server’s user cannot reach is refused in words', async (context) => {
  const user = await serverUser()
  if (!user) return context.skip('only root runs the server as another user')
  const closed = await emptyDir()
  await chmod(closed, 0o700)
  await expect(start(join(closed, 'data'))).rejects.toThrow(/cannot reach .*\/data/)
  // By this the demo knows that it has to keep its data elsewhere.
  expect(await canHoldCluster(join(closed, 'data'))).toBe(false)
  await chmod(closed, 0o755)
  expect(await canHoldCluster(join(closed, 'data'))).toBe(true)
})

async function emptyDir(): Promise<string> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), 'yuanlu-embedded-')))
  cleanUps.push(() => rm(dir, { recursive: true, force: true }))
  // mkdtemp closes its folder to everybody else; the server's own user has to pass through it.
  await chmod(dir, 0o755)
  return dir
}

/** A stopped, healthy cluster: copying one takes a tenth of the time that making one takes. */
async function clusterDir(): Promise<string> {
  const dir = await emptyDir()
  await run('cp', ['-a', `${await original()}/.`, dir], SELF)
  return dir
}

const original = (() => {
  let made: Promise<string> | null = null
  const make = async (): Promise<string> => {
    const dir = await realpath(await mkdtemp(join(tmpdir(), 'yuanlu-embedded-')))
    await chmod(dir, 0o755)
    const server = await startEmbedded({ dataDir: dir, log: quiet })
    await server.stop()
    // Each copy picks a port of its own.
    await rm(join(dir, 'port'))
    return dir
  }
  return () => (made ??= make())
})()

afterAll(async () => rm(await original(), { recursive: true, force: true }))

async function start(
  dataDir: string,
  options: { port?: number; silenceMaxMs?: number } = {},
): Promise<Embedded> {
  const server = await startEmbedded({ dataDir, log: quiet, ...options })
  cleanUps.push(() => server.stop())
  return server
}

/** Runs `startEmbedded` in a process of its own. */
async function hold(
  dataDir: string,
  ...mode: string[]
): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [HOLDER, dataDir, ...mode], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  cleanUps.push(async () => child.kill('SIGKILL'))
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return { child, url: line.toString().trim() }
}

async function release(child: ChildProcess): Promise<void> {
  child.stdin?.write('stop\n')
  await once(child, 'exit')
}

async function running(dataDir: string): Promise<{ pid: number }> {
  const seen = await inspectPostmaster(pgdata(dataDir))
  if (seen.kind !== 'running') throw new Error(`server is ${seen.kind}`)
  return seen
}

const pgdata = (dataDir: string): string => join(dataDir, 'server', 'pgdata')

const query = (url: string, text: string): Promise<QueryResultRow[]> =>
  withClient(url, async (client) => (await client.query(text)).rows)
