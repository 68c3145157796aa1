/**
 * The standing audit: one set of SQL that derives every counter again from refunds, attempts and transfers, and
 * names each difference. It must find nothing, in production on schedule and after every test.
 */
import { sql } from 'kysely'
import type { Tx } from '../db/connect.ts'

export type Difference = {
  readonly check: string
  readonly payment_no: string | null
  readonly refund_no: string | null
  readonly found: string
  readonly expected: string
}

/** Sales by their numbers: those after the one, up to the other; null: there is no end on that side. */
export type Sales = { readonly after: string | null; readonly upTo: string | null }

/** @returns the last of the next `most` sales after `after`; null: so many are not left. */
export async function lastOfNext(
  tx: Tx,
  after: string | null,
  most: number,
): Promise<string | null> {
  const row = await tx
    .selectFrom('sale')
    .select('sale_no')
    .$if(after !== null, (query) => query.where('sale_no', '>', after ?? ''))
    .orderBy('sale_no')
    .offset(most - 1)
    .limit(1)
    .executeTakeFirst()
  return row?.sale_no ?? null
}

/** Of the transaction's tenant, as a whole. */
export const findDifferences = async (tx: Tx): Promise<Difference[]> => [
  ...(await findSaleDifferences(tx, { after: null, upTo: null })),
  ...(await findShiftDifferences(tx)),
]

