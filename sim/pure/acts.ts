/** What people do to refunds in a story, each act whole or not at all. Decided by the product's rules; kept in memory. */
import type { Channel } from '../../src/channels/channel.ts'
import { wrongState } from '../../src/commands/act-on-refund.ts'
import {
  applyRefundView,
  applySettlement,
  entryOf,
  moveRefund,
  must,
  viewOf,
  type Desk,
  type OpenRefund,
} from '../../src/commands/desk.ts'
import type { Actor } from '../../src/domain/actor.ts'
import { isOpen } from '../../src/domain/attempt.ts'
import { feeFor, type FeeRule } from '../../src/domain/fees.ts'
import { transfersFor } from '../../src/domain/ledger.ts'
import { addFen, subFen, ZERO, type Fen } from '../../src/domain/money.ts'
import { channelNumber } from '../../src/domain/numbers.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import { planRefund } from '../../src/domain/plan.ts'
import { DEFAULT_PARAMS, RULES } from '../../src/domain/policy/rules/index.ts'
import { refuse, type Refusal } from '../../src/domain/problems.ts'
import { NO_POSITION, paidOtherwise, positionOf } from '../../src/domain/refund.ts'
import { whyNoRemedy } from '../../src/domain/remedy.ts'
import {
  decideRequest,
  nextTry,
  whyNoRefund,
  whyNotPlanned,
  whyNotReplaced,
  withoutHold,
  type AcceptedRefund,
  type RefundRequest,
} from '../../src/domain/request.ts'
import type { RefundItem } from '../../src/domain/sale.ts'
import { lowerClaim, settleAttempt } from '../../src/domain/settle.ts'
import type { DeskRefundRow } from '../../src/store/desk.ts'
import {
  booksOf,
  layOut,
  patchAttempt,
  putBack,
  type KeptAttempt,
  type KeptRefund,
  type MemoryShop,
} from './shop.ts'
import { bornHeld, onWire, type Hold } from './turns.ts'

/** What the acts of one story work on. */
export type Counter = {
  readonly shop: MemoryShop
  readonly channel: Channel
  readonly fee: FeeRule
}

/** Refused, or done; what was opened by it waits for its turn. */
export type Done = { readonly refusal: Refusal | null; readonly hold: Hold | null }

const no = (refusal: Refusal): Done => ({ refusal, hold: null })
const DONE: Done = { refusal: null, hold: null }

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

