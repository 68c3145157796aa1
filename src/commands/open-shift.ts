/** Opens a shift at the actor's terminal with the cash that is in its drawer. A terminal has one open shift. */
import { inTenant } from '../db/connect.ts'
import type { Actor } from '../domain/actor.ts'
import { fingerprintOf } from '../domain/evidence.ts'
import type { Fen } from '../domain/money.ts'
import { refuse, type Refusal } from '../domain/problems.ts'
import { findOpenShift, findShift, insertShift } from '../store/shifts.ts'
import { againAfterFault } from './again.ts'
import type { Core } from './core.ts'

export type ShiftStored =
  /** `fresh`: done by this call and not by an earlier one with the same number and content. */
  | { readonly kind: 'stored'; readonly fresh: boolean }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

const refused = (refusal: Refusal): ShiftStored => ({ kind: 'refused', refusal })

export function openShift(
  core: Core,
  actor: Actor,
  { no, openingCash }: { readonly no: string; readonly openingCash: Fen },
  now: Date,
): Promise<ShiftStored> {
  const { tenant, store, terminal, staff } = actor
  const work = () =>
    inTenant(core.db, tenant, async (tx): Promise<ShiftStored> => {
      const fingerprint = fingerprintOf({ terminal, staff, openingCash })
      const known = await findShift(tx, no)
      if (known) {
        return known.fingerprint.equals(fingerprint)
          ? { kind: 'stored', fresh: false }
          : refused(refuse('number_taken', { number: no, stored: { shift: no } }))
      }
      if (staff === null) return refused(refuse('staff_needed', {}))
      if (terminal === null || store === null) return refused(refuse('terminal_needed', {}))
      const open = await findOpenShift(tx, terminal)
      if (open) {
        const params = { shift: open.shift_no, staff: open.staff_no }
        return refused(refuse('shift_open', params))
      }
      await insertShift(tx, {
        tenant_id: tenant,
        shift_no: no,
        store_no: store,
        terminal_no: terminal,
        staff_no: staff,
        opened_at: now,
        opening_fen: openingCash,
        fingerprint,
      })
      return { kind: 'stored', fresh: true }
    })
  // Of two tills that open in the same moment the second is told so by an index, and looks again.
  return againAfterFault(work)
}
