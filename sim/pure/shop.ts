/**
 * A shop kept in memory: the rows that commands lay on their desk and put back, without a database. What is decided on
 * them is the product's; only the keeping is done here, one act at a time, as the database's locks would have it.
 */
import type { Desk, OpenRefund } from '../../src/commands/desk.ts'
import { openRefund } from '../../src/commands/desk.ts'
import type { Capabilities } from '../../src/domain/capabilities.ts'
import type { Transfer } from '../../src/domain/ledger.ts'
import { fen } from '../../src/domain/money.ts'
import { makeNumber } from '../../src/domain/numbers.ts'
import type { PaymentBooks } from '../../src/domain/request.ts'
import { spreadOverItems, type Item, type RefundItem } from '../../src/domain/sale.ts'
import type { AttemptRow } from '../../src/store/attempts.ts'
import type { DeskPaymentRow, DeskRefundRow } from '../../src/store/desk.ts'
import { must } from '../../src/commands/desk.ts'
import type { Draw } from '../draw.ts'
import { STORY_DAY } from '../shop.ts'
import type { StoryTime } from '../time.ts'

/** An attempt with what the database keeps beside what commands read of it; times in ms. */
export type KeptAttempt = AttemptRow & {
  readonly leaseUntil: number | null
  readonly sendBy: number | null
  readonly lastSendBy: number | null
  readonly lastNotFoundAt: number | null
}

export type KeptRefund = {
  readonly row: DeskRefundRow
  readonly lines: readonly RefundItem[]
  readonly attempts: readonly KeptAttempt[]
}

/** One change of an attempt's state, as it was written down. */
export type Move = {
  readonly attempt: string
  readonly from: string
  readonly to: string
  /** The channel had given its proof that nothing was executed. */
  readonly wasProven: boolean
}

export type MemoryShop = {
  readonly time: StoryTime
  readonly can: Capabilities
  readonly sale: string
  readonly payments: Map<string, DeskPaymentRow>
  readonly refunds: Map<string, KeptRefund>
  readonly transfers: (Transfer & { readonly payment: string })[]
  readonly moves: Move[]
  /** Attempts that were proven not to have been executed, */
  readonly proven: Set<string>
  /** those of which the channel has said that it has them, */
  readonly accepted: Set<string>
  /** and those that a person ended, with how often they had been sent by then. */
  readonly stopped: Map<string, number>
  items: readonly Item[]
  /** How often anything was written. */
  writes: number
}

const PAID = 10_000
const FIRST_PART = 6_000

/** One sale of four pieces in two lines, paid at once or in two parts. */
export function openMemoryShop(time: StoryTime, draw: Draw, can: Capabilities): MemoryShop {
  const sale = makeNumber('sale', STORY_DAY, draw.digits(13))
  const parts = draw.chance(0.3) ? [FIRST_PART, PAID - FIRST_PART] : [PAID]
  const lines = [
    { name: 'a', quantity: 1, fen: fen(3_500) },
    { name: 'b', quantity: 3, fen: fen(7_000) },
  ]
  const shares = spreadOverItems(lines, fen(PAID))
  return {
    time,
    can,
    sale,
    payments: new Map(
      parts.map((paid) => {
        const no = makeNumber('payment', STORY_DAY, draw.digits(13))
        return [no, paymentRow(no, sale, paid, time.now())]
      }),
    ),
    refunds: new Map(),
    transfers: [],
    moves: [],
    proven: new Set(),
    accepted: new Set(),
    stopped: new Map(),
    writes: 0,
    items: lines.map(({ quantity }, place) => ({
      line: place + 1,
      quantity,
      heldQuantity: 0,
      refundedQuantity: 0,
      fen: shares[place] ?? fen(0),
      heldFen: fen(0),
      refundedFen: fen(0),
    })),
  }
}

const paymentRow = (no: string, sale: string, paid: number, now: Date): DeskPaymentRow => ({
  payment_no: no,
  sale_no: sale,
  account_no: 'a1',
  channel: 'sim',
  channel_number: `${no}00`,
  channel_no: null,
  method: 'code',
  body: '',
  state: 'paid',
  blocked: null,
  paid_fen: fen(paid),
  held_fen: fen(0),
  refunded_fen: fen(0),
  kept_fen: fen(0),
  excess_fen: fen(0),
  refund_count: 0,
  last_refund_sent_at: null,
  paid_at: now,
  store_no: 's1',
})

