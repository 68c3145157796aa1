/** Slips as they were at an event, and the rows they are made of. */
import { sql } from 'kysely'
import type { Tx } from '../db/connect.ts'
import type { SlipAttempt, SlipRows, StoredSlipFacts } from '../domain/slip-facts.ts'
import type { RefundKindSlip } from '../domain/slip.ts'

/** Everything that refunds' slips are made of, by number; those that there are not are not there. */
export async function readSlipRows(
  tx: Tx,
  refundNos: readonly string[],
): Promise<ReadonlyMap<string, SlipRows>> {
  const rows = await readRefundRows(tx, refundNos)
  const attempts = Map.groupBy(await readAttempts(tx, refundNos), (row) => row.refund_no)
  const lines = Map.groupBy(await readSlipLines(tx, refundNos), (row) => row.refund_no)
  return new Map(
    rows.map((row) => [
      row.refund_no,
      slipRowsOf(row, attempts.get(row.refund_no) ?? [], lines.get(row.refund_no) ?? []),
    ]),
  )
}

const slipRowsOf = (
  row: RefundRow,
  attempts: readonly SlipAttempt[],
  lines: SlipRows['lines'],
): SlipRows => ({
  place: {
    merchant_name: row.merchant_name,
    merchant_phone: row.merchant_phone,
    store_name: row.store_name,
    store_address: row.store_address,
    store_phone: row.store_phone,
    sandbox: row.sandbox,
    training: row.training,
  },
  terminal: row.terminal,
  cashier: row.cashier,
  sale: {
    sale_no: row.sale_no,
    order_fen: row.order_fen,
    discount_fen: row.discount_fen,
    paid_fen: row.sale_paid_fen,
    created_at: row.sale_created_at,
  },
  payment: row,
  refund: row,
  attempts,
  lines,
})

type RefundRow = SlipRows['place'] &
  SlipRows['payment'] &
  SlipRows['refund'] & {
    terminal: string | null
    cashier: string | null
    sale_no: string
    order_fen: SlipRows['sale']['order_fen']
    discount_fen: SlipRows['sale']['discount_fen']
    sale_paid_fen: SlipRows['sale']['paid_fen']
    sale_created_at: Date
  }

async function readRefundRows(tx: Tx, refundNos: readonly string[]): Promise<RefundRow[]> {
  const { rows } = await sql<RefundRow>`
    select m.name as merchant_name, m.phone as merchant_phone,
           st.name as store_name, st.address as store_address, st.phone as store_phone,
           c.sandbox, m.settings @> '{"training": true}' as training,
           t.name as terminal, w.name as cashier,
           s.sale_no, s.order_fen, s.discount_fen, s.paid_fen as sale_paid_fen, s.created_at as sale_created_at,
           p.channel, p.paid_fen, p.refunded_fen, p.payer_masked, p.paid_at,
           r.refund_no, r.state, r.amount_fen, r.fee_kept_fen, r.reason_code, r.created_at, r.settled_at
      from refund r
      join payment p on p.tenant_id = r.tenant_id and p.payment_no = r.payment_no
      join channel_account c on c.tenant_id = p.tenant_id and c.account_no = p.account_no
      join sale s on s.tenant_id = r.tenant_id and s.sale_no = r.sale_no
      join merchant m on m.tenant_id = r.tenant_id
      left join store st on st.tenant_id = r.tenant_id and st.store_no = coalesce(r.store_no, s.store_no)
      left join terminal t on t.tenant_id = r.tenant_id and t.terminal_no = coalesce(r.terminal_no, s.terminal_no)
      left join staff w on w.tenant_id = r.tenant_id and w.staff_no = coalesce(r.requested_by, s.staff_no)
     where r.refund_no = any(${refundNos})`.execute(tx)
  return rows
}

/** Whose it is. */
type OfRefund = { readonly refund_no: string }

function readAttempts(tx: Tx, refundNos: readonly string[]): Promise<(SlipAttempt & OfRefund)[]> {
  return tx
    .selectFrom('attempt')
    .select([
      'refund_no',
      'kind',
      'state',
      'reopened',
      'waiting',
      'first_send_at',
      'channel_time',
      'settled_at',
      'destination',
      'destination_text',
      'payer_fen',
    ])
    .where('refund_no', '=', sql<string>`any(${refundNos})`)
    .orderBy('refund_no')
    .orderBy('seq')
    .execute() as Promise<(SlipAttempt & OfRefund)[]>
}

async function readSlipLines(
  tx: Tx,
  refundNos: readonly string[],
): Promise<(SlipRows['lines'][number] & OfRefund)[]> {
  const { rows } = await sql<SlipRows['lines'][number] & OfRefund>`
    select l.refund_no, i.name, l.quantity, l.fen
      from refund_item l
      join sale_item i on i.tenant_id = l.tenant_id and i.sale_no = l.sale_no and i.line = l.line
     where l.refund_no = any(${refundNos}) and not l.let_go
     order by l.refund_no, l.line`.execute(tx)
  return rows
}

export type RefundSlipRow = {
  refund_no: string
  event_seq: number
  kind: RefundKindSlip['kind']
  facts: StoredSlipFacts
  at: Date
}

/** One event leaves one slip, however often its job runs. @returns those written now, as `number/place`. */
export async function insertRefundSlips(
  tx: Tx,
  tenant: number,
  slips: readonly RefundSlipRow[],
): Promise<ReadonlySet<string>> {
  if (slips.length === 0) return new Set()
  const { rows } = await sql<{ refund_no: string; event_seq: number }>`
    insert into refund_slip (tenant_id, refund_no, event_seq, kind, facts, at)
    select ${tenant}::integer, refund_no, event_seq, kind, facts, at
      from json_to_recordset(${JSON.stringify(slips)}::json) as r(
           refund_no text, event_seq integer, kind text, facts jsonb, at timestamptz)
     order by refund_no, event_seq
    on conflict do nothing
    returning refund_no, event_seq`.execute(tx)
  return new Set(rows.map((row) => `${row.refund_no}/${row.event_seq}`))
}

/** Newest first. */
export function readRefundSlips(tx: Tx, refundNo: string): Promise<RefundSlipRow[]> {
  return tx
    .selectFrom('refund_slip')
    .select(['refund_no', 'event_seq', 'kind', 'facts', 'at'])
    .where('refund_no', '=', refundNo)
    .orderBy('event_seq', 'desc')
    .execute() as unknown as Promise<RefundSlipRow[]>
}
