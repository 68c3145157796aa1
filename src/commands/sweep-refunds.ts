/**
 * Keeps refunds going without anybody asking: claims due attempts and due approved refunds of all tenants, on any
 * node, and takes their next turn. Nothing here decides what a turn is; losing a sweep costs time, never money.
 */
import { inTenant } from '../db/connect.ts'
import { systemOf } from '../domain/actor.ts'
import { claimAttempts, leaseOpenAttempt } from '../store/attempts.ts'
import { claimRefunds } from '../store/refunds.ts'
import { apart } from './apart.ts'
import type { Core } from './core.ts'
import { startApproved } from './decide-refunds.ts'
import { sendAttempts, type Lease } from './send-attempts.ts'

/** How much one sweep takes; what is left is taken by the next one, here or on another node. */
export const SWEEP_MOST = 64

/** @returns how many attempts and refunds had work. */
export async function sweepRefunds(core: Core): Promise<number> {
  const claimed = await claimAttempts(core.db, {
    most: SWEEP_MOST,
    leaseMs: core.settings.leaseMs,
    sendWithinMs: core.settings.sendWithinMs,
    offsetMs: core.clock.offsetMs(),
  })
  const approved = await claimRefunds(core.db, {
    most: SWEEP_MOST,
    leaseMs: core.settings.leaseMs,
    offsetMs: core.clock.offsetMs(),
  })
  if (claimed.length + approved.length > 0) core.crashPoint('sweep.after_claim')
  const leases = new Map<number, Lease[]>()
  for (const row of claimed) {
    const lease = { refundNo: row.refund_no, seq: row.seq, fence: row.fence }
    leases.set(row.tenant_id, [...(leases.get(row.tenant_id) ?? []), lease])
  }
  await Promise.all([
    ...[...leases].map(([tenant, own]) =>
      apart(core, { tenant }, () => sendAttempts(core, tenant, own)),
    ),
    ...approved.map((row) =>
      apart(core, { tenant: row.tenant_id, refund: row.refund_no }, async () => {
        const actor = systemOf(row.tenant_id)
        const lease = await startApproved(core, actor, row.refund_no, core.clock.now())
        if (lease) await sendAttempts(core, row.tenant_id, [lease])
      }),
    ),
  ])
  return claimed.length + approved.length
}

/** Takes the turn of a refund's open attempt now, for someone who is looking at it, unless another process holds it. */
export async function askNow(core: Core, tenant: number, refundNo: string): Promise<void> {
  const { leaseMs, sendWithinMs } = core.settings
  const row = await inTenant(core.db, tenant, (tx) =>
    leaseOpenAttempt(tx, refundNo, leaseMs, sendWithinMs),
  )
  if (row) await sendAttempts(core, tenant, [{ refundNo, seq: row.seq, fence: row.fence }])
}
