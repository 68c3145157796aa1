/** Refunds as they are shown, with their lines and attempts. Read only; nothing of who drives them. */
import { sql, type RawBuilder } from 'kysely'
import type { Tx } from '../db/connect.ts'
import type { AttemptKind, AttemptState } from '../domain/attempt.ts'
import type { Fen } from '../domain/money.ts'
import type { Remedy, WaitReason } from '../domain/outcome.ts'
import { UNFINISHED_STATES, type RefundState } from '../domain/refund.ts'
import type { ItemStanding } from '../domain/sale.ts'

export type RefundLineFacts = {
  line: number
  name: string
  quantity: number
  fen: Fen
  standing: ItemStanding
}

/** Times are text here: rows inside a row come as JSON. */
export type AttemptFacts = {
  seq: number
  kind: AttemptKind
  state: AttemptState
  waiting: WaitReason | null
  reopened: boolean
  stopped: boolean
  channel_number: string
  channel_no: string | null
  amount_fen: Fen
  destination: string | null
  destination_text: string | null
  payer_fen: Fen | null
  remedy: Remedy | null
  last_code: string | null
  first_send_at: string | null
  created_at: string
  settled_at: string | null
}

export type RefundFacts = {
  refund_no: string
  payment_no: string
  sale_no: string
  state: RefundState
  method: 'original' | 'cash'
  amount_fen: Fen
  fee_kept_fen: Fen
  reason_code: string
  note_ref: number | null
  store_no: string | null
  terminal_no: string | null
  requested_by: string | null
  send_at: Date | null
  send_reason: string | null
  ended_reason: string | null
  replaces: string | null
  outside: boolean
  event_seq: number
  created_at: Date
  settled_at: Date | null
  lines: readonly RefundLineFacts[]
  attempts: readonly AttemptFacts[]
}

export async function findRefund(tx: Tx, refundNo: string): Promise<RefundFacts | null> {
  return (await findRefunds(tx, [refundNo]))[0] ?? null
}

export const findRefunds = (tx: Tx, refundNos: readonly string[]): Promise<RefundFacts[]> =>
  select(tx, sql`r.refund_no = any(${refundNos})`, sql``)

/** In the order they were asked for. */
export const refundsOfSales = (tx: Tx, saleNos: readonly string[]): Promise<RefundFacts[]> =>
  select(tx, sql`r.sale_no = any(${saleNos})`, sql`order by r.created_at, r.refund_no`)

/** A place in the list of refunds, newest first. */
export type RefundPlace = { readonly at: Date; readonly no: string }

/** Nulls: not asked for. Place and person are those of the request; the times, inclusive, are when it was made. */
export type RefundList = {
  readonly state: RefundState | null
  readonly unfinished: boolean
  readonly terminalNo: string | null
  readonly staffNo: string | null
  readonly storeNo: string | null
  readonly from: Date | null
  readonly to: Date | null
  readonly after: RefundPlace | null
  readonly most: number
}

/** The page after a place. */
export async function listRefunds(tx: Tx, want: RefundList): Promise<RefundFacts[]> {
  return (await refundList(want).execute(tx)).rows
}

// In the text and not as a value: only then does the planner see that the index of unfinished refunds holds them all.
const UNFINISHED = sql`r.state in (${sql.join(UNFINISHED_STATES.map((state) => sql.lit(state)))})`

export function refundList(want: RefundList): RawBuilder<RefundFacts> {
  const { state, terminalNo, staffNo, storeNo, from, to, after } = want
  const unfinished = want.unfinished || (state !== null && UNFINISHED_STATES.includes(state))
  const conditions = [
    sql`true`,
    ...(unfinished ? [UNFINISHED] : []),
    ...(state === null ? [] : [sql`r.state = ${state}`]),
    ...(terminalNo === null ? [] : [sql`r.terminal_no = ${terminalNo}`]),
    ...(staffNo === null ? [] : [sql`r.requested_by = ${staffNo}`]),
    ...(storeNo === null ? [] : [sql`r.store_no = ${storeNo}`]),
    ...(from === null ? [] : [sql`r.created_at >= ${from}::timestamptz`]),
    ...(to === null ? [] : [sql`r.created_at <= ${to}::timestamptz`]),
    ...(after === null
      ? []
      : [sql`(r.created_at, r.refund_no) < (${after.at}::timestamptz, ${after.no}::text)`]),
  ]
  return selection(
    sql.join(conditions, sql` and `),
    sql`order by r.created_at desc, r.refund_no desc limit ${want.most}`,
  )
}

async function select(
  tx: Tx,
  where: RawBuilder<unknown>,
  tail: RawBuilder<unknown>,
): Promise<RefundFacts[]> {
  return (await selection(where, tail).execute(tx)).rows
}

const selection = (
  where: RawBuilder<unknown>,
  tail: RawBuilder<unknown>,
): RawBuilder<RefundFacts> => sql<RefundFacts>`
    select r.refund_no, r.payment_no, r.sale_no, r.state, r.method, r.amount_fen, r.fee_kept_fen, r.reason_code,
           r.note_ref, r.store_no, r.terminal_no, r.requested_by, r.send_at, r.send_reason, r.ended_reason, r.replaces,
           r.outside, r.event_seq, r.created_at, r.settled_at,
           coalesce((select json_agg(json_build_object(
                       'line', l.line, 'name', i.name, 'quantity', l.quantity, 'fen', l.fen,
                       'standing', l.standing) order by l.line)
                       from refund_item l join sale_item i on i.sale_no = l.sale_no and i.line = l.line
                      where l.refund_no = r.refund_no and not l.let_go), '[]') as lines,
           coalesce((select json_agg(json_build_object(
                       'seq', a.seq, 'kind', a.kind, 'state', a.state, 'waiting', a.waiting,
                       'reopened', a.reopened, 'stopped', a.stopped_by is not null,
                       'channel_number', a.channel_number, 'channel_no', a.channel_no,
                       'amount_fen', a.amount_fen, 'destination', a.destination,
                       'destination_text', a.destination_text, 'payer_fen', a.payer_fen,
                       'remedy', a.remedy, 'last_code', a.last_code, 'first_send_at', a.first_send_at,
                       'created_at', a.created_at, 'settled_at', a.settled_at) order by a.seq)
                       from attempt a where a.refund_no = r.refund_no), '[]') as attempts
      from refund r where ${where} ${tail}`
