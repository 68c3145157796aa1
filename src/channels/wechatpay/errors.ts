/**
 * What WeChat Pay's error codes mean for the request they answer. The answers are not signed, so none of them is
 * a proof: a listed "no" ends the sending, and questions must then confirm that nothing was executed.
 */
import type { Outcome, PayOutcome } from '../../domain/outcome.ts'

/**
 * - `final`: this request will never be executed.
 * - `ask`: refused, but an earlier request under this number may have been executed.
 * - `funds`: the same number again once the merchant has topped up.
 * - `account`: our own access is not in order. Nothing was taken in, the number stays good, a person is called.
 * - `not_found`: a question's answer: the channel knows no such thing.
 * - `waiting`: the customer is typing the password.
 * - `unclear`: may have been executed.
 */
type Reading = 'final' | 'ask' | 'funds' | 'account' | 'not_found' | 'waiting' | 'unclear'

type Table = Readonly<Record<string, Reading>>

/** Refused for what we are and not for what we asked; a repaired account sends the same number again. */
const ACCOUNT: Table = {
  SIGNERROR: 'account',
  NOAUTH: 'account',
  MCHNOTEXISTS: 'account',
  MCHIDNOTEXIST: 'account',
  APPIDNOTEXIST: 'account',
  APPIDMCHIDNOTMATCH: 'account',
}

const BUSY: Table = {
  SYSTEMERROR: 'unclear',
  BANKERROR: 'unclear',
  FREQUENCYLIMITED: 'unclear',
}

export const REFUND_CODES: Table = {
  ...ACCOUNT,
  ...BUSY,
  PARAMERROR: 'final',
  // Order unpaid, amount beyond the rest, or another body under a number in use. A body is frozen for its number,
  // so the last can only mean an earlier send of ours; the questions that must follow a `final` would find it.
  INVALIDREQUEST: 'final',
  NOTENOUGH: 'funds',
  USERACCOUNTABNORMAL: 'final',
  // On a create it is the order that does not exist or is not paid.
  RESOURCENOTEXISTS: 'final',
  TRADEOVERDUE: 'final',
  REFUNDFEEMISMATCH: 'final',
  REQUESTBLOCKED: 'final',
}

export const REFUND_QUERY_CODES: Table = { ...ACCOUNT, ...BUSY, RESOURCENOTEXISTS: 'not_found' }

/** The channel lists none for remedies; these two are expected, and leave the refund as stuck as it was. */
export const REMEDY_CODES: Table = {
  ...ACCOUNT,
  ...BUSY,
  PARAMERROR: 'ask',
  INVALIDREQUEST: 'ask',
}

/** Codes of payments by code are documented for the older interface, whose names have fewer underscores. */
export const PAY_CODES: Table = {
  ...ACCOUNT,
  ...BUSY,
  USERPAYING: 'waiting',
  ORDERPAID: 'unclear',
  AUTHCODEEXPIRE: 'final',
  AUTHCODEERROR: 'final',
  AUTHCODEINVALID: 'final',
  NOTENOUGH: 'final',
  NOTSUPORTCARD: 'final',
  TRADEERROR: 'final',
  RULELIMIT: 'final',
  BUYERMISMATCH: 'final',
  PARAMERROR: 'final',
  LACKPARAMS: 'final',
  XMLFORMATERROR: 'final',
  REQUIREPOSTMETHOD: 'final',
  NOTUTF8: 'final',
  // These may be the echo of an earlier send under the same number that did take the money.
  INVALIDREQUEST: 'ask',
  ORDERCLOSED: 'ask',
  ORDERREVERSED: 'ask',
  OUTTRADENOUSED: 'ask',
}

/** A question is allowed anywhere: limits and disturbances of asking say nothing about the order. */
export const ORDER_QUERY_CODES: Table = { ...ACCOUNT, ...BUSY, ORDERNOTEXIST: 'not_found' }

/** Of a reversal or closing only the signed yes counts. */
export const UNDO_CODES: Table = { ...ACCOUNT, ...BUSY }

export type Refusal = { readonly status: number; readonly code: string }

const TOO_MANY = 429
const REQUEST_TIMEOUT = 408
const NOT_FOUND = 404

/** Reads one refusal. Server errors and throttling stay unclear whatever code their body names. */
export function readRefusal(refusal: Refusal, table: Table): Reading {
  const { status } = refusal
  if (status < 400 || status >= 500 || status === TOO_MANY || status === REQUEST_TIMEOUT) {
    return 'unclear'
  }
  const reading = table[refusal.code.replaceAll('_', '')] ?? 'unclear'
  return reading === 'not_found' && status !== NOT_FOUND ? 'unclear' : reading
}

export function refundRefused(refusal: Refusal, table: Table): Outcome {
  const { code } = refusal
  const reading = readRefusal(refusal, table)
  switch (reading) {
    case 'final':
    case 'ask':
      return { kind: 'refused', code, proof: 'unsigned', final: reading === 'final' }
    case 'funds':
      return { kind: 'wait', until: null, reason: 'funds', code }
    case 'not_found':
      return { kind: 'not_found' }
    case 'account':
    case 'waiting':
    case 'unclear':
      return { kind: 'unknown', cause: code, alarm: reading === 'account' }
  }
}

export function payRefused(refusal: Refusal, table: Table): PayOutcome {
  const { code } = refusal
  const reading = readRefusal(refusal, table)
  switch (reading) {
    case 'final':
    case 'ask':
      return { kind: 'refused', code, final: reading === 'final' }
    case 'waiting':
      return { kind: 'waiting', reason: 'password', codeUrl: null }
    case 'not_found':
      return { kind: 'not_found' }
    case 'account':
    case 'funds':
    case 'unclear':
      return { kind: 'unknown', cause: code, alarm: reading === 'account' }
  }
}
