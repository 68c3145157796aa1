/** What is sent to a receiver of webhooks, and what became of it; the sending itself lies between the two. */
import { inTenant } from '../db/connect.ts'
import { noteTry, readDelivery } from '../store/deliveries.ts'
import { webhookSeal } from './add-webhook.ts'
import type { Core } from './core.ts'

export type DeliveryKey = {
  readonly tenant: number
  readonly webhook: string
  readonly event: number
}

export type Delivery = {
  readonly url: string
  readonly secret: string
  readonly allowPrivate: boolean
  readonly message: { readonly id: string; readonly body: string }
}

/** The parts of an event's evidence that leave the shop. */
type EventBody = {
  readonly subject: string
  readonly no: string
  readonly seq: number
  readonly type: string
  readonly at: string
  readonly actor: { readonly store: string | null; readonly terminal: string | null }
  readonly facts: { readonly [key: string]: unknown }
}

/** @returns null when nothing is to be sent: delivered before, receiver paused or gone. */
export async function openDelivery(core: Core, key: DeliveryKey): Promise<Delivery | null> {
  const row = await inTenant(core.db, key.tenant, (tx) => readDelivery(tx, key.webhook, key.event))
  if (row === null || row.paused || row.delivered_at !== null) return null
  const secret = core.vault.open(row.secret, webhookSeal(key.tenant, key.webhook))
  return {
    url: row.url,
    secret: secret.toString('utf8'),
    allowPrivate: row.allow_private,
    message: { id: `evt_${key.tenant}_${key.event}`, body: bodyOf(row.body) },
  }
}

export async function noteDelivery(
  core: Core,
  key: DeliveryKey,
  result: { readonly status: number | null; readonly error: string | null },
  now: Date,
): Promise<void> {
  await inTenant(core.db, key.tenant, (tx) =>
    noteTry(tx, {
      webhook_no: key.webhook,
      event_id: key.event,
      ...result,
      at: now,
    }),
  )
}

/** Built from the evidence alone, where personal data never stands; who acted stays in the shop. */
function bodyOf(evidence: string): string {
  const { subject, no, seq, type, at, actor, facts } = JSON.parse(evidence) as EventBody
  return JSON.stringify({
    type,
    timestamp: at,
    data: { subject, no, seq, store: actor.store, terminal: actor.terminal, facts },
  })
}
