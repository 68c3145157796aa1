/** People as they work at a terminal. */
import { sql } from 'kysely'
import type { Tx } from '../db/connect.ts'
import type { Fen } from '../domain/money.ts'
import type { Rights } from '../domain/rights.ts'
import type { StaffRole } from '../domain/roles.ts'

export type PersonRow = {
  staff_no: string
  name: string
  role: StaffRole
  store_no: string | null
  rights: Partial<Rights>
}

/** Null for nobody, and for somebody who left. */
export async function findPerson(tx: Tx, staffNo: string): Promise<PersonRow | null> {
  const { rows } = await sql<PersonRow>`
    select staff_no, name, role, store_no, rights from staff
     where staff_no = ${staffNo} and left_at is null`.execute(tx)
  return rows[0] ?? null
}

/** Who may sign in at a terminal of the store: with a PIN, of this store or of all. */
export async function listPeopleAt(tx: Tx, storeNo: string): Promise<PersonRow[]> {
  const { rows } = await sql<PersonRow>`
    select s.staff_no, s.name, s.role, s.store_no, s.rights
      from staff s join pin p on p.tenant_id = s.tenant_id and p.staff_no = s.staff_no
     where s.left_at is null and (s.store_no is null or s.store_no = ${storeNo})
     order by s.staff_no`.execute(tx)
  return rows
}

/** Of two requests by one person at two terminals, one waits until the other is counted. In the order of their numbers. */
export async function lockPeople(tx: Tx, staffNos: readonly string[]): Promise<void> {
  await sql`
    select from staff where staff_no = any(${staffNos}) order by staff_no for no key update`.execute(
    tx,
  )
}

/** fen of all refunds that each person asked for since then and that did not end without money. */
export async function askedSince(
  tx: Tx,
  staffNos: readonly string[],
  since: Date,
): Promise<ReadonlyMap<string, Fen>> {
  const { rows } = await sql<{ staff_no: string; fen: Fen }>`
    select requested_by as staff_no, sum(amount_fen)::bigint as fen from refund
     where requested_by = any(${staffNos}) and created_at >= ${since}
       and state not in ('rejected', 'withdrawn', 'closed')
     group by requested_by`.execute(tx)
  return new Map(rows.map((row) => [row.staff_no, row.fen]))
}

export type TerminalRow = {
  terminal_no: string
  name: string
  has_printer: boolean
  store_no: string
  /** The merchant's default account moves no real money. */
  sandbox: boolean
}

export async function findTerminal(tx: Tx, terminalNo: string): Promise<TerminalRow | null> {
  const { rows } = await sql<TerminalRow>`
    select terminal_no, name, printer is not null as has_printer, store_no,
           exists (select from channel_account where is_default and sandbox) as sandbox
      from terminal where terminal_no = ${terminalNo}`.execute(tx)
  return rows[0] ?? null
}
