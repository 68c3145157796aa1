/** A slip as a receiptline document: the one source of the paper and of the picture on the screen. */
import { yuan, type Fen } from '../domain/money.ts'
import {
  headlineFen,
  refundedBefore,
  type PendingState,
  type Slip,
  type SlipQr,
} from '../domain/slip.ts'
import type { Language } from '../texts/language.ts'
import { slipTexts, type SlipTexts } from '../texts/slip.ts'
import { columnsOf, escapeMarkup, printable, UNPRINTABLE, wrap } from './slip-text.ts'

/** Columns of the printer's 12-dot font on the two papers shops use: 384 and 576 dots. */
export const PAPER_COLUMNS = { '58mm': 32, '80mm': 48 } as const
export type Paper = keyof typeof PAPER_COLUMNS

/** Below this a name beside an amount breaks after every second character and is put above it instead. */
const NAME_COLUMNS_MIN = 12

const BARCODE_OPTION = 'code128,2,72'
const QR_OPTION = 'qrcode,5,m'

type Draw = { readonly slip: Slip; readonly texts: SlipTexts; readonly columns: number }
type Weight = 'plain' | 'bold' | 'inverted'
/** Times a character's width; `tall` doubles the height alone, for what is too long for more. */
type Scale = 1 | 2 | 3 | 'tall'

/** Lines of receiptline markup, joined. Every text in it is printable and escaped. */
export function slipDocument(slip: Slip, paper: Paper, language: Language): string {
  const draw: Draw = { slip, texts: slipTexts[language], columns: PAPER_COLUMNS[paper] }
  const sections = [
    [...storeHead(draw), ...titleBlock(draw)],
    verdict(draw),
    itemRows(draw),
    amountRows(draw),
    factRows(draw),
    codes(draw),
  ].filter((section) => section.length > 0)
  return [
    ...warnings(draw),
    ...sections.flatMap((section, place) => (place === 0 ? section : [rule(draw), ...section])),
    ...warnings(draw),
  ].join('\n')
}

// Practice and real paper must not be mistaken for each other even when one end is torn off.
function warnings({ slip, texts, columns }: Draw): string[] {
  const marks = [
    ...(slip.sandbox ? centred(texts.sandbox, columns, 'inverted') : []),
    ...(slip.training ? centred(texts.training, columns, 'inverted') : []),
  ]
  return marks.length === 0 ? [] : ['', ...marks, '']
}

function storeHead({ slip: { store }, texts, columns }: Draw): string[] {
  return [
    ...centred(store.name, columns, 'bold', 2),
    ...(store.address === null ? [] : centred(store.address, columns)),
    ...(store.phone === null ? [] : centred(`${texts.label.phone} ${store.phone}`, columns)),
  ]
}

function titleBlock({ slip, texts, columns }: Draw): string[] {
  return [
    '',
    ...centred(`${texts.title[slip.kind]} · ${texts.copy[slip.copy]}`, columns, 'bold'),
    ...(slip.reprint > 0 ? centred(texts.reprint(slip.reprint), columns, 'bold') : []),
  ]
}

function verdict({ slip, texts, columns }: Draw): string[] {
  const amount = money(headlineFen(slip))
  const scale = ([3, 2] as const).find((each) => columnsOf(amount) * each <= columns) ?? 'tall'
  const state = texts.state[slip.state]
  return [
    ...(slip.kind === 'pending_refund' || slip.kind === 'request'
      ? ['', ...centred(state, columns, 'inverted', 2), '']
      : centred(state, columns, 'bold', 2)),
    ...centred(amount, columns, 'bold', scale),
    ...verdictSentences({ slip, texts, columns }),
  ]
}

function verdictSentences({ slip, texts, columns }: Draw): string[] {
  if (slip.kind === 'sale') return []
  const to = [slip.refund.payer, slip.refund.destination].filter((each) => each !== null).join(' ')
  const goesTo = to === '' ? [] : centred(`${texts.label.destination} ${to}`, columns)
  const arrival = texts.arrival[slip.refund.arrival]
  if (slip.kind === 'refund') return [...goesTo, ...centred(arrival.done, columns)]
  if (slip.kind === 'request') {
    return [
      ...centred(texts.noProof, columns, 'bold'),
      '',
      ...paragraph(texts.advice[slip.copy][slip.state], columns, 'bold'),
    ]
  }
  return [
    ...goesTo,
    ...(ARRIVES[slip.state] ? centred(arrival.ahead, columns) : []),
    '',
    ...paragraph(texts.advice[slip.copy][slip.state], columns, 'bold'),
  ]
}

/** Whether a time of arrival can be spoken of: not while the money goes nowhere until a person acts. */
const ARRIVES: Readonly<Record<PendingState, boolean>> = {
  approved: true,
  submitted: true,
  waiting_funds: true,
  processing: true,
  stuck: false,
  owed: false,
}

