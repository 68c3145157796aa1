/** From stored shifts and closes to what the contract shows. */
import { CURRENCY } from '../domain/money.ts'
import type { DayCloseSlip, HandOverSlip, ReportSlip } from '../domain/report-slip.ts'
import {
  cashDifference,
  expectedCash,
  type DayTotals,
  type ShiftTotals,
  type Totals,
} from '../domain/shift.ts'
import type { DayCloseRow } from '../store/day-closes.ts'
import type { ShiftRow } from '../store/shifts.ts'
import type {
  DayCloseShown,
  DayCloseSlipShown,
  HandOverSlipShown,
  ShiftLineShown,
  ShiftShown,
} from './contract-shifts.ts'

export const showShiftLine = (row: ShiftRow): ShiftLineShown => ({
  no: row.shift_no,
  store: row.store_no,
  terminal: row.terminal_no,
  staff: row.staff_no,
  openedAt: row.opened_at.toISOString(),
  openingCash: row.opening_fen,
  closedAt: row.closed_at?.toISOString() ?? null,
  closedBy: row.closed_by,
  countedCash: row.counted_fen,
  expectedCash: row.expected_fen,
  difference:
    row.counted_fen === null || row.expected_fen === null
      ? null
      : cashDifference(row.counted_fen, row.expected_fen),
  currency: CURRENCY,
})

/** @param totals of a closed shift those of its close. */
export const showShift = (row: ShiftRow, totals: ShiftTotals, note: string | null): ShiftShown => ({
  ...showShiftLine(row),
  expectedCash: row.expected_fen ?? expectedCash(row.opening_fen, totals.cashHandedOut),
  note,
  totals: showShiftTotals(totals),
})

const showShiftTotals = (totals: ShiftTotals): ShiftShown['totals'] => ({
  ...showTotals(totals),
  ...showOpen(totals),
})

const showTotals = (totals: Totals) => ({
  payments: totals.payments,
  paymentsUnclear: totals.paymentsUnclear,
  refunds: totals.refunds,
  channels: [...totals.channels],
  cashHandedOut: totals.cashHandedOut,
})

const showOpen = ({ unfinished, cashNotAnswered }: ShiftTotals) => ({
  unfinished: { count: unfinished.count, refunds: [...unfinished.refunds] },
  cashNotAnswered: [...cashNotAnswered],
})

export const showDayTotals = (totals: DayTotals): DayCloseShown['totals'] => ({
  ...showTotals(totals),
  ...showOpen(totals),
  terminals: totals.terminals.map((each) => ({ terminal: each.terminal, ...showTotals(each) })),
  shifts: [...totals.shifts],
})

export const showCloseLine = (row: DayCloseRow) => ({
  no: row.close_no,
  nth: row.nth,
  by: row.staff_no,
  terminal: row.terminal_no,
  at: row.at.toISOString(),
})

export const showDayClose = (row: DayCloseRow): DayCloseShown => ({
  ...showCloseLine(row),
  day: row.day,
  store: row.store_no,
  currency: CURRENCY,
  totals: showDayTotals(row.totals),
})

export const showHandOverSlip = (slip: HandOverSlip): HandOverSlipShown => ({
  kind: slip.kind,
  ...showReport(slip),
  shift: slip.shiftNo,
  terminal: slip.terminal,
  cashier: slip.cashier,
  openedAt: slip.openedAt.toISOString(),
  closedAt: slip.closedAt.toISOString(),
  closedBy: slip.closedBy,
  cash: { ...slip.cash },
  note: slip.note,
  totals: showShiftTotals(slip.totals),
})

export const showDayCloseSlip = (slip: DayCloseSlip): DayCloseSlipShown => ({
  kind: slip.kind,
  ...showReport(slip),
  close: slip.closeNo,
  day: slip.day,
  nth: slip.nth,
  closedAt: slip.closedAt.toISOString(),
  closedBy: slip.closedBy,
  totals: showDayTotals(slip.totals),
  names: { terminals: { ...slip.names.terminals }, staff: { ...slip.names.staff } },
})

type ReportShown = Pick<HandOverSlipShown, keyof HandOverSlipShown & keyof DayCloseSlipShown>

const showReport = (
  slip: ReportSlip,
): Omit<ReportShown, 'kind' | 'closedAt' | 'closedBy' | 'totals'> => ({
  store: { ...slip.store },
  currency: CURRENCY,
  reprint: slip.reprint,
  sandbox: slip.sandbox,
  training: slip.training,
  printedAt: slip.printedAt.toISOString(),
  barcode: slip.barcode,
})
