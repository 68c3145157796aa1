/** Pauses, resumes and removes a receiver of webhooks, and sends it something again; only the owner may. */
import { inTenant, type Tx } from '../db/connect.ts'
import type { Actor } from '../domain/actor.ts'
import { refuse, type Refusal } from '../domain/problems.ts'
import { wantDelivery, wantNothing, wantUndelivered } from '../store/deliveries.ts'
import { deleteWebhook, readWebhook, setPaused } from '../store/webhooks.ts'
import type { Core } from './core.ts'

export type WebhookChanged =
  { readonly kind: 'done' } | { readonly kind: 'refused'; readonly refusal: Refusal }

/** Nothing is sent to it; what happens meanwhile is kept for it. */
export const pauseWebhook = (core: Core, actor: Actor, no: string): Promise<WebhookChanged> =>
  change(core, actor, async (tx) => {
    if (!(await setPaused(tx, no, true))) return gone('webhook')
    await wantNothing(tx, no)
    return null
  })

/** It gets what happened while it was paused, and whatever else it has not taken. */
export const resumeWebhook = (core: Core, actor: Actor, no: string): Promise<WebhookChanged> =>
  change(core, actor, async (tx) => {
    if (!(await setPaused(tx, no, false))) return gone('webhook')
    await wantUndelivered(tx, no)
    return null
  })

export const removeWebhook = (core: Core, actor: Actor, no: string): Promise<WebhookChanged> =>
  change(core, actor, async (tx) => ((await deleteWebhook(tx, no)) ? null : gone('webhook')))

/** Sends one event once more under the same id, whether it was taken before or not. */
export const redeliver = (
  core: Core,
  actor: Actor,
  no: string,
  event: number,
): Promise<WebhookChanged> =>
  change(core, actor, async (tx) => {
    const webhook = await readWebhook(tx, no)
    if (webhook === null) return gone('webhook')
    if (webhook.paused) return refuse('state_changed', { state: 'paused' })
    return (await wantDelivery(tx, no, event)) ? null : gone('delivery')
  })

const gone = (what: string): Refusal => refuse('not_found', { what })

async function change(
  core: Core,
  actor: Actor,
  work: (tx: Tx) => Promise<Refusal | null>,
): Promise<WebhookChanged> {
  if (!actor.roles.includes('owner'))
    return { kind: 'refused', refusal: refuse('not_allowed', { right: 'webhooks' }) }
  const refusal = await inTenant(core.db, actor.tenant, work)
  return refusal === null ? { kind: 'done' } : { kind: 'refused', refusal }
}
