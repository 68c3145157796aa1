import type { Core } from '../commands/core.ts'
import { sweepPayments } from '../commands/drive-payments.ts'
import { sweepRefunds } from '../commands/sweep-refunds.ts'
import { startLoop, type Loop } from './loop.ts'

/** Runs the sweeps of refunds and payments. What one round does not get to stays due, for the next or another node. */
export const startSweeper = (core: Core, intervalMs: number): Loop =>
  startLoop(
    async () => {
      const [refunds, payments] = await Promise.all([sweepRefunds(core), sweepPayments(core)])
      return refunds + payments
    },
    intervalMs,
    (err) => core.log.error({ err }, 'sweep.failed'),
  )
