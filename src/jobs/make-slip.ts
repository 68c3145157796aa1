/** Writes the slip that an event is worth, as data; paper is made of it when somebody prints. */
import type { Core } from '../commands/core.ts'
import { makeSlip } from '../commands/make-slip.ts'
import type { SlipJob } from './queues.ts'

export async function makeSlipOf(core: Core, job: SlipJob): Promise<void> {
  await makeSlip(
    core,
    job.tenant,
    { refundNo: job.refund, seq: job.seq, type: job.type },
    new Date(),
  )
}
