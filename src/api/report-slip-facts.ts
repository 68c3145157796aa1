/** From a stored shift or close to what stands on its slip. */
import type { Core } from '../commands/core.ts'
import type { Tx } from '../db/connect.ts'
import { refuse } from '../domain/problems.ts'
import { reportBarcode, type DayCloseSlip, type HandOverSlip } from '../domain/report-slip.ts'
import { cashDifference } from '../domain/shift.ts'
import type { DayCloseRow } from '../store/day-closes.ts'
import { readNames, readPlace, type Names } from '../store/shop.ts'
import type { ShiftRow } from '../store/shifts.ts'
import { Problem } from './problem.ts'

/** Throws Problem `state_changed` while the shift is open: its paper would be old before it is read. */
export async function handOverSlip(
  core: Core,
  tx: Tx,
  row: ShiftRow,
  note: string | null,
): Promise<HandOverSlip> {
  const { closed_at: closedAt, closed_by: by, counted_fen: counted, expected_fen: expected } = row
  if (closedAt === null || counted === null || expected === null || row.totals === null) {
    throw new Problem(refuse('state_changed', { state: 'open' }))
  }
  const names = await readNames(tx)
  return {
    kind: 'hand_over',
    ...(await common(core, tx, row.store_no, row.shift_no)),
    shiftNo: row.shift_no,
    terminal: nameIn(names.terminals, row.terminal_no),
    cashier: nameIn(names.staff, row.staff_no),
    openedAt: row.opened_at,
    closedAt,
    closedBy: by === null || by === row.staff_no ? null : nameIn(names.staff, by),
    cash: {
      opening: row.opening_fen,
      expected,
      counted,
      difference: cashDifference(counted, expected),
    },
    note,
    totals: row.totals,
  }
}

export async function dayCloseSlip(core: Core, tx: Tx, row: DayCloseRow): Promise<DayCloseSlip> {
  const names = await readNames(tx)
  const terminals = row.totals.terminals.flatMap(({ terminal }) => terminal ?? [])
  const { shifts } = row.totals
  return {
    kind: 'day_close',
    ...(await common(core, tx, row.store_no, row.close_no)),
    closeNo: row.close_no,
    day: row.day,
    nth: row.nth,
    closedAt: row.at,
    closedBy: nameIn(names.staff, row.staff_no),
    totals: row.totals,
    names: {
      terminals: pick(names.terminals, [...terminals, ...shifts.map((each) => each.terminal)]),
      staff: pick(
        names.staff,
        shifts.map((each) => each.staff),
      ),
    },
  }
}

async function common(core: Core, tx: Tx, storeNo: string, no: string) {
  const place = await readPlace(tx, storeNo)
  return {
    copy: 'merchant' as const,
    store: {
      name: place?.store_name ?? place?.merchant_name ?? '',
      address: place?.store_address || null,
      phone: place?.store_phone || place?.merchant_phone || null,
    },
    reprint: 0,
    sandbox: place?.sandbox ?? false,
    training: place?.training ?? false,
    printedAt: core.clock.now(),
    barcode: reportBarcode(no),
  }
}

type NamesByNo = Names['staff']

const nameIn = (names: NamesByNo, no: string): string => names.get(no) ?? no

const pick = (names: NamesByNo, numbers: readonly string[]): Record<string, string> =>
  Object.fromEntries(numbers.map((no) => [no, nameIn(names, no)]))
