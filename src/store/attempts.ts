/** Attempts: what was frozen, who may send it, and what came of it. */
import { sql } from 'kysely'
import type { Db, Tx } from '../db/connect.ts'
import type { AttemptKind, AttemptState } from '../domain/attempt.ts'
import type { Fen } from '../domain/money.ts'
import type { Remedy, Succeeded, WaitReason } from '../domain/outcome.ts'

export type AttemptKey = { readonly refund_no: string; readonly seq: number }

export type NewAttempt = {
  tenant_id: number
  refund_no: string
  seq: number
  payment_no: string
  account_no: string
  kind: AttemptKind
  state: AttemptState
  channel_number: string
  channel_no: string | null
  body: string
  amount_fen: Fen
  created_at: Date
  /** Null: never swept (cash, outside). */
  due_at: Date | null
  /** Born leased to this node for this long, in ms; null: not leased. */
  lease_ms: number | null
  send_within_ms: number | null
  settled_at: Date | null
  channel_time: Date | null
}

export async function insertAttempts(tx: Tx, rows: readonly NewAttempt[]): Promise<void> {
  if (rows.length === 0) return
  await sql`
    insert into attempt (tenant_id, refund_no, seq, payment_no, account_no, kind, state, channel_number,
                         channel_no, body, amount_fen, created_at, due_at, fence, lease_until, send_by,
                         settled_at, channel_time)
    select r.tenant_id, r.refund_no, r.seq, r.payment_no, r.account_no, r.kind, r.state, r.channel_number,
           r.channel_no, r.body, r.amount_fen, r.created_at, r.due_at, case when r.lease_ms is null then 0 else 1 end,
           clock_timestamp() + r.lease_ms * interval '1 ms',
           clock_timestamp() + r.send_within_ms * interval '1 ms', r.settled_at, r.channel_time
      from json_to_recordset(${JSON.stringify(rows)}::json) as r(
           tenant_id integer, refund_no text, seq integer, payment_no text, account_no text, kind text,
           state text, channel_number text, channel_no text, body text, amount_fen bigint,
           created_at timestamptz, due_at timestamptz, lease_ms double precision,
           send_within_ms double precision, settled_at timestamptz, channel_time timestamptz)`.execute(
    tx,
  )
}

/**
 * Leave to send, written down right before the first byte: for each attempt that its holder still holds (fence and
 * `send_by`), that nobody stopped, and whose refund still wants it and it alone. A stale process gets no leave, and one
 * turn gets leave once. Payment and refund are locked first, in the one order: whoever settles a truth about them right now is
 * waited for, and what it made of them decides, not what they were when this statement began.
 * @returns the attempts that may go.
 */
export async function markSending(
  tx: Tx,
  rows: readonly (AttemptKey & { payment_no: string; fence: number })[],
  offsetMs: number,
): Promise<AttemptKey[]> {
  const refundNos = rows.map((row) => row.refund_no)
  const paymentNos = rows.map((row) => row.payment_no)
  const marked = await sql<AttemptKey>`
    with wanted as materialized (
      select * from json_to_recordset(${JSON.stringify(rows)}::json) as r(refund_no text, seq integer, fence integer)
    ), unblocked as materialized (
      select payment_no from payment
       where payment_no = any(${paymentNos}) and blocked is null and state = 'paid'
       order by payment_no for share
    ), free as materialized (
      select refund_no from refund
       where refund_no = any(${refundNos}) and state = 'sending'
         and payment_no = any(array(select payment_no from unblocked))
       order by refund_no for no key update
    )
    update attempt a
       set first_send_at = coalesce(a.first_send_at, clock_timestamp() + ${offsetMs} * interval '1 ms'),
           last_send_by = a.send_by + ${offsetMs} * interval '1 ms',
           waiting = case when a.first_send_at is null then null else a.waiting end,
           sends = a.sends + 1, not_found_count = 0, send_again = false
      from wanted r
     where a.refund_no = any(array(select refund_no from free)) and a.refund_no = r.refund_no and a.seq = r.seq and a.fence = r.fence
       and a.send_by > clock_timestamp() and a.state = 'submitted' and a.stopped_by is null
       and not a.reopened and not a.hint_final and (a.first_send_at is null or a.send_again)
       and not exists (select from attempt b
                        where b.refund_no = a.refund_no and b.seq <> a.seq
                          and b.state in ('submitted', 'processing', 'stuck', 'succeeded'))
    returning a.refund_no, a.seq`.execute(tx)
  return marked.rows
}

