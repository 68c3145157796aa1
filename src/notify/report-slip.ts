/** What stands on hand-over and day-close slips, below the shop's head. */
import { negFen, type Fen } from '../domain/money.ts'
import type { DayCloseSlip, HandOverSlip } from '../domain/report-slip.ts'
import {
  REFUND_STANDINGS,
  standingOf,
  type DayShift,
  type Open,
  type Tally,
  type Totals,
  type Unfinished,
} from '../domain/shift.ts'
import { SLIP_CHANNELS } from '../domain/slip.ts'
import type { ReportTexts } from '../texts/report-slip.ts'
import type { SlipTexts } from '../texts/slip.ts'
import {
  bars,
  centred,
  headlineScale,
  money,
  paragraph,
  row,
  shopMinute,
  shopTime,
} from './slip-lines.ts'
import { columnsOf, escapeMarkup } from './slip-text.ts'

type Draw<Of> = {
  readonly slip: Of
  readonly texts: SlipTexts
  readonly words: ReportTexts
  readonly columns: number
}
type AnyDraw = Draw<unknown>

export const handOverSections = (draw: Draw<HandOverSlip>): string[][] => [
  drawerVerdict(draw),
  shiftFacts(draw),
  drawer(draw),
  payments(draw, draw.slip.totals),
  refunds(draw, draw.slip.totals),
  unfinished(draw, draw.slip.totals),
  note(draw),
  [
    ...bars(draw.slip.barcode),
    ...signature(draw, draw.words.signHandingOver),
    ...signature(draw, draw.words.signTakingOver),
  ],
]

export const dayCloseSections = (draw: Draw<DayCloseSlip>): string[][] => [
  dayHead(draw),
  dayFacts(draw),
  payments(draw, draw.slip.totals),
  refunds(draw, draw.slip.totals),
  cashOut(draw, draw.slip.totals.cashHandedOut),
  terminals(draw),
  shifts(draw),
  unfinished(draw, draw.slip.totals),
  [...bars(draw.slip.barcode), ...signature(draw, draw.words.signSupervisor)],
]

function drawerVerdict({ slip, words, columns }: Draw<HandOverSlip>): string[] {
  const { difference } = slip.cash
  const amount = sizeOf(difference)
  return [
    ...centred(differenceWord(words, difference), columns, 'bold', 2),
    ...(difference === 0 ? [] : centred(amount, columns, 'bold', headlineScale(amount, columns))),
  ]
}

/** Its word says in which direction. */
const sizeOf = (difference: Fen): string => money(difference < 0 ? negFen(difference) : difference)

const differenceWord = (words: ReportTexts, difference: Fen): string =>
  difference === 0 ? words.even : difference > 0 ? words.over : words.short

function shiftFacts({ slip, texts, words: { label }, columns }: Draw<HandOverSlip>): string[] {
  const facts: [string, string][] = [
    [label.shiftNo, slip.shiftNo],
    [texts.label.terminal, slip.terminal],
    [texts.label.cashier, slip.cashier],
    [label.openedAt, shopTime(slip.openedAt)],
    [label.handedOverAt, shopTime(slip.closedAt)],
  ]
  if (slip.closedBy !== null) facts.push([label.handedOverBy, slip.closedBy])
  facts.push([texts.label.printedAt, shopTime(slip.printedAt)])
  return facts.flatMap(([name, value]) => row(name, value, columns))
}

function drawer(draw: Draw<HandOverSlip>): string[] {
  const { slip, words, columns } = draw
  const { cash, totals } = slip
  return [
    ...title(draw, words.section.drawer),
    ...row(words.label.opening, money(cash.opening), columns),
    ...cashOut(draw, totals.cashHandedOut),
    ...row(words.label.expected, money(cash.expected), columns),
    ...row(words.label.counted, money(cash.counted), columns),
    ...row(differenceWord(words, cash.difference), sizeOf(cash.difference), columns),
    ...paragraph(words.drawerNote, columns),
  ]
}

const cashOut = ({ words, columns }: AnyDraw, handedOut: Tally): string[] =>
  row(
    `${words.label.cashOut} ${words.count(handedOut.count)}`,
    money(negFen(handedOut.amount)),
    columns,
  )

function payments(draw: AnyDraw, totals: Totals): string[] {
  const { words } = draw
  const taken = totals.channels.filter((each) => each.payments.count > 0)
  return [
    ...title(draw, words.section.payments),
    ...taken.flatMap((each) => tallyRow(draw, channelName(draw, each.channel), each.payments)),
    ...(taken.length === 1 ? [] : tallyRow(draw, words.label.total, totals.payments)),
    ...someRow(draw, words.label.unclear, totals.paymentsUnclear),
  ]
}

function refunds(draw: AnyDraw, totals: Totals): string[] {
  const { words, columns } = draw
  const rows = totals.channels.flatMap((each) => {
    const of = REFUND_STANDINGS.filter((standing) => each.refunds[standing].count > 0)
    if (of.length === 0) return []
    return [
      ...paragraph(channelName(draw, each.channel), columns),
      ...of.flatMap((standing) =>
        tallyRow(draw, `- ${words.standing[standing]}`, each.refunds[standing]),
      ),
    ]
  })
  return [
    ...title(draw, words.section.refunds),
    ...(rows.length === 0 ? paragraph(words.none, columns) : rows),
  ]
}

