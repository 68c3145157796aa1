/** A store's closed days. Written once each; a day may be closed several times. */
import { sql } from 'kysely'
import type { Tx } from '../db/connect.ts'
import type { DayTotals } from '../domain/shift.ts'

export type DayCloseRow = {
  close_no: string
  store_no: string
  day: string
  nth: number
  terminal_no: string | null
  staff_no: string
  at: Date
  totals: DayTotals
  fingerprint: Buffer
}

const columns = sql`close_no, store_no, day, nth, terminal_no, staff_no, at, totals, fingerprint`

export async function findDayClose(tx: Tx, closeNo: string): Promise<DayCloseRow | null> {
  const { rows } = await sql<DayCloseRow>`
    select ${columns} from day_close where close_no = ${closeNo}`.execute(tx)
  return rows[0] ?? null
}

/** In order. */
export async function closesOfDay(tx: Tx, storeNo: string, day: string): Promise<DayCloseRow[]> {
  const { rows } = await sql<DayCloseRow>`
    select ${columns} from day_close where store_no = ${storeNo} and day = ${day} order by nth`.execute(
    tx,
  )
  return rows
}

/** As the day's next close. Fails as a fault when another one takes that place in the same moment. */
export async function insertDayClose(
  tx: Tx,
  row: Omit<DayCloseRow, 'nth'> & { tenant_id: number },
): Promise<void> {
  await sql`
    insert into day_close (tenant_id, close_no, store_no, day, nth, terminal_no, staff_no, at, totals, fingerprint)
    select ${row.tenant_id}::integer, ${row.close_no}, ${row.store_no}::text, ${row.day}::text,
           (select coalesce(max(nth), 0) + 1 from day_close where store_no = ${row.store_no} and day = ${row.day}),
           ${row.terminal_no}, ${row.staff_no}, ${row.at}::timestamptz, ${JSON.stringify(row.totals)}::jsonb,
           ${row.fingerprint}::bytea`.execute(tx)
}
