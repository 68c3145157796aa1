/** Runs the sweeps of refunds and payments again and again: at once while there is work, else after the interval. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Core } from '../commands/core.ts'
import { sweepPayments } from '../commands/drive-payments.ts'
import { sweepRefunds } from '../commands/sweep-refunds.ts'

export type Sweeper = {
  /** When the last sweep ended well, ms of the process's clock; null before the first. */
  readonly lastEndedMs: () => number | null
  /** Waits for the sweep under way and starts no other. */
  readonly stop: () => Promise<void>
}

export function startSweeper(core: Core, intervalMs: number): Sweeper {
  const ending = new AbortController()
  let lastEnded: number | null = null
  const run = async () => {
    while (!ending.signal.aborted) {
      let worked = 0
      try {
        const [refunds, payments] = await Promise.all([sweepRefunds(core), sweepPayments(core)])
        worked = refunds + payments
        lastEnded = performance.now()
      } catch (err) {
        // The rows stay due; the next sweep, here or on another node, takes them.
        core.log.error({ err }, 'sweep.failed')
      }
      if (worked === 0) await delay(intervalMs, undefined, { signal: ending.signal }).catch(() => undefined)
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