const tallyRow = ({ words, columns }: AnyDraw, name: string, { count, amount }: Tally): string[] =>
  row(`${name} ${words.count(count)}`, money(amount), columns)

const someRow = (draw: AnyDraw, name: string, tally: Tally): string[] =>
  tally.count === 0 ? [] : tallyRow(draw, name, tally)

/** A channel of another version of the list is shown as it is. */
const channelName = ({ texts }: AnyDraw, channel: string): string => {
  const known = SLIP_CHANNELS.find((each) => each === channel)
  return known === undefined ? channel : texts.channel[known]
}

function unfinished(draw: AnyDraw, { unfinished: open, cashNotAnswered }: Open): string[] {
  const { words, columns } = draw
  if (open.count === 0) {
    return [...title(draw, words.section.unfinished), ...paragraph(words.none, columns)]
  }
  // Cash that nobody answered for is on the paper in any case, however long the list is.
  const listed = new Set(open.refunds.map((each) => each.no))
  const shown = [...open.refunds, ...cashNotAnswered.filter((each) => !listed.has(each.no))]
  return [
    ...title(draw, `${words.section.unfinished} ${words.count(open.count)}`),
    ...shown.flatMap((each) => unfinishedRows(draw, each)),
    ...(open.count > shown.length ? paragraph(words.more(open.count - shown.length), columns) : []),
    '',
    ...paragraph(words.unfinishedNote, columns, 'bold'),
    ...(cashNotAnswered.length === 0 ? [] : paragraph(words.cashNote, columns, 'bold')),
  ]
}

function unfinishedRows({ words, columns }: AnyDraw, refund: Unfinished): string[] {
  const standing = standingOf(refund.shows)
  const word = standing === null ? '' : words.standing[standing]
  return [
    ...row(refund.no, money(refund.amount), columns),
    ...row(word, shopMinute(new Date(refund.since)), columns),
  ]
}

const note = ({ slip, words, columns }: Draw<HandOverSlip>): string[] =>
  slip.note === null ? [] : paragraph(`${words.label.note}: ${slip.note}`, columns)

function dayHead({ slip, words, columns }: Draw<DayCloseSlip>): string[] {
  const [, year, month, date] = /^(..)(..)(..)$/.exec(slip.day) ?? []
  return [
    ...centred(`20${year}-${month}-${date}`, columns, 'bold', 2),
    ...centred(words.nth(slip.nth), columns, slip.nth > 1 ? 'inverted' : 'bold'),
  ]
}

function dayFacts({ slip, texts, words: { label }, columns }: Draw<DayCloseSlip>): string[] {
  return [
    ...row(label.closeNo, slip.closeNo, columns),
    ...row(label.closedAt, shopTime(slip.closedAt), columns),
    ...row(label.closedBy, slip.closedBy, columns),
    ...row(texts.label.printedAt, shopTime(slip.printedAt), columns),
  ]
}

function terminals(draw: Draw<DayCloseSlip>): string[] {
  const { slip, words, columns } = draw
  if (slip.totals.terminals.length === 0) return []
  return [
    ...title(draw, words.section.terminals),
    ...slip.totals.terminals.flatMap((each) => [
      ...paragraph(terminalName(draw, each.terminal), columns, 'bold'),
      ...someRow(draw, `- ${words.section.payments}`, each.payments),
      ...someRow(draw, `- ${words.standing.succeeded}`, each.refunds.succeeded),
    ]),
  ]
}

const terminalName = ({ slip, words }: Draw<DayCloseSlip>, terminal: string | null): string =>
  terminal === null ? words.noTerminal : (slip.names.terminals[terminal] ?? terminal)

function shifts(draw: Draw<DayCloseSlip>): string[] {
  const { slip, words } = draw
  if (slip.totals.shifts.length === 0) return []
  return [
    ...title(draw, words.section.shifts),
    ...slip.totals.shifts.flatMap((each) => shiftRow(draw, each)),
  ]
}

function shiftRow(draw: Draw<DayCloseSlip>, shift: DayShift): string[] {
  const { slip, words, columns } = draw
  const who = slip.names.staff[shift.staff] ?? shift.staff
  const { difference } = shift
  return row(
    `${terminalName(draw, shift.terminal)} ${who}`,
    difference === null
      ? words.stillOpen
      : difference === 0
        ? words.even
        : `${differenceWord(words, difference)} ${sizeOf(difference)}`,
    columns,
  )
}

const title = ({ columns }: AnyDraw, text: string): string[] => paragraph(text, columns, 'bold')

/** Room to write in. */
const SIGNATURE_BLANKS_MIN = 8

function signature({ columns }: AnyDraw, who: string): string[] {
  const blanks = Math.max(SIGNATURE_BLANKS_MIN, columns - columnsOf(who) - 2)
  return ['', `|${escapeMarkup(`${who}: ${'_'.repeat(blanks)}`)} |`]
}
