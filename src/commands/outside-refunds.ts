/**
 * Refunds that were made at the channel without us (in its portal, by another system): learned from a notice or a
 * statement, and written down as refunds born paid back, so that our room is the channel's room.
 */
import type { Tx } from '../db/connect.ts'
import type { Actor } from '../domain/actor.ts'
import { fingerprintOf, sealEvents } from '../domain/evidence.ts'
import { transfersFor } from '../domain/ledger.ts'
import { ZERO, type Fen } from '../domain/money.ts'
import { makeNumber } from '../domain/numbers.ts'
import type { Succeeded } from '../domain/outcome.ts'
import { moveCounters } from '../domain/payment.ts'
import { NO_POSITION, positionOf } from '../domain/refund.ts'
import { dayOf } from '../domain/time.ts'
import { findByChannelRefundNo, insertOutsideAttempt } from '../store/attempts.ts'
import { lockPayments, readBooks, savePaymentBooks } from '../store/books.ts'
import { insertEvents } from '../store/events.ts'
import { insertIncidents } from '../store/incidents.ts'
import { insertTransfers } from '../store/ledger.ts'
import { insertRefunds } from '../store/refunds.ts'
import type { Core } from './core.ts'
import { must } from './desk.ts'
import { tellBlocked } from './tell-blocked.ts'

export type OutsideRefund = {
  readonly paymentNo: string
  readonly amount: Fen
  readonly outcome: Succeeded
}

/** Once for each channel refund number, however often it is told. @returns the refund's number, or null when known. */
export async function writeOutsideRefund(
  core: Core,
  tx: Tx,
  actor: Actor,
  of: OutsideRefund,
  now: Date,
): Promise<string | null> {
  await lockPayments(tx, [of.paymentNo])
  const row = must((await readBooks(tx, [of.paymentNo]))[0])
  const known = await findByChannelRefundNo(tx, row.account_no, of.outcome.channelNo)
  if (known !== null) return null
  const refundNo = makeNumber('refund', dayOf(now), core.random.digits(13))
  const before = {
    paid: row.paid_fen,
    held: row.held_fen,
    refunded: row.refunded_fen,
    kept: row.kept_fen,
    excess: row.excess_fen,
  }
  const after = positionOf({ amount: of.amount, feeKept: ZERO, state: 'succeeded' }, [
    { state: 'succeeded' },
  ])
  const counters = moveCounters(before, NO_POSITION, after)
  const over = counters.excess > before.excess
  const { events, head } = sealEvents(
    [
      {
        subject: 'refund',
        no: refundNo,
        type: 'refund.succeeded',
        facts: {
          outside: true,
          payment: of.paymentNo,
          amount: of.amount,
          channel_no: of.outcome.channelNo,
          at: of.outcome.at.toISOString(),
        },
      },
    ],
    { seq: 0, hash: null },
    actor,
    now,
  )
  await insertRefunds(tx, [
    {
      tenant_id: actor.tenant,
      refund_no: refundNo,
      payment_no: of.paymentNo,
      sale_no: row.sale_no,
      state: 'succeeded',
      method: 'original',
      amount_fen: of.amount,
      fee_kept_fen: ZERO,
      reason_code: 'outside',
      note_ref: null,
      store_no: null,
      terminal_no: null,
      requested_by: null,
      judgement: { verdict: 'allow', rules: [] },
      send_at: null,
      send_reason: null,
      replaces: null,
      outside: true,
      attempts: 1,
      fingerprint: fingerprintOf({ outside: of.outcome.channelNo }),
      event_seq: head.seq,
      event_head: must(head.hash ?? undefined),
      created_at: now,
      settled_at: now,
    },
  ])
  await insertOutsideAttempt(tx, {
    tenant_id: actor.tenant,
    refund_no: refundNo,
    payment_no: of.paymentNo,
    account_no: row.account_no,
    channel_number: `outside-${of.outcome.channelNo}`,
    amount_fen: of.amount,
    outcome: of.outcome,
    at: now,
  })
  await savePaymentBooks(tx, [
    {
      payment_no: of.paymentNo,
      held_fen: counters.held,
      refunded_fen: counters.refunded,
      kept_fen: counters.kept,
      excess_fen: counters.excess,
      blocked: row.blocked ?? (over ? 'over_refunded' : null),
      refund_count: row.refund_count + 1,
      last_refund_sent_at: row.last_refund_sent_at,
    },
  ])
  if (over && row.blocked === null) {
    await tellBlocked(tx, actor, new Map([[of.paymentNo, 'over_refunded']]), now)
  }
  const transfers = transfersFor({
    before: NO_POSITION,
    after,
    split: { way: 'channel', discount: of.outcome.discountFen },
    excessBefore: before.excess,
    excessAfter: counters.excess,
    feeReturned: of.outcome.feeReturnedFen ?? ZERO,
  })
  await insertTransfers(
    tx,
    actor.tenant,
    transfers.map((each) => ({ ...each, payment_no: of.paymentNo, refund_no: refundNo })),
    now,
  )
  await insertEvents(tx, actor.tenant, events)
  await insertIncidents(
    tx,
    actor.tenant,
    [
      {
        kind: over ? 'over_refunded' : 'refund_made_elsewhere',
        payment_no: of.paymentNo,
        refund_no: refundNo,
        detail: { amount: of.amount, channel_no: of.outcome.channelNo, excess: counters.excess },
      },
    ],
    now,
  )
  core.crashPoint('outside.before_commit')
  return refundNo
}