/** Of the transaction's tenant: in all that belongs to these sales. */
export async function findSaleDifferences(tx: Tx, { after, upTo }: Sales): Promise<Difference[]> {
  // All rows of a part are looked at, so that its parts are joined as wholes.
  await sql`select set_config('enable_nestloop', 'off', true)`.execute(tx)
  const { rows } = await sql<Difference>`
    with sale as materialized (
      select sale_no from public.sale
       where ${after === null ? sql`true` : sql`sale_no > ${after}`}
         and ${upTo === null ? sql`true` : sql`sale_no <= ${upTo}`}
    ), sale_item as materialized (
      select * from public.sale_item where sale_no = any(array(select sale_no from sale))
    ), payment as materialized (
      select * from public.payment where sale_no = any(array(select sale_no from sale))
    ), refund as materialized (
      select * from public.refund where payment_no = any(array(select payment_no from payment))
    ), refund_item as materialized (
      select * from public.refund_item where refund_no = any(array(select refund_no from refund))
    ), attempt as materialized (
      select * from public.attempt where refund_no = any(array(select refund_no from refund))
    ), transfer as materialized (
      select * from public.transfer where refund_no = any(array(select refund_no from refund))
    ), cash_handout as materialized (
      select * from public.cash_handout where refund_no = any(array(select refund_no from refund))
    ), event as materialized (
      select * from public.event
       where subject = 'refund' and subject_no = any(array(select refund_no from refund))
      union all
      select * from public.event
       where subject = 'payment' and subject_no = any(array(select payment_no from payment))
    ), attempts as (
      select refund_no, count(*) filter (where state = 'succeeded') as successes,
             count(*) filter (where state in ('submitted', 'processing', 'stuck')) as open_ones,
             count(*) as all_of_them, min(amount_fen) as least_fen, max(amount_fen) as most_fen,
             min(payment_no) as payment_no, count(distinct payment_no) as payments
        from attempt group by refund_no
    ), positions as (
      select r.refund_no, r.payment_no, r.state, r.ended_as, r.amount_fen, r.fee_kept_fen, r.attempts as counted,
             a.least_fen, a.most_fen, a.payments, a.payment_no as attempts_payment,
             coalesce(a.successes, 0) as successes, coalesce(a.open_ones, 0) as open_ones,
             coalesce(a.all_of_them, 0) as all_of_them,
             case when coalesce(a.successes, 0) > 0 or r.state in ('closed', 'rejected', 'withdrawn') then 0
                  else r.amount_fen + r.fee_kept_fen end as held,
             r.amount_fen * coalesce(a.successes, 0) as refunded,
             case when coalesce(a.successes, 0) > 0 then r.fee_kept_fen else 0 end as kept
        from refund r left join attempts a on a.refund_no = r.refund_no
    ), sums as (
      select payment_no, sum(held)::bigint as held, sum(refunded)::bigint as refunded, sum(kept)::bigint as kept
        from positions group by payment_no
    ), legs as (
      select payment_no, refund_no, credit as account, fen from transfer
      union all select payment_no, refund_no, debit, -fen from transfer
    ), balances as (
      select payment_no,
             coalesce(sum(fen) filter (where account = 'held'), 0)::bigint as held,
             coalesce(sum(fen) filter (where account in ('channel', 'channel_discount', 'cash')), 0)::bigint as refunded,
             coalesce(sum(fen) filter (where account = 'fee_kept'), 0)::bigint as kept,
             coalesce(-sum(fen) filter (where account = 'excess'), 0)::bigint as excess
        from legs group by payment_no
    ), refund_balances as (
      select refund_no,
             coalesce(sum(fen) filter (where account = 'held'), 0)::bigint as held,
             coalesce(sum(fen) filter (where account in ('channel', 'channel_discount', 'cash')), 0)::bigint as refunded,
             coalesce(sum(fen) filter (where account = 'fee_kept'), 0)::bigint as kept
        from legs group by refund_no
    ), lines as (
      select i.sale_no, i.line,
             coalesce(sum(i.counted_quantity) filter (where i.standing = 'held'), 0)::bigint as held_quantity,
             coalesce(sum(i.counted_fen) filter (where i.standing = 'held'), 0)::bigint as held_fen,
             coalesce(sum(i.counted_quantity) filter (where i.standing = 'refunded'), 0)::bigint as refunded_quantity,
             coalesce(sum(i.counted_fen) filter (where i.standing = 'refunded'), 0)::bigint as refunded_fen
        from refund_item i group by i.sale_no, i.line
    )
    select 'payment_counters' as check, p.payment_no, null as refund_no,
           format('%s/%s/%s', p.held_fen, p.refunded_fen, p.kept_fen) as found,
           format('%s/%s/%s', coalesce(s.held, 0), coalesce(s.refunded, 0), coalesce(s.kept, 0)) as expected
      from payment p left join sums s on s.payment_no = p.payment_no
     where (p.held_fen, p.refunded_fen, p.kept_fen)
           is distinct from (coalesce(s.held, 0), coalesce(s.refunded, 0), coalesce(s.kept, 0))
    union all
    select 'payment_excess', p.payment_no, null, p.excess_fen::text,
           greatest(0, p.held_fen + p.refunded_fen + p.kept_fen - p.paid_fen)::text
      from payment p
     where p.excess_fen <> greatest(0, p.held_fen + p.refunded_fen + p.kept_fen - p.paid_fen)
    union all
    select 'payment_books', p.payment_no, null,
           format('%s/%s/%s/%s', coalesce(b.held, 0), coalesce(b.refunded, 0), coalesce(b.kept, 0), coalesce(b.excess, 0)),
           format('%s/%s/%s/%s', p.held_fen, p.refunded_fen, p.kept_fen, p.excess_fen)
      from payment p left join balances b on b.payment_no = p.payment_no
     where (coalesce(b.held, 0), coalesce(b.refunded, 0), coalesce(b.kept, 0), coalesce(b.excess, 0))
           is distinct from (p.held_fen, p.refunded_fen, p.kept_fen, p.excess_fen)
    union all
    select 'refund_books', r.payment_no, r.refund_no,
           format('%s/%s/%s', coalesce(b.held, 0), coalesce(b.refunded, 0), coalesce(b.kept, 0)),
           format('%s/%s/%s', r.held, r.refunded, r.kept)
      from positions r left join refund_balances b on b.refund_no = r.refund_no
     where (coalesce(b.held, 0), coalesce(b.refunded, 0), coalesce(b.kept, 0))
           is distinct from (r.held, r.refunded, r.kept)
    union all
    select 'refund_state', r.payment_no, r.refund_no, r.state,
           case when r.successes > 0 then 'succeeded' when r.ended_as is not null then r.ended_as
                when r.open_ones > 0 then 'sending' else 'owed' end
      from positions r
     where r.all_of_them > 0
       and r.state <> case when r.successes > 0 then 'succeeded'
                           when r.ended_as is not null then r.ended_as
                           when r.open_ones > 0 then 'sending' else 'owed' end
    union all
    select 'refund_without_attempt', r.payment_no, r.refund_no, r.state, 'no state that needs an attempt'
      from positions r where r.all_of_them = 0 and r.state in ('sending', 'succeeded', 'owed')
    union all
    select 'item_counters', null, i.sale_no || '/' || i.line,
           format('%s/%s/%s/%s', i.held_quantity, i.held_fen, i.refunded_quantity, i.refunded_fen),
           format('%s/%s/%s/%s', coalesce(l.held_quantity, 0), coalesce(l.held_fen, 0),
                  coalesce(l.refunded_quantity, 0), coalesce(l.refunded_fen, 0))
      from sale_item i left join lines l on l.sale_no = i.sale_no and l.line = i.line
     where (i.held_quantity::bigint, i.held_fen, i.refunded_quantity::bigint, i.refunded_fen)
           is distinct from (coalesce(l.held_quantity, 0), coalesce(l.held_fen, 0),
                             coalesce(l.refunded_quantity, 0), coalesce(l.refunded_fen, 0))
    union all
    select 'open_attempt_unwatched', a.payment_no, a.refund_no, 'no due time', 'a due time'
      from attempt a
     where a.state in ('submitted', 'processing', 'stuck') and a.due_at is null and a.kind <> 'cash'
    union all
    select 'unclear_payment_unwatched', p.payment_no, null, 'no due time', 'a due time'
      from payment p
     where p.state in ('created', 'submitted', 'waiting', 'reversing') and p.due_at is null
    union all
    select 'attempt_count', r.payment_no, r.refund_no, r.counted::text, r.all_of_them::text
      from positions r where r.counted <> r.all_of_them
    union all
    select 'attempt_terms', r.payment_no, r.refund_no,
           format('%s..%s of %s', r.least_fen, r.most_fen, r.attempts_payment),
           format('%s of %s', r.amount_fen, r.payment_no)
      from positions r
     where r.all_of_them > 0
       and (r.least_fen, r.most_fen, r.payments, r.attempts_payment)
           is distinct from (r.amount_fen, r.amount_fen, 1::bigint, r.payment_no)
    union all
    select 'cash_handout', a.payment_no, a.refund_no, 'in no drawer''s books', 'a drawer that it left'
      from attempt a
     where a.kind = 'cash' and a.state = 'succeeded'
       and not exists (select from cash_handout h where h.refund_no = a.refund_no and h.seq = a.seq)
    union all
    select 'cash_handout', a.payment_no, a.refund_no, format('handed out, and %s', a.state), 'cash that was paid'
      from cash_handout h join attempt a on a.refund_no = h.refund_no and a.seq = h.seq
     where a.kind <> 'cash' or a.state <> 'succeeded'
    union all
    select 'refund_count', p.payment_no, null, p.refund_count::text, count(a.seq)::text
      from payment p left join attempt a on a.payment_no = p.payment_no and a.kind <> 'cash'
     group by p.payment_no, p.refund_count
    having p.refund_count <> count(a.seq)
    union all
    select 'item_standing', r.payment_no, r.refund_no, i.line || ' ' || i.standing,
           case when i.let_go then 'none' when r.refunded > 0 then 'refunded'
                when r.held > 0 then 'held' else 'none' end
      from refund_item i join positions r on r.refund_no = i.refund_no
     where i.standing <> case when i.let_go then 'none' when r.refunded > 0 then 'refunded'
                              when r.held > 0 then 'held' else 'none' end
    union all
    select 'event_head', h.payment_no, h.refund_no, format('%s %s', h.event_seq, encode(h.event_head, 'hex')),
           format('%s %s', coalesce(e.seq, 0), encode(e.hash, 'hex'))
      from (select 'refund' as subject, refund_no as no, payment_no, refund_no, event_seq, event_head from refund
            union all
            select 'payment', payment_no, payment_no, null, event_seq, event_head from payment) h
      left join (select distinct on (subject, subject_no) subject, subject_no, seq, hash
                   from event order by subject, subject_no, seq desc) e
             on e.subject = h.subject and e.subject_no = h.no
     where (h.event_seq, h.event_head) is distinct from (coalesce(e.seq, 0), e.hash)
    union all
    select 'event_chain', case when l.subject = 'payment' then l.subject_no end,
           case when l.subject = 'refund' then l.subject_no end,
           format('%s after %s', l.seq, l.seq_before), 'each event after the one before it, as it was sealed'
      from (select subject, subject_no, seq, prev, hash, body,
                   lag(seq, 1, 0) over chain as seq_before, lag(hash) over chain as hash_before
              from event window chain as (partition by subject, subject_no order by seq)) l
     where l.seq <> l.seq_before + 1 or l.prev is distinct from l.hash_before
        -- As evidence.leafHash: a zero byte, then the words.
        or l.hash <> sha256(decode('00', 'hex') || convert_to(l.body, 'UTF8'))`.execute(tx)
  return rows
}

