/** Encrypted personal data and the keys of its subjects. */
import type { Tx } from '../db/connect.ts'

/** Keys of subjects that have one already stay as they are. */
export async function insertSubjectKeys(
  tx: Tx,
  tenant: number,
  rows: readonly { subject: string; wrapped: Buffer }[],
): Promise<void> {
  await tx
    .insertInto('subject_key')
    .values(rows.map((row) => ({ tenant_id: tenant, ...row })))
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export function readSubjectKeys(
  tx: Tx,
  subjects: readonly string[],
): Promise<{ subject: string; wrapped: Buffer }[]> {
  return tx
    .selectFrom('subject_key')
    .select(['subject', 'wrapped'])
    .where('subject', 'in', [...subjects])
    .execute()
}

/** Values that are still there; `ciphertext` null: forgotten. */
export function readPersonal(
  tx: Tx,
  refs: readonly number[],
): Promise<{ ref: number; subject: string; kind: string; ciphertext: Buffer | null }[]> {
  return tx
    .selectFrom('personal')
    .select(['ref', 'subject', 'kind', 'ciphertext'])
    .where('ref', 'in', [...refs])
    .execute()
}

/** @returns the places, in the order of the rows. */
export async function insertPersonal(
  tx: Tx,
  rows: readonly {
    tenant_id: number
    subject: string
    kind: string
    salt: Buffer
    commitment: Buffer
    ciphertext: Buffer
    at: Date
  }[],
): Promise<number[]> {
  const inserted = await tx
    .insertInto('personal')
    .values([...rows])
    .returning('ref')
    .execute()
  return inserted.map((row) => row.ref)
}
