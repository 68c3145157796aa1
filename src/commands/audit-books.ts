/** Runs the standing audit for one tenant; each difference becomes an incident and freezes its payment. */
import { inTenant } from '../db/connect.ts'
import { systemOf } from '../domain/actor.ts'
import { blockPayment, findDifferences, type Difference } from '../store/audit.ts'
import { insertIncidents } from '../store/incidents.ts'
import type { Core } from './core.ts'
import { tellBlocked } from './tell-blocked.ts'

export async function auditBooks(core: Core, tenant: number, now: Date): Promise<Difference[]> {
  return inTenant(core.db, tenant, async (tx) => {
    const differences = await findDifferences(tx)
    const payments = differences.flatMap((each) => each.payment_no ?? [])
    // One after the other in the one lock order, or two audits at once could wait for each other.
    const blocked = new Map<string, string>()
    for (const no of [...new Set(payments)].toSorted()) {
      if (await blockPayment(tx, no, 'audit')) blocked.set(no, 'audit')
    }
    await tellBlocked(tx, systemOf(tenant), blocked, now)
    await insertIncidents(
      tx,
      tenant,
      differences.map((each) => ({
        kind: 'audit',
        payment_no: each.payment_no,
        refund_no: each.refund_no,
        detail: { check: each.check, found: each.found, expected: each.expected },
      })),
      now,
    )
    return differences
  })
}
