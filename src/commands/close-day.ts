/** Writes down what a store's day has come to by now. It can be done again: each time is one more close of the day. */
import { inTenant, type Tx } from '../db/connect.ts'
import type { Actor } from '../domain/actor.ts'
import { fingerprintOf } from '../domain/evidence.ts'
import { refuse, type Refusal } from '../domain/problems.ts'
import { dayTotals, type DayTotals } from '../domain/shift.ts'
import type { DaySpan } from '../domain/time.ts'
import { findDayClose, insertDayClose } from '../store/day-closes.ts'
import { readReportRows } from '../store/report-reads.ts'
import { shiftsBegun } from '../store/shifts.ts'
import { againAfterFault } from './again.ts'
import type { Core } from './core.ts'
import type { ShiftStored } from './open-shift.ts'

export type DayClose = {
  readonly no: string
  readonly storeNo: string
  /** yymmdd, and when it was. */
  readonly day: string
  readonly span: DaySpan
}

/** @param close of a store that the actor may close. */
export function closeDay(
  core: Core,
  actor: Actor,
  close: DayClose,
  now: Date,
): Promise<ShiftStored> {
  const refused = (refusal: Refusal): ShiftStored => ({ kind: 'refused', refusal })
  const { no, storeNo, day, span } = close
  return againAfterFault(() =>
    inTenant(core.db, actor.tenant, async (tx): Promise<ShiftStored> => {
      const fingerprint = fingerprintOf({ store: storeNo, day })
      const known = await findDayClose(tx, no)
      if (known) {
        return known.fingerprint.equals(fingerprint)
          ? { kind: 'stored', fresh: false }
          : refused(refuse('number_taken', { number: no, stored: { dayClose: no } }))
      }
      if (actor.staff === null) return refused(refuse('staff_needed', {}))
      if (now < span.from) return refused(refuse('day_not_begun', { day }))
      await insertDayClose(tx, {
        tenant_id: actor.tenant,
        close_no: no,
        store_no: storeNo,
        day,
        terminal_no: actor.terminal,
        staff_no: actor.staff,
        at: now,
        totals: await readDayTotals(tx, storeNo, span),
        fingerprint,
      })
      return { kind: 'stored', fresh: true }
    }),
  )
}

export const readDayTotals = async (tx: Tx, storeNo: string, span: DaySpan): Promise<DayTotals> =>
  dayTotals(
    await readReportRows(tx, { kind: 'day', storeNo, ...span }),
    await shiftsBegun(tx, storeNo, span),
  )
