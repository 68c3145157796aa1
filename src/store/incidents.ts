import { sql } from 'kysely'
import type { Tx } from '../db/connect.ts'

export type NewIncident = {
  readonly kind: string
  readonly payment_no: string | null
  readonly refund_no: string | null
  readonly detail: { readonly [key: string]: unknown }
}

/** Opens incidents; one of the same kind on the same thing that is still open stays the only one. */
export async function insertIncidents(
  tx: Tx,
  tenant: number,
  rows: readonly NewIncident[],
  at: Date,
): Promise<void> {
  if (rows.length === 0) return
  await sql`
    insert into incident (tenant_id, kind, payment_no, refund_no, detail, at)
    select ${tenant}::integer, kind, payment_no, refund_no, detail, ${at}::timestamptz
      from json_to_recordset(${JSON.stringify(rows)}::json) as r(
           kind text, payment_no text, refund_no text, detail jsonb)
    on conflict do nothing`.execute(tx)
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
    .where('closed_at', 'is', null)
    .execute()
}
