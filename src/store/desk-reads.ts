/** What supervisors look into: the dialogue with a channel, and what went wrong. Read only. */
import type { Tx } from '../db/connect.ts'

export type CallFacts = {
  id: number
  attempt_seq: number | null
  act: string
  method: string
  url: string
  request_body: string
  status: number | null
  response_body: string | null
  verified: string
  error: string | null
  at: Date
  took_ms: number
}

/** Oldest first, after a place. */
export function callsOfRefund(
  tx: Tx,
  refundNo: string,
  after: number,
  most: number,
): Promise<CallFacts[]> {
  return tx
    .selectFrom('channel_call')
    .select([
      'id',
      'attempt_seq',
      'act',
      'method',
      'url',
      'request_body',
      'status',
      'response_body',
      'verified',
      'error',
      'at',
      'took_ms',
    ])
    .where('refund_no', '=', refundNo)
    .where('id', '>', after)
    .orderBy('id')
    .limit(most)
    .execute()
}

export type IncidentFacts = {
  id: number
  kind: string
  payment_no: string | null
  refund_no: string | null
  account_no: string | null
  detail: unknown
  at: Date
  closed_at: Date | null
  closed_by: string | null
}

/** Newest first, before a place; `open` null: open and closed ones. */
export function listIncidents(
  tx: Tx,
  want: { readonly open: boolean | null; readonly before: number | null; readonly most: number },
): Promise<IncidentFacts[]> {
  let query = tx
    .selectFrom('incident')
    .select([
      'id',
      'kind',
      'payment_no',
      'refund_no',
      'account_no',
      'detail',
      'at',
      'closed_at',
      'closed_by',
    ])
    .orderBy('id', 'desc')
    .limit(want.most)
  if (want.open !== null) query = query.where('closed_at', want.open ? 'is' : 'is not', null)
  if (want.before !== null) query = query.where('id', '<', want.before)
  return query.execute()
}
