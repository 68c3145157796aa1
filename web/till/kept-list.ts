/** A short list that stays on this device: kept over restarts, and the same for every screen that shows it. */
import { useSyncExternalStore } from 'react'

export type KeptList<Item> = {
  readonly use: () => readonly Item[]
  readonly change: (next: (items: readonly Item[]) => readonly Item[]) => void
}

/** @param most of more than these the oldest go. */
export function keptList<Item>(place: string, most: number): KeptList<Item> {
  const listeners = new Set<() => void>()
  let items = JSON.parse(localStorage.getItem(place) ?? '[]') as readonly Item[]
  const subscribe = (listener: () => void) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }
  return {
    use: () => useSyncExternalStore(subscribe, () => items),
    change: (next) => {
      const kept = next(items).slice(-most)
      if (kept.length === items.length && kept.every((each, at) => each === items[at])) return
      items = kept
      localStorage.setItem(place, JSON.stringify(items))
      for (const listener of listeners) listener()
    },
  }
}
