/** Acts of people on a refund whose money is under way or owed: stop, remedy, cash handed out, send again, close. */
import type { Tx } from '../db/connect.ts'
import type { Actor } from '../domain/actor.ts'
import { mayDecide } from '../domain/actor.ts'
import { isOpen } from '../domain/attempt.ts'
import { byPerson, handedOut } from '../domain/by-person.ts'
import type { Outcome, Remedy } from '../domain/outcome.ts'
import { refuse } from '../domain/problems.ts'
import { paidOtherwise } from '../domain/refund.ts'
import { whyNoRemedy } from '../domain/remedy.ts'
import { settleAttempt } from '../domain/settle.ts'
import type { AttemptRow } from '../store/attempts.ts'
import { forgetRemedySend, makeDue } from '../store/attempts.ts'
import { holdOpenShifts, insertHandout } from '../store/shifts.ts'
import type { RemedyBrief } from '../channels/channel.ts'
import {
  actOnRefund,
  done,
  noSecond,
  refusedWith,
  wrongState,
  type Acted,
} from './act-on-refund.ts'
import { openAccounts } from './accounts.ts'
import type { Core } from './core.ts'
import {
  applySettlement,
  entryOf,
  moveRefund,
  must,
  paymentOf,
  viewOf,
  type Desk,
  type OpenRefund,
} from './desk.ts'
import { startRefund } from './start-refund.ts'
import { useSecond } from './use-second.ts'

/**
 * Ends all further sends of the open attempt. One that never left is declined at once; for one that may have left,
 * the channel's not-found can from now on become a proof. By somebody who may decide, or with one behind.
 */
export function stopRefund(
  core: Core,
  actor: Actor,
  refundNo: string,
  reason: string,
  now: Date,
): Promise<Acted> {
  return actOnRefund(core, actor, refundNo, now, async (tx, desk, open) => {
    // The refund may have been paid back by another attempt meanwhile; the one still open is no less to be stopped.
    const attempt = openAttempt(open, (each) => each.kind !== 'cash' && each.stopped_by === null)
    if (!mayDecide(actor) && noSecond(actor)) {
      return refusedWith(refuse('supervisor_needed', {}))
    }
    if (!attempt) return refusedWith(refuse('state_changed', { state: open.row.state }))
    const no = await useSecond(tx, actor, { act: 'stop', refund: refundNo }, now)
    if (no) return refusedWith(no)
    patchAttempt(open, attempt.seq, {
      stopped_by: actor.staff ?? 'system',
      ...forgottenRemedy(attempt),
    })
    open.events.push({
      subject: 'refund',
      no: refundNo,
      type: 'refund.stopped',
      facts: { attempt: attempt.seq, reason, sent: attempt.first_send_at !== null },
    })
    if (attempt.first_send_at === null) {
      settleHere(core, desk, open, attempt.seq, byPerson('never_sent'), now)
      return done()
    }
    await makeDue(tx, [refundNo])
    return done()
  })
}

/** A remedy that was decided and has not left yet is no longer wanted either. */
export const forgottenRemedy = (
  attempt: Pick<AttemptRow, 'remedy_first_send_at'>,
): Partial<AttemptRow> =>
  attempt.remedy_first_send_at === null ? { remedy: null, remedy_body: null } : {}

export type CashAnswer = 'paid' | 'not_paid'

/**
 * The cashier's word on cash: handed over, or not. "Not" needs a second person, or the money would be in nobody's
 * drawer and nobody's books.
 */
export function answerCash(
  core: Core,
  actor: Actor,
  refundNo: string,
  answer: CashAnswer,
  now: Date,
): Promise<Acted> {
  return actOnRefund(core, actor, refundNo, now, async (tx, desk, open) => {
    const attempt = openAttempt(open, (each) => each.kind === 'cash')
    if (!attempt) return refusedWith(refuse('state_changed', { state: open.row.state }))
    open.passed.push('cash_unanswered')
    const needsSecond = answer === 'not_paid'
    const no =
      (needsSecond ? noSecond(actor) : null) ??
      (await useSecond(
        tx,
        actor,
        needsSecond ? { act: 'cash_not_paid', refund: refundNo } : null,
        now,
      ))
    if (no) return refusedWith(no)
    const shifts = await holdShifts(tx, actor, open)
    if (needsSecond) {
      settleHere(core, desk, open, attempt.seq, byPerson('not_handed_out'), now)
      return done()
    }
    const paid = handedOut(attempt.channel_number, attempt.amount_fen, now)
    settleHere(core, desk, open, attempt.seq, paid, now)
    const terminal = drawerOf(actor, open)
    await insertHandout(tx, {
      tenant_id: actor.tenant,
      refund_no: refundNo,
      seq: attempt.seq,
      terminal_no: terminal,
      staff_no: actor.staff,
      shift_no: terminal === null ? null : (shifts.get(terminal) ?? null),
      at: now,
    })
    return done()
  })
}

/** At which the person stands, else at which the refund was asked for. */
const drawerOf = (actor: Actor, open: OpenRefund): string | null =>
  actor.terminal ?? open.row.terminal_no

/**
 * The shifts that must not be closed in this moment: of the drawer that the cash leaves, and of the terminal at which the
 * refund waits for this answer and would be listed as unanswered.
 */
const holdShifts = (tx: Tx, actor: Actor, open: OpenRefund) =>
  holdOpenShifts(
    tx,
    [drawerOf(actor, open), open.row.terminal_no].filter((each) => each !== null),
  )

