import { sql } from 'kysely'
import type { Tx } from '../db/connect.ts'

export type NewIncident = {
  readonly kind: string
  readonly payment_no: string | null
  readonly refund_no: string | null
  /** Only where it is about a channel account as a whole. */
  readonly account_no?: string
  readonly detail: { readonly [key: string]: unknown }
}

export type OpenedIncident = { readonly kind: string; readonly refund_no: string | null }

/**
 * Opens incidents; one of the same kind on the same thing that is still open stays the only one.
 * @returns those that were opened.
 */
export async function insertIncidents(
  tx: Tx,
  tenant: number,
  rows: readonly NewIncident[],
  at: Date,
): Promise<OpenedIncident[]> {
  if (rows.length === 0) return []
  const opened = await sql<OpenedIncident>`
    insert into incident (tenant_id, kind, payment_no, refund_no, account_no, detail, at)
    select ${tenant}::integer, kind, payment_no, refund_no, account_no, detail, ${at}::timestamptz
      from json_to_recordset(${JSON.stringify(rows)}::json) as r(
           kind text, payment_no text, refund_no text, account_no text, detail jsonb)
    on conflict do nothing
    returning kind, refund_no`.execute(tx)
  return opened.rows
}

/** Ended by themselves, when what they tell of is over; no person closes them. */
const PASSING = ['channel_down', 'unclear_long', 'cash_unanswered'] as const
export type PassingKind = (typeof PASSING)[number]

/** Closes what has passed: of a refund, of a payment itself, or of an account. */
export async function endIncidents(
  tx: Tx,
  rows: readonly {
    readonly kind: PassingKind
    readonly payment_no?: string
    readonly refund_no?: string
    readonly account_no?: string
  }[],
  at: Date,
): Promise<void> {
  if (rows.length === 0) return
  await sql`
    update incident i set closed_at = ${at}::timestamptz, closed_by = 'system'
      from json_to_recordset(${JSON.stringify(rows)}::json) as r(
           kind text, payment_no text, refund_no text, account_no text)
     where i.closed_at is null and i.kind = r.kind and i.refund_no is not distinct from r.refund_no
       and i.account_no is not distinct from r.account_no
       and (r.payment_no is null or i.payment_no = r.payment_no)`.execute(tx)
}

/** Closes one kind on a payment: somebody has decided what it tells of. */
export async function closeIncident(
  tx: Tx,
  of: { readonly kind: 'paid_after_closing'; readonly payment_no: string },
  by: string,
  at: Date,
): Promise<void> {
  await tx
    .updateTable('incident')
    .set({ closed_at: at, closed_by: by })
    .where('payment_no', '=', of.payment_no)
    .where('kind', '=', of.kind)
    .where('closed_at', 'is', null)
    .execute()
}

export async function closeIncidents(
  tx: Tx,
  paymentNo: string,
  by: string,
  at: Date,
): Promise<void> {
  await tx
    .updateTable('incident')
    .set({ closed_at: at, closed_by: by })
    .where('payment_no', '=', paymentNo)
    .where('kind', 'not in', PASSING)
    .where('closed_at', 'is', null)
    .execute()
}
