/** After every measurement: nothing lost, nothing twice, every counter as its refunds and transfers say. */
import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'kysely'
import { auditBooks } from '../src/commands/audit-books.ts'
import type { Core } from '../src/commands/core.ts'
import { inTenant, type Db } from '../src/db/connect.ts'

const SETTLE_WAIT_MS = 60_000
const LOOK_EVERY_MS = 20

/** Of refunds: all there are, those paid back, and those with an end still to come. */
export type Count = { readonly made: number; readonly succeeded: number; readonly open: number }

export function countRefunds(db: Db, tenant: number): Promise<Count> {
  return inTenant(db, tenant, async (tx) => {
    const { rows } = await sql<Count>`
      select count(*)::integer as made, count(*) filter (where state = 'succeeded')::integer as succeeded,
             count(*) filter (where state in ('requested', 'awaiting_goods', 'approved', 'sending', 'owed'))::integer as open
        from refund`.execute(tx)
    return rows[0]!
  })
}

/** Waits until no refund is under way. @returns ms it took */
export async function waitUntilSettled(db: Db, tenant: number): Promise<number> {
  const from = performance.now()
  while (await hasOpen(db, tenant)) {
    if (performance.now() - from > SETTLE_WAIT_MS) {
      throw new Error(`refunds are still open ${SETTLE_WAIT_MS} ms after the last request`)
    }
    await delay(LOOK_EVERY_MS)
  }
  return performance.now() - from
}

/** Answered by a partial index, so that looking does not slow down what it waits for. */
const hasOpen = (db: Db, tenant: number): Promise<boolean> =>
  inTenant(db, tenant, async (tx) => {
    const { rows } = await sql`
      select from refund
       where state in ('requested', 'awaiting_goods', 'approved', 'sending', 'owed') limit 1`.execute(
      tx,
    )
    return rows.length > 0
  })

/** @throws Error when the books differ or not every acknowledged refund was made and paid back, each once. */
export async function checkBooks(
  core: Core,
  tenant: number,
  before: Count,
  acknowledged: number,
): Promise<void> {
  await checkAudit(core, tenant)
  const after = await countRefunds(core.db, tenant)
  const made = after.made - before.made
  const succeeded = after.succeeded - before.succeeded
  if (made !== acknowledged || succeeded !== acknowledged) {
    throw new Error(
      `${acknowledged} refunds were acknowledged, ${made} made, ${succeeded} paid back`,
    )
  }
}

/**
 * @returns ms that the audit of them took
 * @throws Error when the refunds of the past are not as the product would have left them.
 */
export async function checkPast(core: Core, tenant: number, written: number): Promise<number> {
  const from = performance.now()
  await checkAudit(core, tenant)
  const tookMs = performance.now() - from
  const { made, succeeded } = await countRefunds(core.db, tenant)
  if (made !== written || succeeded !== written) {
    throw new Error(`of ${written} refunds of the past ${made} were made, ${succeeded} paid back`)
  }
  return tookMs
}

/** By the product's own audit, under its own limits. */
async function checkAudit(core: Core, tenant: number): Promise<void> {
  const differences = await auditBooks(core, tenant, core.clock.now())
  if (differences.length === 0) return
  throw new Error(
    `the audit found ${differences.length} differences: ${JSON.stringify(differences[0])}`,
  )
}
