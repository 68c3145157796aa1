/**
 * Scan keys and guns type what they read like a very fast keyboard. What tells their bursts from a person's typing, and
 * which key meant which character, by rules alone: the clock and the page are `gun.ts`'s.
 */

/** A burst is over when this long nothing more came. Slow Bluetooth guns pause less; people aiming again, longer. */
export const SILENCE_MS = 200
/** Shorter bursts are a person's, or a bounce. */
const LENGTH_MIN = 6
const LENGTH_MAX = 400

/**
 * In a field people type too. Theirs stays: a burst there is a code when it came faster than hands, or when it is as long
 * a row of digits as no note or amount holds and came faster than anybody reads digits off a paper.
 */
const IN_FIELD_LENGTH_MIN = 8
const FASTER_THAN_HANDS_MS = 40
const IN_FIELD_DIGITS = /^\d{16,}$/
const FASTER_THAN_READING_MS = 120

/** `key`: a keyboard's key said it. `input`: an input method put it into a field, perhaps many characters at once. */
export type Source = 'key' | 'input'
export type Place = 'page' | 'field'

export type Burst = {
  readonly text: string
  readonly place: Place
  /** Ms, of its last character. */
  readonly at: number
  /** Ms, the longest pause in it. */
  readonly slowest: number
  readonly keysOnly: boolean
}

export const isGoingOn = (burst: Burst | null, at: number): burst is Burst =>
  burst !== null && at - burst.at <= SILENCE_MS

/** The burst with `text` behind it; a new one when the old is over or was elsewhere. */
export function grown(
  burst: Burst | null,
  { text, source, place, at }: { text: string; source: Source; place: Place; at: number },
): Burst {
  const keysOnly = source === 'key'
  if (!isGoingOn(burst, at) || burst.place !== place) {
    return { text, place, at, slowest: 0, keysOnly }
  }
  return {
    text: burst.text + text,
    place,
    at,
    slowest: Math.max(burst.slowest, at - burst.at),
    keysOnly: burst.keysOnly && keysOnly,
  }
}

/** The code that a burst turns out to be once it is over; null: it was none. */
export function codeIn({ text, place, slowest, keysOnly }: Burst): string | null {
  if (text.length < LENGTH_MIN || text.length > LENGTH_MAX) return null
  if (place === 'page') return text
  const fasterThanHands =
    keysOnly &&
    slowest <= FASTER_THAN_HANDS_MS &&
    text.length >= IN_FIELD_LENGTH_MIN &&
    !/\s/.test(text)
  const longRow = slowest <= FASTER_THAN_READING_MS && IN_FIELD_DIGITS.test(text)
  return fasterThanHands || longRow ? text : null
}

export type Key = Pick<KeyboardEvent, 'key' | 'code' | 'shiftKey'>

const SUFFIXES: ReadonlySet<string> = new Set(['Enter', 'NumpadEnter', 'Tab'])

/** CR and LF both arrive as Enter. */
export const isSuffix = ({ key, code }: Key): boolean => SUFFIXES.has(key) || SUFFIXES.has(code)

const FULL_WIDTH = /[！-～]/
const FULL_WIDTH_OFFSET = 0xfee0

/** What stands on a physical key of the layout guns are set to, bare and with Shift. */
const PHYSICAL: Readonly<Record<string, readonly [bare: string, shifted: string]>> = {
  Minus: ['-', '_'],
  Equal: ['=', '+'],
  Slash: ['/', '?'],
  Semicolon: [';', ':'],
  Period: ['.', '>'],
  Digit1: ['1', '!'],
  Digit2: ['2', '@'],
  Digit3: ['3', '#'],
  Digit4: ['4', '$'],
  Digit5: ['5', '%'],
  Digit6: ['6', '^'],
  Digit7: ['7', '&'],
  Digit8: ['8', '*'],
  Digit9: ['9', '('],
  Digit0: ['0', ')'],
}

/**
 * What a key adds to a code; null: nothing. A Chinese input method that takes a key for itself says only that it did; the
 * physical key still says which one it was.
 */
export function characterOf({ key, code, shiftKey }: Key): string | null {
  if (key.length === 1) {
    return FULL_WIDTH.test(key) ? String.fromCharCode(key.charCodeAt(0) - FULL_WIDTH_OFFSET) : key
  }
  if (key !== 'Process' && key !== 'Unidentified') return null
  const letter = /^Key([A-Z])$/.exec(code)?.[1]
  if (letter !== undefined) return shiftKey ? letter : letter.toLowerCase()
  const numpad = /^Numpad(\d)$/.exec(code)?.[1]
  return numpad ?? PHYSICAL[code]?.[shiftKey ? 1 : 0] ?? null
}