/** What a decision on this payment stands on. */
export function booksOf(shop: MemoryShop, paymentNo: string): PaymentBooks {
  const row = must(shop.payments.get(paymentNo))
  const now = shop.time.now().getTime()
  const attempts = [...shop.refunds.values()]
    .filter((each) => each.row.payment_no === paymentNo)
    .flatMap((each) => each.attempts)
  const held = (each: KeptAttempt) => each.leaseUntil !== null && each.leaseUntil > now
  return {
    paymentNo,
    saleNo: row.sale_no,
    storeNo: row.store_no,
    cashier: null,
    state: row.state,
    blocked: row.blocked,
    counters: {
      paid: row.paid_fen,
      held: row.held_fen,
      refunded: row.refunded_fen,
      kept: row.kept_fen,
      excess: row.excess_fen,
    },
    items: shop.items,
    paidAt: row.paid_at,
    broughtIn: false,
    siblingUnclear: false,
    sentCount: row.refund_count,
    lastSentAt: row.last_refund_sent_at,
    inFlight: attempts.some((each) => each.state === 'submitted' && each.tries === 0 && held(each)),
    unclearRefund:
      attempts.find(
        (each) =>
          each.state === 'submitted' &&
          each.kind !== 'cash' &&
          each.waiting === null &&
          !held(each),
      )?.refund_no ?? null,
    can: shop.can,
    contract: { windowDays: null, countMax: null },
    paused: false,
    probeAt: null,
  }
}

/** A desk with one refund on it; nothing is changed in the shop before it is put back. */
export function layOut(shop: MemoryShop, refundNo: string): { desk: Desk; open: OpenRefund } {
  const kept = must(shop.refunds.get(refundNo))
  const now = shop.time.now().getTime()
  const open = openRefund(
    kept.row,
    kept.lines,
    kept.attempts.map((each) => ({
      ...each,
      since_send_by_ms: each.lastSendBy === null ? null : now - each.lastSendBy,
      since_not_found_ms: each.lastNotFoundAt === null ? null : now - each.lastNotFoundAt,
      past_send_by_ms: each.sendBy === null ? null : now - each.sendBy,
    })),
  )
  const payment = must(shop.payments.get(kept.row.payment_no))
  const desk: Desk = {
    tenant: 1,
    offsetMs: 0,
    payments: new Map([[payment.payment_no, payment]]),
    items: new Map([[shop.sale, shop.items]]),
    refunds: new Map([[refundNo, open]]),
    touchedPayments: new Set(),
    blocked: new Map(),
    touchedSales: new Set(),
  }
  return { desk, open }
}

/** Puts everything back. Who holds an attempt says what it does next; a truth is anybody's. */
export function putBack(shop: MemoryShop, desk: Desk, open: OpenRefund): void {
  shop.writes += 1
  const { refund_no: no, payment_no: paymentNo } = open.row
  const kept = must(shop.refunds.get(no))
  shop.payments.set(paymentNo, must(desk.payments.get(paymentNo)))
  shop.items = must(desk.items.get(shop.sale))
  const attempts = kept.attempts.map((before) => {
    const touch = open.touched.get(before.seq)
    const after = open.attempts.find((each) => each.seq === before.seq)
    if (!touch || !after) return before
    const isHolder = touch.fence === before.fence
    const decides = touch.moved || isHolder
    if (after.stopped_by !== null && before.stopped_by === null) {
      shop.stopped.set(before.channel_number, before.sends)
    }
    if (after.state !== before.state) {
      const { channel_number: attempt, state: from } = before
      shop.moves.push({ attempt, from, to: after.state, wasProven: shop.proven.has(attempt) })
    }
    return {
      ...before,
      ...after,
      fence: before.fence,
      sends: before.sends,
      first_send_at: before.first_send_at,
      remedy_first_send_at: before.remedy_first_send_at,
      send_again: decides ? after.send_again : before.send_again,
      tries: decides ? after.tries : before.tries,
      due_at: decides || touch.asks ? after.due_at : before.due_at,
      leaseUntil: isHolder ? null : before.leaseUntil,
      lastNotFoundAt:
        after.not_found_count > before.not_found_count
          ? shop.time.now().getTime()
          : before.lastNotFoundAt,
    }
  })
  shop.refunds.set(no, { row: open.row, lines: open.lines, attempts })
  shop.transfers.push(...open.transfers.map((each) => ({ ...each, payment: paymentNo })))
}

/** Changes one attempt's row as a statement of its own would. */
export function patchAttempt(
  shop: MemoryShop,
  refundNo: string,
  seq: number,
  patch: Partial<KeptAttempt>,
): void {
  shop.writes += 1
  const kept = must(shop.refunds.get(refundNo))
  const attempts = kept.attempts.map((each) => (each.seq === seq ? { ...each, ...patch } : each))
  shop.refunds.set(refundNo, { ...kept, attempts })
}
