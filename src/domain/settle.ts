/**
 * What one outcome does to an attempt, its refund, the payment's counters, the items and the books. The command
 * writes down what this returns and decides nothing itself.
 */
import {
  factOf,
  isOpen,
  nextWaitMs,
  turnOf,
  type Attempt,
  type AttemptState,
  type Fact,
} from './attempt.ts'
import type { Capabilities } from './capabilities.ts'
import type { EventDraft, EventType } from './evidence.ts'
import { transfersFor, type Split, type Transfer } from './ledger.ts'
import { subFen, ZERO, type Fen } from './money.ts'
import type { Outcome } from './outcome.ts'
import { moveCounters, takesSends, type Counters, type PaymentState } from './payment.ts'
import { ENDED_STATES, foldRefund, paidOtherwise, positionOf, type RefundState } from './refund.ts'
import { moveItem, type Item, type ItemStanding, type RefundItem } from './sale.ts'

export type AttemptEntry = Attempt & {
  readonly seq: number
  readonly amount: Fen
  /** What others' coupons covered of it, known once it succeeded. */
  readonly discount: Fen
  readonly alarm: string | null
  readonly paidOut: PaidOut | null
}

/** What the channel said of a success. */
export type PaidOut = {
  readonly destination: string
  readonly account: string | null
  readonly payerFen: Fen
  readonly settlementFen: Fen
  readonly discountFen: Fen
  readonly feeReturnedFen: Fen | null
}

export type SettleView = {
  readonly payment: {
    readonly no: string
    readonly state: PaymentState
    readonly counters: Counters
    readonly blocked: string | null
  }
  readonly items: readonly Item[]
  readonly refund: {
    readonly no: string
    readonly state: RefundState
    readonly amount: Fen
    readonly feeKept: Fen
    /** See `foldRefund`. */
    readonly endedAs: RefundState | null
    readonly lines: readonly RefundItem[]
  }
  readonly attempts: readonly AttemptEntry[]
}

/** When the attempt is looked at next: at once, after the schedule's wait, at a time, or never again by itself. */
export type NextLook =
  | { readonly kind: 'never' }
  | { readonly kind: 'in'; readonly ms: number }
  | { readonly kind: 'at'; readonly at: Date }

export type Settlement = {
  readonly view: SettleView
  /** False when nothing but the next look changed. */
  readonly moved: boolean
  readonly sendAgain: boolean
  /** A word that came by itself does not fit what is known: to be asked about, though the attempt has ended. */
  readonly asks: boolean
  readonly nextLook: NextLook
  readonly lastCode: string | null
  readonly transfers: readonly Transfer[]
  readonly events: readonly EventDraft[]
  readonly incidents: readonly Incident[]
}

export type Incident = {
  readonly kind:
    | 'alarm'
    | 'over_refunded'
    | 'paid_back_twice'
    | 'reopened'
    | 'amount_mismatch'
    | 'cannot_send'
    | 'unclear_long'
    | 'channel_no_taken'
  readonly detail: { readonly [key: string]: string | number | null }
}

type Can = Pick<Capabilities, 'refusal' | 'notFound' | 'replaySafe' | 'querySchedule'>

/** @param quietMs see `factOf`. @param tries turns this attempt has had since its last move. */
export function settleAttempt(
  view: SettleView,
  seq: number,
  outcome: Outcome,
  can: Can,
  quietMs: number | null,
  tries: number,
): Settlement {
  const attempt = view.attempts.find((each) => each.seq === seq)
  if (!attempt) throw new Error(`refund ${view.refund.no} has no attempt ${seq}`)
  const fact = factOf(attempt, outcome, can, quietMs)
  return fact.kind === 'move'
    ? applyMove(view, attempt, fact, outcome, can)
    : applyStay(view, attempt, fact, outcome, can, quietMs, tries)
}

/**
 * A remedy that was refused, or of which nothing shows long after it could last have arrived, is spent: another may be
 * decided. Until then the first may still be executed.
 */
function answersRemedy(
  attempt: AttemptEntry,
  outcome: Outcome,
  can: Can,
  quietMs: number | null,
): boolean {
  if (attempt.state !== 'stuck') return false
  if (outcome.kind === 'refused') return true
  const quiet = can.notFound !== null && quietMs !== null && quietMs >= can.notFound.quietMs
  return outcome.kind === 'stuck' && quiet
}

