/** Personal PINs at the till: what may be one, and how many tries there are. */
export const PIN_FORMAT = /^\d{4,8}$/

/** What people choose first and thieves try first, beyond what a rule can name. */
const COMMON = new Set(
  '1004 1314 1688 2580 0852 2587 5201 5683 6688 8866 6868 8686 1379 9731 7410 0147 3690 0963 5213344 110119 147258 258147 147369 159357 159753 258369 258456 456789 789456 5201314 1314520 7758521 1472580 14725836'.split(
    ' ',
  ),
)

/** Whether the PIN is among the first that somebody would guess. */
export const isEasyPin = (pin: string): boolean =>
  COMMON.has(pin) ||
  hasOneStep(pin) ||
  isRepetition(pin) ||
  isMirrored(pin) ||
  isOfPairs(pin) ||
  isYear(pin)

/** 1111, 1234, 9876, 1357, 8901: every digit is as far from the one before it, and not far. */
const NEAR = [0, 1, 2, 8, 9]

function hasOneStep(pin: string): boolean {
  const steps = Array.from(
    pin.slice(1),
    (digit, place) => (Number(digit) - Number(pin[place]) + 10) % 10,
  )
  const [first = 0] = steps
  return NEAR.includes(first) && steps.every((step) => step === first)
}

/** 1212, 123123, 52052052. */
function isRepetition(pin: string): boolean {
  for (let length = 1; length <= pin.length / 2; length += 1) {
    if (pin.slice(0, length).repeat(pin.length).startsWith(pin)) return true
  }
  return false
}

/** 1221, 123321. */
const isMirrored = (pin: string): boolean => pin === Array.from(pin).toReversed().join('')

/** 1122, 112233. */
const isOfPairs = (pin: string): boolean => /^(?:(\d)\1)+$/.test(pin)

/** Of a birth, or this one. */
const isYear = (pin: string): boolean => /^(?:19[3-9]|20[0-4])\d$/.test(pin)

const PIN_TRIES_MAX = 5
/** How long wrong tries count, and how long too many of them lock. */
const PIN_LOCK_MS = 15 * 60_000

/** Wrong tries in a row; after `until` they no longer count. */
export type PinTries = { readonly failures: number; readonly until: Date }

export const noTries = (now: Date): PinTries => ({ failures: 0, until: now })
export const triesLeft = (tries: PinTries): number => Math.max(0, PIN_TRIES_MAX - tries.failures)

/** Null while a try is open; else until when there is none. */
export const lockedUntil = (tries: PinTries, now: Date): Date | null =>
  triesLeft(tries) === 0 && now < tries.until ? tries.until : null

/**
 * The tries with one more that is taken to be wrong until it has proved right. Counted before it is looked at, so that
 * guesses made at the same moment are no more than guesses made one after the other.
 */
export const oneTryMore = (tries: PinTries, now: Date): PinTries => ({
  failures: (tries.until <= now ? 0 : tries.failures) + 1,
  until: new Date(now.getTime() + PIN_LOCK_MS),
})
