import pg from 'pg'
import { withSettings } from './connect.ts'

/** What a person can put right about the database, in one line that never shows a password. */
export class DatabaseFault extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'DatabaseFault'
  }
}

export type SignIn = {
  url: string
  /** Shown in pg_stat_activity. */
  applicationName: string
  settings: Record<string, string | number>
}

const CONNECT_TIMEOUT_MS = 10_000
/** `grant … with set` and `pg_has_role(…, 'set')` exist from here on. */
const SERVER_VERSION_MIN = 160_000

/**
 * One connection beside the pools, as the login itself, for what happens before anything is served.
 * Close with `client.end()`.
 *
 * @throws DatabaseFault when the server cannot be reached, refuses us or is too old
 */
export async function signIn({ url, applicationName, settings }: SignIn): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: withSettings(url, settings),
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  })
  // A lost connection also fails the statement under way, which is where it is reported.
  client.on('error', () => undefined)
  try {
    await client.connect()
    await refuseOldServer(client)
    return client
  } catch (error) {
    await client.end().catch(() => undefined)
    throw error instanceof DatabaseFault ? error : faultOf(error as Error, client)
  }
}

/** The login in a connection URL, as the server knows it. */
export const loginOf = (url: string): string => decodeURIComponent(new URL(url).username)

/** A name as it stands in SQL, for statements and for sentences that show one. */
export const quoted = (name: string): string => pg.escapeIdentifier(name)

async function refuseOldServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ number: number; text: string }>(
    `select current_setting('server_version_num')::int4 as number,
            current_setting('server_version') as text`,
  )
  const [server] = rows
  if (server && server.number >= SERVER_VERSION_MIN) return
  throw new DatabaseFault(
    `the server at ${placeOf(client)} is PostgreSQL ${server?.text}; use one of version 16 or newer`,
  )
}

const INVALID_LOGIN = /^28/
/** From pg itself, where the server asks for a password and the address has none. */
const NO_PASSWORD = /^SASL: .*password/
const NO_SUCH_DATABASE = '3D000'
const CANNOT_CONNECT_NOW = '57P03'
const TOO_MANY_CONNECTIONS = '53300'
/** A SQLSTATE: the server itself has spoken. */
const FROM_SERVER = /^[0-9A-Z]{5}$/

function faultOf(cause: Error, client: pg.Client): DatabaseFault {
  const { code = '' } = cause as { code?: string }
  const place = placeOf(client)
  const { user, database } = client
  if (INVALID_LOGIN.test(code) || NO_PASSWORD.test(cause.message)) {
    return new DatabaseFault(
      `the server at ${place} refuses the login "${user}" (${cause.message}); correct its name or password in the address, or let the DBA admit it`,
      { cause },
    )
  }
  if (code === NO_SUCH_DATABASE) {
    return new DatabaseFault(
      `the server at ${place} has no database "${database}"; correct its name in the address, or let the DBA create it`,
      { cause },
    )
  }
  if (code === TOO_MANY_CONNECTIONS || code === CANNOT_CONNECT_NOW) {
    return new DatabaseFault(
      `the server at ${place} takes no connection now (${cause.message}); try again, or raise its max_connections`,
      { cause },
    )
  }
  if (FROM_SERVER.test(code)) {
    return new DatabaseFault(`the server at ${place} refuses us: ${cause.message}`, { cause })
  }
  return new DatabaseFault(
    `no PostgreSQL answers at ${place} (${code || cause.message}); start it, or correct host, port and TLS in the address`,
    { cause },
  )
}

const placeOf = ({ host, port }: pg.Client): string => `${host}:${port}`
