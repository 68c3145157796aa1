/**
 * Hands a shift over: what was counted beside what should be there, and all totals as they are seen now. Refunds that
 * are not finished never stand in the way; for cash of which nobody has said whether it was handed out a person is
 * called.
 */
import { inTenant, type Tx } from '../db/connect.ts'
import type { Actor } from '../domain/actor.ts'
import { fingerprintOf } from '../domain/evidence.ts'
import type { Fen } from '../domain/money.ts'
import { refuse, type Refusal } from '../domain/problems.ts'
import { expectedCash, mayCloseShift, shiftTotals, type ReportRows } from '../domain/shift.ts'
import { insertIncidents } from '../store/incidents.ts'
import { readReportRows, shiftReport } from '../store/report-reads.ts'
import { closeShiftRow, lockShift, placeOf, type ShiftRow } from '../store/shifts.ts'
import { againAfterFault } from './again.ts'
import type { Core } from './core.ts'
import type { ShiftStored } from './open-shift.ts'
import { keepPersonal } from './personal.ts'

export type ShiftClose = {
  readonly no: string
  /** Fen in the drawer. */
  readonly countedCash: Fen
  readonly note: string
}

const refused = (refusal: Refusal): ShiftStored => ({ kind: 'refused', refusal })

export const closeShift = (
  core: Core,
  actor: Actor,
  close: ShiftClose,
  now: Date,
): Promise<ShiftStored> =>
  againAfterFault(() =>
    inTenant(core.db, actor.tenant, async (tx): Promise<ShiftStored> => {
      const shift = await lockShift(tx, close.no)
      if (shift === null) return refused(refuse('not_found', { what: 'shift' }))
      const no = whyNot(actor, shift)
      if (no) return refused(no)
      const fingerprint = fingerprintOf({ countedCash: close.countedCash, note: close.note })
      if (shift.close_fingerprint !== null) {
        return shift.close_fingerprint.equals(fingerprint)
          ? { kind: 'stored', fresh: false }
          : refused(refuse('state_changed', { state: 'closed' }))
      }
      await write(core, tx, actor, shift, close, fingerprint, now)
      return { kind: 'stored', fresh: true }
    }),
  )

function whyNot(actor: Actor, shift: ShiftRow): Refusal | null {
  if (actor.staff === null) return refuse('staff_needed', {})
  return mayCloseShift(actor, placeOf(shift))
    ? null
    : refuse('not_allowed', { right: 'close_shift' })
}

async function write(
  core: Core,
  tx: Tx,
  actor: Actor,
  shift: ShiftRow,
  close: ShiftClose,
  fingerprint: Buffer,
  now: Date,
): Promise<void> {
  const rows = await readReportRows(tx, shiftReport(shift, now))
  const totals = shiftTotals(rows)
  const [note] = await keepPersonal(
    core,
    tx,
    actor.tenant,
    [{ subject: `shift/${shift.shift_no}`, kind: 'note', value: close.note }],
    now,
  )
  await closeShiftRow(tx, shift.shift_no, {
    closed_at: now,
    closed_by: actor.staff ?? shift.staff_no,
    counted_fen: close.countedCash,
    expected_fen: expectedCash(shift.opening_fen, totals.cashHandedOut),
    totals,
    close_fingerprint: fingerprint,
    note_ref: note?.ref ?? null,
  })
  await callForCash(core, tx, actor, shift, rows.cashNotAnswered, now)
}

/** The cash is in the drawer or it is not, and whoever knows is about to leave. */
async function callForCash(
  core: Core,
  tx: Tx,
  actor: Actor,
  shift: ShiftRow,
  cash: ReportRows['cashNotAnswered'],
  now: Date,
): Promise<void> {
  const opened = await insertIncidents(
    tx,
    actor.tenant,
    cash.map((each) => ({
      kind: 'cash_unanswered',
      payment_no: each.payment,
      refund_no: each.no,
      detail: { shift: shift.shift_no, terminal: shift.terminal_no, amount: each.fen },
    })),
    now,
  )
  for (const { kind, refund_no } of opened) {
    core.log.error({ tenant: actor.tenant, refund: refund_no, incident: kind }, 'incident.opened')
  }
}
