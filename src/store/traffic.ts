/** What flows to a channel account, one row for all nodes: the budget of this second, and whether the channel answers. */
import { sql } from 'kysely'
import type { Db, Tx } from '../db/connect.ts'
import type { Health } from '../domain/breaker.ts'
import type { AttemptKey } from './attempts.ts'

export type Wanted = { readonly account_no: string; readonly sends: number; readonly asks: number }

export type TrafficRow = Health & {
  account_no: string
  /** Of this second, before these wishes. */
  sends: number
  asks: number
  errors: number
}

/** Notes the turns that accounts want in this second; in a transaction of its own, which does not wait for the disk. */
export async function wantTurns(
  db: Db,
  tenant: number,
  wanted: readonly Wanted[],
): Promise<TrafficRow[]> {
  const { rows } = await sql<TrafficRow>`
    select account_no, sent - sends as sends, asked - asks as asks, errors, failures,
           failing_since as "failingSince", probe_at as "probeAt"
      from want_turns(${tenant}, ${JSON.stringify(wanted)}::json)
      join json_to_recordset(${JSON.stringify(wanted)}::json) as r(account_no text, sends integer, asks integer)
           using (account_no)`.execute(db)
  return rows
}

/**
 * Attempts that found the budget spent: let go, and due again at `at`. One that was never sent says what it waits for.
 * Those that somebody else holds by now, or that were settled meanwhile, are left alone.
 */
export async function putOff(
  tx: Tx,
  rows: readonly (AttemptKey & { fence: number })[],
  at: Date,
): Promise<void> {
  await sql`
    update attempt a
       set due_at = ${at}::timestamptz, lease_until = null,
           waiting = case when a.first_send_at is null then 'rate' else a.waiting end
      from json_to_recordset(${JSON.stringify(rows)}::json) as r(refund_no text, seq integer, fence integer)
     where a.refund_no = any(${rows.map((row) => row.refund_no)})
       and a.refund_no = r.refund_no and a.seq = r.seq and a.fence = r.fence and a.due_at is not null`.execute(
    tx,
  )
}

/** Locks the account's row. Null when nothing ever flowed. */
export async function lockHealth(tx: Tx, accountNo: string): Promise<Health | null> {
  const { rows } = await sql<Health>`
    select failures, failing_since as "failingSince", probe_at as "probeAt"
      from account_traffic where account_no = ${accountNo} for no key update`.execute(tx)
  return rows[0] ?? null
}

/** @param errors how many answers of this moment were errors; they count against this second's budget. */
export async function saveHealth(
  tx: Tx,
  accountNo: string,
  health: Health,
  errors: number,
): Promise<void> {
  await sql`
    update account_traffic
       set failures = ${health.failures}, failing_since = ${health.failingSince}, probe_at = ${health.probeAt},
           errors = errors + ${errors}::integer
     where account_no = ${accountNo}`.execute(tx)
}

/** Gives the one send that tries whether the channel answers again; the next one may be taken at `next`. */
export async function takeProbe(
  tx: Tx,
  accountNo: string,
  now: Date,
  next: Date,
): Promise<boolean> {
  const { rows } = await sql`
    update account_traffic set probe_at = ${next}::timestamptz
     where account_no = ${accountNo} and probe_at <= ${now}::timestamptz
    returning account_no`.execute(tx)
  return rows.length > 0
}
