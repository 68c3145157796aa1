/** Who is signed in at which terminal. */
import type { Tx } from '../db/connect.ts'

export async function insertSession(
  tx: Tx,
  row: {
    tenant_id: number
    token_hash: Buffer
    staff_no: string
    terminal_no: string
    made_at: Date
    expires_at: Date
  },
): Promise<void> {
  await tx.insertInto('session').values(row).execute()
}

/** False: there was none. */
export async function deleteSession(tx: Tx, tokenHash: Buffer): Promise<boolean> {
  const deleted = await tx
    .deleteFrom('session')
    .where('token_hash', '=', tokenHash)
    .returning('staff_no')
    .executeTakeFirst()
  return deleted !== undefined
}

export async function deleteSessionsOf(tx: Tx, staffNo: string): Promise<void> {
  await tx.deleteFrom('session').where('staff_no', '=', staffNo).execute()
}

export async function deleteSessionsAt(tx: Tx, terminalNo: string): Promise<void> {
  await tx.deleteFrom('session').where('terminal_no', '=', terminalNo).execute()
}

export async function deleteOldSessions(tx: Tx, before: Date): Promise<void> {
  await tx.deleteFrom('session').where('expires_at', '<', before).execute()
}
