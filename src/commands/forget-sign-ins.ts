/** Sessions, grants, codes and counts of wrong tries are over soon; what is long over is cleared away. */
import { inTenant } from '../db/connect.ts'
import { deleteOldEnrolments } from '../store/enrolments.ts'
import { deleteOldTries } from '../store/pins.ts'
import { deleteOldCodes, deleteOldGrants } from '../store/seconds.ts'
import { deleteOldSessions } from '../store/sessions.ts'
import type { Core } from './core.ts'

/** As long as a till may come back for the answer to an act that was done with a grant. */
const KEPT_MS = 24 * 3_600_000

export async function forgetSignIns(core: Core, tenant: number, now: Date): Promise<void> {
  const before = new Date(now.getTime() - KEPT_MS)
  await inTenant(core.db, tenant, async (tx) => {
    await deleteOldSessions(tx, before)
    await deleteOldGrants(tx, before)
    await deleteOldCodes(tx, before)
    await deleteOldEnrolments(tx, before)
    await deleteOldTries(tx, before)
  })
}
