/** A slip as a receiptline document: the one source of the paper and of the picture on the screen. */
import type { AnySlip } from '../domain/any-slip.ts'
import { reportTexts } from '../texts/report-slip.ts'
import type { Language } from '../texts/language.ts'
import { slipTexts, type SlipTexts } from '../texts/slip.ts'
import { dayCloseSections, handOverSections } from './report-slip.ts'
import { centred, PAPER_COLUMNS, rule, type Paper } from './slip-lines.ts'
import { transactionSections } from './transaction-slip.ts'

type Draw = { readonly slip: AnySlip; readonly texts: SlipTexts; readonly columns: number }

/** Lines of receiptline markup, joined. Every text in it is printable and escaped. */
export function slipDocument(slip: AnySlip, paper: Paper, language: Language): string {
  const draw: Draw = { slip, texts: slipTexts[language], columns: PAPER_COLUMNS[paper] }
  const sections = [
    [...storeHead(draw), ...titleBlock(draw)],
    ...sectionsOf(slip, draw.columns, language),
  ].filter((section) => section.length > 0)
  return [
    ...warnings(draw),
    ...sections.flatMap((section, place) =>
      place === 0 ? section : [rule(draw.columns), ...section],
    ),
    ...warnings(draw),
  ].join('\n')
}

function sectionsOf(slip: AnySlip, columns: number, language: Language): string[][] {
  const common = { columns, texts: slipTexts[language] }
  switch (slip.kind) {
    case 'sale':
    case 'refund':
    case 'pending_refund':
    case 'request':
      return transactionSections({ ...common, slip })
    case 'hand_over':
      return handOverSections({ ...common, slip, words: reportTexts[language] })
    case 'day_close':
      return dayCloseSections({ ...common, slip, words: reportTexts[language] })
  }
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
    ...centred(titleOf(slip, texts), columns, 'bold'),
    ...(slip.reprint > 0 ? centred(texts.reprint(slip.reprint), columns, 'bold') : []),
  ]
}

/** A paper of the shop for itself has no copies to tell apart. */
const titleOf = ({ kind, copy }: AnySlip, texts: SlipTexts): string =>
  kind === 'hand_over' || kind === 'day_close'
    ? texts.title[kind]
    : `${texts.title[kind]} · ${texts.copy[copy]}`
