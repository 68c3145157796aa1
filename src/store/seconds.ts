/** What second persons said yes to: grants at a terminal, and codes given from elsewhere. */
import { sql } from 'kysely'
import type { Tx } from '../db/connect.ts'
import type { Way } from '../domain/actor.ts'

export type NewGrant = {
  tenant_id: number
  grant_hash: Buffer
  staff_no: string
  requested_by: string
  terminal_no: string
  way: Exclude<Way, 'key'>
  binding: Buffer
  made_at: Date
  expires_at: Date
}

export async function insertGrant(tx: Tx, row: NewGrant): Promise<void> {
  await tx.insertInto('second_grant').values(row).execute()
}

/** Of several acts with one grant, the first one's transaction has it. False: not for this, used, or too old. */
export async function useGrant(tx: Tx, hash: Buffer, binding: Buffer, now: Date): Promise<boolean> {
  const used = await tx
    .updateTable('second_grant')
    .set({ used_at: now })
    .where('grant_hash', '=', hash)
    .where('binding', '=', binding)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .returning('staff_no')
    .executeTakeFirst()
  return used !== undefined
}

/** Those not used yet: whoever gave them has another PIN now. */
export async function deleteOpenGrantsOf(tx: Tx, staffNo: string): Promise<void> {
  await tx
    .deleteFrom('second_grant')
    .where('staff_no', '=', staffNo)
    .where('used_at', 'is', null)
    .execute()
}

export async function deleteOldGrants(tx: Tx, before: Date): Promise<void> {
  await tx.deleteFrom('second_grant').where('expires_at', '<', before).execute()
}

export type NewCode = {
  tenant_id: number
  binding: Buffer
  code_mac: Buffer
  staff_no: string
  made_at: Date
  expires_at: Date
}

/** In place of an earlier one for the same claim. */
export async function saveCode(tx: Tx, row: NewCode): Promise<void> {
  const { code_mac, staff_no, made_at, expires_at } = row
  await tx
    .insertInto('approval_code')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .columns(['tenant_id', 'binding'])
        .doUpdateSet({ code_mac, staff_no, made_at, expires_at, failures: 0 }),
    )
    .execute()
}

export type CodeRow = { code_mac: Buffer; staff_no: string; failures: number; expires_at: Date }

/** The code for a claim, under lock. */
export async function lockCode(tx: Tx, binding: Buffer): Promise<CodeRow | null> {
  const { rows } = await sql<CodeRow>`
    select code_mac, staff_no, failures, expires_at from approval_code
     where binding = ${binding} for update`.execute(tx)
  return rows[0] ?? null
}

export async function countWrongCode(tx: Tx, binding: Buffer): Promise<void> {
  await tx
    .updateTable('approval_code')
    .set((at) => ({ failures: at('failures', '+', 1) }))
    .where('binding', '=', binding)
    .execute()
}

export async function deleteCode(tx: Tx, binding: Buffer): Promise<void> {
  await tx.deleteFrom('approval_code').where('binding', '=', binding).execute()
}

export async function deleteCodesOf(tx: Tx, staffNo: string): Promise<void> {
  await tx.deleteFrom('approval_code').where('staff_no', '=', staffNo).execute()
}

export async function deleteOldCodes(tx: Tx, before: Date): Promise<void> {
  await tx.deleteFrom('approval_code').where('expires_at', '<', before).execute()
}
