/** The dialogue with channels, kept as evidence. */
import { sql } from 'kysely'
import type { Exchange } from '../channels/channel.ts'
import type { Tx } from '../db/connect.ts'

/** PostgreSQL's text holds no NUL; a broken answer may. */
const printable = (text: string): string => text.replaceAll('\u0000', '\ufffd')

export async function insertCalls(
  tx: Tx,
  tenant: number,
  accountNo: string,
  about: { refundNo: string | null; seq: number | null; paymentNo: string | null },
  exchanges: readonly Exchange[],
): Promise<void> {
  const rows = exchanges.map((each) => ({
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
  }))
  await sql`
    insert into channel_call (tenant_id, account_no, refund_no, attempt_seq, payment_no, act, method, url,
                              request_body, status, response_body, response_headers, verified, error, at,
                              took_ms)
    select ${tenant}::integer, ${accountNo}::text, ${about.refundNo}::text, ${about.seq}::integer,
           ${about.paymentNo}::text, act, method, url, request_body, status, response_body,
           response_headers, verified, error, at, took_ms
      from json_to_recordset(${JSON.stringify(rows)}::json) as r(
           act text, method text, url text, request_body text, status integer, response_body text,
           response_headers jsonb, verified text, error text, at timestamptz, took_ms integer)`.execute(
    tx,
  )
}
