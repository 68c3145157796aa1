/** What stands on the slip of a sale or a refund, below the shop's head. */
import type { Fen } from '../domain/money.ts'
import {
  headlineFen,
  refundedBefore,
  type PendingState,
  type Slip,
  type SlipQr,
} from '../domain/slip.ts'
import type { SlipTexts } from '../texts/slip.ts'
import {
  bars,
  centred,
  escapeValue,
  headlineScale,
  money,
  paragraph,
  row,
  shopTime,
} from './slip-lines.ts'

const QR_OPTION = 'qrcode,5,m'

type Draw = { readonly slip: Slip; readonly texts: SlipTexts; readonly columns: number }

export const transactionSections = (draw: Draw): string[][] => [
  verdict(draw),
  itemRows(draw),
  amountRows(draw),
  factRows(draw),
  codes(draw),
]

function verdict({ slip, texts, columns }: Draw): string[] {
  const amount = money(headlineFen(slip))
  const state = texts.state[slip.state]
  return [
    ...(slip.kind === 'pending_refund' || slip.kind === 'request'
      ? ['', ...centred(state, columns, 'inverted', 2), '']
      : centred(state, columns, 'bold', 2)),
    ...centred(amount, columns, 'bold', headlineScale(amount, columns)),
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
    ...bars(slip.barcode),
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
