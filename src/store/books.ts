/** What a decision on new refunds needs to know of their payments, under lock. */
import { sql } from 'kysely'
import type { Tx } from '../db/connect.ts'
import type { Contract } from '../domain/plan.ts'
import type { PaymentState } from '../domain/payment.ts'
import type { Fen } from '../domain/money.ts'

/**
 * Locks the payments' sales, then the payments, in the order of their numbers: the one order used everywhere.
 * Unknown numbers are passed over.
 */
export async function lockPayments(tx: Tx, paymentNos: readonly string[]): Promise<void> {
  await sql`
    with locked_sales as materialized (
      select sale_no from sale
       where sale_no = any(array(select sale_no from payment where payment_no = any(${paymentNos})))
       order by sale_no for no key update
    )
    select payment_no from payment
     where payment_no = any(${paymentNos}) and (select count(*) from locked_sales) >= 0
     order by payment_no for no key update`.execute(tx)
}

export type BooksRow = {
  payment_no: string
  sale_no: string
  store_no: string | null
  staff_no: string | null
  account_no: string
  channel: string
  channel_number: string
  channel_no: string | null
  method: 'code' | 'qr' | 'outside'
  body: string
  state: PaymentState
  blocked: string | null
  paid_fen: Fen
  held_fen: Fen
  refunded_fen: Fen
  kept_fen: Fen
  excess_fen: Fen
  paid_at: Date | null
  source: 'till' | 'import' | 'channel'
  imported_with_refunds: boolean
  refund_count: number
  last_refund_sent_at: Date | null
  payer_subject: string | null
  event_seq: number
  event_head: Buffer | null
  contract: Partial<Contract>
  paused: string | null
  probe_at: Date | null
  sibling_unclear: boolean
  /** An attempt is held by a process right now: of this payment, or of any that its payer made at this account. */
  in_flight: boolean
  payer_in_flight: boolean
  /** A refund of this payment whose attempt came back without an answer. */
  unclear_refund: string | null
  items: readonly ItemJson[]
}

export type ItemJson = {
  line: number
  quantity: number
  held_quantity: number
  refunded_quantity: number
  fen: Fen
  held_fen: Fen
  refunded_fen: Fen
}

export async function readBooks(tx: Tx, paymentNos: readonly string[]): Promise<BooksRow[]> {
  const { rows } = await sql<BooksRow>`
    select p.payment_no, p.sale_no, s.store_no, s.staff_no, p.account_no, p.channel, p.channel_number, p.channel_no,
           p.method, p.body, p.state, p.blocked, p.paid_fen, p.held_fen, p.refunded_fen, p.kept_fen,
           p.excess_fen, p.paid_at, s.source, p.imported_with_refunds, p.refund_count,
           p.last_refund_sent_at, p.payer_subject, p.event_seq, p.event_head, c.contract, c.paused, t.probe_at,
           exists (select from payment q
                    where q.sale_no = p.sale_no and q.payment_no <> p.payment_no
                      and q.state in ('created', 'submitted', 'waiting', 'reversing')) as sibling_unclear,
           exists (select from attempt a
                    where a.payment_no = p.payment_no and a.state = 'submitted' and a.tries = 0
                      and a.lease_until > clock_timestamp()) as in_flight,
           p.payer_subject is not null and exists (
                   select from payment q join attempt a on a.payment_no = q.payment_no
                    where q.payer_subject = p.payer_subject and q.account_no = p.account_no
                      and a.state = 'submitted' and a.tries = 0
                      and a.lease_until > clock_timestamp()) as payer_in_flight,
           (select min(a.refund_no) from attempt a
             where a.payment_no = p.payment_no and a.state = 'submitted' and a.kind <> 'cash'
               and (a.tries > 0 or a.lease_until < clock_timestamp()) and a.waiting is null) as unclear_refund,
           coalesce((select json_agg(json_build_object(
                       'line', i.line, 'quantity', i.quantity, 'held_quantity', i.held_quantity,
                       'refunded_quantity', i.refunded_quantity, 'fen', i.fen, 'held_fen', i.held_fen,
                       'refunded_fen', i.refunded_fen) order by i.line)
                       from sale_item i where i.sale_no = p.sale_no), '[]') as items
      from payment p
      join sale s on s.sale_no = p.sale_no
      join channel_account c on c.account_no = p.account_no
      left join account_traffic t on t.account_no = p.account_no
     where p.payment_no = any(${paymentNos})`.execute(tx)
  return rows
}

/** Writes payments' counters and marks; one statement for all. */
export async function savePaymentBooks(
  tx: Tx,
  rows: readonly {
    payment_no: string
    held_fen: Fen
    refunded_fen: Fen
    kept_fen: Fen
    excess_fen: Fen
    blocked: string | null
    refund_count: number
    last_refund_sent_at: Date | null
  }[],
): Promise<void> {
  if (rows.length === 0) return
  await sql`
    update payment p
       set held_fen = r.held_fen, refunded_fen = r.refunded_fen, kept_fen = r.kept_fen,
           excess_fen = r.excess_fen, blocked = r.blocked, refund_count = r.refund_count,
           last_refund_sent_at = r.last_refund_sent_at
      from json_to_recordset(${JSON.stringify(rows)}::json) as r(
           payment_no text, held_fen bigint, refunded_fen bigint, kept_fen bigint, excess_fen bigint,
           blocked text, refund_count integer, last_refund_sent_at timestamptz)
     where p.payment_no = r.payment_no
       and p.payment_no = any(${rows.map((row) => row.payment_no)})`.execute(tx)
}

export async function saveItems(
  tx: Tx,
  rows: readonly (ItemJson & { sale_no: string })[],
): Promise<void> {
  if (rows.length === 0) return
  await sql`
    update sale_item i
       set held_quantity = r.held_quantity, held_fen = r.held_fen,
           refunded_quantity = r.refunded_quantity, refunded_fen = r.refunded_fen
      from json_to_recordset(${JSON.stringify(rows)}::json) as r(
           sale_no text, line integer, held_quantity integer, held_fen bigint,
           refunded_quantity integer, refunded_fen bigint)
     where i.sale_no = r.sale_no and i.line = r.line
       and i.sale_no = any(${rows.map((row) => row.sale_no)})`.execute(tx)
}
