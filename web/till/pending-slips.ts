/** Slips that somebody wanted on paper and did not get: kept on this device until they are printed, or waved away. */
import { keptList } from './kept-list.ts'
import type { SlipAddress } from './printing.ts'

export type PendingSlip = SlipAddress & {
  readonly title: string
  /** Where it is looked at and printed. */
  readonly screen: string
  /** RFC 3339 */
  readonly at: string
}

/** More than a roll of paper's worth of trouble is not remembered. */
const pending = keptList<PendingSlip>('yuanlu.pending-slips', 20)

export const usePending = pending.use

const isSame = (a: SlipAddress, b: SlipAddress): boolean =>
  a.path === b.path && JSON.stringify(a.which) === JSON.stringify(b.which)

export const keepPending = ({ path, which }: SlipAddress, title: string, screen: string): void =>
  pending.change((slips) => [
    ...slips.filter((each) => !isSame(each, { path, which })),
    { path, which, title, screen, at: new Date().toISOString() },
  ])

export const dropPending = (slip: SlipAddress): void =>
  pending.change((slips) => slips.filter((each) => !isSame(each, slip)))
