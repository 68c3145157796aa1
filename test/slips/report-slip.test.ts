/** Hand-over and day-close slips as a printer gets them and as a screen shows them. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AnySlip } from '../../src/domain/any-slip.ts'
import { fen } from '../../src/domain/money.ts'
import { shiftTotals } from '../../src/domain/shift.ts'
import { PAPER_COLUMNS, type Paper } from '../../src/notify/slip-lines.ts'
import { slipEscpos, slipSvg } from '../../src/notify/slip-print.ts'
import { columnsOf } from '../../src/notify/slip-text.ts'
import { reportTexts } from '../../src/texts/report-slip.ts'
import { LANGUAGES } from '../../src/texts/language.ts'
import { slipTexts } from '../../src/texts/slip.ts'
import { decodeEscpos } from '../support/escpos.ts'
import {
  CLOSE_NO,
  dayClose,
  handOver,
  reportRows,
  SHIFT_NO,
  STANDINGS_SHOWN,
} from './report-facts.ts'

const PAPERS = Object.keys(PAPER_COLUMNS) as Paper[]
const EVERY_PRINT = PAPERS.flatMap((paper) => LANGUAGES.map((language) => ({ paper, language })))

const printed = (...args: Parameters<typeof slipEscpos>) => decodeEscpos(slipEscpos(...args))
const withoutBlanks = (text: string): string => text.replace(/\s/g, '')
const textOf = (...args: Parameters<typeof slipEscpos>): string =>
  withoutBlanks(printed(...args).text.join(''))

test.each(EVERY_PRINT)(
  'a shift on $paper in $language says who, when, what was counted and what is left to do',
  ({ paper, language }) => {
    const [words, texts] = [reportTexts[language], slipTexts[language]]
    const job = printed(handOver(), paper, language)
    expect(job).toMatchObject({ cuts: 1, drawerKicks: 0, strange: [], qrs: [] })
    expect(job.barcodes).toEqual([SHIFT_NO])
    const text = withoutBlanks(job.text.join(''))
    for (const part of [
      texts.title.hand_over,
      words.short + '￥1.00',
      SHIFT_NO,
      '1号机',
      '张三',
      '2026-11-22 08:30:00',
      '2026-11-22 22:04:30',
      words.label.opening + '￥500.00',
      words.label.cashOut + words.count(1) + '-￥6.00',
      words.label.expected + '￥494.00',
      words.label.counted + '￥493.00',
      texts.channel.wechatpay + words.count(1_234) + '￥123,456.78',
      words.label.total + words.count(1_236) + '￥123,486.78',
      words.label.unclear + words.count(1) + '￥5.00',
      ...STANDINGS_SHOWN.map((standing) => `- ${words.standing[standing]}`),
      words.section.unfinished + words.count(60),
      '7326112200098765432103',
      words.more(57),
      words.unfinishedNote,
      words.cashNote,
      words.signHandingOver,
      words.signTakingOver,
    ]) {
      expect(text).toContain(withoutBlanks(part))
    }
    // Papers of the shop for itself are no proof for a customer and name no copy.
    expect(text).not.toContain(withoutBlanks(texts.copy.merchant))
    expect(text).not.toContain(withoutBlanks(texts.label.verification))
  },
)

test.each(EVERY_PRINT)(
  'a day on $paper in $language adds up tills and shifts, and says which close it is',
  ({ paper, language }) => {
    const [words, texts] = [reportTexts[language], slipTexts[language]]
    const job = printed(dayClose({ nth: 2 }), paper, language)
    expect(job).toMatchObject({ cuts: 1, drawerKicks: 0, strange: [], barcodes: [CLOSE_NO] })
    const text = withoutBlanks(job.text.join(''))
    for (const part of [
      texts.title.day_close,
      '2026-11-22',
      words.nth(2),
      words.label.closedBy + '李四',
      `1号机- ${words.section.payments} ${words.count(1_234)}￥123,456.78`,
      `2号机- ${words.section.payments} ${words.count(2)}￥30.00`,
      words.noTerminal,
      '1号机 张三' + words.short + '￥1.00',
      '2号机 赵六' + words.stillOpen,
      words.signSupervisor,
    ]) {
      expect(text).toContain(withoutBlanks(part))
    }
  },
)

test.each([
  [100, 'over', '￥1.00'],
  [-100, 'short', '￥1.00'],
  [0, 'even', ''],
] as const)('a difference of %i is called %s', (difference, word, amount) => {
  const cash = { ...handOver().cash, difference: fen(difference) }
  const text = textOf(handOver({ cash }), '58mm', 'zh')
  expect(text).toContain(reportTexts.zh[word] + amount)
  const others = (['over', 'short', 'even'] as const).filter((each) => each !== word)
  for (const other of others) expect(text).not.toContain(reportTexts.zh[other])
})

test('a quiet shift says that there was nothing, and names who counted in another’s place', () => {
  const none = { payments: [], refunds: [], cash: [], cashNotAnswered: [] }
  const totals = shiftTotals({ ...none, unfinished: { count: 0, rows: [] } })
  const text = textOf(handOver({ totals, closedBy: '李四' }), '58mm', 'zh')
  expect(text).toContain('收款合计0笔￥0.00')
  expect(text).toContain('退款（按申请时间）无')
  expect(text).toContain('未完结退款（含以前的）无')
  expect(text).toContain('代为交班李四')
})

test('cash that nobody answered for is on the paper however long the list before it is', () => {
  const { cashNotAnswered, unfinished } = reportRows()
  const rows = unfinished.rows.filter((each) => each.open?.kind !== 'cash')
  const totals = shiftTotals({ ...reportRows(), unfinished: { count: 60, rows } })
  const text = textOf(handOver({ totals }), '80mm', 'zh')
  expect(text).toContain(cashNotAnswered[0]?.no)
  expect(text).toContain(reportTexts.zh.more(57).replaceAll(' ', ''))
})

test('practice, sandbox and reprint are said as on every slip', () => {
  for (const slip of [handOver, dayClose] as ((over: object) => AnySlip)[]) {
    const text = textOf(slip({ sandbox: true, training: true, reprint: 3 }), '58mm', 'zh')
    expect(text.match(/沙盒演示/g)).toHaveLength(2)
    expect(text.match(/培训/g)).toHaveLength(2)
    expect(text).toContain('补打第3次')
    expect(textOf(slip({}), '58mm', 'zh')).not.toMatch(/沙盒|培训|补打/)
  }
})

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc
    .array(
      fc.constantFrom(
        '\u001bp\u0000\u0019\u00fa',
        '\u001dV\u0000',
        '{code:1;option:qrcode}',
        '{command:\\x1bp0}',
        '\n===\n',
        '|',
        '"`_^^^~',
        '\\n',
        '\u202e',
        '---',
        '长款',
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join('')),
)

test('whatever names and notes contain prints as text, within the paper', () => {
  fc.assert(
    fc.property(hostile, hostile, fc.constantFrom(...EVERY_PRINT), (name, note, print) => {
      const store = { name, address: note, phone: name }
      const slips: AnySlip[] = [
        handOver({ store, cashier: name, closedBy: note, terminal: note, note }),
        dayClose({
          store,
          closedBy: name,
          names: { terminals: { t1: name, t2: note }, staff: { zhang: note, zhao: name } },
        }),
      ]
      for (const slip of slips) {
        const job = printed(slip, print.paper, print.language)
        const commands = printed(
          slip.kind === 'hand_over' ? handOver() : dayClose(),
          print.paper,
          print.language,
        ).commands
        expect(job).toMatchObject({ cuts: 1, drawerKicks: 0, strange: [], qrs: [] })
        expect(job.barcodes).toHaveLength(1)
        expect(new Set(job.commands)).toEqual(new Set(commands))
        for (const line of job.text) {
          expect(line).not.toMatch(/\p{C}/u)
          expect(columnsOf(line)).toBeLessThanOrEqual(PAPER_COLUMNS[print.paper])
        }
      }
    }),
    { numRuns: 100 },
  )
}, 30_000)

test('a number that is not ours has no bars, and the picture is the same every time', () => {
  expect(printed(handOver({ barcode: null }), '58mm', 'zh').barcodes).toEqual([])
  expect(slipSvg(dayClose(), '80mm', 'zh')).toBe(slipSvg(dayClose(), '80mm', 'zh'))
  expect(slipSvg(dayClose(), '58mm', 'en')).toMatch(/^<svg width="384px"/)
})
