/** Refunds, their items and approvals. */
import { sql } from 'kysely'
import type { Db, Tx } from '../db/connect.ts'
import type { Way } from '../domain/actor.ts'
import type { Fen } from '../domain/money.ts'
import type { RefundState } from '../domain/refund.ts'
import type { ItemStanding } from '../domain/sale.ts'
import type { Judgement } from '../domain/policy/policy.ts'

export type NewRefund = {
  tenant_id: number
  refund_no: string
  payment_no: string
  sale_no: string
  state: RefundState
  method: 'original' | 'cash'
  amount_fen: Fen
  fee_kept_fen: Fen
  reason_code: string
  note_ref: number | null
  store_no: string | null
  terminal_no: string | null
  requested_by: string | null
  judgement: Judgement
  send_at: Date | null
  send_reason: string | null
  replaces: string | null
  outside: boolean
  attempts: number
  fingerprint: Buffer
  event_seq: number
  event_head: Buffer
  created_at: Date
  settled_at: Date | null
}

export async function insertRefunds(tx: Tx, rows: readonly NewRefund[]): Promise<void> {
  if (rows.length === 0) return
  const json = JSON.stringify(
    rows.map((row) => ({
      ...row,
      fingerprint: row.fingerprint.toString('hex'),
      event_head: row.event_head.toString('hex'),
    })),
  )
  await sql`
    insert into refund (tenant_id, refund_no, payment_no, sale_no, state, method, amount_fen, fee_kept_fen,
                        reason_code, note_ref, store_no, terminal_no, requested_by, judgement, send_at,
                        send_reason, replaces, outside, attempts, fingerprint, event_seq, event_head,
                        created_at, settled_at)
    select tenant_id, refund_no, payment_no, sale_no, state, method, amount_fen, fee_kept_fen,
           reason_code, note_ref, store_no, terminal_no, requested_by, judgement, send_at,
           send_reason, replaces, outside, attempts, decode(fingerprint, 'hex'), event_seq,
           decode(event_head, 'hex'), created_at, settled_at
      from json_to_recordset(${json}::json) as r(
           tenant_id integer, refund_no text, payment_no text, sale_no text, state text, method text,
           amount_fen bigint, fee_kept_fen bigint, reason_code text, note_ref bigint, store_no text,
           terminal_no text, requested_by text, judgement jsonb, send_at timestamptz, send_reason text,
           replaces text, outside boolean, attempts integer, fingerprint text, event_seq integer,
           event_head text, created_at timestamptz, settled_at timestamptz)`.execute(tx)
}

export type RefundItemRow = {
  refund_no: string
  sale_no: string
  line: number
  quantity: number
  fen: Fen
  standing: ItemStanding
  let_go: boolean
  counted_quantity: number
  counted_fen: Fen
}

export async function insertRefundItems(
  tx: Tx,
  rows: readonly (RefundItemRow & { tenant_id: number })[],
): Promise<void> {
  if (rows.length === 0) return
  await sql`
    insert into refund_item (tenant_id, refund_no, sale_no, line, quantity, fen, standing, let_go,
                             counted_quantity, counted_fen)
    select tenant_id, refund_no, sale_no, line, quantity, fen, standing, let_go, counted_quantity, counted_fen
      from json_to_recordset(${JSON.stringify(rows)}::json) as r(
           tenant_id integer, refund_no text, sale_no text, line integer, quantity integer, fen bigint,
           standing text, let_go boolean, counted_quantity integer, counted_fen bigint)`.execute(tx)
}

export async function saveRefundItems(tx: Tx, rows: readonly RefundItemRow[]): Promise<void> {
  if (rows.length === 0) return
  await sql`
    update refund_item i
       set standing = r.standing, let_go = r.let_go, counted_quantity = r.counted_quantity, counted_fen = r.counted_fen
      from json_to_recordset(${JSON.stringify(rows)}::json) as r(
           refund_no text, line integer, standing text, let_go boolean, counted_quantity integer, counted_fen bigint)
     where i.refund_no = r.refund_no and i.line = r.line
       and i.refund_no = any(${rows.map((row) => row.refund_no)})`.execute(tx)
}

export type StoredNumber = {
  refund_no: string
  payment_no: string
  fingerprint: Buffer
  state: RefundState
}

