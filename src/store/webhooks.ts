/** Receivers of webhooks. */
import type { Tx } from '../db/connect.ts'

export type NewWebhook = {
  tenant_id: number
  webhook_no: string
  url: string
  secret: Buffer
  allow_private: boolean
  created_at: Date
}

export async function insertWebhook(tx: Tx, row: NewWebhook): Promise<void> {
  await tx.insertInto('webhook').values(row).execute()
}

export async function countWebhooks(tx: Tx): Promise<number> {
  const { count } = await tx
    .selectFrom('webhook')
    .select((of) => of.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

export type WebhookRow = {
  webhook_no: string
  url: string
  allow_private: boolean
  paused: boolean
  created_at: Date
}
const COLUMNS = ['webhook_no', 'url', 'allow_private', 'paused', 'created_at'] as const

export const listWebhooks = (tx: Tx): Promise<WebhookRow[]> =>
  tx.selectFrom('webhook').select(COLUMNS).orderBy('created_at').orderBy('webhook_no').execute()

export async function readWebhook(tx: Tx, webhookNo: string): Promise<WebhookRow | null> {
  const row = await tx
    .selectFrom('webhook')
    .select(COLUMNS)
    .where('webhook_no', '=', webhookNo)
    .executeTakeFirst()
  return row ?? null
}

/** @returns false when there is no such receiver. */
export async function setPaused(tx: Tx, webhookNo: string, paused: boolean): Promise<boolean> {
  const row = await tx
    .updateTable('webhook')
    .set({ paused })
    .where('webhook_no', '=', webhookNo)
    .returning('webhook_no')
    .executeTakeFirst()
  return row !== undefined
}

/** With all that is known of its deliveries. @returns false when there is no such receiver. */
export async function deleteWebhook(tx: Tx, webhookNo: string): Promise<boolean> {
  const row = await tx
    .deleteFrom('webhook')
    .where('webhook_no', '=', webhookNo)
    .returning('webhook_no')
    .executeTakeFirst()
  return row !== undefined
}

/** The receivers that want events now. */
export async function activeWebhooks(tx: Tx): Promise<string[]> {
  const rows = await tx
    .selectFrom('webhook')
    .select('webhook_no')
    .where('paused', '=', false)
    .orderBy('webhook_no')
    .execute()
  return rows.map((row) => row.webhook_no)
}
