/**
 * WeChat Pay's bill files as tables: a plain header row, value rows in which each value begins with one backtick, then
 * a summary of the same form. Columns are found by name, since their set has changed over the years.
 */
import { fen, type Fen } from '../../domain/money.ts'
import { StatementFault } from '../channel.ts'

export type BillRow = Readonly<Record<string, string>>

const BOM = '\ufeff'
const LINE_FEED = 0x0a

/** The file's rows one after another. Throws StatementFault when the file is not whole. */
export function* billRows(file: Buffer): Generator<BillRow> {
  let header: readonly string[] | null = null
  let rows = 0
  const lines = linesOf(file)
  for (const line of lines) {
    if (line.startsWith('`')) {
      if (header === null) throw broken('values before any header')
      yield rowOf(header, line)
      rows += 1
    } else if (header === null) {
      header = line.replace(BOM, '').split(',')
    } else {
      const values = lines.next()
      const count = values.done === true ? undefined : rowOf(line.split(','), values.value)
      checkCount(count?.['总交易单数'] ?? count?.['资金流水总笔数'], rows)
      return
    }
  }
  throw broken('no summary at the end')
}

function checkCount(said: string | undefined, rows: number): void {
  if (said !== undefined && Number.parseInt(said, 10) === rows) return
  throw broken(`${rows} rows, but the summary says ${said}`)
}

function rowOf(header: readonly string[], line: string): BillRow {
  // Values may hold backticks of their own: only the one that begins each value is the file's.
  const values = line.slice(1).split(',`')
  if (!line.startsWith('`') || values.length !== header.length) {
    throw broken(`${values.length} values under ${header.length} headings`)
  }
  return Object.fromEntries(header.map((name, place) => [name, values[place] ?? '']))
}

function* linesOf(file: Buffer): Generator<string, void> {
  let start = 0
  while (start < file.length) {
    const end = file.indexOf(LINE_FEED, start)
    const stop = end === -1 ? file.length : end
    const line = file.toString('utf8', start, stop).replace(/\r$/, '')
    if (line !== '') yield line
    start = stop + 1
  }
}

/** The first of these columns that the file has; the older files have other names for the same figures. */
export function column(row: BillRow, ...names: readonly string[]): string {
  const name = names.find((each) => row[each] !== undefined)
  if (name === undefined) throw broken(`no column ${names.join(' or ')}`)
  return row[name] ?? ''
}

/** `12.30` → 1230, digit by digit. Throws StatementFault on anything that is not whole fen. */
export function fenOfYuan(text: string): Fen {
  const match = /^(-?)(\d+)(?:\.(\d{1,2})0*)?$/.exec(text)
  if (!match) throw broken(`${text} is not an amount`)
  const [, sign, whole = '', part = ''] = match
  return signed(sign, BigInt(whole) * 100n + BigInt(part.padEnd(2, '0')))
}

const FEE_DIGITS = 5
const PER_FEN = 1000n

/** Commission is given to a thousandth of a fen; it is rounded half away from zero. */
export function fenOfFee(text: string): Fen {
  const match = /^(-?)(\d+)(?:\.(\d{1,5}))?$/.exec(text)
  if (!match) throw broken(`${text} is not a fee`)
  const [, sign, whole = '', part = ''] = match
  const exact = BigInt(whole) * 100n * PER_FEN + BigInt(part.padEnd(FEE_DIGITS, '0'))
  return signed(sign, (exact + PER_FEN / 2n) / PER_FEN)
}

function signed(sign: string | undefined, value: bigint): Fen {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw broken(`${value} fen is beyond counting`)
  return fen(value === 0n ? 0 : Number(sign === '-' ? -value : value))
}

/** `2026-11-22 20:00:00`, always China's time. */
export function momentOf(text: string): Date {
  const at = new Date(`${text.replace(' ', 'T')}+08:00`)
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text) || Number.isNaN(at.getTime())) {
    throw broken(`${text} is not a time`)
  }
  return at
}

export const broken = (what: string): StatementFault => new StatementFault('broken', what)
