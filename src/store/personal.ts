/** Encrypted personal data and the keys of its subjects. */
import { sql } from 'kysely'
import type { Tx } from '../db/connect.ts'

/** Keys of subjects that have one already stay as they are. */
export async function insertSubjectKeys(
  tx: Tx,
  tenant: number,
  rows: readonly { subject: string; wrapped: Buffer }[],
): Promise<void> {
  const json = JSON.stringify(rows.map((row) => ({ ...row, wrapped: row.wrapped.toString('hex') })))
  await sql`
    insert into subject_key (tenant_id, subject, wrapped)
    select ${tenant}::integer, subject, decode(wrapped, 'hex')
      from json_to_recordset(${json}::json) as r(subject text, wrapped text)
    on conflict do nothing`.execute(tx)
}

export function readSubjectKeys(
  tx: Tx,
  subjects: readonly string[],
): Promise<{ subject: string; wrapped: Buffer }[]> {
  return tx
    .selectFrom('subject_key')
    .select(['subject', 'wrapped'])
    .where('subject', '=', sql<string>`any(${subjects})`)
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
    .where('ref', '=', sql<number>`any(${refs})`)
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
  const json = JSON.stringify(
    rows.map((row) => ({
      ...row,
      salt: row.salt.toString('hex'),
      commitment: row.commitment.toString('hex'),
      ciphertext: row.ciphertext.toString('hex'),
    })),
  )
  const inserted = await sql<{ ref: number }>`
    insert into personal (tenant_id, subject, kind, salt, commitment, ciphertext, at)
    select tenant_id, subject, kind, decode(salt, 'hex'), decode(commitment, 'hex'),
           decode(ciphertext, 'hex'), at
      from rows from (json_to_recordset(${json}::json) as (
           tenant_id integer, subject text, kind text, salt text, commitment text, ciphertext text,
           at timestamptz)) with ordinality
     order by ordinality
    returning ref`.execute(tx)
  return inserted.rows.map((row) => row.ref)
}
