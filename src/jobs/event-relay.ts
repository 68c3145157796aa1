/**
 * The outbox: takes events nobody has relayed yet, puts what they cause into the queues and marks them, in one
 * transaction. So each event is relayed exactly once, however many nodes do it and wherever one of them dies. What a
 * person asked to be delivered again goes the same way.
 */
import { fromKysely, type JobInsert, type PgBoss } from 'pg-boss'
import type { Core } from '../commands/core.ts'
import { inTenant } from '../db/connect.ts'
import { isSlipEvent } from '../domain/slip-facts.ts'
import { insertDeliveries, takeWanted } from '../store/deliveries.ts'
import { markRelayed, takeUnrelayed, tenantsToRelay, type EventRow } from '../store/events.ts'
import { activeWebhooks } from '../store/webhooks.ts'
import { SLIP_QUEUE, WEBHOOK_QUEUE, type SlipJob, type WebhookJob } from './queues.ts'

/** Events of one tenant in one transaction: short enough that the next relay does not wait for long. */
const EVENTS_MAX = 200
const UNRELAYED_LOOKED_AT = 1_000

export type Relayed = {
  readonly events: number
  /** Deliveries asked for again. */
  readonly again: number
  readonly queues: ReadonlySet<string>
}

/** One round over all tenants. A tenant whose relay fails does not hold up the others. */
export async function relayEvents(core: Core, boss: PgBoss): Promise<Relayed> {
  const queues = new Set<string>()
  let [events, again] = [0, 0]
  for (const tenant of await tenantsToRelay(core.db, UNRELAYED_LOOKED_AT)) {
    try {
      const relayed = await relayTenant(core, boss, tenant)
      events += relayed.events
      again += relayed.again
      for (const queue of relayed.queues) queues.add(queue)
    } catch (err) {
      core.log.error({ err, tenant }, 'relay.failed')
    }
  }
  return { events, again, queues }
}

export async function relayTenant(core: Core, boss: PgBoss, tenant: number): Promise<Relayed> {
  return inTenant(core.db, tenant, async (tx, dbNow) => {
    const events = await takeUnrelayed(tx, EVENTS_MAX)
    const wanted = await takeWanted(tx, EVENTS_MAX)
    if (events.length + wanted.length === 0) return { events: 0, again: 0, queues: new Set() }
    const ids = events.map((event) => event.id)
    await insertDeliveries(tx, tenant, ids, dbNow)
    const webhooks = await activeWebhooks(tx)
    // pg-boss writes through our transaction, so that the jobs and the marks come true together or not at all.
    const within = { db: fromKysely(tx) }
    const jobs = [
      [
        WEBHOOK_QUEUE,
        [
          ...ids.flatMap((event) => webhooks.map((no) => webhookJob(tenant, no, event))),
          ...wanted.map((each) => webhookJob(tenant, each.webhook_no, each.event_id)),
        ],
      ],
      [SLIP_QUEUE, events.filter(isSlip).map((event) => slipJobOf(tenant, event))],
    ] as const
    const queues = new Set<string>()
    for (const [queue, causes] of jobs) {
      if (causes.length === 0) continue
      await boss.insert(queue, [...causes], within)
      queues.add(queue)
    }
    core.crashPoint('relay.after_enqueue')
    await markRelayed(tx, ids)
    return { events: events.length, again: wanted.length, queues }
  })
}

/** Grouped by receiver, so that a slow one takes its own share of the workers and no more. */
const webhookJob = (tenant: number, webhook: string, event: number): JobInsert<WebhookJob> => ({
  data: { tenant, webhook, event },
  group: { id: `${tenant}/${webhook}` },
})

const isSlip = ({ subject, type, body }: EventRow): boolean => {
  if (subject !== 'refund') return false
  const { facts } = JSON.parse(body) as { facts: { readonly verdict?: unknown } }
  return isSlipEvent(type, facts)
}

const slipJobOf = (tenant: number, event: EventRow): JobInsert<SlipJob> => ({
  data: { tenant, refund: event.subject_no, seq: event.seq, type: event.type },
})
