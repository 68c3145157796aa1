/** What became of each event that a receiver of webhooks is to get. */
import { sql } from 'kysely'
import type { Tx } from '../db/connect.ts'

/** Every receiver is to get every event, paused ones too: they get it when they go on. */
export async function insertDeliveries(
  tx: Tx,
  tenant: number,
  eventIds: readonly number[],
  at: Date,
): Promise<void> {
  await sql`
    insert into webhook_delivery (tenant_id, webhook_no, event_id, created_at)
    select w.tenant_id, w.webhook_no, e.id, ${at}::timestamptz
      from webhook w cross join unnest(${[...eventIds]}::bigint[]) as e(id)
     where w.tenant_id = ${tenant}
    on conflict do nothing`.execute(tx)
}

/** What one delivery needs. */
export type DeliveryRow = {
  url: string
  secret: Buffer
  allow_private: boolean
  paused: boolean
  body: string
  delivered_at: Date | null
}

/** Null when the receiver or the event is not there. */
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
  webhook_no: string
  event_id: number
  status: number | null
  error: string | null
  at: Date
}

/**
 * Counts one try; without `error` it was delivered. A delivery that was made stays made, whatever a second worker met
 * later. Of a receiver that was removed meanwhile nothing is kept.
 */
export async function noteTry(tx: Tx, row: DeliveryTry): Promise<void> {
  const deliveredAt = row.error === null ? row.at : null
  await sql`
    insert into webhook_delivery as d
           (tenant_id, webhook_no, event_id, status, error, tries, created_at, tried_at, delivered_at)
    select w.tenant_id, w.webhook_no, ${row.event_id}::bigint, ${row.status}::integer, ${row.error}::text, 1,
           ${row.at}::timestamptz, ${row.at}::timestamptz, ${deliveredAt}::timestamptz
      from webhook w where w.webhook_no = ${row.webhook_no}
    on conflict (tenant_id, webhook_no, event_id) do update
       set tries = d.tries + 1,
           tried_at = excluded.tried_at,
           status = case when d.delivered_at is null then excluded.status else d.status end,
           error = case when d.delivered_at is null then excluded.error else d.error end,
           delivered_at = coalesce(d.delivered_at, excluded.delivered_at)`.execute(tx)
}

/** Asks for one delivery once more, whether it was made or not. @returns false when there is none. */
export async function wantDelivery(tx: Tx, webhookNo: string, eventId: number): Promise<boolean> {
  const row = await tx
    .updateTable('webhook_delivery')
    .set({ wanted: true, delivered_at: null })
    .where('webhook_no', '=', webhookNo)
    .where('event_id', '=', eventId)
    .returning('event_id')
    .executeTakeFirst()
  return row !== undefined
}

/** Asks for all that a receiver has not got. */
export async function wantUndelivered(tx: Tx, webhookNo: string): Promise<void> {
  await tx
    .updateTable('webhook_delivery')
    .set({ wanted: true })
    .where('webhook_no', '=', webhookNo)
    .where('delivered_at', 'is', null)
    .where('wanted', '=', false)
    .execute()
}

/** A paused receiver wants nothing. */
export async function wantNothing(tx: Tx, webhookNo: string): Promise<void> {
  await tx
    .updateTable('webhook_delivery')
    .set({ wanted: false })
    .where('webhook_no', '=', webhookNo)
    .where('wanted', '=', true)
    .execute()
}

/** Takes what was asked for again; other relays pass it over. */
export async function takeWanted(
  tx: Tx,
  most: number,
): Promise<{ webhook_no: string; event_id: number }[]> {
  const { rows } = await sql<{ webhook_no: string; event_id: number }>`
    with taken as materialized (
      select tenant_id, webhook_no, event_id from webhook_delivery
       where wanted order by webhook_no, event_id limit ${most} for update skip locked
    )
    update webhook_delivery d set wanted = false
      from taken t
     where d.tenant_id = t.tenant_id and d.webhook_no = t.webhook_no and d.event_id = t.event_id
    returning d.webhook_no, d.event_id`.execute(tx)
  return rows
}

export type DeliveryFacts = {
  event_id: number
  type: string
  subject_no: string
  seq: number
  at: Date
  status: number | null
  error: string | null
  tries: number
  tried_at: Date | null
  delivered_at: Date | null
}

/** Newest event first; `delivered` null: all of them. */
export async function listDeliveries(
  tx: Tx,
  want: {
    readonly webhookNo: string
    readonly delivered: boolean | null
    readonly before: number | null
    readonly most: number
  },
): Promise<DeliveryFacts[]> {
  const made = { true: sql`d.delivered_at is not null`, false: sql`d.delivered_at is null` }
  const ofKind = want.delivered === null ? sql`true` : made[`${want.delivered}`]
  const before = want.before === null ? sql`true` : sql`d.event_id < ${want.before}`
  const { rows } = await sql<DeliveryFacts>`
    select d.event_id, e.type, e.subject_no, e.seq, e.at, d.status, d.error, d.tries, d.tried_at, d.delivered_at
      from webhook_delivery d join event e on e.tenant_id = d.tenant_id and e.id = d.event_id
     where d.webhook_no = ${want.webhookNo} and ${ofKind} and ${before}
     order by d.event_id desc limit ${want.most}`.execute(tx)
  return rows
}

export async function readDeliveryFacts(
  tx: Tx,
  webhookNo: string,
  eventId: number,
): Promise<DeliveryFacts | null> {
  const [row] = await listDeliveries(tx, {
    webhookNo,
    delivered: null,
    before: eventId + 1,
    most: 1,
  })
  return row?.event_id === eventId ? row : null
}

/** What receivers answered to failed tries before a time is blanked: it is theirs, and nobody needs it any more. */
export async function blankErrors(tx: Tx, before: Date): Promise<void> {
  await tx
    .updateTable('webhook_delivery')
    .set({ error: null })
    .where('error', 'is not', null)
    .where('tried_at', '<', before)
    .execute()
}

export async function deleteDeliveries(tx: Tx, before: Date): Promise<void> {
  await tx.deleteFrom('webhook_delivery').where('created_at', '<', before).execute()
}
