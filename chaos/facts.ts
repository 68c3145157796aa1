/** What is stored and what the channel did, read for the judge when everything is over. */
import { inTenant } from '../src/db/connect.ts'
import { findDifferences } from '../src/store/audit.ts'
import type { History } from './history.ts'
import type { Facts } from './judge.ts'
import { TENANT, type Stage } from './stage.ts'

export function readFacts({ db, sandbox }: Stage, history: History): Promise<Facts> {
  return inTenant(db, TENANT, async (tx) => {
    const refunds = await tx
      .selectFrom('refund')
      .select(['refund_no as no', 'payment_no as payment', 'amount_fen as amount', 'state'])
      .execute()
    const attempts = await tx
      .selectFrom('attempt')
      .select([
        'refund_no as refund',
        'state',
        'channel_number as channelNumber',
        'amount_fen as amount',
      ])
      .execute()
    const payments = await tx
      .selectFrom('payment')
      .select([
        'payment_no as no',
        'paid_fen as paid',
        'held_fen as held',
        'refunded_fen as refunded',
      ])
      .execute()
    const executed = sandbox.book.executedRefunds().map((each) => ({
      number: each.outRefundNo,
      payment: each.outTradeNo,
      amount: each.amount,
      status: each.status,
    }))
    const { acks, decisions, refused, told } = history
    return { acks, decisions, refused, told, refunds, attempts, payments, executed }
  })
}

/** The audit's differences and the incidents that nothing we do may cause, a line each. */
export function readTrouble({ db }: Stage): Promise<string[]> {
  return inTenant(db, TENANT, async (tx) => {
    const differences = await findDifferences(tx)
    const incidents = await tx
      .selectFrom('incident')
      .select(['kind', 'refund_no', 'payment_no', 'detail'])
      .where('kind', 'in', ['audit', 'over_refunded', 'refund_made_elsewhere', 'amount_mismatch'])
      .execute()
    return [
      ...differences.map((each) => `audit: ${JSON.stringify(each)}`),
      ...incidents.map((each) => `incident: ${JSON.stringify(each)}`),
    ]
  })
}

/** Refunds that have not ended and wait for no person's money decision; see `judge`. */
export function readOpen({ db }: Stage) {
  return inTenant(db, TENANT, (tx) =>
    tx
      .selectFrom('refund')
      .select(['refund_no as no', 'state'])
      .where('state', 'in', ['requested', 'awaiting_goods', 'approved', 'sending'])
      .where((where) =>
        where.not(
          where.exists(
            where
              .selectFrom('attempt')
              .select('attempt.seq')
              .whereRef('attempt.refund_no', '=', 'refund.refund_no')
              .where('attempt.state', '=', 'stuck'),
          ),
        ),
      )
      .execute(),
  )
}
