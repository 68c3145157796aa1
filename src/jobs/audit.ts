/** The standing audit on schedule: every tenant's books once in each stretch of time, whichever node gets to it. */
import type { JobInsert, PgBoss } from 'pg-boss'
import { auditBooks } from '../commands/audit-books.ts'
import type { Core } from '../commands/core.ts'
import { forgetDeliveries } from '../commands/forget-deliveries.ts'
import { forgetSignIns } from '../commands/forget-sign-ins.ts'
import { tenantsAfter } from '../store/tenants.ts'
import { AUDIT_QUEUE, type AuditJob } from './queues.ts'

const TENANTS_MAX = 1_000

/**
 * Asks for an audit of every tenant; within one stretch of `everySeconds` the queue keeps only the first request for
 * a tenant, so any number of nodes may ask as often as they like.
 */
export async function requestAudits(core: Core, boss: PgBoss, everySeconds: number): Promise<void> {
  let last = 0
  for (;;) {
    const tenants = await tenantsAfter(core.db, last, TENANTS_MAX)
    await boss.insert(
      AUDIT_QUEUE,
      tenants.map((tenant): JobInsert<AuditJob> => ({
        data: { tenant },
        singletonKey: String(tenant),
        singletonSeconds: everySeconds,
      })),
    )
    last = tenants.at(-1) ?? last
    if (tenants.length < TENANTS_MAX) return
  }
}

/**
 * Clears away what is too old on the way. Incidents and the freeze are made by the command, in the transaction that found the
 * difference.
 */
export async function auditTenant(core: Core, job: AuditJob): Promise<void> {
  await forgetDeliveries(core, job.tenant, new Date())
  await forgetSignIns(core, job.tenant, core.clock.now())
  const differences = await auditBooks(core, job.tenant, new Date())
  for (const each of differences) {
    core.log.error(
      { tenant: job.tenant, payment: each.payment_no, reason: each.check },
      'audit.difference',
    )
  }
}
