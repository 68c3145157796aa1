import { execFile } from 'node:child_process'

/** An account of the operating system that a program is started as. */
export type OsUser = { name: string; uid: number; gid: number }

/** Passed as the user where a program runs as whoever we are. */
export const SELF = null

const SERVER_USER = 'postgres'
const COMMAND_TIMEOUT_MS = 300_000

/**
 * The account the database server must run as: PostgreSQL refuses to run as root, so root gets a
 * user `postgres` (created when absent); everybody else runs it as themselves (null).
 */
export async function serverUser(): Promise<OsUser | null> {
  if (process.getuid?.() !== 0) return null
  const found = await lookUp(SERVER_USER)
  if (found) return found
  await run(
    'useradd',
    ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', SERVER_USER],
    SELF,
  ).catch(async (error: Error) => {
    // Another process of ours may have created it in the same moment.
    if (!(await lookUp(SERVER_USER))) throw error
  })
  const created = await lookUp(SERVER_USER)
  if (!created) throw new Error(`The OS user "${SERVER_USER}" could not be created.`)
  return created
}

/**
 * Runs a program to its end, as `user` or as ourselves when null, and returns its stdout.
 *
 * @throws Error with the program's own words when it ends with anything but 0
 */
export function run(
  program: string,
  args: readonly string[],
  user: OsUser | null,
  env: NodeJS.ProcessEnv = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      env,
      // The caller's working directory may be closed to that user.
      cwd: '/',
      timeout: COMMAND_TIMEOUT_MS,
      ...(user && { uid: user.uid, gid: user.gid }),
    }
    execFile(program, args, options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout)
      const said = stderr.trim() || error.message
      reject(new Error(`${program} failed: ${said}`, { cause: error }))
    })
  })
}

async function lookUp(name: string): Promise<OsUser | null> {
  try {
    const [uid, gid] = await Promise.all([
      run('id', ['-u', name], SELF),
      run('id', ['-g', name], SELF),
    ])
    return { name, uid: Number(uid), gid: Number(gid) }
  } catch {
    return null
  }
}
