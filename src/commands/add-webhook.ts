/** Registers a receiver of webhooks for the merchant; only the owner may. */
import { inTenant } from '../db/connect.ts'
import type { Actor } from '../domain/actor.ts'
import { refuse, type Refusal } from '../domain/problems.ts'
import { countWebhooks, insertWebhook } from '../store/webhooks.ts'
import type { Core } from './core.ts'

export type WebhookInput = {
  readonly url: string
  /** The receiver stands on the shop's own network; without it only public addresses are spoken to. */
  readonly allowPrivate: boolean
}

export type WebhookAdded =
  /** `secret` is shown this once and kept sealed. */
  | { readonly kind: 'added'; readonly no: string; readonly secret: string }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'wrong'; readonly what: WebhookFault }

export type WebhookFault =
  'not_a_url' | 'not_https' | 'has_credentials' | 'address_forbidden' | 'too_many_webhooks'

/** What sending knows about addresses and secrets, passed in by the caller. */
export type WebhookRules = {
  /** Null when the address may be registered, else a short code of what is wrong with it. */
  readonly urlFault: (input: WebhookInput) => WebhookFault | null
  readonly secretOf: (bytes: Buffer) => string
}

/** Each event is sent once for each of them. */
export const WEBHOOKS_MAX = 10
const SECRET_BYTES = 32
const NUMBER_DIGITS = 10

/** What a receiver's secret is sealed to: moved to another row, it does not open. */
export const webhookSeal = (tenant: number, webhookNo: string): string =>
  `webhook/${tenant}/${webhookNo}`

export async function addWebhook(
  core: Core,
  actor: Actor,
  input: WebhookInput,
  rules: WebhookRules,
  now: Date,
): Promise<WebhookAdded> {
  if (!actor.roles.includes('owner'))
    return { kind: 'refused', refusal: refuse('not_allowed', { right: 'webhooks' }) }
  const fault = rules.urlFault(input)
  if (fault !== null) return { kind: 'wrong', what: fault }
  const no = core.random.digits(NUMBER_DIGITS)
  const secret = rules.secretOf(core.random.bytes(SECRET_BYTES))
  return inTenant(core.db, actor.tenant, async (tx) => {
    if ((await countWebhooks(tx)) >= WEBHOOKS_MAX)
      return { kind: 'wrong', what: 'too_many_webhooks' }
    await insertWebhook(tx, {
      tenant_id: actor.tenant,
      webhook_no: no,
      url: input.url,
      secret: core.vault.seal(Buffer.from(secret, 'utf8'), webhookSeal(actor.tenant, no)),
      allow_private: input.allowPrivate,
      created_at: now,
    })
    return { kind: 'added', no, secret }
  })
}
