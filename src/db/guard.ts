import pg from 'pg'
import type { Cluster } from './cluster.ts'

/**
 * The connection through which one of our processes says "I use this server". Each holds a shared
 * advisory lock for as long as it lives; the kernel closes the connection of a killed process, so
 * the lock can never be left behind, which a lock file could.
 */
export type Guard = { client: pg.Client; pid: number; port: number }

/** `busy`: it lives but cannot take us now; `refused`: our password is wrong; `silent`: no answer. */
export type Knock =
  { kind: 'welcome'; guard: Guard } | { kind: 'busy' | 'refused' | 'silent'; cause: unknown }

const USERS_LOCK = 7_202_601
const BOOTSTRAP_LOCK = 7_202_602

const OWNER = 'yuanlu'
const SERVICE = 'yuanlu_service'
const DATABASE = 'yuanlu'

const CANNOT_CONNECT_NOW = '57P03'
const TOO_MANY_CONNECTIONS = '53300'
const AUTHENTICATION_FAILED = /^28/

/** Connects to the server on `port` and registers as one of its users, or gives up after a time. */
export async function knock(
  cluster: Cluster,
  { pid, port }: { pid: number; port: number },
  timeoutMs: number,
): Promise<Knock> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password: cluster.superuserPassword,
    database: 'postgres',
    // Whatever PGSSLMODE says: this stays on the machine, and the server has no certificate.
    ssl: false,
    application_name: `yuanlu embedded ${process.pid}`,
    connectionTimeoutMillis: timeoutMs,
  })
  // Without a listener a lost connection would end the whole process.
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<{ dir: string; joined: boolean }>(
      `select current_setting('data_directory') as dir,
              pg_try_advisory_lock_shared(${USERS_LOCK}) as joined`,
    )
    // The last user holds the lock alone while it shuts the server down.
    if (!rows[0]?.joined) throw Object.assign(new Error('shutting down'), { code: '57P03' })
    if (rows[0].dir !== cluster.pgdata) throw new Error(`serves ${rows[0].dir}`)
    return { kind: 'welcome', guard: { client, pid, port } }
  } catch (cause) {
    await client.end().catch(() => undefined)
    return { kind: kindOf(cause), cause }
  }
}

/** Whether this connection alone keeps the process from ending. */
export function holdProcess(guard: Guard, hold: boolean): void {
  // Both exist in pg and are missing from its types.
  const client = guard.client as pg.Client & { ref(): void; unref(): void }
  if (hold) client.ref()
  else client.unref()
}

/** Gives our use up. True when nobody else uses the server: then it is ours to stop. */
export async function leave(guard: Guard): Promise<boolean> {
  // Everyone first releases, then asks for the lock alone. Of several who leave at once exactly one
  // gets it: whoever asks while another still holds or has taken it is told no.
  await guard.client.query(`select pg_advisory_unlock_shared(${USERS_LOCK})`)
  const { rows } = await guard.client.query<{ last: boolean }>(
    `select pg_try_advisory_lock(${USERS_LOCK}) as last`,
  )
  return rows[0]?.last === true
}

/**
 * Creates the product's database and its two logins once and returns the URLs: `ownerUrl` may create
 * databases and roles but is no superuser, `url` may do nothing yet. As on any other server.
 */
export async function logins(
  guard: Guard,
  cluster: Cluster,
): Promise<{ url: string; ownerUrl: string }> {
  const { client, port } = guard
  await client.query(`select pg_advisory_lock(${BOOTSTRAP_LOCK})`)
  try {
    const { rows } = await client.query<{ owner: boolean; service: boolean; database: boolean }>(
      `select exists (select from pg_roles where rolname = '${OWNER}') as owner,
              exists (select from pg_roles where rolname = '${SERVICE}') as service,
              exists (select from pg_database where datname = '${DATABASE}') as database`,
    )
    if (!rows[0]?.owner) {
      await client.query(
        `create role ${OWNER} login createdb createrole password '${cluster.ownerPassword}'`,
      )
    }
    if (!rows[0]?.service) {
      await client.query(`create role ${SERVICE} login password '${cluster.servicePassword}'`)
    }
    if (!rows[0]?.database) await client.query(`create database ${DATABASE} owner ${OWNER}`)
  } finally {
    await client.query(`select pg_advisory_unlock(${BOOTSTRAP_LOCK})`)
  }
  const place = `127.0.0.1:${port}/${DATABASE}`
  return {
    url: `postgresql://${SERVICE}:${cluster.servicePassword}@${place}`,
    ownerUrl: `postgresql://${OWNER}:${cluster.ownerPassword}@${place}`,
  }
}

function kindOf(cause: unknown): 'busy' | 'refused' | 'silent' {
  const code = (cause as { code?: string }).code ?? ''
  if (code === CANNOT_CONNECT_NOW || code === TOO_MANY_CONNECTIONS) return 'busy'
  return AUTHENTICATION_FAILED.test(code) ? 'refused' : 'silent'
}