/**
 * The same leave for a remedy, which goes out under the attempt's own number: once for each decision, and only for
 * the body that was signed, since a person may have decided on another one in between.
 */
export async function markRemedy(
  tx: Tx,
  key: AttemptKey & { payment_no: string; fence: number },
  body: string | null,
  offsetMs: number,
): Promise<boolean> {
  const marked = await sql`
    with unblocked as materialized (
      select payment_no, state = 'paid' as paid from payment
       where payment_no = ${key.payment_no} and blocked is null for share
    ), free as materialized (
      select refund_no, state = 'sending' and (select paid from unblocked) as owed from refund
       where refund_no = ${key.refund_no}
         and payment_no = any(array(select payment_no from unblocked))
         for no key update
    )
    update attempt a
       set remedy_first_send_at = clock_timestamp(), sends = sends + 1,
           last_send_by = send_by + ${offsetMs} * interval '1 ms'
     where a.refund_no = any(array(select refund_no from free)) and a.seq = ${key.seq}
       and a.fence = ${key.fence} and a.send_by > clock_timestamp() and a.state = 'stuck'
       and a.remedy_body = ${body}::text and a.remedy_first_send_at is null
       and (a.remedy = 'to_merchant' or ((select owed from free) and not exists (
             select from attempt b
              where b.refund_no = a.refund_no and b.seq <> a.seq
                and b.state in ('submitted', 'processing', 'stuck', 'succeeded'))))
    returning a.seq`.execute(tx)
  return marked.rows.length > 0
}

export type Claimed = { tenant_id: number; refund_no: string; seq: number; fence: number }

/** Takes due attempts of all tenants: the function returns tenant and number, nothing else. */
export async function claimAttempts(
  db: Db,
  want: { most: number; leaseMs: number; sendWithinMs: number; offsetMs: number },
): Promise<Claimed[]> {
  const { rows } = await sql<Claimed>`
    select tenant_id, refund_no, seq, fence
      from claim_attempts(${want.most}, ${want.leaseMs} * interval '1 ms',
                          ${want.sendWithinMs} * interval '1 ms', ${want.offsetMs} * interval '1 ms')
     order by tenant_id, refund_no, seq`.execute(db)
  return rows
}

/** Takes one refund's open attempt for this process; null when there is none or somebody holds it. */
export async function leaseOpenAttempt(
  tx: Tx,
  refundNo: string,
  leaseMs: number,
  sendWithinMs: number,
): Promise<{ seq: number; fence: number } | null> {
  const { rows } = await sql<{ seq: number; fence: number }>`
    update attempt
       set lease_until = clock_timestamp() + ${leaseMs} * interval '1 ms',
           send_by = clock_timestamp() + ${sendWithinMs} * interval '1 ms', fence = fence + 1
     where refund_no = ${refundNo} and due_at is not null
       and state in ('submitted', 'processing', 'stuck')
       and (lease_until is null or lease_until < clock_timestamp())
    returning seq, fence`.execute(tx)
  return rows[0] ?? null
}

/** Makes refunds' open attempts due at once: a notice, a scanned slip or an opened page asks for news. */
export async function makeDue(tx: Tx, refundNos: readonly string[]): Promise<void> {
  await sql`
    update attempt set due_at = clock_timestamp() - interval '1 day'
     where refund_no = any(${refundNos}) and due_at is not null
       and state in ('submitted', 'processing', 'stuck')`.execute(tx)
}

/** A newly decided remedy has not been sent yet, whatever became of an earlier one. */
export async function forgetRemedySend(tx: Tx, refundNo: string, seq: number): Promise<void> {
  await sql`
    update attempt set remedy_first_send_at = null
     where refund_no = ${refundNo} and seq = ${seq}`.execute(tx)
}

