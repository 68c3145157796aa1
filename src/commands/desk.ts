/**
 * Refunds on the desk: opened under lock, changed by decisions of the domain, put back in one go. Every command that
 * changes refunds goes through here, so that counters, items, books and evidence can never be left behind.
 */
import type { Tx } from '../db/connect.ts'
import type { Actor } from '../domain/actor.ts'
import { isOpen } from '../domain/attempt.ts'
import { sealEvents, type EventDraft } from '../domain/evidence.ts'
import type { Transfer } from '../domain/ledger.ts'
import { ZERO } from '../domain/money.ts'
import type { Item, RefundItem } from '../domain/sale.ts'
import {
  settleRefund,
  type AttemptEntry,
  type Incident,
  type NextLook,
  type Settlement,
  type SettleView,
} from '../domain/settle.ts'
import type { RefundState } from '../domain/refund.ts'
import { lookBy, unclearChange, unclearSince } from '../domain/unclear.ts'
import {
  lockAttempts,
  saveAttempts,
  type AttemptPatch,
  type AttemptRow,
} from '../store/attempts.ts'
import { saveItems, savePaymentBooks } from '../store/books.ts'
import {
  lockRefunds,
  readDeskPayments,
  readDeskRefunds,
  readItems,
  readLines,
  type DeskPaymentRow,
  type DeskRefundRow,
} from '../store/desk.ts'
import { insertEvents } from '../store/events.ts'
import {
  endIncidents,
  insertIncidents,
  type OpenedIncident,
  type PassingKind,
} from '../store/incidents.ts'
import { insertTransfers } from '../store/ledger.ts'
import { saveRefundItems, saveRefunds } from '../store/refunds.ts'
import { tellBlocked } from './tell-blocked.ts'

export type Desk = {
  readonly tenant: number
  /** How far business time is moved, for what is written by the database's clock. */
  readonly offsetMs: number
  readonly payments: Map<string, DeskPaymentRow>
  readonly items: Map<string, readonly Item[]>
  readonly refunds: Map<string, OpenRefund>
  readonly touchedPayments: Set<string>
  /** Payments that something on the desk has blocked, with the reason. */
  readonly blocked: Map<string, string>
  readonly touchedSales: Set<string>
}

export type OpenRefund = {
  row: DeskRefundRow
  lines: readonly RefundItem[]
  attempts: readonly AttemptRow[]
  readonly read: { readonly state: RefundState; readonly attempts: readonly AttemptRow[] }
  readonly events: EventDraft[]
  readonly transfers: Transfer[]
  readonly incidents: Incident[]
  /** What a person was called for and is over now. */
  readonly passed: PassingKind[]
  /** Which attempts changed, with the fence of who speaks. */
  readonly touched: Map<number, Touch>
  dirty: boolean
  linesMoved: boolean
}

type Touch = Pick<AttemptPatch, 'fence' | 'moved' | 'asks'>

/** Opens refunds; numbers that do not exist are simply not on the desk. */
export async function openDesk(
  tx: Tx,
  tenant: number,
  wanted: readonly string[],
  offsetMs: number,
): Promise<Desk> {
  const { refundNos, paymentNos } = await lockRefunds(tx, wanted)
  const payments = await readDeskPayments(tx, paymentNos)
  const refunds = await readDeskRefunds(tx, refundNos)
  const attempts = await lockAttempts(tx, refundNos, offsetMs)
  const lines = refundNos.length === 0 ? [] : await readLines(tx, refundNos)
  const saleNos = [...new Set(lines.map((line) => line.sale_no))]
  const items = saleNos.length === 0 ? [] : await readItems(tx, saleNos)
  const desk: Desk = {
    tenant,
    offsetMs,
    payments: new Map(payments.map((row) => [row.payment_no, row])),
    items: new Map(
      saleNos.map((saleNo) => [
        saleNo,
        items.filter((item) => item.sale_no === saleNo).map(itemOf),
      ]),
    ),
    refunds: new Map(),
    touchedPayments: new Set(),
    blocked: new Map(),
    touchedSales: new Set(),
  }
  for (const row of refunds) {
    const own = attempts.filter((attempt) => attempt.refund_no === row.refund_no)
    const ownLines = lines.filter((line) => line.refund_no === row.refund_no).map(lineOf)
    desk.refunds.set(row.refund_no, openRefund(row, ownLines, own))
  }
  return desk
}

