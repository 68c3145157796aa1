/** PINs, and how often they were guessed wrong. */
import { sql } from 'kysely'
import type { Tx } from '../db/connect.ts'
import type { PinTries } from '../domain/pin.ts'

export async function findPin(tx: Tx, staffNo: string): Promise<string | null> {
  const row = await tx
    .selectFrom('pin')
    .select('hash')
    .where('staff_no', '=', staffNo)
    .executeTakeFirst()
  return row?.hash ?? null
}

/** The PIN, held so that it cannot change before the transaction ends. */
export async function holdPin(tx: Tx, staffNo: string): Promise<string | null> {
  const { rows } = await sql<{ hash: string }>`
    select hash from pin where staff_no = ${staffNo} for share`.execute(tx)
  return rows[0]?.hash ?? null
}

export async function savePin(
  tx: Tx,
  row: { tenant_id: number; staff_no: string; hash: string; set_at: Date },
): Promise<void> {
  await tx
    .insertInto('pin')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .columns(['tenant_id', 'staff_no'])
        .doUpdateSet({ hash: row.hash, set_at: row.set_at }),
    )
    .execute()
}

/** The tries of a name, under lock; made when there are none. */
export async function lockTries(
  tx: Tx,
  tenant: number,
  staffNo: string,
  now: Date,
): Promise<PinTries> {
  const { rows } = await sql<PinTries>`
    insert into pin_try as t (tenant_id, staff_no, failures, until)
    values (${tenant}, ${staffNo}, 0, ${now})
        on conflict (tenant_id, staff_no) do update set failures = t.failures
    returning failures, until`.execute(tx)
  const [first] = rows
  if (!first) throw new Error('the tries of a PIN have no row')
  return first
}

export async function saveTries(tx: Tx, staffNo: string, tries: PinTries): Promise<void> {
  await tx.updateTable('pin_try').set(tries).where('staff_no', '=', staffNo).execute()
}

export async function deleteOldTries(tx: Tx, before: Date): Promise<void> {
  await tx.deleteFrom('pin_try').where('until', '<', before).execute()
}
