/** Terminals that wait for a device to fetch their key. */
import type { Tx } from '../db/connect.ts'

export type NewEnrolment = {
  tenant_id: number
  terminal_no: string
  code_mac: Buffer
  made_by: string | null
  made_at: Date
  expires_at: Date
}

/** In place of an earlier one for the same terminal. */
export async function saveEnrolment(tx: Tx, row: NewEnrolment): Promise<void> {
  const { code_mac, made_by, made_at, expires_at } = row
  await tx
    .insertInto('enrolment')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .columns(['tenant_id', 'terminal_no'])
        .doUpdateSet({ code_mac, made_by, made_at, expires_at }),
    )
    .execute()
}

/** Uses the code up: of several devices with one code, one gets the terminal. Null: unknown, used or too old. */
export async function takeEnrolment(tx: Tx, codeMac: Buffer, now: Date): Promise<string | null> {
  const taken = await tx
    .deleteFrom('enrolment')
    .where('code_mac', '=', codeMac)
    .where('expires_at', '>', now)
    .returning('terminal_no')
    .executeTakeFirst()
  return taken?.terminal_no ?? null
}

export async function deleteOldEnrolments(tx: Tx, before: Date): Promise<void> {
  await tx.deleteFrom('enrolment').where('expires_at', '<', before).execute()
}
