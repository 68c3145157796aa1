// One seeded generator for everything that should repeat between runs: fates, codes, numbers.
// Keys and nonces never come from here.

export type Random = {
  /** A number in [0, 1). */
  readonly next: () => number
  /** `count` decimal digits. */
  readonly digits: (count: number) => string
}

/** Mulberry32: small, fast, good enough to draw fates with. */
export const createRandom = (seed: number): Random => {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000
  }
  const digits = (count: number) =>
    Array.from({ length: count }, () => Math.floor(next() * 10)).join('')
  return { next, digits }
}
