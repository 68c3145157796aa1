/** Evidence rows and the outbox they are. */
import { sql } from 'kysely'
import type { Db, Tx } from '../db/connect.ts'
import type { SealedEvent, Subject } from '../domain/evidence.ts'

export async function insertEvents(
  tx: Tx,
  tenant: number,
  events: readonly SealedEvent[],
): Promise<void> {
  if (events.length === 0) return
  const rows = events.map((event) => ({
    subject: event.subject,
    subject_no: event.no,
    seq: event.seq,
    type: event.type,
    at: event.at,
    body: event.body,
    prev: event.prev?.toString('hex') ?? null,
    hash: event.hash.toString('hex'),
  }))
  await sql`
    insert into event (tenant_id, subject, subject_no, seq, type, at, body, prev, hash)
    select ${tenant}::integer, subject, subject_no, seq, type, at, body, decode(prev, 'hex'), decode(hash, 'hex')
      from json_to_recordset(${JSON.stringify(rows)}::json) as r(
           subject text, subject_no text, seq integer, type text, at timestamptz, body text, prev text,
           hash text)
     order by subject, subject_no, seq`.execute(tx)
}

export type EventRow = {
  id: number
  subject: Subject
  subject_no: string
  seq: number
  type: string
  at: Date
  body: string
  prev: Buffer | null
  hash: Buffer
}

/** One subject's chain after a step, oldest first. */
export function readEvents(
  tx: Tx,
  subject: Subject,
  no: string,
  after: number,
  most: number,
): Promise<EventRow[]> {
  return tx
    .selectFrom('event')
    .select(['id', 'subject', 'subject_no', 'seq', 'type', 'at', 'body', 'prev', 'hash'])
    .where('subject', '=', subject)
    .where('subject_no', '=', no)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(most)
    .execute() as Promise<EventRow[]>
}

/** Who has events that nobody has relayed, or deliveries that were asked for again. */
export async function tenantsToRelay(db: Db, most: number): Promise<number[]> {
  const { rows } = await sql<{ tenant_id: number }>`
    select tenant_id from tenants_to_relay(${most})`.execute(db)
  return rows.map((row) => row.tenant_id)
}

/** Takes unrelayed events for this transaction; other relays pass them over. */
export async function takeUnrelayed(tx: Tx, most: number): Promise<EventRow[]> {
  const { rows } = await sql<EventRow>`
    select id, subject, subject_no, seq, type, at, body, prev, hash
      from event where relayed_at is null order by id limit ${most} for update skip locked`.execute(
    tx,
  )
  return rows
}

export async function markRelayed(tx: Tx, ids: readonly number[]): Promise<void> {
  await sql`update event set relayed_at = clock_timestamp() where id = any(${ids})`.execute(tx)
}
