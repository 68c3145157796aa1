/** Bounds how often this process answers wrong guesses of what nobody has signed in for. */

const WINDOW_MS = 60_000
/** For one merchant; people mistype a few times, and forty bits stand a million times as many. */
const WRONG_MAX = 30
/** Merchants that were guessed at in one window: what is remembered of strangers has an end. */
const NAMES_MAX = 10_000

export type Guesses = {
  readonly mayTry: (tenant: number) => boolean
  readonly wrong: (tenant: number) => void
}

/** `nowMs` is a monotonic clock in milliseconds. */
export function boundedGuesses(nowMs: () => number): Guesses {
  let wrong = new Map<number, number>()
  let until = 0
  const inWindow = (): Map<number, number> => {
    if (nowMs() >= until) {
      wrong = new Map()
      until = nowMs() + WINDOW_MS
    }
    return wrong
  }
  return {
    mayTry: (tenant) => {
      const counts = inWindow()
      return (counts.get(tenant) ?? 0) < WRONG_MAX && counts.size < NAMES_MAX
    },
    wrong: (tenant) => {
      const counts = inWindow()
      counts.set(tenant, (counts.get(tenant) ?? 0) + 1)
    },
  }
}
