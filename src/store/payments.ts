/** Payments: what was asked, who drives them, and what the channel said. */
import { sql } from 'kysely'
import type { Db, Tx } from '../db/connect.ts'
import type { Fen } from '../domain/money.ts'
import type { PaymentState } from '../domain/payment.ts'

export type PaymentMethod = 'code' | 'qr' | 'outside'

export type NewPayment = {
  tenant_id: number
  payment_no: string
  sale_no: string
  account_no: string
  channel: string
  method: PaymentMethod
  state: PaymentState
  paid_fen: Fen
  channel_number: string
  body: string
  valid_until: Date | null
  fingerprint: Buffer
  created_at: Date
  due_at: Date | null
  /** Born leased to this node for this long, in ms; null: free for the sweeper. */
  lease_ms: number | null
  send_within_ms: number | null
  event_seq: number
  event_head: Buffer | null
}

export async function insertPayment(tx: Tx, row: NewPayment): Promise<void> {
  const { lease_ms, send_within_ms, ...columns } = row
  await tx
    .insertInto('payment')
    .values({
      ...columns,
      submitted_at: row.created_at,
      fence: lease_ms === null ? 0 : 1,
      lease_until: sql<Date>`clock_timestamp() + ${lease_ms}::double precision * interval '1 ms'`,
      send_by: sql<Date>`clock_timestamp() + ${send_within_ms}::double precision * interval '1 ms'`,
    })
    .execute()
}

export type PaymentRow = {
  payment_no: string
  sale_no: string
  account_no: string
  channel: string
  method: PaymentMethod
  state: PaymentState
  act: 'pay' | 'reverse' | 'close'
  paid_fen: Fen
  channel_number: string
  channel_no: string | null
  bill_no: string | null
  body: string
  blocked: string | null
  code_url: string | null
  valid_until: Date | null
  due_at: Date | null
  tries: number
  fence: number
  first_send_at: Date | null
  submitted_at: Date | null
  payer_total_fen: Fen | null
  payer_masked: string | null
  payer_ref: number | null
  payer_subject: string | null
  paid_at: Date | null
  imported_with_refunds: boolean
  refusal: string | null
  refund_count: number
  fingerprint: Buffer
  event_seq: number
  event_head: Buffer | null
  created_at: Date
  /** ms on the database's clock since the last send's `send_by`; null when nothing was sent. */
  since_send_by_ms: number | null
  /** ms on the database's clock since the end of the present holder's time to send; null when nobody ever held it. */
  past_send_by_ms: number | null
}

const columns = sql`
  payment_no, sale_no, account_no, channel, method, state, act, paid_fen, channel_number, channel_no, bill_no,
  body, blocked, code_url, valid_until, due_at, tries, fence, first_send_at, submitted_at, payer_total_fen,
  payer_masked, payer_ref, payer_subject, paid_at, imported_with_refunds, refusal, refund_count, fingerprint,
  event_seq, event_head, created_at`

const sinceSendBy = (offsetMs: number) => sql`
  (extract(epoch from clock_timestamp() - last_send_by) * 1000 + ${offsetMs}::double precision)::double precision
    as since_send_by_ms,
  (extract(epoch from clock_timestamp() - send_by) * 1000)::double precision as past_send_by_ms`

export async function readPayments(
  tx: Tx,
  paymentNos: readonly string[],
  offsetMs: number,
): Promise<PaymentRow[]> {
  const { rows } = await sql<PaymentRow>`
    select ${columns}, ${sinceSendBy(offsetMs)} from payment where payment_no = any(${paymentNos})`.execute(
    tx,
  )
  return rows
}

export async function readPaymentsOfSale(tx: Tx, saleNo: string): Promise<PaymentRow[]> {
  const { rows } = await sql<PaymentRow>`
    select ${columns}, ${sinceSendBy(0)} from payment where sale_no = ${saleNo} order by created_at, payment_no`.execute(
    tx,
  )
  return rows
}

/** Leave to send, written right before the first byte; see `markSending` of attempts. */
export async function markPaymentSending(
  tx: Tx,
  key: { payment_no: string; fence: number; act: 'pay' | 'reverse' | 'close' },
  offsetMs: number,
): Promise<boolean> {
  const { rows } = await sql`
    update payment
       set first_send_at = case when act = 'pay' then coalesce(first_send_at, clock_timestamp()) else first_send_at end,
           last_send_by = send_by + ${offsetMs} * interval '1 ms'
     where payment_no = ${key.payment_no} and fence = ${key.fence} and act = ${key.act}
       and send_by > clock_timestamp()
       and ((act = 'pay' and state = 'submitted' and first_send_at is null)
            or (act <> 'pay' and state = 'reversing'))
    returning payment_no`.execute(tx)
  return rows.length > 0
}