export type AttemptRow = {
  refund_no: string
  seq: number
  payment_no: string
  account_no: string
  kind: AttemptKind
  state: AttemptState
  channel_number: string
  channel_no: string | null
  body: string
  amount_fen: Fen
  due_at: Date | null
  tries: number
  sends: number
  fence: number
  first_send_at: Date | null
  send_again: boolean
  not_found_count: number
  waiting: WaitReason | null
  hint_code: string | null
  hint_final: boolean
  alarm: string | null
  inferred: boolean
  reopened: boolean
  stopped_by: string | null
  remedy: Remedy | null
  remedy_body: string | null
  remedy_first_send_at: Date | null
  channel_time: Date | null
  destination: string | null
  destination_text: string | null
  payer_fen: Fen | null
  settlement_fen: Fen | null
  discount_fen: Fen | null
  fee_returned_fen: Fen | null
  last_code: string | null
  created_at: Date
  settled_at: Date | null
  /** ms on the database's clock since the last send's `send_by`; null when nothing was ever sent. */
  since_send_by_ms: number | null
  /** ms on the database's clock since the last "not found" that counted; null when none did. */
  since_not_found_ms: number | null
  /** ms on the database's clock since the end of the present holder's time to send; null when nobody ever held it. */
  past_send_by_ms: number | null
}

/** All attempts of these refunds, locked, in order. `offsetMs` moves the clock the quiet time is read on. */
export async function lockAttempts(
  tx: Tx,
  refundNos: readonly string[],
  offsetMs: number,
): Promise<AttemptRow[]> {
  const { rows } = await sql<AttemptRow>`
    select refund_no, seq, payment_no, account_no, kind, state, channel_number, channel_no, body,
           amount_fen, due_at, tries, sends, fence, first_send_at, send_again, not_found_count, waiting,
           hint_code, hint_final, alarm, inferred, reopened, stopped_by, remedy, remedy_body,
           remedy_first_send_at, channel_time, destination, destination_text, payer_fen, settlement_fen,
           discount_fen, fee_returned_fen, last_code, created_at, settled_at,
           (extract(epoch from clock_timestamp() - last_send_by) * 1000 + ${offsetMs}::double precision)::double precision as since_send_by_ms,
           (extract(epoch from clock_timestamp() - last_not_found_at) * 1000 + ${offsetMs}::double precision)::double precision as since_not_found_ms,
           (extract(epoch from clock_timestamp() - send_by) * 1000)::double precision as past_send_by_ms
      from attempt where refund_no = any(${refundNos})
     order by refund_no, seq for update`.execute(tx)
  return rows
}

export type AttemptPatch = {
  refund_no: string
  seq: number
  state: AttemptState
  channel_no: string | null
  not_found_count: number
  waiting: WaitReason | null
  hint_code: string | null
  hint_final: boolean
  alarm: string | null
  inferred: boolean
  reopened: boolean
  stopped_by: string | null
  remedy: Remedy | null
  remedy_body: string | null
  channel_time: Date | null
  destination: string | null
  destination_text: string | null
  payer_fen: Fen | null
  settlement_fen: Fen | null
  discount_fen: Fen | null
  fee_returned_fen: Fen | null
  last_code: string | null
  settled_at: Date | null
  send_again: boolean
  tries: number
  due_at: Date | null
  /**
   * Who speaks: the holder's fence, or null for a word from outside. What the row will do next (due_at, tries,
   * send_again, lease) is the holder's to say; a truth is anybody's.
   */
  fence: number | null
  moved: boolean
  /** Due at once, although the attempt has ended: see `Settlement`. */
  asks: boolean
}

