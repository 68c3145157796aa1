/** Receivers of webhooks, and what became of each event sent to them. */
import { sql } from 'kysely'
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

export function listWebhooks(tx: Tx) {
  return tx
    .selectFrom('webhook')
    .select(['webhook_no', 'url', 'allow_private', 'paused', 'created_at'])
    .orderBy('created_at')
    .orderBy('webhook_no')
    .execute()
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

export type DeliveryRow = {
  url: string
  secret: Buffer
  allow_private: boolean
  paused: boolean
  body: string
  delivered_at: Date | null
}

/** What one delivery needs; null when the receiver or the event is not there. */
export async function readDelivery(
  tx: Tx,
  webhookNo: string,
  eventId: number,
): Promise<DeliveryRow | null> {
  const { rows } = await sql<DeliveryRow>`
    select w.url, w.secret, w.allow_private, w.paused, e.body, d.delivered_at
      from webhook w
      join event e on e.tenant_id = w.tenant_id and e.id = ${eventId}
      left join webhook_delivery d
             on d.tenant_id = w.tenant_id and d.webhook_no = w.webhook_no and d.event_id = e.id
     where w.webhook_no = ${webhookNo}`.execute(tx)
  return rows[0] ?? null
}

export type DeliveryTry = {
  tenant_id: number
  webhook_no: string
  event_id: number
  status: number | null
  error: string | null
  delivered_at: Date | null
}

/** Counts one try. A delivery that was made stays made, whatever a second worker met later. */
export async function noteTry(tx: Tx, row: DeliveryTry): Promise<void> {
  await sql`
    insert into webhook_delivery as d
           (tenant_id, webhook_no, event_id, status, error, tries, delivered_at)
    values (${row.tenant_id}::integer, ${row.webhook_no}::text, ${row.event_id}::bigint,
            ${row.status}::integer, ${row.error}::text, 1, ${row.delivered_at}::timestamptz)
    on conflict (tenant_id, webhook_no, event_id) do update
       set tries = d.tries + 1,
           status = case when d.delivered_at is null then excluded.status else d.status end,
           error = case when d.delivered_at is null then excluded.error else d.error end,
           delivered_at = coalesce(d.delivered_at, excluded.delivered_at)`.execute(tx)
}
