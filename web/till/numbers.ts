/** Numbers this device makes before it acts, so that an act can be repeated without harm. */
import { makeNumber, type NumberKind } from '../../src/domain/numbers.ts'
import { dayOf } from '../../src/domain/time.ts'

const RANDOM_DIGITS = 13

export function newNumber(kind: NumberKind): string {
  const digits: number[] = []
  while (digits.length < RANDOM_DIGITS) {
    // Bytes past 249 would make the low digits likelier.
    for (const byte of crypto.getRandomValues(new Uint8Array(32))) {
      if (byte < 250) digits.push(byte % 10)
    }
  }
  return makeNumber(kind, dayOf(new Date()), digits.slice(0, RANDOM_DIGITS).join(''))
}
