/** Everything that goes on paper: one way to draw, print and count it. */
import type { ReportSlip } from './report-slip.ts'
import type { Slip, SlipCopy } from './slip.ts'

export type AnySlip = Slip | ReportSlip

/** One document and copy, whichever terminal prints it. */
export type SlipKey = {
  /** Of the sale for a sale's slip, else of the refund, the shift or the day's close. */
  readonly subjectNo: string
  readonly kind: AnySlip['kind']
  readonly copy: SlipCopy
}

export const slipKeyOf = (slip: AnySlip): SlipKey => ({
  subjectNo: subjectOf(slip),
  kind: slip.kind,
  copy: slip.copy,
})

function subjectOf(slip: AnySlip): string {
  switch (slip.kind) {
    case 'sale':
      return slip.orderNo
    case 'refund':
    case 'pending_refund':
    case 'request':
      return slip.refund.refundNo
    case 'hand_over':
      return slip.shiftNo
    case 'day_close':
      return slip.closeNo
  }
}

/** Kept to look up what was printed; who paid and what somebody wrote is personal and stays out. */
export function keptFactsOf(slip: AnySlip): AnySlip {
  switch (slip.kind) {
    case 'sale':
    case 'day_close':
      return slip
    case 'hand_over':
      return { ...slip, note: null }
    case 'refund':
    case 'pending_refund':
    case 'request':
      return { ...slip, refund: { ...slip.refund, payer: null, destination: null } }
  }
}
