/** Names and places for slips. Read only. */
import type { Tx } from '../db/connect.ts'

export type PeopleFacts = {
  readonly terminal: string | null
  readonly printer: string | null
  readonly cashier: string | null
}

/** Names of the terminal and the person; null for what is not known or was given as null. */
export async function readPeople(
  tx: Tx,
  of: { readonly terminalNo: string | null; readonly staffNo: string | null },
): Promise<PeopleFacts> {
  const terminal = await tx
    .selectFrom('terminal')
    .select(['name', 'printer'])
    .where('terminal_no', '=', of.terminalNo ?? '')
    .executeTakeFirst()
  const person = await tx
    .selectFrom('staff')
    .select('name')
    .where('staff_no', '=', of.staffNo ?? '')
    .executeTakeFirst()
  return {
    terminal: terminal?.name ?? null,
    printer: terminal?.printer ?? null,
    cashier: person?.name ?? null,
  }
}
