/** Slips on paper: counted before they are sent to the printer. */
import { sql } from 'kysely'
import type { Tx } from '../db/connect.ts'
import type { SlipKey } from '../domain/any-slip.ts'

/** @returns how often this copy was printed before: the number of this reprint, 0 for the first print. */
export async function countPrint(
  tx: Tx,
  tenant: number,
  key: SlipKey,
  facts: unknown,
  at: Date,
): Promise<number> {
  const { rows } = await sql<{ prints: number }>`
    insert into slip (tenant_id, subject_no, kind, copy, facts, prints, at)
    values (${tenant}, ${key.subjectNo}, ${key.kind}, ${key.copy}, ${JSON.stringify(facts)}::jsonb, 1, ${at})
    on conflict (tenant_id, subject_no, kind, copy)
    do update set facts = excluded.facts, prints = slip.prints + 1, at = excluded.at
    returning prints`.execute(tx)
  const [row] = rows
  if (!row) throw new Error('a print was not counted')
  return row.prints - 1
}

/** Takes a print back of which certainly nothing came out. */
export async function uncountPrint(tx: Tx, key: SlipKey): Promise<void> {
  await sql`
    update slip set prints = greatest(0, prints - 1)
     where subject_no = ${key.subjectNo} and kind = ${key.kind} and copy = ${key.copy}`.execute(tx)
}

/** How often this copy of this document was printed. */
export async function readPrints(tx: Tx, key: SlipKey): Promise<number> {
  const row = await tx
    .selectFrom('slip')
    .select('prints')
    .where('subject_no', '=', key.subjectNo)
    .where('kind', '=', key.kind)
    .where('copy', '=', key.copy)
    .executeTakeFirst()
  return row?.prints ?? 0
}