/** A refund as it comes on the desk: nothing of it has changed yet. */
export const openRefund = (
  row: DeskRefundRow,
  lines: readonly RefundItem[],
  attempts: readonly AttemptRow[],
): OpenRefund => ({
  row,
  lines,
  attempts,
  read: { state: row.state, attempts },
  events: [],
  transfers: [],
  incidents: [],
  passed: [],
  touched: new Map(),
  dirty: false,
  linesMoved: false,
})

export function paymentOf(desk: Desk, open: OpenRefund): DeskPaymentRow {
  const payment = desk.payments.get(open.row.payment_no)
  if (!payment) throw new Error(`payment ${open.row.payment_no} is not on the desk`)
  return payment
}

/** The refund as the domain's decisions see it, on what the desk holds now. */
export function viewOf(desk: Desk, open: OpenRefund): SettleView {
  const payment = paymentOf(desk, open)
  return {
    payment: {
      no: payment.payment_no,
      state: payment.state,
      blocked: payment.blocked,
      counters: {
        paid: payment.paid_fen,
        held: payment.held_fen,
        refunded: payment.refunded_fen,
        kept: payment.kept_fen,
        excess: payment.excess_fen,
      },
    },
    items: desk.items.get(open.row.sale_no) ?? [],
    refund: {
      no: open.row.refund_no,
      state: open.row.state,
      amount: open.row.amount_fen,
      feeKept: open.row.fee_kept_fen,
      endedAs: open.row.ended_as,
      lines: open.lines,
    },
    attempts: open.attempts.map(entryOf),
  }
}

/** Puts what a settlement says on the desk. `fence`: of the holder that speaks; null for a word from outside. */
export function applySettlement(
  desk: Desk,
  open: OpenRefund,
  seq: number,
  settlement: Settlement,
  speaker: Speaker,
): void {
  applyView(desk, open, settlement.view, speaker.now)
  open.attempts = open.attempts.map((row) => {
    if (row.seq !== seq) return row
    const settled = settledRow(row, settlement, speaker)
    noteUnclear(open, row, settled, speaker.now)
    return settled
  })
  const before = open.touched.get(seq)
  open.touched.set(seq, {
    fence: speaker.fence,
    moved: settlement.moved || (before?.moved ?? false),
    asks: asksNow(settlement, speaker) || (before?.asks ?? false),
  })
  open.transfers.push(...settlement.transfers)
  open.events.push(...settlement.events)
  open.incidents.push(...settlement.incidents)
}

function noteUnclear(open: OpenRefund, before: AttemptRow, after: AttemptRow, now: Date): void {
  const since = unclearSince(entryOf(after))
  const change = unclearChange(unclearSince(entryOf(before)), since, now)
  if (change === 'over') open.passed.push('unclear_long')
  if (change === 'long' && since !== null) {
    const detail = { attempt: after.seq, since: since.toISOString() }
    open.incidents.push({ kind: 'unclear_long', detail })
  }
}

/** Moves a refund to another state, with all that follows for counters, items and books. */
export function moveRefund(desk: Desk, open: OpenRefund, to: RefundState, now: Date): void {
  const before = viewOf(desk, open)
  applyRefundView(desk, open, settleRefund(before, before, to, null), now)
}

export function applyRefundView(
  desk: Desk,
  open: OpenRefund,
  settled: ReturnType<typeof settleRefund>,
  now: Date,
): void {
  applyView(desk, open, settled.view, now)
  open.transfers.push(...settled.transfers)
}

function applyView(desk: Desk, open: OpenRefund, view: SettleView, now: Date): void {
  const payment = paymentOf(desk, open)
  const { counters } = view.payment
  desk.payments.set(payment.payment_no, {
    ...payment,
    blocked: view.payment.blocked,
    held_fen: counters.held,
    refunded_fen: counters.refunded,
    kept_fen: counters.kept,
    excess_fen: counters.excess,
  })
  desk.touchedPayments.add(payment.payment_no)
  if (payment.blocked === null && view.payment.blocked !== null) {
    desk.blocked.set(payment.payment_no, view.payment.blocked)
  }
  if (view.refund.lines.some((line, place) => line !== open.lines[place])) {
    desk.items.set(open.row.sale_no, view.items)
    desk.touchedSales.add(open.row.sale_no)
    open.lines = view.refund.lines
    open.linesMoved = true
  }
  const ended = view.refund.state === 'succeeded' && open.row.state !== 'succeeded'
  open.row = {
    ...open.row,
    state: view.refund.state,
    amount_fen: view.refund.amount,
    fee_kept_fen: view.refund.feeKept,
    ended_as: view.refund.endedAs,
    settled_at: ended ? now : open.row.settled_at,
  }
  open.dirty = true
}