function applyStay(
  view: SettleView,
  attempt: AttemptEntry,
  fact: Extract<Fact, { kind: 'stay' }>,
  outcome: Outcome,
  can: Can,
  quietMs: number | null,
  tries: number,
): Settlement {
  const next: AttemptEntry = {
    ...attempt,
    notFoundCount: fact.notFoundCount,
    hint: fact.hint,
    waiting: fact.waiting,
    alarm: fact.alarm ?? attempt.alarm,
    remedySent: attempt.remedySent && !answersRemedy(attempt, outcome, can, quietMs),
    channelTime: fact.channelTime,
    inferred: fact.inferred,
  }
  const sendAgain = fact.next === 'send_again' && maySend(view, attempt, can)
  const events: EventDraft[] = []
  // Said once, when it becomes true: an attempt may be asked about for weeks.
  if (fact.waiting !== null && fact.waiting !== attempt.waiting) {
    events.push(event(view, 'refund.waiting', { attempt: attempt.seq, reason: fact.waiting }))
  }
  const alarmed = fact.alarm !== null && fact.alarm !== attempt.alarm
  if (alarmed) events.push(event(view, 'refund.alarm', { attempt: attempt.seq, cause: fact.alarm }))
  return {
    view: replaceAttempt(view, next),
    moved: false,
    sendAgain,
    asks: fact.next === 'ask' && !isOpen(attempt),
    nextLook: lookAfterStay(attempt, fact, sendAgain, outcome, can, tries),
    lastCode: codeOf(outcome),
    transfers: [],
    events,
    incidents: alarmed
      ? [{ kind: 'alarm', detail: { attempt: attempt.seq, cause: fact.alarm } }]
      : [],
  }
}

/** Where the next turn will not send anyway, "send again" would only ask again, at once and without end. */
const maySend = (view: SettleView, attempt: AttemptEntry, can: Can): boolean =>
  turnOf(attempt, {
    sendAgain: true,
    replaySafe: can.replaySafe,
    paidBackOtherwise: view.refund.state !== 'sending' || paidOtherwise(view.attempts, attempt.seq),
    blocked: !takesSends(view.payment),
  }) === 'send'

function lookAfterStay(
  attempt: AttemptEntry,
  fact: Extract<Fact, { kind: 'stay' }>,
  sendAgain: boolean,
  outcome: Outcome,
  can: Can,
  tries: number,
): NextLook {
  // An ended attempt is only asked about where a word did not fit, and then until there is an answer.
  const answered = !isOpen(attempt) && outcome.kind !== 'unknown'
  if (answered || (isOpen(attempt) && fact.next === 'rest')) return { kind: 'never' }
  if (outcome.kind === 'wait' && outcome.until !== null) return { kind: 'at', at: outcome.until }
  // The channel has just said it does not know the number: the same body may go at once.
  if (sendAgain && outcome.kind === 'not_found') return { kind: 'in', ms: 0 }
  return { kind: 'in', ms: nextWaitMs(can.querySchedule, tries) }
}

function applyMove(
  view: SettleView,
  attempt: AttemptEntry,
  fact: Extract<Fact, { kind: 'move' }>,
  outcome: Outcome,
  can: Can,
): Settlement {
  const next: AttemptEntry = {
    ...attempt,
    state: fact.to,
    inferred: fact.to === 'declined' ? fact.inferred : attempt.inferred,
    reopened: attempt.reopened || fact.reopens,
    remedySent: fact.to === 'processing' ? attempt.remedySent : false,
    waiting: null,
    notFoundCount: 0,
    channelNo: channelNoOf(outcome) ?? attempt.channelNo,
    channelTime: timeOf(outcome) ?? attempt.channelTime,
    discount: outcome.kind === 'succeeded' ? outcome.discountFen : attempt.discount,
    paidOut: outcome.kind === 'succeeded' ? paidOutOf(outcome) : attempt.paidOut,
  }
  const refundState = foldRefund(
    view.refund.state,
    view.attempts.map((each) => (each.seq === attempt.seq ? next : each)),
    view.refund.endedAs,
  )
  const settled = settleRefund(replaceAttempt(view, next), view, refundState, next)
  const block = blockReason(settled.view, fact)
  const blocked = view.payment.blocked ?? block?.kind ?? null
  return {
    view: { ...settled.view, payment: { ...settled.view.payment, blocked } },
    moved: true,
    sendAgain: false,
    asks: false,
    nextLook: isOpen(next)
      ? { kind: 'in', ms: nextWaitMs(can.querySchedule, 0) }
      : { kind: 'never' },
    lastCode: codeOf(outcome),
    transfers: settled.transfers,
    events: [
      event(view, EVENT_OF[fact.to], {
        ...factsOf(outcome),
        attempt: attempt.seq,
        from: attempt.state,
      }),
      ...(refundState === 'owed' && view.refund.state !== 'owed'
        ? [event(view, 'refund.owed', { amount: view.refund.amount })]
        : []),
    ],
    incidents: block ? [block] : [],
  }
}

/** Carries refund, counters, items and books along with a changed state, amount or attempt. */
export function settleRefund(
  view: SettleView,
  before: SettleView,
  state: RefundState,
  mover: AttemptEntry | null,
): { readonly view: SettleView; readonly transfers: readonly Transfer[] } {
  const endedAs = ENDED_STATES.includes(state) ? state : view.refund.endedAs
  const refund = { ...view.refund, state, endedAs }
  const positionBefore = positionOf(before.refund, before.attempts)
  const positionAfter = positionOf(refund, view.attempts)
  const counters = moveCounters(before.payment.counters, positionBefore, positionAfter)
  const moved = moveLines(view.items, view.refund.lines, standingOf(positionAfter))
  const previous = before.attempts.find((each) => each.seq === mover?.seq)
  const transfers = transfersFor({
    before: positionBefore,
    after: positionAfter,
    split: mover === null ? null : splitOf(mover),
    excessBefore: before.payment.counters.excess,
    excessAfter: counters.excess,
    feeReturned: subFen(feeReturnedBy(mover), feeReturnedBy(previous ?? null)),
  })
  return {
    view: {
      ...view,
      payment: { ...view.payment, counters },
      items: moved.items,
      refund: { ...refund, lines: moved.lines },
    },
    transfers,
  }
}

