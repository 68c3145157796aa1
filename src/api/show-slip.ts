/** From a slip to what the contract shows of it. */
import { CURRENCY } from '../domain/money.ts'
import type { RefundKindSlip, Slip } from '../domain/slip.ts'
import type { SlipShown } from './contract-slips.ts'

export const showSlip = (slip: Slip): SlipShown => ({
  kind: slip.kind,
  copy: slip.copy,
  state: slip.state,
  store: { ...slip.store },
  terminal: slip.terminal,
  cashier: slip.cashier,
  orderNo: slip.orderNo,
  channel: slip.channel,
  paidAt: slip.paidAt.toISOString(),
  lines: slip.lines.map(({ name, quantity, fen: amount }) => ({ name, quantity, amount })),
  amounts: { ...slip.amounts },
  currency: CURRENCY,
  refund: slip.kind === 'sale' ? null : showRefundOf(slip),
  reprint: slip.reprint,
  sandbox: slip.sandbox,
  training: slip.training,
  printedAt: slip.printedAt.toISOString(),
  verification: slip.verification,
  barcode: slip.barcode,
  qr: slip.qr && { ...slip.qr },
})

function showRefundOf(slip: RefundKindSlip): NonNullable<SlipShown['refund']> {
  const { refund } = slip
  return {
    refundNo: refund.refundNo,
    amount: refund.amount,
    feeKept: refund.feeKept,
    payerAmount: refund.payerFen,
    payer: refund.payer,
    destination: refund.destination,
    arrival: refund.arrival,
    reason: refund.reason,
    requestedAt: slip.kind === 'refund' ? null : slip.requestedAt.toISOString(),
    refundedAt: slip.kind === 'refund' ? slip.refundedAt.toISOString() : null,
  }
}
