/** Shifts and closed days over the wire; the conventions are those of `contract.ts`. */
import { z } from 'zod'
import { SHOWN_WORDS } from '../domain/shown.ts'
import { daySpan } from '../domain/time.ts'
import {
  amount,
  currency,
  fenShown,
  limitText,
  newNumber,
  text,
  textOrNull,
  time,
  timeOrNull,
} from './contract.ts'
import { paperGiven, paperQuery, storeOnSlip } from './contract-slips.ts'

const NOTE_MAX = 500
const placeNo = z.string().min(1).max(32)
const cash = amount.min(0)

// requests

export const shiftGiven = z.strictObject({
  no: newNumber('shift'),
  openingCash: cash.describe('fen in the drawer (备用金)'),
})
export const handOverGiven = z.strictObject({
  countedCash: cash.describe('fen in the drawer'),
  note: z.string().max(NOTE_MAX).default(''),
})
export const shiftsQuery = z.strictObject({
  store: placeNo.optional(),
  terminal: placeNo.optional(),
  staff: placeNo.optional(),
  from: z.iso.datetime({ offset: true }).optional().describe('When it was opened'),
  to: z.iso.datetime({ offset: true }).optional(),
  open: z.enum(['true', 'false']).optional(),
  cursor: z.string().min(1).max(100).optional(),
  limit: limitText,
})

export const dayParams = z.strictObject({
  day: z
    .string()
    .regex(/^\d{6}$/)
    .refine((day) => daySpan(day) !== null)
    .describe("yymmdd in the shop's calendar (Asia/Shanghai)"),
})
const store = placeNo.optional().describe("The actor's own when left out; others for owners only")
export const dayQuery = z.strictObject({ store })
export const dayCloseGiven = z.strictObject({ no: newNumber('day_close'), store })
const nth = z
  .string()
  .regex(/^[1-9]\d{0,3}$/)
  .transform(Number)
  .optional()
  .describe('Which close of the day; the last when left out')
export const daySlipQuery = z.strictObject({ ...paperQuery.shape, store, nth })
export const dayPrintGiven = z.strictObject({
  ...paperGiven.shape,
  store,
  nth: z.int().positive().optional().describe('Which close of the day; the last when left out'),
})

// replies

const tally = z.strictObject({ count: z.int(), amount: fenShown }).meta({ id: 'Tally' })
const refundTallies = z
  .strictObject({
    succeeded: tally,
    onTheWay: tally.describe('Approved, or with the channel'),
    unknown: tally.describe('Sent, and the outcome is not known'),
    waitingForFunds: tally,
    stuck: tally,
    owed: tally,
    cashUnanswered: tally.describe('Nobody has said whether the cash was handed out'),
    undecided: tally.describe('Waiting for a decision or for the goods'),
  })
  .meta({ id: 'RefundTallies' })

const totals = {
  payments: tally.describe('Paid; later refunds take nothing away here'),
  paymentsUnclear: tally,
  refunds: refundTallies.describe('Asked for in this time, as they stand; ended ones left out'),
  channels: z.array(
    z.strictObject({
      channel: text.describe('`cash` for refunds in cash'),
      payments: tally,
      refunds: refundTallies,
    }),
  ),
  cashHandedOut: tally,
}
const unfinished = z.strictObject({
  no: text,
  amount: fenShown,
  shows: z.enum(SHOWN_WORDS),
  since: time,
})
const open = {
  unfinished: z
    .strictObject({ count: z.int(), refunds: z.array(unfinished) })
    .describe('Refunds to go on with, of any time; the oldest 50 are listed'),
  cashNotAnswered: z.array(unfinished),
}

const shiftLine = {
  no: text,
  store: text,
  terminal: text,
  staff: text,
  openedAt: time,
  openingCash: fenShown,
  closedAt: timeOrNull,
  closedBy: textOrNull,
  countedCash: fenShown.nullable(),
  expectedCash: fenShown
    .nullable()
    .describe('Opening cash less cash refunds; in a list null while it is open'),
  difference: fenShown.nullable().describe('Counted less expected: over (长款) or short (短款)'),
  currency,
}
const shiftTotals = z
  .strictObject({ ...totals, ...open })
  .describe('As they are now; of a closed shift as they were at the close')
export const shiftShown = z
  .strictObject({
    ...shiftLine,
    note: textOrNull,
    totals: shiftTotals,
  })
  .meta({ id: 'Shift' })
export type ShiftShown = z.infer<typeof shiftShown>
export type ShiftLineShown = Omit<ShiftShown, 'note' | 'totals'>

export const currentShift = z.strictObject({
  shift: shiftShown.nullable().describe('Null while none is open at this terminal'),
})
export const shiftPage = z.strictObject({
  shifts: z.array(z.strictObject(shiftLine)),
  next: textOrNull,
})

const dayTotals = z
  .strictObject({
    ...totals,
    ...open,
    terminals: z.array(
      z.strictObject({
        terminal: textOrNull.describe('Null: no till of ours, such as refunds at the channel'),
        ...totals,
      }),
    ),
    shifts: z
      .array(
        z.strictObject({
          no: text,
          terminal: text,
          staff: text,
          openedAt: time,
          closedAt: timeOrNull,
          difference: fenShown.nullable(),
        }),
      )
      .describe('Those that were opened on this day'),
  })
  .meta({ id: 'DayTotals' })

const closeLine = { no: text, nth: z.int(), by: text, terminal: textOrNull, at: time }
export const dayShown = z.strictObject({
  day: text,
  store: text,
  from: time,
  to: time,
  currency,
  totals: dayTotals.describe('As they are now'),
  closes: z.array(z.strictObject(closeLine)),
})
export const dayCloseShown = z
  .strictObject({
    ...closeLine,
    day: text,
    store: text,
    currency,
    totals: dayTotals.describe('As they were at this close'),
  })
  .meta({ id: 'DayClose' })
export type DayShown = z.infer<typeof dayShown>
export type DayCloseShown = z.infer<typeof dayCloseShown>

const reportSlip = {
  store: storeOnSlip,
  currency,
  reprint: z.int().describe('0 for the first print'),
  sandbox: z.boolean(),
  training: z.boolean(),
  printedAt: time,
  barcode: textOrNull.describe('Digits of the Code128'),
}
export const handOverSlipShown = z
  .strictObject({
    kind: z.literal('hand_over'),
    ...reportSlip,
    shift: text,
    terminal: text.describe('Its name'),
    cashier: text.describe('Their name'),
    openedAt: time,
    closedAt: time,
    closedBy: textOrNull.describe('The name of who counted, where it was somebody else'),
    cash: z.strictObject({
      opening: fenShown,
      expected: fenShown,
      counted: fenShown,
      difference: fenShown,
    }),
    note: textOrNull,
    totals: shiftTotals,
  })
  .meta({ id: 'HandOverSlip' })
export type HandOverSlipShown = z.infer<typeof handOverSlipShown>

const names = z.record(z.string(), z.string())
export const dayCloseSlipShown = z
  .strictObject({
    kind: z.literal('day_close'),
    ...reportSlip,
    close: text,
    day: text,
    nth: z.int(),
    closedAt: time,
    closedBy: text.describe('Their name'),
    totals: dayTotals,
    names: z.strictObject({ terminals: names, staff: names }).describe('By their numbers'),
  })
  .meta({ id: 'DayCloseSlip' })
export type DayCloseSlipShown = z.infer<typeof dayCloseSlipShown>