function newAttempt(
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

type Change = (desk: Desk, open: OpenRefund, now: Date) => Refusal | Hold | null

const isRefusal = (result: Refusal | Hold): result is Refusal => 'code' in result

/** Laid out, changed, put back; refused, nothing is. */
function act({ shop }: Counter, refundNo: string, change: Change): Done {
  if (!shop.refunds.has(refundNo)) return no(refuse('not_found', { what: 'refund' }))
  const { desk, open } = layOut(shop, refundNo)
  const opened: KeptRefund = must(shop.refunds.get(refundNo))
  const result = change(desk, open, shop.time.now())
  if (result !== null && isRefusal(result)) {
    // A new attempt may have been written before the refusal.
    shop.refunds.set(refundNo, opened)
    return no(result)
  }
  putBack(shop, desk, open)
  return { refusal: null, hold: result }
}

export const approve = (counter: Counter, refundNo: string): Done =>
  act(counter, refundNo, (desk, open, now) => {
    const wrong = wrongState(open, 'requested', 'awaiting_goods')
    if (wrong) return wrong
    moveRefund(desk, open, 'approved', now)
    return start(counter, desk, open, open.row.method, now)
  })

export const reject = (counter: Counter, refundNo: string): Done =>
  act(counter, refundNo, (desk, open, now) => {
    const wrong = wrongState(open, 'requested', 'awaiting_goods')
    if (wrong === null) moveRefund(desk, open, 'rejected', now)
    return wrong
  })

export const withdraw = (counter: Counter, refundNo: string): Done =>
  act(counter, refundNo, (desk, open, now) => {
    const wrong = wrongState(open, 'requested', 'awaiting_goods', 'approved')
    if (wrong) return wrong
    moveRefund(desk, open, 'withdrawn', now)
    open.row = { ...open.row, send_at: null, send_reason: null }
    return null
  })

export const lower = (counter: Counter, refundNo: string, claim: Fen): Done =>
  act(counter, refundNo, (desk, open, now) => {
    const before = addFen(open.row.amount_fen, open.row.fee_kept_fen)
    const wrong = wrongState(open, 'requested', 'awaiting_goods', 'approved')
    if (wrong) return wrong
    if (claim >= before) return refuse('cannot_raise', { amount: before })
    const feeKept = feeFor(counter.fee, claim, open.row.reason_code)
    const lowered = lowerClaim(viewOf(desk, open), subFen(claim, feeKept), feeKept)
    applyRefundView(desk, open, lowered, now)
    return null
  })

export const close = (counter: Counter, refundNo: string): Done =>
  act(counter, refundNo, (desk, open, now) => {
    const wrong = wrongState(open, 'owed')
    if (wrong === null) moveRefund(desk, open, 'closed', now)
    return wrong
  })

/** One that is owed goes again, by the same or another way; so does an approved one that waits for a person. */
export const sendAgain = (counter: Counter, refundNo: string, method: 'original' | 'cash'): Done =>
  act(counter, refundNo, (desk, open, now) => {
    const isHeldBack = open.row.state === 'approved' && open.row.send_at === null
    return (isHeldBack ? null : wrongState(open, 'owed')) ?? start(counter, desk, open, method, now)
  })

/** The sweeper's part in an approved refund whose time has come. */
export const startApproved = (counter: Counter, refundNo: string): Done =>
  act(counter, refundNo, (desk, open, now) => {
    const started = start(counter, desk, open, open.row.method, now)
    if (started === null || !isRefusal(started)) return started
    open.row = { ...open.row, send_at: nextTry(started, now), send_reason: started.code }
    open.dirty = true
    return null
  })

function start(
  counter: Counter,
  desk: Desk,
  open: OpenRefund,
  method: 'original' | 'cash',
  now: Date,
): Refusal | Hold | null {
  const { shop } = counter
  const books = booksOf(shop, open.row.payment_no)
  const standing = whyNoRefund(books)
  if (standing) return standing
  if (method === 'original') {
    const plan = planRefund(
      books.can,
      books.contract,
      {
        paidAt: books.paidAt ?? now,
        amount: open.row.amount_fen,
        paid: books.counters.paid,
        count: books.sentCount,
        lastSentAt: books.lastSentAt,
        inFlight: books.inFlight,
        paused: books.paused,
        probeAt: books.probeAt,
      },
      now,
    )
    if (plan.kind === 'no') return whyNotPlanned(plan)
    if (plan.kind === 'at') {
      open.row = { ...open.row, send_at: plan.at, send_reason: plan.reason }
      open.dirty = true
      return null
    }
  }
  const kind = method === 'cash' ? 'cash' : 'refund'
  const seq = open.row.attempts + 1
  const kept = must(shop.refunds.get(open.row.refund_no))
  const attempt = newAttempt(counter, open.row, seq, kind, now)
  shop.refunds.set(open.row.refund_no, { ...kept, attempts: [...kept.attempts, attempt] })
  moveRefund(desk, open, 'sending', now)
  open.row = { ...open.row, attempts: seq, send_at: null, send_reason: null }
  if (kind === 'cash') return null
  const payment = must(desk.payments.get(open.row.payment_no))
  desk.payments.set(payment.payment_no, {
    ...payment,
    refund_count: payment.refund_count + 1,
    last_refund_sent_at: now,
  })
  return { refundNo: open.row.refund_no, seq, fence: 1 }
}

const byPerson = (code: string): Outcome => ({
  kind: 'refused',
  code,
  proof: 'person',
  final: true,
})

export const stop = (counter: Counter, refundNo: string): Done =>
  act(counter, refundNo, (desk, open, now) => {
    const attempt = open.attempts.find(
      (each) => isOpen(each) && each.kind !== 'cash' && each.stopped_by === null,
    )
    if (!attempt) return refuse('state_changed', { state: open.row.state })
    change(open, attempt.seq, { stopped_by: 'li' })
    if (attempt.first_send_at === null) {
      settleHere(counter, desk, open, attempt.seq, byPerson('never_sent'), now)
    } else makeDue(counter.shop, refundNo)
    return null
  })

export const answerCash = (counter: Counter, refundNo: string, isPaid: boolean): Done =>
  act(counter, refundNo, (desk, open, now) => {
    const attempt = open.attempts.find((each) => isOpen(each) && each.kind === 'cash')
    if (!attempt) return refuse('state_changed', { state: open.row.state })
    const paid: Outcome = {
      kind: 'succeeded',
      at: now,
      channelNo: attempt.channel_number,
      destination: 'cash',
      account: null,
      payerFen: attempt.amount_fen,
      settlementFen: attempt.amount_fen,
      discountFen: ZERO,
      feeReturnedFen: null,
    }
    const word = isPaid ? paid : byPerson('not_handed_out')
    settleHere(counter, desk, open, attempt.seq, word, now)
    return null
  })

export const remedy = (counter: Counter, refundNo: string): Done =>
  act(counter, refundNo, (desk, open) => {
    const attempt = open.attempts.find((each) => each.state === 'stuck')
    const { shop, channel } = counter
    if (!attempt || !channel.freezeRemedy) return refuse('not_stuck', {})
    if (entryOf(attempt).remedySent) return refuse('remedy_unanswered', {})
    const payment = must(desk.payments.get(open.row.payment_no))
    const paidBackOtherwise =
      open.row.state !== 'sending' || paidOtherwise(open.attempts, attempt.seq)
    const wrong = whyNoRemedy('to_bank_card', { paidBackOtherwise, payment })
    if (wrong) return wrong
    const body = channel.freezeRemedy(
      {
        channelNumber: attempt.channel_number,
        remedy: 'to_bank_card',
        card: null,
      },
      undefined as never,
    )
    change(open, attempt.seq, { remedy: 'to_bank_card', remedy_body: body })
    patchAttempt(shop, refundNo, attempt.seq, { remedy_first_send_at: null })
    makeDue(shop, refundNo)
    return null
  })

function change(open: OpenRefund, seq: number, patch: Partial<KeptAttempt>): void {
  open.attempts = open.attempts.map((row) => (row.seq === seq ? { ...row, ...patch } : row))
  open.touched.set(seq, { fence: null, moved: false, asks: false })
  open.dirty = true
}

export function makeDue(shop: MemoryShop, refundNo: string): void {
  for (const each of must(shop.refunds.get(refundNo)).attempts) {
    if (each.due_at === null || !isOpen(each)) continue
    patchAttempt(shop, refundNo, each.seq, { due_at: shop.time.now() })
  }
}

function settleHere(
  { shop }: Counter,
  desk: Desk,
  open: OpenRefund,
  seq: number,
  outcome: Outcome,
  now: Date,
): void {
  const settlement = settleAttempt(viewOf(desk, open), seq, outcome, shop.can, null, 0)
  applySettlement(desk, open, seq, settlement, { fence: null, now })
}
