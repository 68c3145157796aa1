/**
 * Runs the standing audit for one tenant, so many sales at a time; each difference becomes an incident and freezes its
 * payment.
 */
import { inTenant, type Tx } from '../db/connect.ts'
import { systemOf } from '../domain/actor.ts'
import {
  blockPayment,
  findSaleDifferences,
  findShiftDifferences,
  lastOfNext,
  type Difference,
} from '../store/audit.ts'
import { insertIncidents } from '../store/incidents.ts'
import type { Core } from './core.ts'
import { tellBlocked } from './tell-blocked.ts'

/** However long a merchant's past is, no statement and no transaction grows with it. */
const SALES_AT_ONCE = 2_000

export async function auditBooks(
  core: Core,
  tenant: number,
  now: Date,
  salesAtOnce = SALES_AT_ONCE,
): Promise<Difference[]> {
  const found: Difference[] = []
  const look = (find: (tx: Tx) => Promise<Difference[]>) =>
    inTenant(core.db, tenant, async (tx) => {
      const differences = await find(tx)
      await writeDown(tx, tenant, differences, now)
      found.push(...differences)
    })
  await look(findShiftDifferences)
  let after: string | null = null
  do {
    const from: string | null = after
    const upTo: string | null = await inTenant(core.db, tenant, (tx) =>
      lastOfNext(tx, from, salesAtOnce),
    )
    await look((tx) => findSaleDifferences(tx, { after: from, upTo }))
    after = upTo
  } while (after !== null)
  return found
}

async function writeDown(
  tx: Tx,
  tenant: number,
  differences: readonly Difference[],
  now: Date,
): Promise<void> {
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
}
