/**
 * The settings of one process, and the only place that knows the names of environment variables. `readConfig`
 * is pure: the composition root hands it `process.env`. All faults are reported at once, so that a shop does
 * not learn of them one restart at a time.
 */
import { createSecretKey, type KeyObject } from 'node:crypto'
import { z } from 'zod'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Where the server's certificate comes from, if it speaks HTTPS at all. */
export type HttpsConfig =
  | { readonly kind: 'off' }
  /** What `yuanlu cert` made in the data directory; plain HTTP as long as it made nothing. */
  | { readonly kind: 'own' }
  /** Paths of files in PEM. */
  | { readonly kind: 'given'; readonly certificate: string; readonly key: string }

export type Config = {
  readonly production: boolean
  readonly host: string
  /** 0 asks the system for a free port. */
  readonly port: number
  readonly https: HttpsConfig
  /** A PostgreSQL server, with the login that serves; null runs the embedded one. Contains a password: never log it. */
  readonly databaseUrl: string | null
  readonly databasePool: number
  /**
   * Where the embedded database and its keys live; relative paths count from the working directory. Null: where this
   * user's data belongs, see `defaultDataRoot`.
   */
  readonly dataDir: string | null
  /** Where this user's programs keep their data (XDG); null: where they usually do. */
  readonly userDataDir: string | null
  /** A KeyObject prints as nothing, so a dumped config cannot leak it. Null: the caller makes and keeps one. */
  readonly masterKey: KeyObject | null
  /** Base of links that leave the shop, without a slash at the end; null: print none. */
  readonly publicUrl: string | null
  /** Base of the addresses that channels notify, without a slash at the end; falls back to `publicUrl`. */
  readonly notifyUrl: string | null
  readonly logLevel: LogLevel
  readonly channelTimeoutMs: number
  readonly sweepIntervalMs: number
  readonly leaseMs: number
  /** When a channel account that does not answer is held back; see `domain/breaker.ts`. */
  readonly breaker: {
    readonly failures: number
    readonly windowMs: number
    readonly pauseMs: number
  }
}

/** What `yuanlu migrate` works with; the process that serves never learns the owner's password. */
export type MigrateConfig = {
  /** The login that will serve. */
  readonly databaseUrl: string
  /** The login that owns the database. */
  readonly databaseOwnerUrl: string
}

export type Env = Readonly<Record<string, string | undefined>>

