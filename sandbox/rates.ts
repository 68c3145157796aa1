// Calls per real second or other window, counted per name. A full window is forgotten at once: limits
// of payment channels are counted that way, and two numbers a name are all it needs.

export type Rates = {
  /** Counts a call; false when the limit is already used up. `null` never limits. */
  readonly allow: (name: string, limit: number | null, windowMs?: number) => boolean
  /** Looks without counting. */
  readonly below: (name: string, limit: number | null, windowMs?: number) => boolean
  readonly count: (name: string, windowMs?: number) => void
}

const SECOND = 1_000

export const createRates = (): Rates => {
  const windows = new Map<string, { window: number; calls: number }>()
  const current = (name: string, windowMs: number) => {
    const window = Math.floor(Date.now() / windowMs)
    const known = windows.get(name)
    if (known?.window === window) return known
    const fresh = { window, calls: 0 }
    windows.set(name, fresh)
    return fresh
  }
  const below = (name: string, limit: number | null, windowMs = SECOND) =>
    limit === null || current(name, windowMs).calls < limit
  const count = (name: string, windowMs = SECOND) => {
    current(name, windowMs).calls += 1
  }
  return {
    below,
    count,
    allow: (name, limit, windowMs) => {
      if (!below(name, limit, windowMs)) return false
      count(name, windowMs)
      return true
    },
  }
}
