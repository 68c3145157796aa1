/** What acts work on, and how an attempt is opened there. */
import type { Channel } from '../../src/channels/channel.ts'
import type { FeeRule } from '../../src/domain/fees.ts'
import { channelNumber } from '../../src/domain/numbers.ts'
import type { Refusal } from '../../src/domain/problems.ts'
import type { DeskRefundRow } from '../../src/store/desk.ts'
import type { KeptAttempt, MemoryShop } from './shop.ts'
import { bornHeld, onWire, type Hold } from './turns.ts'

/** What the acts of one story work on. */
export type Counter = {
  readonly shop: MemoryShop
  readonly channel: Channel
  readonly fee: FeeRule
}

/** Refused, or done; what was opened by it waits for its turn. */
export type Done = { readonly refusal: Refusal | null; readonly hold: Hold | null }

export const no = (refusal: Refusal): Done => ({ refusal, hold: null })
export const DONE: Done = { refusal: null, hold: null }

export function newAttempt(
  { shop, channel }: Counter,
  row: DeskRefundRow,
  seq: number,
  kind: 'refund' | 'cash',
  now: Date,
): KeptAttempt {
  const number = channelNumber(row.refund_no, seq, shop.can.requestNo)
  const bare: KeptAttempt = {
    refund_no: row.refund_no,
    seq,
    payment_no: row.payment_no,
    account_no: 'a1',
    kind,
    state: 'submitted',
    channel_number: number,
    channel_no: null,
    body: '',
    amount_fen: row.amount_fen,
    due_at: null,
    tries: 0,
    sends: 0,
    fence: 0,
    first_send_at: null,
    send_again: false,
    not_found_count: 0,
    waiting: null,
    hint_code: null,
    hint_final: false,
    alarm: null,
    inferred: false,
    reopened: false,
    stopped_by: null,
    remedy: null,
    remedy_body: null,
    remedy_first_send_at: null,
    channel_time: null,
    destination: null,
    destination_text: null,
    payer_fen: null,
    settlement_fen: null,
    discount_fen: null,
    fee_returned_fen: null,
    last_code: null,
    created_at: now,
    settled_at: null,
    since_send_by_ms: null,
    since_not_found_ms: null,
    past_send_by_ms: null,
    leaseUntil: null,
    sendBy: null,
    lastSendBy: null,
    lastNotFoundAt: null,
  }
  if (kind === 'cash') return bare
  const { payment } = onWire(shop, row.payment_no, bare)
  const brief = { channelNumber: number, payment, amount: row.amount_fen, reason: '' }
  const body = channel.freezeRefund(brief, undefined as never)
  return { ...bare, ...bornHeld(now), body, due_at: now }
}