/**
 * Writes all that changed. Throws when a row is no longer in the state it was read in: the caller's transaction ends.
 * @returns the incidents that were opened.
 */
export async function saveDesk(
  tx: Tx,
  desk: Desk,
  actor: Actor,
  now: Date,
): Promise<readonly OpenedIncident[]> {
  const opens = [...desk.refunds.values()]
  const attempts = opens.flatMap((open) => touchedAttempts(open))
  const saved = await saveAttempts(tx, attempts, desk.offsetMs)
  if (saved.length !== attempts.length) throw new Error('an attempt moved while it was locked')

  const changed = opens.filter((open) => open.dirty || open.events.length > 0)
  const sealed = changed.map((open) => {
    const head = { seq: open.row.event_seq, hash: open.row.event_head }
    return { open, ...sealEvents(open.events, head, actor, now) }
  })
  const moved = await saveRefunds(
    tx,
    sealed.map(({ open, head }) => ({
      ...open.row,
      event_seq: head.seq,
      event_head: head.hash,
      state_before: open.read.state,
    })),
  )
  if (moved.length !== sealed.length) throw new Error('a refund moved while it was locked')
  await savePaymentBooks(
    tx,
    [...desk.touchedPayments].map((no) => must(desk.payments.get(no))),
  )
  await tellBlocked(tx, actor, desk.blocked, now)
  await saveItems(tx, itemRows(desk))
  await saveRefundItems(tx, opens.filter((open) => open.linesMoved).flatMap(lineRows))
  await insertTransfers(
    tx,
    desk.tenant,
    opens.flatMap((open) =>
      open.transfers.map((each) => ({
        ...each,
        payment_no: open.row.payment_no,
        refund_no: open.row.refund_no,
      })),
    ),
    now,
  )
  await insertEvents(
    tx,
    desk.tenant,
    sealed.flatMap(({ events }) => events),
  )
  await endIncidents(
    tx,
    opens.flatMap((open) => open.passed.map((kind) => ({ kind, refund_no: open.row.refund_no }))),
    now,
  )
  return insertIncidents(
    tx,
    desk.tenant,
    opens.flatMap((open) =>
      open.incidents.map((each) => ({
        kind: each.kind,
        detail: each.detail,
        payment_no: open.row.payment_no,
        refund_no: open.row.refund_no,
      })),
    ),
    now,
  )
}

function touchedAttempts(open: OpenRefund) {
  return open.attempts
    .filter((row) => open.touched.has(row.seq))
    .map((row) => ({
      ...row,
      state_before: must(open.read.attempts.find((each) => each.seq === row.seq)).state,
      ...must(open.touched.get(row.seq)),
    }))
}

const itemRows = (desk: Desk) =>
  [...desk.touchedSales].flatMap((saleNo) =>
    (desk.items.get(saleNo) ?? []).map((item) => itemRow(saleNo, item)),
  )

const lineRows = (open: OpenRefund) =>
  open.lines.map((line) => ({
    refund_no: open.row.refund_no,
    sale_no: open.row.sale_no,
    line: line.line,
    quantity: line.quantity,
    fen: line.fen,
    standing: line.standing,
    let_go: line.letGo,
    counted_quantity: line.countedQuantity,
    counted_fen: line.countedFen,
  }))

export function entryOf(row: AttemptRow): AttemptEntry {
  return {
    seq: row.seq,
    kind: row.kind,
    state: row.state,
    amount: row.amount_fen,
    inferred: row.inferred,
    reopened: row.reopened,
    stopped: row.stopped_by !== null,
    remedySent: row.remedy_first_send_at !== null && row.remedy !== null,
    hint: row.hint_code === null ? null : { code: row.hint_code, final: row.hint_final },
    notFoundCount: row.not_found_count,
    firstSentAt: row.first_send_at,
    channelTime: row.channel_time,
    channelNo: row.channel_no,
    waiting: row.waiting,
    tries: row.tries,
    discount: row.discount_fen ?? ZERO,
    alarm: row.alarm,
    paidOut:
      row.destination === null || row.payer_fen === null || row.settlement_fen === null
        ? null
        : {
            destination: row.destination,
            account: row.destination_text,
            payerFen: row.payer_fen,
            settlementFen: row.settlement_fen,
            discountFen: row.discount_fen ?? ZERO,
            feeReturnedFen: row.fee_returned_fen,
          },
  }
}

