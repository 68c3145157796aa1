/**
 * The log lets out what is named here and nothing else: a field passes when its name is in FIELDS and its value
 * has that field's shape; bodies, headers, addresses with queries and free text have no field. So a careless
 * `log.info(request)` prints an event and no more.
 *
 * Of an error only its class, its code (system code or SQLSTATE), the violated constraint and the places of
 * our own code pass, the same for its causes. Its message never does: a driver or a channel may have put a
 * password, an address or a customer's name into it.
 */
import { pino, stdTimeFunctions, type DestinationStream } from 'pino'

const WORD = /^[a-z][a-z0-9_]{0,39}$/
const MIGRATION = /^\d{4}_[a-z0-9_]{1,60}\.sql$/
const NUMBER = /^\d{1,32}$/
const NAME = /^[A-Za-z0-9_-]{1,32}$/
const ROUTE = /^\/[A-Za-z0-9_\-./:*]{0,119}$/
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const METHOD = /^[A-Z]{3,7}$/

const FIELDS = {
  // who and where
  request: UUID,
  tenant: 'number',
  store: NAME,
  terminal: NAME,
  staff: NAME,
  second: NAME,
  // what
  sale: NUMBER,
  payment: NUMBER,
  refund: NUMBER,
  attempt: 'number',
  channel: WORD,
  account: NAME,
  act: WORD,
  kind: WORD,
  state: WORD,
  outcome: WORD,
  reason: WORD,
  incident: WORD,
  code: WORD,
  job: WORD,
  migration: MIGRATION,
  signal: METHOD,
  // the exchange
  method: METHOD,
  route: ROUTE,
  status: 'number',
  // measures
  amountFen: 'number',
  count: 'number',
  tries: 'number',
  fence: 'number',
  ms: 'number',
  days: 'number',
  bytes: 'number',
  port: 'number',
  pid: 'number',
  adopted: 'boolean',
  moved: 'boolean',
  production: 'boolean',
  https: 'boolean',
} as const satisfies Record<string, RegExp | 'number' | 'boolean'>

type Shape = (typeof FIELDS)[keyof typeof FIELDS]
type FieldValue<S extends Shape> = S extends 'number'
  ? number
  : S extends 'boolean'
    ? boolean
    : string

/** `err` is any caught value. */
export type LogFields = {
  readonly [Name in keyof typeof FIELDS]?: FieldValue<(typeof FIELDS)[Name]> | null | undefined
} & { readonly err?: unknown }

/** One line a fact: `log.info({ refund, outcome: 'unknown' }, 'refund.settled')`. */
export type Log = {
  debug(fields: LogFields, event: string): void
  info(fields: LogFields, event: string): void
  warn(fields: LogFields, event: string): void
  error(fields: LogFields, event: string): void
}

const EVENT = /^[a-z][a-z_]{0,39}(\.[a-z][a-z_]{0,39}){1,3}$/
/** Stands where a value did not have its field's shape: something was there, and it is not told. */
const WITHHELD = '[withheld]'

/** Lines of JSON: level, time (RFC 3339), event, fields. Without `destination` they go to standard output. */
export function makeLog(
  level: 'debug' | 'info' | 'warn' | 'error' | 'silent',
  destination?: DestinationStream,
): Log {
  const logger = pino(
    {
      level,
      base: null,
      messageKey: 'event',
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    ...(destination ? [destination] : []),
  )
  const at =
    (of: 'debug' | 'info' | 'warn' | 'error') =>
    (fields: LogFields, event: string): void => {
      // Nothing is built for a level that is switched off: this runs thousands of times a second.
      if (!logger.isLevelEnabled(of)) return
      logger[of](allowedOf(fields), EVENT.test(event) ? event : 'log.event_unnamed')
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** Never throws: a getter that fails must not undo the act that is being told of. */
function allowedOf(fields: LogFields): Record<string, unknown> {
  try {
    return allowed(fields)
  } catch {
    return { fields: WITHHELD }
  }
}

function allowed(fields: LogFields): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  // The type keeps honest callers to the list; what came through `object` or `any` is held here.
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'err') out['err'] = errorShape(value)
    else if (Object.hasOwn(FIELDS, name) && value != null) {
      const shape = FIELDS[name as keyof typeof FIELDS]
      out[name] = fits(shape, value) ? value : WITHHELD
    }
  }
  return out
}

function fits(shape: Shape, value: unknown): boolean {
  if (shape === 'number') return typeof value === 'number' && Number.isFinite(value)
  if (shape === 'boolean') return typeof value === 'boolean'
  return typeof value === 'string' && shape.test(value)
}

const CAUSES_MAX = 4
const ERROR_NAME = /^[A-Z][A-Za-z]{0,39}$/
const ERROR_CODE = /^[A-Z0-9_]{1,48}$/

type ErrorShape = {
  readonly name: string
  readonly code?: string
  readonly constraint?: string
  readonly at?: readonly string[]
  readonly cause?: ErrorShape
}

function errorShape(thrown: unknown, depth = 1): ErrorShape {
  if (!isError(thrown)) return { name: typeof thrown }
  const { code, constraint } = thrown as { code?: unknown; constraint?: unknown }
  const places = placesOf(thrown)
  return {
    name: ERROR_NAME.test(thrown.name) ? thrown.name : 'Error',
    ...(typeof code === 'string' && ERROR_CODE.test(code) && { code }),
    ...(typeof constraint === 'string' && WORD.test(constraint) && { constraint }),
    ...(places.length > 0 && { at: places }),
    ...(thrown.cause !== undefined &&
      depth < CAUSES_MAX && { cause: errorShape(thrown.cause, depth + 1) }),
  }
}

/** Libraries also hand on copies of an error's fields; without this a lost database would be told as `object`. */
const isError = (thrown: unknown): thrown is Error =>
  thrown instanceof Error ||
  (typeof thrown === 'object' &&
    thrown !== null &&
    'message' in thrown &&
    typeof thrown.message === 'string' &&
    'stack' in thrown &&
    typeof thrown.stack === 'string')

const PLACES_MAX = 8
const PLACE = /^\s+at .*?\b((?:src|sandbox|node_modules)\/[\w@./-]{1,120}:\d{1,6}:\d{1,6})\)?$/

/**
 * The files and lines of the stack. A stack begins with the message, and a message may hold lines that look like
 * places; so the message is cut off first, and where it cannot be found there are no places at all.
 */
function placesOf(error: Error): string[] {
  const stack = typeof error.stack === 'string' ? error.stack : ''
  const start = error.message === '' ? 0 : stack.indexOf(error.message)
  const heading = start < 0 ? '' : stack.slice(0, start)
  if (start < 0 || heading.includes('\n')) return []
  return stack
    .slice(start + error.message.length)
    .split('\n')
    .map((line) => PLACE.exec(line)?.[1])
    .filter((place) => place !== undefined)
    .slice(0, PLACES_MAX)
}
