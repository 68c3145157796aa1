/** A refund is asked for: decided by the product's rules, kept in memory. */
import { moveRefund, must } from '../../src/commands/desk.ts'
import type { Actor } from '../../src/domain/actor.ts'
import { transfersFor } from '../../src/domain/ledger.ts'
import { ZERO } from '../../src/domain/money.ts'
import { DEFAULT_PARAMS, RULES } from '../../src/domain/policy/rules/index.ts'
import { NO_POSITION, positionOf } from '../../src/domain/refund.ts'
import {
  decideRequest,
  whyNotReplaced,
  withoutHold,
  type AcceptedRefund,
  type RefundRequest,
} from '../../src/domain/request.ts'
import type { RefundItem } from '../../src/domain/sale.ts'
import type { DeskRefundRow } from '../../src/store/desk.ts'
import { DONE, newAttempt, no, type Counter, type Done } from './counter.ts'
import { booksOf, layOut, putBack } from './shop.ts'

export function request(counter: Counter, actor: Actor, wish: RefundRequest): Done {
  const { shop, fee } = counter
  // Asked again it is the same request: the answer is what is stored.
  if (shop.refunds.has(wish.no)) return DONE
  const now = shop.time.now()
  const replaced = wish.replaces === null ? null : layOut(shop, wish.replaces)
  const decided = replaced && whyNotReplaced(replaced.open.row.state)
  if (decided) return no(decided)
  const books = booksOf(shop, wish.paymentNo)
  const freed = replaced
    ? withoutHold(books, {
        amount: replaced.open.row.amount_fen,
        feeKept: replaced.open.row.fee_kept_fen,
        lines: replaced.open.lines,
      })
    : books
  const rules = { rules: RULES, params: DEFAULT_PARAMS, fee }
  const decision = decideRequest(freed, wish, actor, ZERO, rules, now)
  if (decision.kind === 'refused') return no(decision.refusal)
  if (replaced) {
    moveRefund(replaced.desk, replaced.open, 'rejected', now)
    putBack(shop, replaced.desk, replaced.open)
  }
  const { refund, books: after } = decision
  shop.writes += 1
  const row = must(shop.payments.get(wish.paymentNo))
  shop.payments.set(wish.paymentNo, {
    ...row,
    held_fen: after.counters.held,
    excess_fen: after.counters.excess,
    refund_count: after.sentCount,
    last_refund_sent_at: after.lastSentAt,
  })
  shop.items = after.items
  keep(counter, refund, now)
  const { next } = refund
  return next.kind === 'attempt' && next.of === 'refund'
    ? { refusal: null, hold: { refundNo: wish.no, seq: 1, fence: 1 } }
    : DONE
}

function keep(counter: Counter, refund: AcceptedRefund, now: Date): void {
  const { shop } = counter
  const { request: wish, next, amount, feeKept } = refund
  const row = refundRow(refund, now)
  const attempts = next.kind === 'attempt' ? [newAttempt(counter, row, 1, next.of, now)] : []
  shop.refunds.set(wish.no, { row, lines: refund.items.map(onHold), attempts })
  const after = positionOf({ amount, feeKept, state: 'approved' }, [])
  const transfers = transfersFor({
    before: NO_POSITION,
    after,
    split: null,
    excessBefore: ZERO,
    excessAfter: ZERO,
    feeReturned: ZERO,
  })
  shop.transfers.push(...transfers.map((each) => ({ ...each, payment: wish.paymentNo })))
}

const onHold = (line: RefundItem): RefundItem => ({
  ...line,
  standing: 'held',
  countedQuantity: line.quantity,
  countedFen: line.fen,
})

const STATE_OF = { attempt: 'sending', later: 'approved', wait_for_approval: 'requested' } as const

const refundRow = (
  { request: wish, next, saleNo, amount, feeKept }: AcceptedRefund,
  now: Date,
): DeskRefundRow => ({
  refund_no: wish.no,
  payment_no: wish.paymentNo,
  sale_no: saleNo,
  state: STATE_OF[next.kind],
  method: wish.method,
  amount_fen: amount,
  fee_kept_fen: feeKept,
  reason_code: wish.reason,
  store_no: 's1',
  terminal_no: 't1',
  requested_by: null,
  send_at: next.kind === 'later' ? next.at : null,
  send_reason: next.kind === 'later' ? next.reason : null,
  ended_reason: null,
  ended_as: null,
  outside: false,
  attempts: next.kind === 'attempt' ? 1 : 0,
  event_seq: 0,
  event_head: null,
  created_at: now,
  settled_at: null,
})
