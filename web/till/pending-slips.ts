/** Slips that somebody wanted on paper and did not get: kept on this device until they are printed, or waved away. */
import { useSyncExternalStore } from 'react'
import type { SlipAddress } from './printing.ts'

export type PendingSlip = SlipAddress & {
  readonly title: string
  /** Where it is looked at and printed. */
  readonly screen: string
  /** RFC 3339 */
  readonly at: string
}

const PLACE = 'yuanlu.pending-slips'
/** More than a roll of paper's worth of trouble is not remembered. */
const MOST = 20

const listeners = new Set<() => void>()
let pending: readonly PendingSlip[] = JSON.parse(
  localStorage.getItem(PLACE) ?? '[]',
) as readonly PendingSlip[]

function change(next: readonly PendingSlip[]): void {
  pending = next
  localStorage.setItem(PLACE, JSON.stringify(next))
  for (const listener of listeners) listener()
}

const isSame = (a: SlipAddress, b: SlipAddress): boolean =>
  a.path === b.path && JSON.stringify(a.which) === JSON.stringify(b.which)

export const usePending = (): readonly PendingSlip[] =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => pending,
  )

export function keepPending({ path, which }: SlipAddress, title: string, screen: string): void {
  const kept = pending.filter((each) => !isSame(each, { path, which }))
  change([...kept, { path, which, title, screen, at: new Date().toISOString() }].slice(-MOST))
}

export function dropPending(slip: SlipAddress): void {
  if (pending.some((each) => isSame(each, slip))) {
    change(pending.filter((each) => !isSame(each, slip)))
  }
}
