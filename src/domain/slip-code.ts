/**
 * The check code of a slip: fifteen letters and digits in three groups. The first one says which copy and which state,
 * the next six when it was printed, the last eight are a keyed hash over these, the number and the amount. So a slip
 * can be checked without having been kept, and an altered amount, state, time or number does not fit its code.
 */
import { asTyped, BASE_32, readBase32, writeBase32 } from './base32.ts'
import type { Fen } from './money.ts'
import { slipScan } from './numbers.ts'
import { SLIP_COPIES, type SlipClaim, type SlipState, type Stamp } from './slip.ts'

/** A keyed hash, five bytes of it at least, under a key that only this merchant's slips are vouched for with. */
export type SlipMac = (text: string) => Uint8Array

/** What the readable part of a code says, and its hash. */
export type CheckCode = Pick<SlipClaim, 'copy' | 'state' | 'printedAt'> & { readonly hash: string }

const CODE = new RegExp(`^${BASE_32}{15}$`)
const GROUP = 5
const TIME_PLACES = 6
const HASH_BYTES = 5

/** Codes on paper point into this list: it is only ever added to, at its end. */
const STATES: readonly SlipState[] = [
  'paid',
  'succeeded',
  'approved',
  'submitted',
  'waiting_funds',
  'processing',
  'stuck',
  'owed',
  'requested',
  'awaiting_goods',
]

/** Six places hold 34 years of seconds; after that they begin again. */
const TIME_FROM_MS = Date.UTC(2020, 0, 1)
const TIME_SPAN_S = 32 ** TIME_PLACES

export const stampOf = (at: Date, mac: SlipMac): Stamp => ({
  at,
  vouch: (claim) => {
    const code = head(claim) + hashOf(claim, mac)
    return {
      code: code.match(new RegExp(`.{${GROUP}}`, 'g'))?.join('-') ?? code,
      scan: slipScan({ number: claim.no, fen: claim.amount, check: code }),
    }
  },
})

/** As typed from paper: any case, with or without dashes and blanks, O for 0 and I or L for 1. Null for no code. */
export function readCheckCode(text: string): CheckCode | null {
  const code = asTyped(text)
  if (!CODE.test(code)) return null
  const first = readBase32(code.slice(0, 1))
  const state = STATES[Math.floor(first / SLIP_COPIES.length)]
  const copy = SLIP_COPIES[first % SLIP_COPIES.length]
  if (state === undefined || copy === undefined) return null
  const seconds = readBase32(code.slice(1, 1 + TIME_PLACES))
  return {
    copy,
    state,
    printedAt: new Date(TIME_FROM_MS + seconds * 1000),
    hash: code.slice(1 + TIME_PLACES),
  }
}

/** Was this code made for a slip with this number and amount? */
export function isVouchedFor(
  code: CheckCode,
  of: { readonly no: string; readonly amount: Fen },
  mac: SlipMac,
): boolean {
  const { hash, ...said } = code
  const right = hashOf({ ...said, no: of.no, amount: of.amount }, mac)
  // Every place is looked at, so that the time it takes tells nothing.
  let wrong = 0
  for (let i = 0; i < right.length; i += 1) wrong += right[i] === hash[i] ? 0 : 1
  return wrong === 0
}

const head = ({ copy, state, printedAt }: SlipClaim): string =>
  writeBase32(STATES.indexOf(state) * SLIP_COPIES.length + SLIP_COPIES.indexOf(copy), 1) +
  writeBase32(secondsOf(printedAt), TIME_PLACES)

const secondsOf = (at: Date): number =>
  Math.floor((at.getTime() - TIME_FROM_MS) / 1000) % TIME_SPAN_S

function hashOf(claim: SlipClaim, mac: SlipMac): string {
  const { no, copy, state, amount, printedAt } = claim
  const hash = mac(`slip/1|${no}|${copy}|${state}|${amount}|${secondsOf(printedAt)}`)
  const value = hash.subarray(0, HASH_BYTES).reduce((sum, byte) => sum * 256 + byte, 0)
  return writeBase32(value, (HASH_BYTES * 8) / 5)
}
