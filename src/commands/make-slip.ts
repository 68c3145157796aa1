/** Writes the slips that events are worth, as data; idempotent by an event's place in its refund's chain. */
import { inTenant } from '../db/connect.ts'
import { refundSlipFacts, slipFits, slipKindOf, storeSlipFacts } from '../domain/slip-facts.ts'
import type { SlipRows } from '../domain/slip-facts.ts'
import { insertRefundSlips, readSlipRows, type RefundSlipRow } from '../store/refund-slips.ts'
import type { Core } from './core.ts'

export type SlipCause = { readonly refundNo: string; readonly seq: number; readonly type: string }

/** `passed`: the refund has moved on since and its next event has the slip, or nothing is to be put on paper. */
export type SlipEnd = 'made' | 'there' | 'passed'

/** @returns the end of each, in order. */
export async function makeSlips(
  core: Core,
  tenant: number,
  causes: readonly SlipCause[],
  now: Date,
): Promise<SlipEnd[]> {
  return inTenant(core.db, tenant, async (tx) => {
    const rows = await readSlipRows(
      tx,
      causes.map((cause) => cause.refundNo),
    )
    const slips = causes.map((cause) => slipOf(core, cause, rows.get(cause.refundNo), now))
    const written = await insertRefundSlips(
      tx,
      tenant,
      slips.filter((slip) => slip !== null),
    )
    return slips.map((slip) => {
      if (slip === null) return 'passed'
      return written.has(`${slip.refund_no}/${slip.event_seq}`) ? 'made' : 'there'
    })
  })
}

function slipOf(
  core: Core,
  cause: SlipCause,
  rows: SlipRows | undefined,
  now: Date,
): RefundSlipRow | null {
  if (rows === undefined) return null
  const made = refundSlipFacts(rows, {
    arrival: core.channel(rows.payment.channel).can.arrival,
    customerPage: null,
    reprint: 0,
  })
  if (made === null || !slipFits(cause.type, made.refund.state)) return null
  return {
    refund_no: cause.refundNo,
    event_seq: cause.seq,
    kind: slipKindOf(made.refund.state),
    facts: storeSlipFacts(made),
    at: now,
  }
}
