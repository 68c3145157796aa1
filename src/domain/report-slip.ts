/**
 * What goes on paper when a shift is handed over (交接班单) or a day closed (日结单), as data. Papers of the shop for
 * itself: no customer's copy and no check code; the stored totals are the proof.
 */
import type { Fen } from './money.ts'
import { OWN_NUMBER } from './numbers.ts'
import type { DayTotals, ShiftTotals } from './shift.ts'
import type { SlipStore } from './slip.ts'

type ReportCommon = {
  readonly copy: 'merchant'
  readonly store: SlipStore
  /** 0 is the first print, n the n-th reprint. */
  readonly reprint: number
  readonly sandbox: boolean
  readonly training: boolean
  readonly printedAt: Date
  /** Of the shift or the close, as bars; null when it cannot be printed 58 mm wide. */
  readonly barcode: string | null
}

/** What a drawer should hold and what was in it. */
export type DrawerCount = {
  readonly opening: Fen
  readonly expected: Fen
  readonly counted: Fen
  /** More than zero: over (长款). Less: short (短款). */
  readonly difference: Fen
}

export type HandOverSlip = ReportCommon & {
  readonly kind: 'hand_over'
  readonly shiftNo: string
  readonly terminal: string
  readonly cashier: string
  readonly openedAt: Date
  readonly closedAt: Date
  /** Who counted, where it was somebody else than the cashier. */
  readonly closedBy: string | null
  readonly cash: DrawerCount
  readonly note: string | null
  readonly totals: ShiftTotals
}

export type DayCloseSlip = ReportCommon & {
  readonly kind: 'day_close'
  readonly closeNo: string
  /** yymmdd */
  readonly day: string
  readonly nth: number
  readonly closedAt: Date
  readonly closedBy: string
  readonly totals: DayTotals
  /** Of terminals and people in the totals, by their numbers. */
  readonly names: {
    readonly terminals: Readonly<Record<string, string>>
    readonly staff: Readonly<Record<string, string>>
  }
}

export type ReportSlip = HandOverSlip | DayCloseSlip

export const reportBarcode = (no: string): string | null => (OWN_NUMBER.test(no) ? no : null)
