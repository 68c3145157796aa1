import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import {
  chmod,
  chown,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { ROOT_HOME, type Binaries } from './embedded-binaries.ts'
import { run, SELF, serverUser, type OsUser } from './os-user.ts'
import { DatabaseFault } from './sign-in.ts'

/** A data directory that `initdb` has completed, and the passwords of its logins. */
export type Cluster = {
  /** Our folder: `server/` (data and passwords), `port`, `server.log`. */
  dataDir: string
  /** PostgreSQL's own data directory inside it. */
  pgdata: string
  /** Of the superuser `postgres`, used by this folder's code only. */
  superuserPassword: string
  /** Of `yuanlu`, who owns the product's database and is no superuser. */
  ownerPassword: string
  /** Of `yuanlu_service`, who serves; it follows from the owner's and cannot be turned back. */
  servicePassword: string
}

const PASSWORD_BYTES = 24
const DRAFT_PREFIX = '.new-'
/** No `initdb` takes this long: an older draft was left by a process that was killed. */
const DRAFT_AGE_MAX_MS = 60 * 60_000

/**
 * Where data lives unless the user says otherwise: `/var/lib/yuanlu/data` for root, otherwise
 * `yuanlu` under `xdgDataHome` (the XDG_DATA_HOME of the environment) or `~/.local/share`.
 */
export function defaultDataRoot(xdgDataHome?: string): string {
  if (process.getuid?.() === 0) return join(ROOT_HOME, 'data')
  return join(xdgDataHome || join(homedir(), '.local', 'share'), 'yuanlu')
}

/**
 * Makes `dataDir` a complete cluster, or reads the one that is there. Safe when two processes do it
 * at once: each prepares its own draft and only one rename succeeds.
 *
 * @throws DatabaseFault when the directory is out of reach for the server's OS user, belongs to another OS
 *   user, or was made by another PostgreSQL major version
 */
export async function prepareCluster(
  dataDir: string,
  binaries: Binaries,
  user: OsUser | null,
): Promise<Cluster> {
  const home = resolve(dataDir)
  await makeReachable(home, user)
  const server = join(home, 'server')
  if (!(await owner(server))) await create(home, server, binaries, user)
  await refuseForeign(server, binaries, user)
  const [superuserPassword, ownerPassword] = await Promise.all([
    readFile(join(server, 'password'), 'utf8'),
    readFile(join(server, 'owner-password'), 'utf8'),
  ])
  return {
    dataDir: home,
    pgdata: join(server, 'pgdata'),
    superuserPassword: superuserPassword.trim(),
    ownerPassword: ownerPassword.trim(),
    servicePassword: createHmac('sha256', ownerPassword.trim()).update('service').digest('hex'),
  }
}

/** Whether a cluster can be kept in `dataDir`; makes the folder. */
export async function canHoldCluster(dataDir: string): Promise<boolean> {
  try {
    await makeReachable(resolve(dataDir), await serverUser())
    return true
  } catch (error) {
    if (error instanceof DatabaseFault) return false
    throw error
  }
}

async function makeReachable(home: string, user: OsUser | null): Promise<void> {
  const first = await mkdir(home, { recursive: true, mode: user ? 0o755 : 0o700 }).catch(
    (cause: NodeJS.ErrnoException) => {
      throw new DatabaseFault(`${home} cannot be made (${cause.code}); choose another directory`, {
        cause,
      })
    },
  )
  if (!user) return
  // A strict umask would otherwise close the folders we just made to the server's user.
  for (let made = home; first && made.length >= first.length; made = resolve(made, '..')) {
    await chmod(made, 0o755)
  }
  await run('test', ['-x', home], user).catch((cause: Error) => {
    throw new DatabaseFault(
      `PostgreSQL, started by root, runs as the OS user "${user.name}", who cannot reach ${home}; ` +
        `choose a directory outside private folders, for example ${ROOT_HOME}/data, or run Yuanlu as an ordinary user`,
      { cause },
    )
  })
}

async function create(
  home: string,
  server: string,
  binaries: Binaries,
  user: OsUser | null,
): Promise<void> {
  await dropOldDrafts(home)
  const draft = join(home, `${DRAFT_PREFIX}${randomUUID()}`)
  try {
    await mkdir(draft, { mode: 0o700 })
    for (const name of ['password', 'owner-password']) {
      const file = join(draft, name)
      await writeFile(file, `${randomBytes(PASSWORD_BYTES).toString('hex')}\n`, { mode: 0o600 })
      if (user) await chown(file, user.uid, user.gid)
    }
    if (user) await chown(draft, user.uid, user.gid)
    const options = [
      `--pgdata=${join(draft, 'pgdata')}`,
      '--username=postgres',
      `--pwfile=${join(draft, 'password')}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // PostgreSQL's own collation: an upgrade of the operating system cannot reorder our indexes.
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
    ]
    await run(binaries.initdb, options, user)
    await rename(draft, server).catch(async (error: NodeJS.ErrnoException) => {
      if (!(await owner(server))) throw error
    })
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

async function dropOldDrafts(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    if (!name.startsWith(DRAFT_PREFIX)) continue
    const { mtimeMs } = await stat(join(home, name))
    if (Date.now() - mtimeMs < DRAFT_AGE_MAX_MS) continue
    await rm(join(home, name), { recursive: true, force: true })
  }
}

async function refuseForeign(
  server: string,
  binaries: Binaries,
  user: OsUser | null,
): Promise<void> {
  const expected = user?.uid ?? process.getuid?.()
  const found = await owner(server)
  if (expected !== undefined && found && found.uid !== expected) {
    throw new DatabaseFault(
      `${server} belongs to another OS user (uid ${found.uid}, expected ${expected}); ` +
        'start Yuanlu as the user who created it, or choose another directory',
    )
  }
  const made = (await readFile(join(server, 'pgdata', 'PG_VERSION'), 'utf8')).trim()
  // "postgres (PostgreSQL) 18.4"
  const brought = /(\d+)\.\d+\s*$/.exec(await run(binaries.postgres, ['--version'], user ?? SELF))
  if (brought && brought[1] !== made) {
    throw new DatabaseFault(
      `${server} was made by PostgreSQL ${made}; this Yuanlu brings PostgreSQL ${brought[1]}, ` +
        'which cannot open it; start the Yuanlu version that made it, or move the data with a dump',
    )
  }
}

const owner = (path: string): Promise<{ uid: number } | null> =>
  stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