export type ClaimedPayment = { tenant_id: number; payment_no: string; fence: number }

export async function claimPayments(
  db: Db,
  want: { most: number; leaseMs: number; sendWithinMs: number; offsetMs: number },
): Promise<ClaimedPayment[]> {
  const { rows } = await sql<ClaimedPayment>`
    select tenant_id, payment_no, fence
      from claim_payments(${want.most}, ${want.leaseMs} * interval '1 ms',
                          ${want.sendWithinMs} * interval '1 ms', ${want.offsetMs} * interval '1 ms')
     order by tenant_id, payment_no`.execute(db)
  return rows
}

/** Takes one payment for this process, for someone who looks at it; null when somebody holds it. */
export async function leasePayment(
  tx: Tx,
  paymentNo: string,
  leaseMs: number,
  sendWithinMs: number,
): Promise<{ fence: number } | null> {
  const { rows } = await sql<{ fence: number }>`
    update payment
       set lease_until = clock_timestamp() + ${leaseMs} * interval '1 ms',
           send_by = clock_timestamp() + ${sendWithinMs} * interval '1 ms', fence = fence + 1
     where payment_no = ${paymentNo} and (lease_until is null or lease_until < clock_timestamp())
    returning fence`.execute(tx)
  return rows[0] ?? null
}

export type PaymentPatch = {
  payment_no: string
  state: PaymentState
  act: 'pay' | 'reverse' | 'close'
  channel_no: string | null
  bill_no: string | null
  blocked: string | null
  code_url: string | null
  payer_total_fen: Fen | null
  payer_masked: string | null
  payer_ref: number | null
  payer_subject: string | null
  paid_at: Date | null
  imported_with_refunds: boolean
  refusal: string | null
  event_seq: number
  event_head: Buffer | null
  tries: number
  due_at: Date | null
}

/**
 * Compare-and-set on the state read. `fence`: of the holder who speaks, null for a word from outside; only the
 * holder, or a move, changes what the row does next.
 */
export async function savePayment(
  tx: Tx,
  row: PaymentPatch,
  stateBefore: PaymentState,
  fence: number | null,
): Promise<boolean> {
  const moved = row.state !== stateBefore
  const { rows } = await sql`
    update payment
       set state = ${row.state}, act = ${row.act}, channel_no = ${row.channel_no}, bill_no = ${row.bill_no},
           blocked = ${row.blocked}, code_url = ${row.code_url}, payer_total_fen = ${row.payer_total_fen},
           payer_masked = ${row.payer_masked}, payer_ref = ${row.payer_ref},
           payer_subject = ${row.payer_subject}, paid_at = ${row.paid_at},
           imported_with_refunds = ${row.imported_with_refunds}, refusal = ${row.refusal},
           event_seq = ${row.event_seq}, event_head = ${row.event_head},
           tries = case when ${moved} or fence = ${fence}::integer then ${row.tries}::integer else tries end,
           due_at = case when ${moved} or fence = ${fence}::integer then ${row.due_at}::timestamptz else due_at end,
           lease_until = case when fence = ${fence}::integer then null else lease_until end
     where payment_no = ${row.payment_no} and state = ${stateBefore}
    returning payment_no`.execute(tx)
  return rows.length > 0
}

export type PaymentHead = { payment_no: string; event_seq: number; event_head: Buffer | null }

/** How far payments' chains of events have come, in the order of their numbers. */
export function readHeads(tx: Tx, paymentNos: readonly string[]): Promise<PaymentHead[]> {
  return tx
    .selectFrom('payment')
    .select(['payment_no', 'event_seq', 'event_head'])
    .where('payment_no', '=', sql<string>`any(${paymentNos})`)
    .orderBy('payment_no')
    .execute()
}

export async function saveHead(tx: Tx, { payment_no, ...head }: PaymentHead): Promise<void> {
  await tx.updateTable('payment').set(head).where('payment_no', '=', payment_no).execute()
}

/** Makes a payment due at once: a notice, or somebody who scanned the bill, asks for news. */
export async function makePaymentDue(tx: Tx, paymentNo: string): Promise<void> {
  await sql`
    update payment set due_at = clock_timestamp() - interval '1 day' where payment_no = ${paymentNo}`.execute(
    tx,
  )
}

/** The payment a channel's number belongs to. */
export async function findPaymentByChannelNumber(
  tx: Tx,
  accountNo: string,
  channelNumber: string,
): Promise<string | null> {
  const row = await tx
    .selectFrom('payment')
    .select('payment_no')
    .where('account_no', '=', accountNo)
    .where('channel_number', '=', channelNumber)
    .executeTakeFirst()
  return row?.payment_no ?? null
}
