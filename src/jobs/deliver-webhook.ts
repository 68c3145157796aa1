/** Brings one event to one receiver: at least once, and not again after it said yes. */
import type { Core } from '../commands/core.ts'
import { noteDelivery, openDelivery } from '../commands/deliver-webhooks.ts'
import { sendWebhook, type WebhookSettings } from '../notify/webhook.ts'
import type { WebhookJob } from './queues.ts'

/** Makes the queue try again later. Says nothing that the receiver wrote. */
class NotDelivered extends Error {
  constructor(kind: 'failed' | 'forbidden', status: number | null) {
    super(`webhook ${kind}${status === null ? '' : ` with status ${status}`}`)
    this.name = 'NotDelivered'
  }
}

export async function deliverWebhook(
  core: Core,
  job: WebhookJob,
  settings: WebhookSettings,
): Promise<void> {
  const delivery = await openDelivery(core, job)
  if (delivery === null) return
  const result = await sendWebhook(delivery, delivery.message, new Date(), settings)
  const status = result.kind === 'forbidden' ? null : result.status
  const error = result.kind === 'delivered' ? null : result.error
  await noteDelivery(core, job, { status, error }, new Date())
  if (result.kind !== 'delivered') throw new NotDelivered(result.kind, status)
}