/** Compare-and-set on the state read. @returns the attempts written. */
export async function saveAttempts(
  tx: Tx,
  rows: readonly (AttemptPatch & { state_before: AttemptState })[],
  offsetMs: number,
): Promise<AttemptKey[]> {
  if (rows.length === 0) return []
  const saved = await sql<AttemptKey>`
    update attempt a
       set state = r.state, channel_no = r.channel_no, not_found_count = r.not_found_count,
           last_not_found_at = case when r.not_found_count > a.not_found_count
                                    then clock_timestamp() + ${offsetMs} * interval '1 ms'
                                    else a.last_not_found_at end,
           waiting = r.waiting, hint_code = r.hint_code, hint_final = r.hint_final, alarm = r.alarm,
           inferred = r.inferred, reopened = r.reopened, stopped_by = r.stopped_by, remedy = r.remedy,
           remedy_body = r.remedy_body, channel_time = r.channel_time, destination = r.destination,
           destination_text = r.destination_text, payer_fen = r.payer_fen,
           settlement_fen = r.settlement_fen, discount_fen = r.discount_fen,
           fee_returned_fen = r.fee_returned_fen, last_code = r.last_code, settled_at = r.settled_at,
           send_again = case when r.moved or r.fence = a.fence then r.send_again else a.send_again end,
           tries = case when r.moved or r.fence = a.fence then r.tries else a.tries end,
           due_at = case when r.moved or r.asks or r.fence = a.fence then r.due_at else a.due_at end,
           lease_until = case when r.fence = a.fence then null else a.lease_until end
      from json_to_recordset(${JSON.stringify(rows)}::json) as r(
           refund_no text, seq integer, state text, state_before text, channel_no text,
           not_found_count integer, waiting text, hint_code text, hint_final boolean, alarm text,
           inferred boolean, reopened boolean, stopped_by text, remedy text, remedy_body text,
           channel_time timestamptz, destination text, destination_text text, payer_fen bigint,
           settlement_fen bigint, discount_fen bigint, fee_returned_fen bigint, last_code text,
           settled_at timestamptz, send_again boolean, tries integer, due_at timestamptz,
           fence integer, moved boolean, asks boolean)
     where a.refund_no = r.refund_no and a.seq = r.seq and a.state = r.state_before
       and a.refund_no = any(${rows.map((row) => row.refund_no)})
    returning a.refund_no, a.seq`.execute(tx)
  return saved.rows
}

/** Whose attempt a channel's number is, for notices and statement lines. */
export async function findByChannelNumber(
  tx: Tx,
  accountNo: string,
  numbers: readonly string[],
): Promise<(AttemptKey & { channel_number: string; amount_fen: Fen; payment_no: string })[]> {
  const rows = await tx
    .selectFrom('attempt')
    .select(['refund_no', 'seq', 'channel_number', 'amount_fen', 'payment_no'])
    .where('account_no', '=', accountNo)
    .where('channel_number', '=', sql<string>`any(${numbers})`)
    .execute()
  return rows as (AttemptKey & { channel_number: string; amount_fen: Fen; payment_no: string })[]
}

/** The attempt that the channel knows by its own number, which is all that is known of one made elsewhere. */
export async function findByChannelRefundNo(
  tx: Tx,
  accountNo: string,
  channelNo: string,
): Promise<(AttemptKey & { amount_fen: Fen; payment_no: string }) | null> {
  const row = await tx
    .selectFrom('attempt')
    .select(['refund_no', 'seq', 'amount_fen', 'payment_no'])
    .where('account_no', '=', accountNo)
    .where('channel_no', '=', channelNo)
    .executeTakeFirst()
  return (row as (AttemptKey & { amount_fen: Fen; payment_no: string }) | undefined) ?? null
}

/** An attempt that was made elsewhere and is known only by its success. */
export async function insertOutsideAttempt(
  tx: Tx,
  row: {
    tenant_id: number
    refund_no: string
    payment_no: string
    account_no: string
    channel_number: string
    amount_fen: Fen
    outcome: Succeeded
    at: Date
  },
): Promise<void> {
  const { outcome, at, ...columns } = row
  await tx
    .insertInto('attempt')
    .values({
      ...columns,
      seq: 1,
      kind: 'outside',
      state: 'succeeded',
      body: '',
      channel_no: outcome.channelNo,
      channel_time: outcome.at,
      destination: outcome.destination,
      destination_text: outcome.account,
      payer_fen: outcome.payerFen,
      settlement_fen: outcome.settlementFen,
      discount_fen: outcome.discountFen,
      fee_returned_fen: outcome.feeReturnedFen,
      created_at: at,
      settled_at: at,
    })
    .execute()
}
