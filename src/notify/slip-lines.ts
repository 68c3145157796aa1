/** How lines are set on paper: wrapped, centred, in two columns, as receiptline markup. */
import { negFen, type Fen } from '../domain/money.ts'
import { grouped } from '../texts/figures.ts'
import { columnsOf, escapeMarkup, printable, UNPRINTABLE, wrap } from './slip-text.ts'

/** Columns of the printer's 12-dot font on the two papers shops use: 384 and 576 dots. */
export const PAPER_COLUMNS = { '58mm': 32, '80mm': 48 } as const
export type Paper = keyof typeof PAPER_COLUMNS

/** Below this a name beside an amount breaks after every second character and is put above it instead. */
const NAME_COLUMNS_MIN = 12

const BARCODE_OPTION = 'code128,2,72'

type Weight = 'plain' | 'bold' | 'inverted'
/** Times a character's width; `tall` doubles the height alone, for what is too long for more. */
type Scale = 1 | 2 | 3 | 'tall'

/** The largest of what there is for what should be seen first. */
export const headlineScale = (text: string, columns: number): Scale =>
  ([3, 2] as const).find((each) => columnsOf(text) * each <= columns) ?? 'tall'

/** `12345678` fen → `￥123,456.78`. The narrow ¥ is not in a Chinese printer's font. */
export const money = (amount: Fen): string =>
  amount < 0 ? `-${money(negFen(amount))}` : `￥${grouped(amount)}`

// The swedish locale writes dates as 2026-11-22 19:05:00; paper shows the shop's time wherever the server stands.
const SHOP_TIME = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Asia/Shanghai',
  dateStyle: 'short',
  timeStyle: 'medium',
})
export const shopTime = (at: Date): string => SHOP_TIME.format(at)
/** Without its seconds. */
export const shopMinute = (at: Date): string => shopTime(at).slice(0, -3)

// Dashes as plain text: a rule drawn with line characters needs a code page that Chinese printers lack.
export const rule = (columns: number): string => `|${escapeMarkup('-'.repeat(columns))}|`

// Lines of about the same length: one character alone under a full line reads like a mistake.
export function centred(
  raw: string,
  columns: number,
  weight: Weight = 'plain',
  scale: Scale = 1,
): string[] {
  const text = printable(raw)
  const margins = weight === 'inverted' ? 2 : 0
  let room = Math.floor(columns / (scale === 'tall' ? 1 : scale)) - margins
  const lines = wrap(text, room)
  while (room > MIN_ROOM && wrap(text, room - 1).length === lines.length) room -= 1
  return wrap(text, room).map((line) => `|${styled(line, weight, scale)}|`)
}

/** A line this narrow holds any single character. */
const MIN_ROOM = 2

export function paragraph(raw: string, columns: number, weight: Weight = 'plain'): string[] {
  return wrap(printable(raw), columns).map((line) => `|${styled(line, weight, 1)} |`)
}

/** A name on the left and its value flush right; what does not fit beside the other goes below, from the left. */
export function row(rawName: string, rawValue: string, columns: number): string[] {
  // Without a name there would be no line to put the value on, and an amount must never be missing.
  const name = printable(rawName) || UNPRINTABLE
  const value = printable(rawValue)
  const room = columns - columnsOf(value) - 1
  if (columnsOf(name) <= room || room >= NAME_COLUMNS_MIN) {
    return wrap(name, room).map((line, place) => {
      const gap = ' '.repeat(columns - columnsOf(line) - columnsOf(value))
      return `|${escapeMarkup(place === 0 ? line + gap + value : line)} |`
    })
  }
  const right = columnsOf(value) <= columns
  return [
    ...wrap(name, columns).map((line) => `|${escapeMarkup(line)} |`),
    ...wrap(value, columns).map((line) =>
      right ? `| ${escapeMarkup(line)}|` : `|${escapeMarkup(line)} |`,
    ),
  ]
}

const SCALE_MARK: Readonly<Record<Scale, string>> = { 1: '', tall: '^^', 2: '^^^', 3: '^^^^' }

function styled(line: string, weight: Weight, scale: Scale): string {
  const mark = SCALE_MARK[scale]
  const text = escapeMarkup(line)
  switch (weight) {
    case 'plain':
      return `${mark}${text}`
    case 'bold':
      return `"${mark}${text}`
    case 'inverted':
      return `\`${mark}~${text}~`
  }
}

/** A property's value ends at `;`, and braces and bars end the property: hexadecimal keeps them in it. */
export function escapeValue(value: string): string {
  return value.replace(/[\\{|};]/g, (each) => `\\x${each.charCodeAt(0).toString(16)}`)
}

export const bars = (digits: string | null): string[] =>
  digits === null ? [] : [`{code:${digits};option:${BARCODE_OPTION}}`, '']