/** Of the transaction's tenant: shifts that were closed with other cash than left their drawers. */
export async function findShiftDifferences(tx: Tx): Promise<Difference[]> {
  const { rows } = await sql<Difference>`
    select 'shift_cash' as check, null as payment_no, null as refund_no,
           format('%s expects %s', s.shift_no, s.expected_fen) as found,
           format('%s', s.opening_fen - coalesce(sum(a.amount_fen), 0)) as expected
      from shift s
      left join cash_handout h on h.shift_no = s.shift_no
      left join attempt a on a.refund_no = h.refund_no and a.seq = h.seq
     where s.closed_at is not null
     group by s.tenant_id, s.shift_no, s.expected_fen, s.opening_fen
    having s.expected_fen <> s.opening_fen - coalesce(sum(a.amount_fen), 0)`.execute(tx)
  return rows
}

/** Freezes a payment whose counters do not add up: nothing may be asked of it or sent until a person looked. @returns whether it was free before. */
export async function blockPayment(tx: Tx, paymentNo: string, reason: string): Promise<boolean> {
  const row = await tx
    .updateTable('payment')
    .set({ blocked: reason })
    .where('payment_no', '=', paymentNo)
    .where('blocked', 'is', null)
    .returning('payment_no')
    .executeTakeFirst()
  return row !== undefined
}
