import { sql } from 'kysely'
import type { Tx } from '../db/connect.ts'
import type { Transfer } from '../domain/ledger.ts'

export type TransferRow = Transfer & { readonly payment_no: string; readonly refund_no: string }

export async function insertTransfers(
  tx: Tx,
  tenant: number,
  transfers: readonly TransferRow[],
  at: Date,
): Promise<void> {
  if (transfers.length === 0) return
  await sql`
    insert into transfer (tenant_id, payment_no, refund_no, kind, debit, credit, fen, at)
    select ${tenant}::integer, payment_no, refund_no, kind, debit, credit, fen, ${at}::timestamptz
      from json_to_recordset(${JSON.stringify(transfers)}::json) as r(
           payment_no text, refund_no text, kind text, debit text, credit text, fen bigint)`.execute(
    tx,
  )
}