/** Which of these numbers are taken, with what was stored under them. */
export function findNumbers(tx: Tx, refundNos: readonly string[]): Promise<StoredNumber[]> {
  return tx
    .selectFrom('refund')
    .select(['refund_no', 'payment_no', 'fingerprint', 'state'])
    .where('refund_no', '=', sql<string>`any(${refundNos})`)
    .execute() as Promise<StoredNumber[]>
}

export type RefundPatch = {
  refund_no: string
  state: RefundState
  send_at: Date | null
  send_reason: string | null
  attempts: number
  amount_fen: Fen
  fee_kept_fen: Fen
  ended_reason: string | null
  ended_as: RefundState | null
  settled_at: Date | null
  event_seq: number
  event_head: Buffer | null
}

/** Compare-and-set on the state each row was read in. @returns the numbers that moved. */
export async function saveRefunds(
  tx: Tx,
  rows: readonly (RefundPatch & { state_before: RefundState })[],
): Promise<string[]> {
  if (rows.length === 0) return []
  const json = JSON.stringify(
    rows.map((row) => ({ ...row, event_head: row.event_head?.toString('hex') ?? null })),
  )
  const saved = await sql<{ refund_no: string }>`
    update refund f
       set state = r.state, send_at = r.send_at, send_reason = r.send_reason, attempts = r.attempts,
           amount_fen = r.amount_fen, fee_kept_fen = r.fee_kept_fen, ended_reason = r.ended_reason, ended_as = r.ended_as,
           settled_at = r.settled_at, event_seq = r.event_seq, event_head = decode(r.event_head, 'hex'),
           lease_until = null
      from json_to_recordset(${json}::json) as r(
           refund_no text, state text, state_before text, send_at timestamptz, send_reason text,
           attempts integer, amount_fen bigint, fee_kept_fen bigint, ended_reason text, ended_as text,
           settled_at timestamptz, event_seq integer, event_head text)
     where f.refund_no = r.refund_no and f.state = r.state_before
       and f.refund_no = any(${rows.map((row) => row.refund_no)})
    returning f.refund_no`.execute(tx)
  return saved.rows.map((row) => row.refund_no)
}

export async function insertApproval(
  tx: Tx,
  row: {
    tenant_id: number
    refund_no: string
    staff_no: string
    decision: 'approve' | 'second' | 'reject'
    way: Way
    binding: Buffer
    at: Date
  },
): Promise<void> {
  await sql`
    insert into approval (tenant_id, refund_no, seq, staff_no, decision, way, binding, at)
    select ${row.tenant_id}::integer, ${row.refund_no}::text, coalesce(max(seq), 0) + 1, ${row.staff_no}::text,
           ${row.decision}::text, ${row.way}::text, ${row.binding}::bytea, ${row.at}::timestamptz
      from approval where refund_no = ${row.refund_no}`.execute(tx)
}

/** Voids the approvals of a refund whose amount went down: they were given for another act. */
export async function voidApprovals(tx: Tx, refundNo: string, at: Date): Promise<void> {
  await tx
    .updateTable('approval')
    .set({ voided_at: at })
    .where('refund_no', '=', refundNo)
    .where('voided_at', 'is', null)
    .execute()
}

/** Takes approved refunds that are due, of all tenants: tenant and number, nothing else. */
export async function claimRefunds(
  db: Db,
  want: { most: number; leaseMs: number; offsetMs: number },
): Promise<{ tenant_id: number; refund_no: string }[]> {
  const { rows } = await sql<{ tenant_id: number; refund_no: string }>`
    select tenant_id, refund_no
      from claim_refunds(${want.most}, ${want.leaseMs} * interval '1 ms',
                         ${want.offsetMs} * interval '1 ms')
     order by tenant_id, refund_no`.execute(db)
  return rows
}

/** Approved refunds of a payment that wait for nothing but a person are due. The payment is locked. */
export async function sendHeldBack(tx: Tx, paymentNo: string, at: Date): Promise<void> {
  await tx
    .updateTable('refund')
    .set({ send_at: at })
    .where('payment_no', '=', paymentNo)
    .where('state', '=', 'approved')
    .where('send_at', 'is', null)
    .execute()
}

/** The refunds of a payment that may still have an attempt under way. */
export async function openRefundsOf(tx: Tx, paymentNo: string): Promise<string[]> {
  const rows = await tx
    .selectFrom('refund')
    .select('refund_no')
    .where('payment_no', '=', paymentNo)
    .where('state', '=', 'sending')
    .execute()
  return rows.map((row) => row.refund_no)
}
