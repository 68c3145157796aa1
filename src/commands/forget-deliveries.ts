/** What is known of webhooks that were sent is kept for a while and no longer. */
import { inTenant } from '../db/connect.ts'
import { blankErrors, deleteDeliveries } from '../store/deliveries.ts'
import type { Core } from './core.ts'

const DAY_MS = 24 * 3_600_000
/** What a receiver wrote when it failed: long enough to look into it. */
const ERRORS_KEPT_MS = 30 * DAY_MS
/** As long as the queue keeps what it could not deliver. */
const DELIVERIES_KEPT_MS = 90 * DAY_MS

export async function forgetDeliveries(core: Core, tenant: number, now: Date): Promise<void> {
  const before = (ms: number) => new Date(now.getTime() - ms)
  await inTenant(core.db, tenant, async (tx) => {
    await deleteDeliveries(tx, before(DELIVERIES_KEPT_MS))
    await blankErrors(tx, before(ERRORS_KEPT_MS))
  })
}
