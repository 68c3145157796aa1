/** From stored rows to what the contract shows. */
import { addFen, CURRENCY, fen } from '../domain/money.ts'
import { roomOf } from '../domain/payment.ts'
import { paymentWord, restoredOf } from '../domain/payment-shown.ts'
import { UNFINISHED_STATES } from '../domain/refund.ts'
import { shownWord, type ShownWord } from '../domain/shown.ts'
import type { EventRow } from '../store/events.ts'
import type { PaymentFacts } from '../store/payment-reads.ts'
import type { AttemptFacts, RefundFacts } from '../store/refund-reads.ts'
import type { SaleFacts } from '../store/sale-reads.ts'
import type { EventShown, PaymentShown, RefundShown, SaleShown } from './contract.ts'

const timeOf = (at: Date | null): string | null => at?.toISOString() ?? null
/** PostgreSQL writes times inside JSON in its own way. */
const timeIn = (at: string | null): string | null => at && new Date(at).toISOString()

export function showPayment(row: PaymentFacts, source: SaleFacts['sale']['source']): PaymentShown {
  return {
    no: row.payment_no,
    sale: row.sale_no,
    state: row.state,
    shows: paymentWord({ ...row, codeUrl: row.code_url }),
    amount: row.paid_fen,
    currency: CURRENCY,
    payerAmount: row.payer_total_fen,
    refundable: row.blocked === null ? roomOf(row.state, countersOf(row)) : fen(0),
    refundableAtMost: source === 'channel' || row.imported_with_refunds,
    held: row.held_fen,
    refunded: row.refunded_fen,
    feeKept: row.kept_fen,
    method: row.method,
    account: row.account_no,
    channel: row.channel,
    sandbox: row.sandbox,
    payer: row.payer_masked,
    billNo: row.bill_no,
    channelNumber: row.channel_number,
    channelNo: row.channel_no,
    codeUrl: row.state === 'submitted' || row.state === 'waiting' ? row.code_url : null,
    codeValidUntil: timeOf(row.valid_until),
    blocked: row.blocked,
    refusal: row.refusal,
    restored: restoredOf({ ...row, source }),
    paidAt: timeOf(row.paid_at),
    createdAt: row.created_at.toISOString(),
  }
}

const countersOf = (row: PaymentFacts) => ({
  paid: row.paid_fen,
  held: row.held_fen,
  refunded: row.refunded_fen,
  kept: row.kept_fen,
  excess: row.excess_fen,
})

export const wordOf = (row: RefundFacts): ShownWord =>
  shownWord(
    row.state,
    row.attempts.map((each) => ({
      ...each,
      firstSentAt: each.first_send_at === null ? null : new Date(each.first_send_at),
    })),
  )

/** Notes by their places, opened. */
export type Notes = ReadonlyMap<number, string>

export function showRefund(row: RefundFacts, notes: Notes): RefundShown {
  return {
    no: row.refund_no,
    payment: row.payment_no,
    sale: row.sale_no,
    state: row.state,
    shows: wordOf(row),
    amount: row.amount_fen,
    feeKept: row.fee_kept_fen,
    currency: CURRENCY,
    method: row.method,
    reason: row.reason_code,
    note: (row.note_ref === null ? undefined : notes.get(row.note_ref)) ?? null,
    items: row.lines.map(({ line, name, quantity, fen: amount }) => ({
      line,
      name,
      quantity,
      amount,
    })),
    requestedBy: row.requested_by,
    store: row.store_no,
    terminal: row.terminal_no,
    sendAt: timeOf(row.send_at),
    sendReason: row.send_reason,
    endedReason: row.ended_reason,
    replaces: row.replaces,
    outside: row.outside,
    attempts: row.attempts.map(showAttempt),
    createdAt: row.created_at.toISOString(),
    settledAt: timeOf(row.settled_at),
  }
}

const showAttempt = (row: AttemptFacts): RefundShown['attempts'][number] => ({
  seq: row.seq,
  kind: row.kind,
  state: row.state,
  waiting: row.waiting,
  stopped: row.stopped,
  amount: row.amount_fen,
  payerAmount: row.payer_fen,
  destination: row.destination,
  destinationText: row.destination_text,
  channelNumber: row.channel_number,
  channelNo: row.channel_no,
  remedy: row.remedy,
  code: row.last_code,
  createdAt: new Date(row.created_at).toISOString(),
  firstSentAt: timeIn(row.first_send_at),
  settledAt: timeIn(row.settled_at),
})

export function showSale({ sale, items, payments, refunds }: SaleFacts, notes: Notes): SaleShown {
  return {
    no: sale.sale_no,
    source: sale.source,
    store: sale.store_no,
    terminal: sale.terminal_no,
    staff: sale.staff_no,
    description: sale.description,
    orderAmount: sale.order_fen,
    discountAmount: sale.discount_fen,
    paidAmount: addFen(
      ...payments.filter((each) => each.state === 'paid').map((each) => each.paid_fen),
    ),
    currency: CURRENCY,
    createdAt: sale.created_at.toISOString(),
    items: items.map((item) => ({
      line: item.line,
      name: item.name,
      quantity: item.quantity,
      price: item.price_fen,
      amount: item.fen,
      held: { quantity: item.held_quantity, amount: item.held_fen },
      refunded: { quantity: item.refunded_quantity, amount: item.refunded_fen },
    })),
    payments: payments.map((payment) => showPayment(payment, sale.source)),
    refunds: refunds.map((refund) => showRefund(refund, notes)),
    atWork: refunds
      .filter((refund) => UNFINISHED_STATES.includes(refund.state))
      .map((refund) => ({
        refund: refund.refund_no,
        by: refund.requested_by,
        terminal: refund.terminal_no,
        since: refund.created_at.toISOString(),
      })),
  }
}

type Said = {
  readonly actor: Pick<EventShown['by'], 'store' | 'terminal' | 'staff' | 'second'> & {
    /** Steps from before there were PINs say neither. */
    readonly staff_way?: EventShown['by']['staffWay']
    readonly second_way?: EventShown['by']['secondWay']
  }
  readonly facts: EventShown['facts']
}

/** The step as it was sealed; its hash is over exactly the bytes that are stored. */
export function showEvent(row: EventRow): EventShown {
  const said = JSON.parse(row.body) as Said
  return {
    seq: row.seq,
    type: row.type,
    at: row.at.toISOString(),
    by: {
      store: said.actor.store,
      terminal: said.actor.terminal,
      staff: said.actor.staff,
      staffWay: said.actor.staff_way ?? null,
      second: said.actor.second,
      secondWay: said.actor.second_way ?? null,
    },
    facts: said.facts,
    hash: row.hash.toString('hex'),
    prev: row.prev?.toString('hex') ?? null,
  }
}
