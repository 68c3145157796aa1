import type { Account } from '../channels/channel.ts'
import { channelNumber } from '../domain/numbers.ts'
import type { AcceptedRefund } from '../domain/request.ts'
import type { NewAttempt } from '../store/attempts.ts'
import type { BooksRow } from '../store/books.ts'
import type { Core } from './core.ts'

/** An attempt with its body frozen. A refund's is held by this process at once; cash is never swept. */
export function attemptFor(
  core: Core,
  of: {
    tenant: number
    refundNo: string
    seq: number
    kind: 'refund' | 'cash'
    amount: AcceptedRefund['amount']
    reason: string
    payment: Pick<
      BooksRow,
      | 'payment_no'
      | 'account_no'
      | 'channel'
      | 'channel_number'
      | 'channel_no'
      | 'method'
      | 'body'
      | 'paid_fen'
    >
    account: Account
  },
  now: Date,
): NewAttempt {
  const channel = core.channel(of.payment.channel)
  const number = channelNumber(of.refundNo, of.seq, channel.can.requestNo)
  const body =
    of.kind === 'cash'
      ? ''
      : channel.freezeRefund(
          {
            channelNumber: number,
            payment: {
              channelNumber: of.payment.channel_number,
              channelNo: of.payment.channel_no,
              method: of.payment.method,
              body: of.payment.body,
              paid: of.payment.paid_fen,
            },
            amount: of.amount,
            reason: core.reasonText(of.reason),
          },
          of.account,
        )
  const held = of.kind === 'refund'
  return {
    tenant_id: of.tenant,
    refund_no: of.refundNo,
    seq: of.seq,
    payment_no: of.payment.payment_no,
    account_no: of.payment.account_no,
    kind: of.kind,
    state: 'submitted',
    channel_number: number,
    channel_no: null,
    body,
    amount_fen: of.amount,
    created_at: now,
    due_at: held ? now : null,
    lease_ms: held ? core.settings.leaseMs : null,
    send_within_ms: held ? core.settings.sendWithinMs : null,
    settled_at: null,
    channel_time: null,
  }
}
