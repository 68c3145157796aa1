/** The dialogue with channels, kept as evidence. */
import { sql } from 'kysely'
import type { Exchange } from '../channels/channel.ts'
import type { Tx } from '../db/connect.ts'

/** PostgreSQL's text holds no NUL; a broken answer may. */
const printable = (text: string): string => text.replaceAll('\u0000', '\ufffd')

/** What was said at an account about one thing: an attempt, a payment, or neither. */
export type Calls = {
  readonly accountNo: string
  readonly refundNo: string | null
  readonly seq: number | null
  readonly paymentNo: string | null
  readonly exchanges: readonly Exchange[]
}

export async function insertCalls(tx: Tx, tenant: number, calls: readonly Calls[]): Promise<void> {
  const rows = calls.flatMap(({ accountNo, refundNo, seq, paymentNo, exchanges }) =>
    exchanges.map((each) => ({
      account_no: accountNo,
      refund_no: refundNo,
      attempt_seq: seq,
      payment_no: paymentNo,
      act: each.act,
      method: each.method,
      url: each.url,
      request_body: printable(each.requestBody),
      status: each.status,
      response_body: each.responseBody === null ? null : printable(each.responseBody),
      response_headers: each.responseHeaders,
      verified: each.verified,
      error: each.error,
      at: each.at,
      took_ms: each.tookMs,
    })),
  )
  await sql`
    insert into channel_call (tenant_id, account_no, refund_no, attempt_seq, payment_no, act, method, url,
                              request_body, status, response_body, response_headers, verified, error, at,
                              took_ms)
    select ${tenant}::integer, account_no, refund_no, attempt_seq, payment_no, act, method, url,
           request_body, status, response_body, response_headers, verified, error, at, took_ms
      from json_to_recordset(${JSON.stringify(rows)}::json) as r(
           account_no text, refund_no text, attempt_seq integer, payment_no text, act text, method text,
           url text, request_body text, status integer, response_body text, response_headers jsonb,
           verified text, error text, at timestamptz, took_ms integer)`.execute(tx)
}