/**
 * An owed refund goes again, and an approved one goes that cannot by itself: a new attempt under a new number, by the
 * same or another way.
 */
export function sendAgain(
  core: Core,
  actor: Actor,
  refundNo: string,
  method: 'original' | 'cash',
  now: Date,
): Promise<Acted> {
  return actOnRefund(core, actor, refundNo, now, async (tx, desk, open) => {
    const no =
      (await useSecond(
        tx,
        actor,
        method === 'cash' ? { act: 'cash_instead', refund: refundNo } : null,
        now,
      )) ??
      (heldBack(open) ? null : wrongState(open, 'owed')) ??
      (mayDecide(actor) ? null : refuse('supervisor_needed', {})) ??
      (method === 'cash' ? cashRefused(core, actor, open) : null)
    if (no) return refusedWith(no)
    const started = await startRefund(core, tx, desk, open, actor, method, now)
    if (started.kind === 'refused') return refusedWith(started.refusal)
    if (started.kind === 'later') {
      return refusedWith(
        refuse('try_later', { at: must(open.row.send_at ?? undefined).toISOString() }),
      )
    }
    return done(started.lease)
  })
}

/** Approved, and with no time at which it would be tried again: see `holdBack`. */
const heldBack = (open: OpenRefund): boolean =>
  open.row.state === 'approved' && open.row.send_at === null

function cashRefused(core: Core, actor: Actor, open: OpenRefund) {
  const limit = core.settings.shop.params.cashLimitFen
  return open.row.amount_fen > limit ? refuse('cash_not_allowed', { limit }) : noSecond(actor)
}

/** Ends an owed refund without money, by two people and with a reason: the customer was satisfied in another way. */
export function closeRefund(
  core: Core,
  actor: Actor,
  refundNo: string,
  reason: string,
  now: Date,
): Promise<Acted> {
  return actOnRefund(core, actor, refundNo, now, async (tx, desk, open) => {
    const no =
      wrongState(open, 'owed') ??
      (mayDecide(actor) ? null : refuse('supervisor_needed', {})) ??
      noSecond(actor) ??
      (await useSecond(tx, actor, { act: 'close', refund: refundNo }, now))
    if (no) return refusedWith(no)
    moveRefund(desk, open, 'closed', now)
    open.row = { ...open.row, ended_reason: reason }
    open.events.push({ subject: 'refund', no: refundNo, type: 'refund.closed', facts: { reason } })
    return done()
  })
}

/** Decides how money that is stuck at the channel goes on. A bank card is off the original route: two people. */
export function remedyRefund(
  core: Core,
  actor: Actor,
  refundNo: string,
  remedy: Remedy,
  card: RemedyBrief['card'],
  now: Date,
): Promise<Acted> {
  return actOnRefund(core, actor, refundNo, now, async (tx, desk, open) => {
    if (!mayDecide(actor)) return refusedWith(refuse('supervisor_needed', {}))
    const attempt = openAttempt(open, (each) => each.state === 'stuck')
    const payment = paymentOf(desk, open)
    const channel = core.channel(payment.channel)
    if (!attempt || !channel.freezeRemedy) return refusedWith(refuse('not_stuck', {}))
    if (entryOf(attempt).remedySent) return refusedWith(refuse('remedy_unanswered', {}))
    if ((remedy === 'to_bank_card') !== (card !== null))
      return refusedWith(refuse('remedy_invalid', {}))
    const no =
      whyNoRemedy(remedy, {
        paidBackOtherwise:
          open.row.state !== 'sending' || paidOtherwise(open.attempts, attempt.seq),
        payment,
      }) ?? (remedy === 'to_bank_card' ? noSecond(actor) : null)
    if (no) return refusedWith(no)
    const account = must(
      (await openAccounts(core, tx, actor.tenant, [payment.account_no])).get(payment.account_no),
    )
    const body = channel.freezeRemedy(
      { channelNumber: attempt.channel_number, remedy, card },
      account,
    )
    patchAttempt(open, attempt.seq, { remedy, remedy_body: body })
    await forgetRemedySend(tx, refundNo, attempt.seq)
    await makeDue(tx, [refundNo])
    open.events.push({
      subject: 'refund',
      no: refundNo,
      type: 'refund.remedy_sent',
      facts: { attempt: attempt.seq, remedy },
    })
    return done()
  })
}

/** Which of the open attempts: beside one that was reopened there may be another. */
const openAttempt = (
  open: OpenRefund,
  which: (attempt: AttemptRow) => boolean,
): AttemptRow | undefined => open.attempts.find((each) => isOpen(each) && which(each))

function patchAttempt(open: OpenRefund, seq: number, patch: Partial<AttemptRow>): void {
  open.attempts = open.attempts.map((row) => (row.seq === seq ? { ...row, ...patch } : row))
  open.touched.set(seq, { fence: null, moved: false, asks: false })
  open.dirty = true
}

function settleHere(
  core: Core,
  desk: Desk,
  open: OpenRefund,
  seq: number,
  outcome: Outcome,
  now: Date,
): void {
  const channel = core.channel(paymentOf(desk, open).channel)
  const settlement = settleAttempt(viewOf(desk, open), seq, outcome, channel.can, null, 0)
  applySettlement(desk, open, seq, settlement, { fence: null, now })
}
