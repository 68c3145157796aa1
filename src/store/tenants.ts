/** The way across tenants for work that every one of them is due: numbers only. */
import { sql } from 'kysely'
import type { Db } from '../db/connect.ts'

/** In order, beginning behind `after` (0: from the first). */
export async function tenantsAfter(db: Db, after: number, most: number): Promise<number[]> {
  const { rows } = await sql<{ tenant_id: number }>`
    select tenant_id from tenants_after(${after}, ${most})`.execute(db)
  return rows.map((row) => row.tenant_id)
}
