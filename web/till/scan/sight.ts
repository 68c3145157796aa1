/** What to make of the codes a camera sees, many times a second. */
import { readScan, type Scanned } from '../../../src/domain/numbers.ts'

/** Out of sight for this long, a code that comes back is shown anew; hands shake for less. */
const AWAY_MS = 2_000

export type Seen = { readonly code: string; readonly at: number }

export const isNew = (seen: Seen | null, code: string, at: number): boolean =>
  seen === null || seen.code !== code || at - seen.at > AWAY_MS

/** Our slips carry two codes, and much else lies on a counter: the one that says most is meant. */
const MEANT: readonly Scanned['kind'][] = ['slip', 'own', 'number', 'payment_code']

/** Null: none was seen. */
export function meantOf(codes: readonly string[]): string | null {
  for (const kind of MEANT) {
    const meant = codes.find((code) => readScan(code).kind === kind)
    if (meant !== undefined) return meant
  }
  return codes[0] ?? null
}
