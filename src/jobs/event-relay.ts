/**
 * The outbox: takes events nobody has relayed yet, puts what they cause into the queues and marks them, in one
 * transaction. So each event is relayed exactly once, however many nodes do it and wherever one of them dies.
 */
import { fromKysely, type JobInsert, type PgBoss } from 'pg-boss'
import type { Core } from '../commands/core.ts'
import { inTenant } from '../db/connect.ts'
import { isSlipEvent } from '../domain/slip-facts.ts'
import { markRelayed, takeUnrelayed, tenantsWithUnrelayed, type EventRow } from '../store/events.ts'
import { activeWebhooks } from '../store/webhooks.ts'
import { SLIP_QUEUE, WEBHOOK_QUEUE, type SlipJob, type WebhookJob } from './queues.ts'

/** Events of one tenant in one transaction: short enough that the next relay does not wait for long. */
const EVENTS_MAX = 200
const UNRELAYED_LOOKED_AT = 1_000

export type Relayed = { readonly events: number; readonly queues: ReadonlySet<string> }

/** One round over all tenants. A tenant whose relay fails does not hold up the others. */
export async function relayEvents(core: Core, boss: PgBoss): Promise<Relayed> {
  const queues = new Set<string>()
  let events = 0
  for (const tenant of await tenantsWithUnrelayed(core.db, UNRELAYED_LOOKED_AT)) {
    try {
      const relayed = await relayTenant(core, boss, tenant)
      events += relayed.events
      for (const queue of relayed.queues) queues.add(queue)
    } catch (err) {
      core.log.error({ err, tenant }, 'relay.failed')
    }
  }
  return { events, queues }
}

export async function relayTenant(core: Core, boss: PgBoss, tenant: number): Promise<Relayed> {
  return inTenant(core.db, tenant, async (tx) => {
    const events = await takeUnrelayed(tx, EVENTS_MAX)
    if (events.length === 0) return { events: 0, queues: new Set() }
    const webhooks = await activeWebhooks(tx)
    // pg-boss writes through our transaction, so that the jobs and the marks come true together or not at all.
    const within = { db: fromKysely(tx) }
    const jobs = [
      [WEBHOOK_QUEUE, events.flatMap((event) => webhookJobs(tenant, webhooks, event))],
      [SLIP_QUEUE, events.filter(isSlip).map((event) => slipJobOf(tenant, event))],
    ] as const
    const queues = new Set<string>()
    for (const [queue, causes] of jobs) {
      if (causes.length === 0) continue
      await boss.insert(queue, [...causes], within)
      queues.add(queue)
    }
    core.crashPoint('relay.after_enqueue')
    await markRelayed(
      tx,
      events.map((event) => event.id),
    )
    return { events: events.length, queues }
  })
}

/** Grouped by receiver, so that a slow one takes its own share of the workers and no more. */
const webhookJobs = (
  tenant: number,
  webhooks: readonly string[],
  event: EventRow,
): JobInsert<WebhookJob>[] =>
  webhooks.map((webhook) => ({
    data: { tenant, webhook, event: event.id },
    group: { id: `${tenant}/${webhook}` },
  }))

const isSlip = (event: EventRow): boolean => event.subject === 'refund' && isSlipEvent(event.type)

const slipJobOf = (tenant: number, event: EventRow): JobInsert<SlipJob> => ({
  data: { tenant, refund: event.subject_no, seq: event.seq, type: event.type },
})
