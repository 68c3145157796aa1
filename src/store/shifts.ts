/** Shifts at terminals, and the cash that left their drawers. */
import { sql } from 'kysely'
import type { Tx } from '../db/connect.ts'
import type { Fen } from '../domain/money.ts'
import type { DayShift, ShiftTotals } from '../domain/shift.ts'

/** The nulls go together: a shift is open or closed as a whole. */
export type ShiftRow = {
  shift_no: string
  store_no: string
  terminal_no: string
  staff_no: string
  opened_at: Date
  opening_fen: Fen
  fingerprint: Buffer
  closed_at: Date | null
  closed_by: string | null
  counted_fen: Fen | null
  expected_fen: Fen | null
  totals: ShiftTotals | null
  close_fingerprint: Buffer | null
  note_ref: number | null
}

export const placeOf = (row: ShiftRow) => ({
  store: row.store_no,
  terminal: row.terminal_no,
  staff: row.staff_no,
})

const columns = sql`
  shift_no, store_no, terminal_no, staff_no, opened_at, opening_fen, fingerprint, closed_at, closed_by, counted_fen,
  expected_fen, totals, close_fingerprint, note_ref`

export async function insertShift(
  tx: Tx,
  row: Pick<
    ShiftRow,
    | 'shift_no'
    | 'store_no'
    | 'terminal_no'
    | 'staff_no'
    | 'opened_at'
    | 'opening_fen'
    | 'fingerprint'
  > & { tenant_id: number },
): Promise<void> {
  await tx.insertInto('shift').values(row).execute()
}

export async function findShift(tx: Tx, shiftNo: string): Promise<ShiftRow | null> {
  const { rows } = await sql<ShiftRow>`
    select ${columns} from shift where shift_no = ${shiftNo}`.execute(tx)
  return rows[0] ?? null
}

/** Cash that is being handed out, and another close, wait until the transaction has ended. */
export async function lockShift(tx: Tx, shiftNo: string): Promise<ShiftRow | null> {
  const { rows } = await sql<ShiftRow>`
    select ${columns} from shift where shift_no = ${shiftNo} for update`.execute(tx)
  return rows[0] ?? null
}

export async function findOpenShift(tx: Tx, terminalNo: string): Promise<ShiftRow | null> {
  const { rows } = await sql<ShiftRow>`
    select ${columns} from shift where terminal_no = ${terminalNo} and closed_at is null`.execute(
    tx,
  )
  return rows[0] ?? null
}

/** Closes a shift that is locked. */
export async function closeShiftRow(
  tx: Tx,
  shiftNo: string,
  close: {
    closed_at: Date
    closed_by: string
    counted_fen: Fen
    expected_fen: Fen
    totals: ShiftTotals
    close_fingerprint: Buffer
    note_ref: number | null
  },
): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable('shift')
    .set({ ...close, totals: JSON.stringify(close.totals) })
    .where('shift_no', '=', shiftNo)
    .where('closed_at', 'is', null)
    .executeTakeFirst()
  if (numUpdatedRows !== 1n) throw new Error('a shift moved while it was locked')
}

export type ShiftPlace = { readonly at: Date; readonly no: string }

/** Nulls: not asked for. */
export type ShiftWish = {
  readonly storeNo: string | null
  readonly terminalNo: string | null
  readonly staffNo: string | null
  readonly from: Date | null
  readonly to: Date | null
  readonly open: boolean | null
  /** Only those at this terminal, or of this person. */
  readonly reader: { readonly terminalNo: string | null; readonly staffNo: string | null } | null
  readonly after: ShiftPlace | null
  readonly most: number
}

/** Newest first, after a place. */
export async function listShifts(tx: Tx, want: ShiftWish): Promise<ShiftRow[]> {
  const conditions = [
    sql`true`,
    ...(want.storeNo === null ? [] : [sql`store_no = ${want.storeNo}`]),
    ...(want.terminalNo === null ? [] : [sql`terminal_no = ${want.terminalNo}`]),
    ...(want.staffNo === null ? [] : [sql`staff_no = ${want.staffNo}`]),
    ...(want.from === null ? [] : [sql`opened_at >= ${want.from}::timestamptz`]),
    ...(want.to === null ? [] : [sql`opened_at < ${want.to}::timestamptz`]),
    ...(want.open === null ? [] : [sql`(closed_at is null) = ${want.open}::boolean`]),
    ...(want.reader === null
      ? []
      : [sql`(terminal_no = ${want.reader.terminalNo} or staff_no = ${want.reader.staffNo})`]),
    ...(want.after === null
      ? []
      : [sql`(opened_at, shift_no) < (${want.after.at}::timestamptz, ${want.after.no}::text)`]),
  ]
  const { rows } = await sql<ShiftRow>`
    select ${columns} from shift where ${sql.join(conditions, sql` and `)}
     order by opened_at desc, shift_no desc limit ${want.most}`.execute(tx)
  return rows
}

/** Those of a store that began in the span, in order. */
export async function shiftsBegun(
  tx: Tx,
  storeNo: string,
  span: { readonly from: Date; readonly to: Date },
): Promise<DayShift[]> {
  const rows = await tx
    .selectFrom('shift')
    .select([
      'shift_no',
      'terminal_no',
      'staff_no',
      'opened_at',
      'closed_at',
      sql<Fen | null>`counted_fen - expected_fen`.as('difference'),
    ])
    .where('store_no', '=', storeNo)
    .where('opened_at', '>=', span.from)
    .where('opened_at', '<', span.to)
    .orderBy('opened_at')
    .orderBy('shift_no')
    .execute()
  return rows.map((row) => ({
    no: row.shift_no,
    terminal: row.terminal_no,
    staff: row.staff_no,
    openedAt: row.opened_at.toISOString(),
    closedAt: row.closed_at?.toISOString() ?? null,
    difference: row.difference,
  }))
}

/** Open shifts that cannot close before the transaction has ended. @returns their numbers by terminals. */
export async function holdOpenShifts(
  tx: Tx,
  terminalNos: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ terminal_no: string; shift_no: string }>`
    select terminal_no, shift_no from shift
     where terminal_no = any(${[...terminalNos]}) and closed_at is null
     order by terminal_no for share`.execute(tx)
  return new Map(rows.map((row) => [row.terminal_no, row.shift_no]))
}

export async function insertHandout(
  tx: Tx,
  row: {
    tenant_id: number
    refund_no: string
    seq: number
    terminal_no: string | null
    staff_no: string | null
    shift_no: string | null
    at: Date
  },
): Promise<void> {
  await tx.insertInto('cash_handout').values(row).execute()
}
