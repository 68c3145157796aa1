// Calls per real second, counted per name. A full second is forgotten at once: limits of payment
// channels are counted that way, and two numbers a name are all it needs.

export type Rates = {
  /** Counts a call; false when the limit is already used up. `null` never limits. */
  readonly allow: (name: string, perSecond: number | null) => boolean
  /** Looks without counting. */
  readonly below: (name: string, perSecond: number | null) => boolean
  readonly count: (name: string) => void
}

export const createRates = (): Rates => {
  const windows = new Map<string, { second: number; calls: number }>()
  const current = (name: string) => {
    const second = Math.floor(Date.now() / 1_000)
    const known = windows.get(name)
    if (known?.second === second) return known
    const fresh = { second, calls: 0 }
    windows.set(name, fresh)
    return fresh
  }
  const below = (name: string, perSecond: number | null) =>
    perSecond === null || current(name).calls < perSecond
  const count = (name: string) => {
    current(name).calls += 1
  }
  return {
    below,
    count,
    allow: (name, perSecond) => {
      if (!below(name, perSecond)) return false
      count(name)
      return true
    },
  }
}
