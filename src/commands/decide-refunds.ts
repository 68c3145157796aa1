/** Decisions on a refund before money moves: approve, reject, withdraw, lower; and the start of an approved one. */
import { inTenant, type Tx } from '../db/connect.ts'
import { mayDecide, type Actor } from '../domain/actor.ts'
import { bindingOf } from '../domain/approval.ts'
import { feeFor } from '../domain/fees.ts'
import { addFen, subFen, type Fen } from '../domain/money.ts'
import { refuse, type Refusal } from '../domain/problems.ts'
import { nextTry } from '../domain/request.ts'
import { lowerClaim } from '../domain/settle.ts'
import { insertApproval, voidApprovals } from '../store/refunds.ts'
import {
  actOnRefund,
  done,
  notTheirs,
  refusedWith,
  wrongState,
  type Acted,
} from './act-on-refund.ts'
import type { Core } from './core.ts'
import { applyRefundView, moveRefund, openDesk, saveDesk, viewOf, type OpenRefund } from './desk.ts'
import type { Lease } from './send-attempts.ts'
import { startRefund } from './start-refund.ts'
import { beyondTill } from './use-second.ts'

/**
 * The refund may go; it goes at once where the channel's rules let it. Whoever signed in by PIN decides up to the same
 * limit as somebody who stands second by PIN.
 */
export function approveRefund(
  core: Core,
  actor: Actor,
  refundNo: string,
  now: Date,
): Promise<Acted> {
  return actOnRefund(core, actor, refundNo, now, async (tx, desk, open) => {
    const no =
      wrongState(open, 'requested', 'awaiting_goods') ??
      notTheirs(actor, open) ??
      (actor.way === 'pin' ? beyondTill(core, open.row.amount_fen) : null)
    if (no) return refusedWith(no)
    moveRefund(desk, open, 'approved', now)
    open.events.push({
      subject: 'refund',
      no: refundNo,
      type: 'refund.approved',
      facts: { amount: open.row.amount_fen, binding: bindingOfRow(open).toString('hex') },
    })
    const started = await startRefund(core, tx, desk, open, actor, open.row.method, now)
    if (started.kind === 'refused') return refusedWith(started.refusal)
    await keepApproval(tx, actor, open, now)
    return done(started.kind === 'started' ? started.lease : null)
  })
}

async function keepApproval(tx: Tx, actor: Actor, open: OpenRefund, now: Date): Promise<void> {
  if (actor.staff === null || actor.way === null) return
  await insertApproval(tx, {
    tenant_id: actor.tenant,
    refund_no: open.row.refund_no,
    staff_no: actor.staff,
    decision: 'approve',
    way: actor.way,
    binding: bindingOfRow(open),
    at: now,
  })
}

const bindingOfRow = (open: OpenRefund): Buffer =>
  bindingOf({
    no: open.row.refund_no,
    payment: open.row.payment_no,
    amount: open.row.amount_fen,
    method: open.row.method,
    requestedBy: open.row.requested_by,
  })

export function rejectRefund(
  core: Core,
  actor: Actor,
  refundNo: string,
  reason: string,
  now: Date,
): Promise<Acted> {
  return actOnRefund(core, actor, refundNo, now, (_tx, desk, open) => {
    const no =
      wrongState(open, 'requested', 'awaiting_goods') ??
      (mayDecide(actor) ? null : refuse('supervisor_needed', {}))
    if (no) return refusedWith(no)
    moveRefund(desk, open, 'rejected', now)
    open.row = { ...open.row, ended_reason: reason }
    open.events.push({
      subject: 'refund',
      no: refundNo,
      type: 'refund.rejected',
      facts: { reason },
    })
    return done()
  })
}

/** Taken back by whoever asked, or by somebody who may decide, before anything was sent. */
export function withdrawRefund(
  core: Core,
  actor: Actor,
  refundNo: string,
  now: Date,
): Promise<Acted> {
  return actOnRefund(core, actor, refundNo, now, (_tx, desk, open) => {
    const no = wrongState(open, 'requested', 'awaiting_goods', 'approved')
    if (no) return refusedWith(no)
    if (!mayDecide(actor) && actor.staff !== open.row.requested_by) {
      return refusedWith(refuse('supervisor_needed', {}))
    }
    moveRefund(desk, open, 'withdrawn', now)
    open.row = { ...open.row, send_at: null, send_reason: null }
    open.events.push({ subject: 'refund', no: refundNo, type: 'refund.withdrawn', facts: {} })
    return done()
  })
}

/**
 * Lowers the claim while nothing was sent: approvals given for the old amount are void, the difference is free again,
 * and pieces on hold are let go, since the amount no longer is theirs.
 */
export function lowerRefund(
  core: Core,
  actor: Actor,
  refundNo: string,
  claim: Fen,
  now: Date,
): Promise<Acted> {
  return actOnRefund(core, actor, refundNo, now, async (tx, desk, open) => {
    const no = wrongState(open, 'requested', 'awaiting_goods', 'approved') ?? notTheirs(actor, open)
    if (no) return refusedWith(no)
    const before = addFen(open.row.amount_fen, open.row.fee_kept_fen)
    if (claim <= 0) return refusedWith(refuse('amount_not_positive', {}))
    if (claim >= before) return refusedWith(refuse('cannot_raise', { amount: before }))
    const feeKept = feeFor(core.settings.shop.fee, claim, open.row.reason_code)
    const view = viewOf(desk, open)
    const amount = subFen(claim, feeKept)
    applyRefundView(desk, open, lowerClaim(view, amount, feeKept), now)
    open.events.push({
      subject: 'refund',
      no: refundNo,
      type: 'refund.lowered',
      facts: { from: before, to: claim, amount, fee_kept: feeKept },
    })
    await voidApprovals(tx, refundNo, now)
    if (open.row.state === 'approved') await keepApproval(tx, actor, open, now)
    return done()
  })
}

/** The sweeper's part: an approved refund whose time has come. Where it cannot go by itself, a person is called. */
export async function startApproved(
  core: Core,
  actor: Actor,
  refundNo: string,
  now: Date,
): Promise<Lease | null> {
  const lease = await inTenant(core.db, actor.tenant, async (tx) => {
    const desk = await openDesk(tx, actor.tenant, [refundNo], core.clock.offsetMs())
    const open = desk.refunds.get(refundNo)
    if (!open || open.row.state !== 'approved') return null
    const started = await startRefund(core, tx, desk, open, actor, open.row.method, now)
    if (started.kind === 'refused') {
      holdBack(open, started.refusal, nextTry(started.refusal, now))
    }
    await saveDesk(tx, desk, actor, now)
    core.crashPoint('start.before_commit')
    return started.kind === 'started' ? started.lease : null
  })
  core.crashPoint('start.after_commit')
  return lease
}

function holdBack(open: OpenRefund, { code }: Refusal, sendAt: Date | null): void {
  open.row = { ...open.row, send_at: sendAt, send_reason: code }
  open.dirty = true
  if (sendAt === null) open.incidents.push({ kind: 'cannot_send', detail: { reason: code } })
}