/** The refund with a lower claim; its pieces are let go, since the amount is no longer theirs. */
export function lowerClaim(
  view: SettleView,
  amount: Fen,
  feeKept: Fen,
): { readonly view: SettleView; readonly transfers: readonly Transfer[] } {
  const freed = moveLines(view.items, view.refund.lines, 'none')
  const lines = freed.lines.map((line) => ({ ...line, letGo: true }))
  const lowered = {
    ...view,
    items: freed.items,
    refund: { ...view.refund, amount, feeKept, lines },
  }
  return settleRefund(lowered, view, view.refund.state, null)
}

/** A commission given back stands as long as the success it came with: a return undoes both. */
const feeReturnedBy = (attempt: AttemptEntry | null): Fen =>
  attempt?.state === 'succeeded' ? (attempt.paidOut?.feeReturnedFen ?? ZERO) : ZERO

const splitOf = (attempt: AttemptEntry): Split => ({
  way: attempt.kind === 'cash' ? 'cash' : 'channel',
  discount: attempt.discount,
})

function standingOf(position: { readonly held: Fen; readonly refunded: Fen }): ItemStanding {
  if (position.refunded > 0) return 'refunded'
  return position.held > 0 ? 'held' : 'none'
}

function moveLines(items: readonly Item[], lines: readonly RefundItem[], to: ItemStanding) {
  const byLine = new Map(items.map((item) => [item.line, item]))
  const moved = lines.map((line) => {
    const item = byLine.get(line.line)
    if (!item) throw new Error(`a refund names line ${line.line}, which its sale does not have`)
    const after = moveItem(item, line, to)
    byLine.set(line.line, after.item)
    return after.line
  })
  return { items: [...byLine.values()], lines: moved }
}

function blockReason(view: SettleView, fact: Extract<Fact, { kind: 'move' }>): Incident | null {
  const { counters } = view.payment
  if (counters.excess > 0 && fact.to === 'succeeded') {
    return { kind: 'over_refunded', detail: { excess: counters.excess, refund: view.refund.no } }
  }
  if (
    view.attempts.filter((each) => each.state === 'succeeded').length > 1 &&
    fact.to === 'succeeded'
  ) {
    return { kind: 'paid_back_twice', detail: { refund: view.refund.no } }
  }
  return fact.reopens ? { kind: 'reopened', detail: { refund: view.refund.no } } : null
}

const EVENT_OF: Readonly<Record<AttemptState, EventType>> = {
  submitted: 'refund.sending',
  processing: 'refund.processing',
  stuck: 'refund.stuck',
  succeeded: 'refund.succeeded',
  declined: 'refund.declined',
  returned: 'refund.returned',
}

const event = (view: SettleView, type: EventType, facts: EventDraft['facts']): EventDraft => ({
  subject: 'refund',
  no: view.refund.no,
  type,
  facts,
})

function replaceAttempt(view: SettleView, next: AttemptEntry): SettleView {
  return { ...view, attempts: view.attempts.map((each) => (each.seq === next.seq ? next : each)) }
}

function factsOf(outcome: Outcome): EventDraft['facts'] {
  switch (outcome.kind) {
    case 'succeeded':
      return {
        at: outcome.at.toISOString(),
        channel_no: outcome.channelNo,
        destination: outcome.destination,
        payer_fen: outcome.payerFen,
        settlement_fen: outcome.settlementFen,
        discount_fen: outcome.discountFen,
      }
    case 'returned':
      return { at: outcome.at.toISOString(), code: outcome.code, channel_no: outcome.channelNo }
    case 'stuck':
      return { code: outcome.code, channel_no: outcome.channelNo }
    case 'processing':
      return { channel_no: outcome.channelNo }
    case 'refused':
      return { code: outcome.code, proof: outcome.proof }
    case 'not_found':
      return { proof: 'not_found' }
    case 'unknown':
      return { cause: outcome.cause }
    case 'wait':
      return { reason: outcome.reason, code: outcome.code }
  }
}

const paidOutOf = (outcome: Extract<Outcome, { kind: 'succeeded' }>): PaidOut => ({
  destination: outcome.destination,
  account: outcome.account,
  payerFen: outcome.payerFen,
  settlementFen: outcome.settlementFen,
  discountFen: outcome.discountFen,
  feeReturnedFen: outcome.feeReturnedFen,
})

const channelNoOf = (outcome: Outcome): string | null =>
  'channelNo' in outcome ? outcome.channelNo : null

const timeOf = (outcome: Outcome): Date | null => ('at' in outcome ? outcome.at : null)

function codeOf(outcome: Outcome): string | null {
  if ('code' in outcome) return outcome.code
  return outcome.kind === 'unknown' ? outcome.cause : null
}
