/** Telling a fault of the database or the way to it from a fault of our own code. */

/** SQLSTATE, or what the socket to the server says of itself. */
const CODE = /^([0-9A-Z]{5}|ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT)$/
/** What the driver says, without a code, when the connection went away under a statement. */
const CONNECTION_GONE = /^(Connection terminated|Client has encountered a connection error)/

/** True when a refund's number at the channel was to be written down that another attempt has already. */
export const isChannelNoTaken = (error: unknown): boolean =>
  error instanceof Error && 'constraint' in error && error.constraint === 'attempt_channel_no'

const UNIQUE_VIOLATION = '23505'

/** True when somebody else has written a row under the same number. */
export const isTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === UNIQUE_VIOLATION

/**
 * True when the database ended the work: a row taken by somebody else in the same moment, a deadlock, a lost
 * connection. An error at COMMIT is among them, so what was written may be there all the same.
 */
export function isDatabaseFault(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? error.code : undefined
  return (typeof code === 'string' && CODE.test(code)) || CONNECTION_GONE.test(error.message)
}
