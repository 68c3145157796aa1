/** Writes the slip an event is worth, as data; idempotent by the event's place in the refund's chain. */
import { inTenant } from '../db/connect.ts'
import { refundSlipFacts, slipFits, slipKindOf, storeSlipFacts } from '../domain/slip-facts.ts'
import { insertRefundSlip, readSlipRows } from '../store/refund-slips.ts'
import type { Core } from './core.ts'

export type SlipCause = { readonly refundNo: string; readonly seq: number; readonly type: string }

/** `passed`: the refund has moved on since and its next event has the slip, or nothing is to be put on paper. */
export async function makeSlip(
  core: Core,
  tenant: number,
  cause: SlipCause,
  now: Date,
): Promise<'made' | 'there' | 'passed'> {
  return inTenant(core.db, tenant, async (tx) => {
    const rows = await readSlipRows(tx, cause.refundNo)
    if (rows === null) return 'passed'
    const made = refundSlipFacts(rows, {
      arrival: core.channel(rows.payment.channel).can.arrival,
      customerPage: null,
      reprint: 0,
    })
    if (made === null || !slipFits(cause.type, made.refund.state)) return 'passed'
    const written = await insertRefundSlip(tx, {
      tenant_id: tenant,
      refund_no: cause.refundNo,
      event_seq: cause.seq,
      kind: slipKindOf(made.refund.state),
      facts: storeSlipFacts(made),
      at: now,
    })
    return written ? 'made' : 'there'
  })
}
