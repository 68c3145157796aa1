import { randomUUID } from 'node:crypto'
import { link, readFile, readlink, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { platform } from 'node:os'
import { join } from 'node:path'
import { run, SELF } from './os-user.ts'

/**
 * What a data directory's lock file says about a running server.
 * `absent`: nothing claims to run. `running`: the named process is alive and works in this
 * directory (`ready` when it accepts connections). `stale`: the named process is gone, is a zombie,
 * or is somebody else's program that got the same number.
 */
export type Postmaster =
  | { kind: 'absent' }
  | { kind: 'running'; pid: number; port: number; ready: boolean }
  | { kind: 'stale'; pid: number; gone: boolean; text: string }

const LOCK_FILE = 'postmaster.pid'

/** Reads the lock file of `pgdata` and looks at the process it names. */
export async function inspectPostmaster(pgdata: string): Promise<Postmaster> {
  const text = await readFile(join(pgdata, LOCK_FILE), 'utf8').catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return ''
      throw error
    },
  )
  // Lines: pid, data directory, start time, port, socket directory, address, shared memory, status.
  const lines = text.split('\n')
  const pid = Number(lines[0])
  if (!Number.isSafeInteger(pid) || pid <= 0) return { kind: 'absent' }
  const state = await processState(pid, pgdata)
  if (state !== 'server') return { kind: 'stale', pid, gone: state === 'gone', text }
  const ready = lines[7]?.trim() === 'ready'
  return { kind: 'running', pid, port: Number(lines[3]), ready }
}

/** True once `pid` no longer runs; a zombie waiting for its parent counts as ended. */
export async function hasEnded(pid: number, pgdata: string): Promise<boolean> {
  return (await processState(pid, pgdata)) !== 'server'
}

/**
 * Lets the next start pass a stale lock file. A dead process number is left to PostgreSQL, which
 * recognises it; a zombie's or a stranger's looks alive to it and would block every start.
 *
 * The file is not simply deleted: its shared memory line is how PostgreSQL notices that workers of
 * the dead server still write to this directory. Only the process number is replaced, by that of
 * our own process, which PostgreSQL accepts as "left by my parent" before it makes that check.
 */
export async function clearStale(
  pgdata: string,
  stale: Extract<Postmaster, { kind: 'stale' }>,
): Promise<void> {
  if (stale.gone) return
  const path = join(pgdata, LOCK_FILE)
  const taken = `${path}.${randomUUID()}`
  try {
    await rename(path, taken)
    const text = await readFile(taken, 'utf8')
    const judged = text === stale.text
    if (judged) {
      await writeFile(taken, text.replace(/^\d+/, String(process.pid)))
    }
    // When another process of ours was faster and its server already wrote a new file, that file
    // goes back as it was. `link` never overwrites.
    await link(taken, path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'EEXIST') throw error
  } finally {
    await rm(taken, { force: true })
  }
}

async function processState(pid: number, pgdata: string): Promise<'server' | 'gone' | 'other'> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it lives but belongs to an account that cannot be our server's.
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'other' : 'gone'
  }
  return (await (platform() === 'linux' ? isServerLinux : isServerPs)(pid, pgdata))
    ? 'server'
    : 'other'
}

async function isServerLinux(pid: number, pgdata: string): Promise<boolean> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The program's name stands in brackets and may itself contain brackets and spaces.
    const state = stat.slice(stat.lastIndexOf(')') + 2)[0]
    if (state === 'Z' || state === 'X') return false
    // A server's working directory is its data directory for as long as it lives.
    return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(pgdata))
  } catch {
    return false
  }
}

async function isServerPs(pid: number, pgdata: string): Promise<boolean> {
  const line = await run('ps', ['-o', 'stat=,command=', '-p', String(pid)], SELF).catch(() => '')
  return !line.trim().startsWith('Z') && line.includes(pgdata)
}
