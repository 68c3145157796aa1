/** What people do to refunds in a story, each act whole or not at all. Decided by the product's rules; kept in memory. */
import { wrongState } from '../../src/commands/act-on-refund.ts'
import { forgottenRemedy } from '../../src/commands/handle-attempts.ts'
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
import { isOpen } from '../../src/domain/attempt.ts'
import { byPerson, handedOut } from '../../src/domain/by-person.ts'
import { feeFor } from '../../src/domain/fees.ts'
import { addFen, subFen, type Fen } from '../../src/domain/money.ts'
import type { Outcome, Remedy } from '../../src/domain/outcome.ts'
import { refuse, type Refusal } from '../../src/domain/problems.ts'
import { paidOtherwise } from '../../src/domain/refund.ts'
import { whyNoRemedy } from '../../src/domain/remedy.ts'
import { nextTry, planOf, whyNoRefund, whyNotPlanned } from '../../src/domain/request.ts'
import { lowerClaim, settleAttempt } from '../../src/domain/settle.ts'
import { newAttempt, no, type Counter, type Done } from './counter.ts'
import {
  booksOf,
  layOut,
  patchAttempt,
  putBack,
  type KeptAttempt,
  type KeptRefund,
  type MemoryShop,
} from './shop.ts'
import type { Hold } from './turns.ts'

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
    const plan = planOf(books, open.row.amount_fen, now)
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

export const stop = (counter: Counter, refundNo: string): Done =>
  act(counter, refundNo, (desk, open, now) => {
    const attempt = open.attempts.find(
      (each) => isOpen(each) && each.kind !== 'cash' && each.stopped_by === null,
    )
    if (!attempt) return refuse('state_changed', { state: open.row.state })
    change(open, attempt.seq, { stopped_by: 'li', ...forgottenRemedy(attempt) })
    if (attempt.first_send_at === null) {
      settleHere(counter, desk, open, attempt.seq, byPerson('never_sent'), now)
    } else makeDue(counter.shop, refundNo)
    return null
  })

export const answerCash = (counter: Counter, refundNo: string, isPaid: boolean): Done =>
  act(counter, refundNo, (desk, open, now) => {
    const attempt = open.attempts.find((each) => isOpen(each) && each.kind === 'cash')
    if (!attempt) return refuse('state_changed', { state: open.row.state })
    const word = isPaid
      ? handedOut(attempt.channel_number, attempt.amount_fen, now)
      : byPerson('not_handed_out')
    settleHere(counter, desk, open, attempt.seq, word, now)
    return null
  })

export const remedy = (counter: Counter, refundNo: string, which: Remedy): Done =>
  act(counter, refundNo, (desk, open) => {
    const attempt = open.attempts.find((each) => each.state === 'stuck')
    const { shop, channel } = counter
    if (!attempt || !channel.freezeRemedy) return refuse('not_stuck', {})
    if (entryOf(attempt).remedySent) return refuse('remedy_unanswered', {})
    const payment = must(desk.payments.get(open.row.payment_no))
    const paidBackOtherwise =
      open.row.state !== 'sending' || paidOtherwise(open.attempts, attempt.seq)
    const wrong = whyNoRemedy(which, { paidBackOtherwise, payment })
    if (wrong) return wrong
    const body = channel.freezeRemedy(
      {
        channelNumber: attempt.channel_number,
        remedy: which,
        card: null,
      },
      undefined as never,
    )
    change(open, attempt.seq, { remedy: which, remedy_body: body })
    // Whoever decides on it after a stop has decided that this is sent.
    const number = attempt.channel_number
    if (shop.stopped.has(number)) shop.stopped.set(number, attempt.sends + 1)
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
