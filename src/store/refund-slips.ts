/** Slips as they were at an event, and the rows they are made of. */
import { sql } from 'kysely'
import type { Tx } from '../db/connect.ts'
import type { SlipAttempt, SlipRows, StoredSlipFacts } from '../domain/slip-facts.ts'
import type { RefundKindSlip } from '../domain/slip.ts'

/** Everything a refund's slip is made of; null when there is no such refund. */
export async function readSlipRows(tx: Tx, refundNo: string): Promise<SlipRows | null> {
  const row = await readRefundRow(tx, refundNo)
  if (row === null) return null
  return {
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
    attempts: await readAttempts(tx, refundNo),
    lines: await readSlipLines(tx, refundNo),
  }
}

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

async function readRefundRow(tx: Tx, refundNo: string): Promise<RefundRow | null> {
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
     where r.refund_no = ${refundNo}`.execute(tx)
  return rows[0] ?? null
}

function readAttempts(tx: Tx, refundNo: string): Promise<SlipAttempt[]> {
  return tx
    .selectFrom('attempt')
    .select([
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
    .where('refund_no', '=', refundNo)
    .orderBy('seq')
    .execute() as Promise<SlipAttempt[]>
}

async function readSlipLines(tx: Tx, refundNo: string): Promise<SlipRows['lines']> {
  const { rows } = await sql<SlipRows['lines'][number]>`
    select i.name, l.quantity, l.fen
      from refund_item l
      join sale_item i on i.tenant_id = l.tenant_id and i.sale_no = l.sale_no and i.line = l.line
     where l.refund_no = ${refundNo} and not l.let_go
     order by l.line`.execute(tx)
  return rows
}

export type RefundSlipRow = {
  refund_no: string
  event_seq: number
  kind: RefundKindSlip['kind']
  facts: StoredSlipFacts
  at: Date
}

/** One event leaves one slip, however often its job runs. @returns whether it was written now. */
export async function insertRefundSlip(
  tx: Tx,
  row: RefundSlipRow & { tenant_id: number },
): Promise<boolean> {
  const inserted = await tx
    .insertInto('refund_slip')
    .values({ ...row, facts: JSON.stringify(row.facts) })
    .onConflict((conflict) => conflict.doNothing())
    .returning('event_seq')
    .executeTakeFirst()
  return inserted !== undefined
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