type Speaker = { readonly fence: number | null; readonly now: Date }

/** Only a word that came by itself: the answer to a question is not asked about again. */
const asksNow = (settlement: Settlement, speaker: Speaker): boolean =>
  settlement.asks && speaker.fence === null

function settledRow(row: AttemptRow, settlement: Settlement, speaker: Speaker): AttemptRow {
  const entry = must(settlement.view.attempts.find((each) => each.seq === row.seq))
  const { now } = speaker
  return {
    ...row,
    state: entry.state,
    channel_no: entry.channelNo,
    not_found_count: entry.notFoundCount,
    waiting: entry.waiting,
    hint_code: entry.hint?.code ?? null,
    hint_final: entry.hint?.final ?? false,
    alarm: entry.alarm,
    inferred: entry.inferred,
    reopened: entry.reopened,
    // Stuck again, or answered: the remedy that was sent is spent, and what the channel repeats of it is no news.
    remedy:
      entry.state === 'stuck' && (settlement.moved || entryOf(row).remedySent !== entry.remedySent)
        ? null
        : row.remedy,
    channel_time: entry.channelTime,
    destination: entry.paidOut?.destination ?? null,
    destination_text: entry.paidOut?.account ?? null,
    payer_fen: entry.paidOut?.payerFen ?? null,
    settlement_fen: entry.paidOut?.settlementFen ?? null,
    discount_fen: entry.paidOut?.discountFen ?? null,
    fee_returned_fen: entry.paidOut?.feeReturnedFen ?? null,
    last_code: settlement.lastCode ?? row.last_code,
    settled_at: settlement.moved ? now : row.settled_at,
    send_again: settlement.sendAgain,
    tries: settlement.moved ? 0 : row.tries + 1,
    due_at: dueAt(row, entry, settlement, speaker),
  }
}

function dueAt(
  row: AttemptRow,
  entry: AttemptEntry,
  settlement: Settlement,
  speaker: Speaker,
): Date | null {
  if (asksNow(settlement, speaker)) return speaker.now
  // One that has ended is looked at again only while it is being asked about.
  if (!isOpen(entry) && row.due_at === null) return null
  return lookAt(settlement.nextLook, unclearSince(entry), speaker.now)
}

function lookAt(next: NextLook, unclear: Date | null, now: Date): Date | null {
  switch (next.kind) {
    case 'never':
      return null
    case 'at':
      return lookBy(next.at, unclear, now)
    case 'in':
      return lookBy(new Date(now.getTime() + next.ms), unclear, now)
  }
}

export const itemRow = (saleNo: string, item: Item) => ({
  sale_no: saleNo,
  line: item.line,
  quantity: item.quantity,
  fen: item.fen,
  held_quantity: item.heldQuantity,
  held_fen: item.heldFen,
  refunded_quantity: item.refundedQuantity,
  refunded_fen: item.refundedFen,
})

export const itemOf = (row: {
  line: number
  quantity: number
  held_quantity: number
  refunded_quantity: number
  fen: Item['fen']
  held_fen: Item['fen']
  refunded_fen: Item['fen']
}): Item => ({
  line: row.line,
  quantity: row.quantity,
  heldQuantity: row.held_quantity,
  refundedQuantity: row.refunded_quantity,
  fen: row.fen,
  heldFen: row.held_fen,
  refundedFen: row.refunded_fen,
})

export const lineOf = (row: {
  line: number
  quantity: number
  fen: Item['fen']
  standing: RefundItem['standing']
  let_go: boolean
  counted_quantity: number
  counted_fen: Item['fen']
}): RefundItem => ({
  line: row.line,
  quantity: row.quantity,
  fen: row.fen,
  standing: row.standing,
  letGo: row.let_go,
  countedQuantity: row.counted_quantity,
  countedFen: row.counted_fen,
})

export function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a row that was locked is not there')
  return value
}
