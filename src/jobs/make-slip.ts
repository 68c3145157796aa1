/** Writes the slips that events are worth, as data; paper is made of them when somebody prints. */
import { openLane } from '../commands/coalesce.ts'
import type { Core } from '../commands/core.ts'
import { makeSlips, type SlipCause } from '../commands/make-slip.ts'
import type { SlipJob } from './queues.ts'

/** Jobs that are taken from the queue at once; those of one merchant are one list, and each has its own end. */
export const SLIP_JOBS_TOGETHER = 64

export function slipMaker(core: Core): (job: SlipJob) => Promise<void> {
  const lane = openLane(
    (tenant, causes: readonly SlipCause[]) => makeSlips(core, tenant, causes, new Date()),
    SLIP_JOBS_TOGETHER,
  )
  return async (job) => {
    await lane.give(job.tenant, { refundNo: job.refund, seq: job.seq, type: job.type })
  }
}
