/** What shifts and days are added up from. One statement, so that what stands on one paper fits together. Read only. */
import { sql, type RawBuilder } from 'kysely'
import type { Tx } from '../db/connect.ts'
import type { ReportRows } from '../domain/shift.ts'
import type { ShiftRow } from './shifts.ts'

/** Whose rows: of one terminal's shift, or of a store's day. `to` is not part of it; null: no end yet. */
export type ReportWish = { readonly from: Date; readonly to: Date | null } & (
  | { readonly kind: 'shift'; readonly terminalNo: string; readonly shiftNo: string }
  | { readonly kind: 'day'; readonly storeNo: string }
)

/** @param to its end; null while it is open. */
export const shiftReport = (row: ShiftRow, to: Date | null): ReportWish => ({
  kind: 'shift',
  terminalNo: row.terminal_no,
  shiftNo: row.shift_no,
  from: row.opened_at,
  to,
})

/** Refunds to go on with that are listed; more would be a paper nobody reads. */
const UNFINISHED_MAX = 50

/**
 * Payments by when they were paid, those that are unclear by when they were begun; refunds by when they were asked for, and as they stand now; cash of a
 * shift by the drawer it left, of a day by when it left. What is unfinished is of any time.
 */
export async function readReportRows(tx: Tx, wish: ReportWish): Promise<ReportRows> {
  const { rows } = await sql<ReportRows>`
    with unfinished as (
      select r.refund_no, r.created_at, o.kind as open_kind,
             json_build_object('no', r.refund_no, 'payment', r.payment_no, 'fen', r.amount_fen, 'state', r.state,
                               'open', ${OPEN_PART}, 'since', r.created_at) as row,
             row_number() over (order by r.created_at, r.refund_no) as place
        from refund r
        join sale s on s.tenant_id = r.tenant_id and s.sale_no = r.sale_no
        left join lateral (${OPEN_ATTEMPT}) o on true
       where r.state in ('requested', 'awaiting_goods', 'approved', 'sending', 'owed') and ${refundIsOf(wish)}
    )
    select (${paymentGroups(wish)}) as payments,
           (${refundGroups(wish)}) as refunds,
           (${cashGroups(wish)}) as cash,
           (select json_build_object(
                     'count', count(*),
                     'rows', coalesce(json_agg(row order by place) filter (where place <= ${UNFINISHED_MAX}), '[]'))
              from unfinished) as unfinished,
           (select coalesce(json_agg(row order by place), '[]')
              from unfinished where open_kind = 'cash') as "cashNotAnswered"`.execute(tx)
  const [row] = rows
  if (!row) throw new Error('a report was not read')
  return row
}

const paymentGroups = (wish: ReportWish): RawBuilder<unknown> => sql`
  select coalesce(json_agg(g), '[]') from (
    select s.terminal_no as terminal, p.channel, p.state, count(*) as count, sum(p.paid_fen)::bigint as fen
      from payment p
      join sale s on s.tenant_id = p.tenant_id and s.sale_no = p.sale_no
     where ${paidWithin(wish)} and s.source = 'till'
       and ${wish.kind === 'shift' ? sql`s.terminal_no = ${wish.terminalNo}` : sql`s.store_no = ${wish.storeNo}`}
     group by 1, 2, 3 order by 1, 2, 3) g`

// The money counts once for each success, as in the books.
const refundGroups = (wish: ReportWish): RawBuilder<unknown> => sql`
  select coalesce(json_agg(g), '[]') from (
    select r.terminal_no as terminal,
           case when coalesce(w.kind = 'cash', r.method = 'cash') then 'cash' else p.channel end as channel,
           r.state, count(*) as count, sum(r.amount_fen * greatest(1, w.successes))::bigint as fen,
           case when o.kind is null then null
                else json_build_object('kind', o.kind, 'state', o.state, 'waiting', o.waiting,
                                       'first_send_at', min(o.first_send_at)) end as open
      from refund r
      join sale s on s.tenant_id = r.tenant_id and s.sale_no = r.sale_no
      join payment p on p.tenant_id = r.tenant_id and p.payment_no = r.payment_no
      left join lateral (${OPEN_ATTEMPT}) o on true
      left join lateral (${WAY_OF_REFUND}) w on true
     where ${within(sql`r.created_at`, wish)} and ${refundIsOf(wish)}
     group by r.terminal_no, 2, r.state, o.kind, o.state, o.waiting, o.first_send_at is null
     order by r.terminal_no, 2, r.state) g`

const cashGroups = (wish: ReportWish): RawBuilder<unknown> => sql`
  select coalesce(json_agg(g), '[]') from (
    select h.terminal_no as terminal, count(*) as count, sum(a.amount_fen)::bigint as fen
      from cash_handout h
      join attempt a on a.tenant_id = h.tenant_id and a.refund_no = h.refund_no and a.seq = h.seq
      join refund r on r.tenant_id = h.tenant_id and r.refund_no = h.refund_no
      left join terminal t on t.tenant_id = h.tenant_id and t.terminal_no = h.terminal_no
     where ${
       wish.kind === 'shift'
         ? sql`h.shift_no = ${wish.shiftNo}`
         : sql`${within(sql`h.at`, wish)} and coalesce(t.store_no, r.store_no) = ${wish.storeNo}`
     }
     group by 1 order by 1) g`

/**
 * A day is the channel's, as on its statement. A shift is a person's, by our clock: the channel's time may lie a little
 * before the payment was begun, since it knows whole seconds and has a clock of its own.
 */
function paidWithin(wish: ReportWish): RawBuilder<unknown> {
  const paidAt = sql`coalesce(p.paid_at, p.created_at)`
  if (wish.kind === 'day') return within(paidAt, wish)
  const indexed = new Date(wish.from.getTime() - CHANNEL_CLOCK_BEHIND_MAX_MS)
  return sql`${paidAt} >= ${indexed}::timestamptz and ${within(sql`greatest(${paidAt}, p.created_at)`, wish)}`
}

const CHANNEL_CLOCK_BEHIND_MAX_MS = 3_600_000

const within = (at: RawBuilder<unknown>, { from, to }: ReportWish): RawBuilder<unknown> =>
  sql`${at} >= ${from}::timestamptz and ${at} < coalesce(${to}::timestamptz, 'infinity')`

// A refund made at the channel knows no store; its sale does.
const refundIsOf = (wish: ReportWish): RawBuilder<unknown> =>
  wish.kind === 'shift'
    ? sql`r.terminal_no = ${wish.terminalNo}`
    : sql`coalesce(r.store_no, s.store_no) = ${wish.storeNo}`

const OPEN_ATTEMPT = sql`
  select a.kind, a.state, a.waiting, a.first_send_at from attempt a
   where a.tenant_id = r.tenant_id and a.refund_no = r.refund_no
     and a.state in ('submitted', 'processing', 'stuck')
   order by a.seq limit 1`

const OPEN_PART = sql`
  case when o.kind is null then null
       else json_build_object('kind', o.kind, 'state', o.state, 'waiting', o.waiting,
                              'first_send_at', o.first_send_at) end`

/** The attempt that paid, else the last one, says by which way the money goes. */
const WAY_OF_REFUND = sql`
  select (array_agg(a.kind order by a.state = 'succeeded' desc, a.seq desc))[1] as kind,
         count(*) filter (where a.state = 'succeeded') as successes
    from attempt a where a.tenant_id = r.tenant_id and a.refund_no = r.refund_no`
