/** Numbers that could not be looked up because the server was away: noted on this device, to go on with later. */
import { readScan } from '../../src/domain/numbers.ts'
import { keptList } from './kept-list.ts'

export type Noted = {
  readonly number: string
  /** RFC 3339 */
  readonly at: string
}

const noted = keptList<Noted>('yuanlu.noted', 20)

export const useNoted = noted.use

/** What can be noted of a code; null: it leads to no sale, or it is money. */
export function numberIn(code: string): string | null {
  const scanned = readScan(code)
  return 'number' in scanned ? scanned.number : null
}

export const note = (number: string): void =>
  noted.change((all) => [
    ...all.filter((each) => each.number !== number),
    { number, at: new Date().toISOString() },
  ])

export const dropNoted = (number: string): void =>
  noted.change((all) => all.filter((each) => each.number !== number))
