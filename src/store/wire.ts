/** Attempts as they go on the wire, with what their turn depends on. */
import { sql } from 'kysely'
import type { Tx } from '../db/connect.ts'
import type { Fen } from '../domain/money.ts'
import type { PaymentState } from '../domain/payment.ts'
import type { RefundState } from '../domain/refund.ts'
import type { AttemptRow } from './attempts.ts'

export type WireRow = AttemptRow & {
  refund_state: RefundState
  channel: string
  payment_state: PaymentState
  blocked: string | null
  /** See `paidOtherwise`. */
  paid_otherwise: boolean
  method: 'code' | 'qr' | 'outside'
  payment_channel_number: string
  payment_channel_no: string | null
  payment_body: string
  paid_fen: Fen
}

export async function readWire(tx: Tx, refundNos: readonly string[]): Promise<WireRow[]> {
  const { rows } = await sql<WireRow>`
    select a.refund_no, a.seq, a.payment_no, a.account_no, a.kind, a.state, a.channel_number,
           a.channel_no, a.body, a.amount_fen, a.due_at, a.tries, a.sends, a.fence, a.first_send_at,
           a.send_again, a.not_found_count, a.waiting, a.hint_code, a.hint_final, a.alarm, a.inferred,
           a.reopened, a.stopped_by, a.remedy, a.remedy_body, a.remedy_first_send_at, a.channel_time,
           a.destination, a.destination_text, a.payer_fen, a.settlement_fen, a.discount_fen,
           a.fee_returned_fen, a.last_code, a.created_at, a.settled_at, null as since_send_by_ms, null as since_not_found_ms,
           f.state as refund_state, p.channel, p.state as payment_state, p.blocked, p.method,
           exists (select from attempt b
                    where b.refund_no = a.refund_no and b.seq <> a.seq
                      and b.state in ('submitted', 'processing', 'stuck', 'succeeded')) as paid_otherwise,
           p.channel_number as payment_channel_number, p.channel_no as payment_channel_no,
           p.body as payment_body, p.paid_fen
      from attempt a
      join refund f on f.refund_no = a.refund_no
      join payment p on p.payment_no = a.payment_no
     where a.refund_no = any(${refundNos})`.execute(tx)
  return rows
}
