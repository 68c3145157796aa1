/** Runs one round of work again and again: at once while there is work, else after the interval. */
import { setTimeout as delay } from 'node:timers/promises'

export type Loop = {
  /** When the last round ended well, ms of the process's clock; null before the first. */
  readonly lastEndedMs: () => number | null
  /** Waits for the round under way and starts no other. */
  readonly stop: () => Promise<void>
}

/** @param round returns how much it did. @param onFault what it threw; the loop goes on. */
export function startLoop(
  round: () => Promise<number>,
  intervalMs: number,
  onFault: (err: unknown) => void,
): Loop {
  const ending = new AbortController()
  let lastEnded: number | null = null
  const run = async () => {
    while (!ending.signal.aborted) {
      let worked = 0
      try {
        worked = await round()
        lastEnded = performance.now()
      } catch (err) {
        onFault(err)
      }
      if (worked === 0)
        await delay(intervalMs, undefined, { signal: ending.signal }).catch(() => undefined)
    }
  }
  const running = run()
  return {
    lastEndedMs: () => lastEnded,
    stop: async () => {
      ending.abort()
      await running
    },
  }
}