/** One line a fault: the variable, what is wrong with it, how to put it right. Never the value of a secret. */
export class ConfigError extends Error {
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(
      faults.length === 1
        ? `${faults[0]}`
        : `the settings are not usable:\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
    )
    this.name = 'ConfigError'
    this.faults = faults
  }
}

const MASTER_KEY_BYTES = 32
const PORT_MAX = 65_535
const POOL_MAX = 500
const BREAKER_FAILURES_MAX = 1_000
const TIMER_MAX_MS = 10 * 60_000

/** Throws ConfigError with every fault. A variable that is set but empty counts as not set. */
export function readConfig(env: Env): Config {
  const of = parse(variables, env)
  const faults = crossFaults(of)
  if (faults.length > 0) throw new ConfigError(faults)
  return Object.freeze({
    production: of.NODE_ENV === 'production',
    host: of.HOST,
    port: of.PORT,
    https: httpsOf(of),
    databaseUrl: of.DATABASE_URL,
    databasePool: of.DATABASE_POOL,
    dataDir: of.YUANLU_DATA_DIR,
    userDataDir: of.XDG_DATA_HOME,
    masterKey: of.YUANLU_MASTER_KEY,
    publicUrl: of.PUBLIC_URL,
    notifyUrl: of.NOTIFY_URL ?? of.PUBLIC_URL,
    logLevel: of.LOG_LEVEL,
    channelTimeoutMs: of.CHANNEL_TIMEOUT_MS,
    sweepIntervalMs: of.SWEEP_INTERVAL_MS,
    leaseMs: of.LEASE_MS,
    breaker: {
      failures: of.BREAKER_FAILURES,
      windowMs: of.BREAKER_WINDOW_MS,
      pauseMs: of.BREAKER_PAUSE_MS,
    },
  })
}

/** The settings of this very process. Throws ConfigError with every fault. */
export const configOfProcess = (): Config => readConfig(process.env)

/** Throws ConfigError with every fault. */
export function readMigrateConfig(env: Env): MigrateConfig {
  const of = parse(migrateVariables, env)
  return Object.freeze({ databaseUrl: of.DATABASE_URL, databaseOwnerUrl: of.DATABASE_OWNER_URL })
}

export const migrateConfigOfProcess = (): MigrateConfig => readMigrateConfig(process.env)

function parse<Shape extends z.ZodRawShape>(
  shape: z.ZodObject<Shape>,
  env: Env,
): z.output<z.ZodObject<Shape>> {
  const present = Object.fromEntries(
    Object.keys(shape.shape).map((name) => [name, env[name]?.trim() || undefined]),
  )
  const parsed = shape.safeParse(present)
  if (parsed.success) return parsed.data
  throw new ConfigError(
    parsed.error.issues.map(({ path, message }) => `${String(path[0])} ${message}`),
  )
}

/** A whole number written in plain digits: `1e3`, `0x10` and ` 8080` are slips of the pen, not numbers. */
const whole = (least: number, most: number, byDefault: number, unit: string) =>
  z
    .string()
    .optional()
    .transform((text, context) => {
      if (text === undefined) return byDefault
      const value = /^(0|[1-9]\d{0,9})$/.test(text) ? Number(text) : NaN
      if (value >= least && value <= most) return value
      return fault(
        context,
        `is ${quoted(text)}; set a whole number of ${unit} from ${least} to ${most}, or leave it out for ${byDefault}`,
      )
    })

const choice = <const Words extends readonly string[]>(words: Words, byDefault: Words[number]) =>
  z
    .string()
    .optional()
    .transform((text, context): Words[number] => {
      if (text === undefined) return byDefault
      if (words.includes(text)) return text
      return fault(
        context,
        `is ${quoted(text)}; set one of ${words.join(', ')}, or leave it out for ${byDefault}`,
      )
    })

const webBase = z
  .string()
  .optional()
  .transform((text, context): string | null => {
    if (text === undefined) return null
    const url = URL.parse(text)
    if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
      return fault(context, 'is not a web address; set it like https://refunds.example.com')
    }
    // The value is not shown from here on: an address may carry a password.
    if (url.username !== '' || url.password !== '') {
      return fault(context, 'carries a user name or password; leave them out of the address')
    }
    if (url.search !== '' || url.hash !== '') {
      return fault(context, 'carries a ? or # part; end it at the path')
    }
    if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
      return fault(context, 'is plain http outside this machine; set an https address')
    }
    return url.href.replace(/\/+$/, '')
  })

const NOT_A_DATABASE =
  'is not the address of a PostgreSQL database; set it like postgres://login:password@host:5432/yuanlu, with %-escapes in the password'

/** The login stands in the address: who serves and who owns must never be left to the surroundings. */
function isDatabase(text: string): boolean {
  const url = URL.parse(text)
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol)) return false
  return url.pathname.length > 1 && url.username !== '' && !/%(?![0-9a-f]{2})/i.test(text)
}

const variables = z.object({
  NODE_ENV: choice(['development', 'test', 'production'], 'development'),
  HOST: z
    .string()
    .regex(/^[0-9A-Za-z.:_-]{1,253}$/, 'is not a host name or address; set one like 0.0.0.0')
    .default('127.0.0.1'),
  PORT: whole(0, PORT_MAX, 8080, 'a port'),
  HTTPS: choice(['auto', 'off'], 'auto'),
  TLS_CERT: z.string().optional(),
  TLS_KEY: z.string().optional(),
  DATABASE_URL: z
    .string()
    .optional()
    .transform((text, context): string | null =>
      text === undefined || isDatabase(text)
        ? (text ?? null)
        : fault(context, `${NOT_A_DATABASE}, or leave it out for the embedded database`),
    ),
  DATABASE_POOL: whole(1, POOL_MAX, 10, 'connections'),
  YUANLU_DATA_DIR: z.string().nullable().default(null),
  XDG_DATA_HOME: z.string().nullable().default(null),
  YUANLU_MASTER_KEY: z
    .string()
    .optional()
    .transform((text, context): KeyObject | null => {
      if (text === undefined) return null
      const bytes = Buffer.from(text, 'base64')
      // Buffer.from skips what is not base64; only the exact way back shows that nothing was skipped.
      if (bytes.length === MASTER_KEY_BYTES && bytes.toString('base64') === text) {
        return createSecretKey(bytes)
      }
      return fault(
        context,
        `is not base64 of exactly ${MASTER_KEY_BYTES} bytes; make one with: openssl rand -base64 ${MASTER_KEY_BYTES}`,
      )
    }),
  PUBLIC_URL: webBase,
  NOTIFY_URL: webBase,
  LOG_LEVEL: choice(LOG_LEVELS, 'info'),
  CHANNEL_TIMEOUT_MS: whole(1, TIMER_MAX_MS, 10_000, 'milliseconds'),
  SWEEP_INTERVAL_MS: whole(1, TIMER_MAX_MS, 1_000, 'milliseconds'),
  LEASE_MS: whole(1, TIMER_MAX_MS, 30_000, 'milliseconds'),
  BREAKER_FAILURES: whole(1, BREAKER_FAILURES_MAX, 5, 'failures'),
  BREAKER_WINDOW_MS: whole(1, TIMER_MAX_MS, 60_000, 'milliseconds'),
  BREAKER_PAUSE_MS: whole(1, TIMER_MAX_MS, 30_000, 'milliseconds'),
})

const databaseOf = (login: string) =>
  z
    .string({ error: `is missing; set the address of your PostgreSQL database with ${login}` })
    .refine(isDatabase, { error: NOT_A_DATABASE })

const migrateVariables = z.object({
  DATABASE_URL: databaseOf('the login that serves'),
  DATABASE_OWNER_URL: databaseOf('the login that owns it (the embedded database needs no migrate)'),
})

function httpsOf(of: z.output<typeof variables>): HttpsConfig {
  if (of.HTTPS === 'off') return { kind: 'off' }
  return of.TLS_CERT !== undefined && of.TLS_KEY !== undefined
    ? { kind: 'given', certificate: of.TLS_CERT, key: of.TLS_KEY }
    : { kind: 'own' }
}

/** What only two settings together can show. */
function crossFaults(of: z.output<typeof variables>): string[] {
  const faults: string[] = []
  if ((of.TLS_CERT === undefined) !== (of.TLS_KEY === undefined)) {
    const [missing, given] =
      of.TLS_CERT === undefined ? ['TLS_CERT', 'TLS_KEY'] : ['TLS_KEY', 'TLS_CERT']
    faults.push(
      `${missing} is missing; ${given} needs it beside: set both to files in PEM, or neither for the certificate of yuanlu cert`,
    )
  }
  if (of.DATABASE_URL !== null && of.YUANLU_MASTER_KEY === null) {
    faults.push(
      `YUANLU_MASTER_KEY is missing; with DATABASE_URL every node needs the same key: make one with openssl rand -base64 ${MASTER_KEY_BYTES} and keep it apart from the database's backups`,
    )
  }
  // Tests shorten the lease to see nodes take over; in a shop a lease that ends during a call wastes sends.
  if (of.NODE_ENV === 'production' && of.LEASE_MS <= of.CHANNEL_TIMEOUT_MS) {
    faults.push(
      `LEASE_MS is ${of.LEASE_MS}, not longer than CHANNEL_TIMEOUT_MS ${of.CHANNEL_TIMEOUT_MS}; raise it above, so that a node keeps its work for the length of a call`,
    )
  }
  return faults
}

const SHOWN_CHARACTERS_MAX = 40
const quoted = (text: string): string => JSON.stringify(text.slice(0, SHOWN_CHARACTERS_MAX))

/** Channels reach plain http on this machine only, where nobody stands between. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
}

function fault(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message })
  return z.NEVER
}