function itemRows({ slip, columns }: Draw): string[] {
  return slip.lines.flatMap((line) =>
    row(line.name, `×${line.quantity} ${money(line.fen)}`, columns),
  )
}

function amountRows({ slip, texts: { label }, columns }: Draw): string[] {
  const { amounts } = slip
  const rows: [string, Fen][] = []
  if (amounts.discount !== 0) rows.push([label.order, amounts.order])
  const discount =
    amounts.discount === 0 ? [] : row(label.discount, `-${money(amounts.discount)}`, columns)
  const after: [string, Fen][] = [[label.paid, amounts.paid]]
  if (slip.kind !== 'sale') {
    const { refund } = slip
    if (refundedBefore(slip) !== 0) after.push([label.refundedBefore, refundedBefore(slip)])
    after.push([label.refundAmount, refund.amount])
    if (refund.feeKept !== 0) after.push([label.feeKept, refund.feeKept])
    if (refund.payerFen !== null) after.push([label.payerGets, refund.payerFen])
  }
  const print = (list: [string, Fen][]) =>
    list.flatMap(([name, amount]) => row(name, money(amount), columns))
  return [...print(rows), ...discount, ...print(after)]
}

function factRows({ slip, texts, columns }: Draw): string[] {
  const { label } = texts
  const facts: [string, string][] = [
    [label.orderNo, slip.orderNo],
    ...(slip.kind === 'sale'
      ? []
      : ([[label.refundNo, slip.refund.refundNo]] as [string, string][])),
    [label.channel, texts.channel[slip.channel]],
    [label.paidAt, shopTime(slip.paidAt)],
  ]
  if (slip.kind === 'refund') facts.push([label.refundedAt, shopTime(slip.refundedAt)])
  if (slip.kind === 'pending_refund' || slip.kind === 'request') {
    facts.push([label.requestedAt, shopTime(slip.requestedAt)])
  }
  if (slip.kind !== 'sale') facts.push([label.reason, slip.refund.reason])
  facts.push([label.terminal, slip.terminal], [label.cashier, slip.cashier])
  facts.push([label.printedAt, shopTime(slip.printedAt)])
  facts.push([label.verification, slip.verification])
  return facts.flatMap(([name, value]) => row(name, value, columns))
}

function codes({ slip, texts, columns }: Draw): string[] {
  const { store } = slip
  const forCustomer = slip.copy === 'customer'
  return [
    ...(slip.barcode === null ? [] : [`{code:${slip.barcode};option:${BARCODE_OPTION}}`, '']),
    ...(slip.qr === null ? [] : qrBlock(slip.qr, slip.kind, texts, columns)),
    ...(forCustomer && slip.qr?.for !== 'customer_page' && store.phone !== null
      ? paragraph(texts.callUs(store.phone), columns)
      : []),
    ...(forCustomer && slip.kind === 'sale' ? paragraph(texts.keepForRefund, columns) : []),
    ...(forCustomer && slip.kind !== 'sale' ? paragraph(texts.neverAsked, columns) : []),
  ]
}

function qrBlock(qr: SlipQr, kind: Slip['kind'], texts: SlipTexts, columns: number): string[] {
  const sentence = qr.for === 'till' ? texts.tillCode : texts.customerCode[kind]
  return [
    `{code:${escapeValue(qr.data)};option:${QR_OPTION}}`,
    '',
    ...centred(sentence, columns, qr.for === 'till' ? 'plain' : 'bold'),
  ]
}

/** `12345678` fen → `￥123,456.78`. The narrow ¥ is not in a Chinese printer's font; groups make long ones readable. */
function money(amount: Fen): string {
  const [whole = '', cents = ''] = yuan(amount).split('.')
  return `￥${whole.replace(/\B(?=(?:\d{3})+$)/g, ',')}.${cents}`
}

// The swedish locale writes dates as 2026-11-22 19:05:00; paper shows the shop's time wherever the server stands.
const SHOP_TIME = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Asia/Shanghai',
  dateStyle: 'short',
  timeStyle: 'medium',
})
const shopTime = (at: Date): string => SHOP_TIME.format(at)

// Dashes as plain text: a rule drawn with line characters needs a code page that Chinese printers lack.
const rule = ({ columns }: Draw): string => `|${escapeMarkup('-'.repeat(columns))}|`

// Lines of about the same length: one character alone under a full line reads like a mistake.
function centred(
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

function paragraph(raw: string, columns: number, weight: Weight = 'plain'): string[] {
  return wrap(printable(raw), columns).map((line) => `|${styled(line, weight, 1)} |`)
}

/** A name on the left and its value flush right; what does not fit beside the other goes below, from the left. */
function row(rawName: string, rawValue: string, columns: number): string[] {
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
function escapeValue(value: string): string {
  return value.replace(/[\\{|};]/g, (each) => `\\x${each.charCodeAt(0).toString(16)}`)
}
