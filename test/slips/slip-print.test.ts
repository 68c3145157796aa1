import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fen } from '../../src/domain/money.ts'
import {
  PENDING_STATES,
  refundSlip,
  REQUEST_STATES,
  saleSlip,
  SLIP_COPIES,
  type SlipCopy,
} from '../../src/domain/slip.ts'
import { PAPER_COLUMNS, type Paper } from '../../src/notify/slip-document.ts'
import { slipEscpos, slipSvg } from '../../src/notify/slip-print.ts'
import { columnsOf, printable } from '../../src/notify/slip-text.ts'
import { LANGUAGES } from '../../src/texts/language.ts'
import { slipTexts } from '../../src/texts/slip.ts'
import { decodeEscpos } from '../support/escpos.ts'
import { CUSTOMER_PAGE, ORDER_NO, REFUND_NO, refundFacts, saleFacts, STAMP } from './facts.ts'

const PAPERS = Object.keys(PAPER_COLUMNS) as Paper[]
const EVERY_PRINT = PAPERS.flatMap((paper) =>
  LANGUAGES.flatMap((language) => SLIP_COPIES.map((copy) => ({ paper, language, copy }))),
)

/** What the square says: to a till the slip's number, amount and check code; behind the customer's page the same. */
const squareOf = (no: string, amount: number, copy: SlipCopy): unknown => {
  const page = copy === 'customer' ? `${CUSTOMER_PAGE.replace('?', '\\?')}#` : ''
  return expect.stringMatching(new RegExp(`^${page}${no}\\*${amount}\\*[0-9A-Z]{15}$`))
}

const printed = (...args: Parameters<typeof slipEscpos>) => decodeEscpos(slipEscpos(...args))
const onPaper = (...args: Parameters<typeof slipEscpos>): string => printed(...args).text.join('\n')
const withoutBlanks = (text: string): string => text.replace(/\s/g, '')

test.each(EVERY_PRINT)(
  'a sale on $paper in $language, $copy copy, is one cut slip with the order number in bars',
  ({ paper, language, copy }) => {
    const texts = slipTexts[language]
    const job = printed(saleSlip(saleFacts(), copy, STAMP), paper, language)
    expect(job.barcodes).toEqual([ORDER_NO])
    expect(job.qrs).toEqual([squareOf(ORDER_NO, 12_800, copy)])
    expect(job).toMatchObject({ cuts: 1, drawerKicks: 0, strange: [] })
    const text = job.text.join('\n')
    for (const part of [texts.title.sale, texts.copy[copy], '￥128.00', '-￥10.00', ORDER_NO]) {
      expect(text).toContain(part)
    }
    expect(text).toContain('2026-11-22 19:05:09')
  },
)

test.each(EVERY_PRINT)(
  'a refund on $paper in $language, $copy copy, names amount, state, way and numbers',
  ({ paper, language, copy }) => {
    const texts = slipTexts[language]
    const job = printed(refundSlip(saleFacts(), refundFacts(), copy, STAMP), paper, language)
    expect(job.barcodes).toEqual([ORDER_NO])
    expect(job).toMatchObject({ cuts: 1, drawerKicks: 0, strange: [] })
    const text = withoutBlanks(job.text.join(''))
    for (const part of [
      texts.title.refund,
      texts.state.succeeded,
      '￥12.00',
      '微信 张* 招商银行(0403)',
      texts.arrival.days_1_3.done,
      REFUND_NO,
      '菜品问题',
      '2026-11-22 20:31:40',
    ]) {
      expect(text).toContain(withoutBlanks(part))
    }
  },
)

test.each(PENDING_STATES)('a refund that is %s never says that money was paid back', (state) => {
  for (const { paper, language, copy } of EVERY_PRINT) {
    const texts = slipTexts[language]
    const facts = refundFacts({ state, payerFen: null })
    const text = withoutBlanks(
      onPaper(refundSlip(saleFacts(), facts, copy, STAMP), paper, language),
    )
    expect(text).toContain(withoutBlanks(texts.state[state]))
    expect(text).toContain(withoutBlanks(texts.advice[copy][state]))
    expect(text).not.toContain(withoutBlanks(texts.title.refund + ' ·'))
    expect(text).not.toContain(withoutBlanks(texts.state.succeeded + '￥'))
    expect(text).not.toContain(withoutBlanks(texts.arrival.days_1_3.done))
  }
})

test.each(REQUEST_STATES)(
  'a refund that is %s says that its slip is no proof, and what comes next',
  (state) => {
    for (const { paper, language, copy } of EVERY_PRINT) {
      const texts = slipTexts[language]
      const facts = refundFacts({ state, payerFen: null, destination: null })
      const job = printed(refundSlip(saleFacts(), facts, copy, STAMP), paper, language)
      expect(job).toMatchObject({ cuts: 1, barcodes: [ORDER_NO], strange: [] })
      const text = withoutBlanks(job.text.join(''))
      for (const part of [
        `${texts.title.request} · ${texts.copy[copy]}`,
        texts.state[state],
        texts.noProof,
        texts.advice[copy][state],
        '￥12.00',
        REFUND_NO,
        ORDER_NO,
        '宫保鸡丁',
        '菜品问题',
        texts.label.requestedAt + '2026-11-22 20:31:40',
      ]) {
        expect(text).toContain(withoutBlanks(part))
      }
      expect(text).not.toContain(withoutBlanks(texts.state.succeeded + '￥'))
      expect(text).not.toContain(withoutBlanks(texts.arrival.days_1_3.ahead))
    }
  },
)

test('the check code and the time of printing stand on every slip', () => {
  for (const { paper, language, copy } of EVERY_PRINT) {
    const { label } = slipTexts[language]
    for (const slip of [
      saleSlip(saleFacts(), copy, STAMP),
      refundSlip(saleFacts(), refundFacts(), copy, STAMP),
    ]) {
      const text = withoutBlanks(onPaper(slip, paper, language))
      expect(slip.verification).toMatch(/^[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{5}$/)
      expect(text).toContain(withoutBlanks(label.verification + slip.verification))
      expect(text).toContain(withoutBlanks(`${label.printedAt}2026-11-22 20:40:00`))
    }
  }
})

test('no line is wider than the paper, and long names are broken and never cut', () => {
  const name = '秘制红烧肉套餐（含米饭例汤小菜，不辣不麻少油少盐）'.repeat(4)
  for (const { paper, language, copy } of EVERY_PRINT) {
    const facts = saleFacts({ lines: [{ name, quantity: 12, fen: fen(999_999_999_999) }] })
    const job = printed(
      refundSlip(facts, refundFacts({ reason: name }), copy, STAMP),
      paper,
      language,
    )
    for (const line of job.text) expect(columnsOf(line)).toBeLessThanOrEqual(PAPER_COLUMNS[paper])
    const text = withoutBlanks(job.text.join(''))
    expect(text.replace('×12￥9,999,999,999.99', '')).toContain(name)
    expect(text).toContain('×12￥9,999,999,999.99')
    expect(text).toContain(slipTexts[language].label.reason + name)
  }
})

test('an item whose name has nothing to print keeps its line and its amount', () => {
  const lines = [{ name: '\u200b\u202e', quantity: 3, fen: fen(500) }]
  expect(printed(saleSlip(saleFacts({ lines }), 'customer', STAMP), '58mm', 'zh').text).toContain(
    `□${' '.repeat(20)}×3 ￥5.00`,
  )
})

test('the largest amounts stay on one line each', () => {
  const huge = fen(999_999_999_999)
  const amounts = { order: huge, discount: fen(0), paid: huge, refunded: huge }
  const facts = refundFacts({ amount: huge, payerFen: huge })
  for (const { paper, language, copy } of EVERY_PRINT) {
    const { text } = printed(
      refundSlip(saleFacts({ amounts }), facts, copy, STAMP),
      paper,
      language,
    )
    const whole = text.filter((line) => line.includes('￥9,999,999,999.99'))
    expect(whole.length).toBeGreaterThanOrEqual(4)
  }
})

test('the fee kept, what the customer gets and earlier refunds are told apart', () => {
  const amounts = { order: fen(5000), discount: fen(0), paid: fen(5000), refunded: fen(2700) }
  const facts = refundFacts({ amount: fen(1200), feeKept: fen(100), payerFen: fen(1150) })
  const { text } = printed(
    refundSlip(saleFacts({ amounts }), facts, 'merchant', STAMP),
    '80mm',
    'zh',
  )
  const rows = text.map((line) => line.replace(/ +/g, ' '))
  expect(rows).toEqual(
    expect.arrayContaining([
      '实付 ￥50.00',
      '此前已退 ￥15.00',
      '退款金额 ￥12.00',
      '扣手续费 ￥1.00',
      '顾客实退 ￥11.50',
    ]),
  )
  expect(rows).toContain('￥11.50')
})

test('a reprint says which one it is, and the first print says nothing', () => {
  expect(onPaper(saleSlip(saleFacts(), 'merchant', STAMP), '58mm', 'zh')).not.toContain('补打')
  expect(onPaper(saleSlip(saleFacts({ reprint: 2 }), 'merchant', STAMP), '58mm', 'zh')).toContain(
    '补打第 2 次',
  )
})

test.each(EVERY_PRINT)(
  'sandbox and training slips say so at both ends: $paper $language $copy',
  ({ paper, language, copy }) => {
    const texts = slipTexts[language]
    const both = withoutBlanks(texts.sandbox + texts.training)
    const slip = refundSlip(
      saleFacts({ sandbox: true, training: true }),
      refundFacts(),
      copy,
      STAMP,
    )
    const text = withoutBlanks(onPaper(slip, paper, language))
    expect(text.startsWith(both)).toBe(true)
    expect(text.endsWith(both)).toBe(true)
    expect(onPaper(saleSlip(saleFacts(), copy, STAMP), paper, language)).not.toMatch(
      /沙盒|SANDBOX|培训|TRAINING/,
    )
  },
)

test('without a public address the customer copy has bars, the phone and a square for the till', () => {
  const slip = refundSlip(saleFacts({ customerPage: null }), refundFacts(), 'customer', STAMP)
  const job = printed(slip, '58mm', 'zh')
  expect(job.qrs).toEqual([expect.stringMatching(/^\d{22}\*1200\*[0-9A-Z]{15}$/)])
  expect(job.text.join('')).toContain(slipTexts.zh.tillCode)
  expect(job.barcodes).toEqual([ORDER_NO])
  expect(job.text.join('')).toContain('查询请致电 028-8666 1234')
})

test('beside the code a refund slip says what the code never asks', () => {
  const text = onPaper(refundSlip(saleFacts(), refundFacts(), 'customer', STAMP), '58mm', 'zh')
  expect(text).toContain('仅查进度，不付款、不输密码')
})

test.each(['1', '12345', '71261122000123456789', ORDER_NO, '9'.repeat(24)])(
  'the bars of %s read back as exactly that',
  (orderNo) => {
    expect(
      printed(saleSlip(saleFacts({ orderNo }), 'merchant', STAMP), '58mm', 'zh').barcodes,
    ).toEqual([orderNo])
  },
)

test('24 digits in bars fit 58 mm paper with quiet zones of ten modules', () => {
  const svg = slipSvg(
    saleSlip(saleFacts({ orderNo: '9'.repeat(24) }), 'merchant', STAMP),
    '58mm',
    'zh',
  )
  const bars = /translate\((\d+),\d+\)"><path d="(M[^"]*z)" fill="#000"\/><\/g>/.exec(svg)
  const left = Number(bars?.[1])
  expect(left).toBeGreaterThanOrEqual(20)
  expect(384 - 2 * left).toBe(334)
})

test('the picture has a margin above and below, since large characters rise above their line', () => {
  const slip = saleSlip(saleFacts(), 'customer', STAMP)
  const [, height, top, inside] =
    /^<svg width="384px" height="(\d+)px" viewBox="0 (-\d+) 384 (\d+)"/.exec(
      slipSvg(slip, '58mm', 'zh'),
    ) ?? []
  expect(Number(top)).toBeLessThanOrEqual(-10)
  expect(height).toBe(inside)
})

test('the picture is as wide as the paper has dots and the same every time', () => {
  const slip = refundSlip(saleFacts({ sandbox: true }), refundFacts(), 'customer', STAMP)
  expect(slipSvg(slip, '58mm', 'zh')).toMatch(/^<svg width="384px"/)
  expect(slipSvg(slip, '80mm', 'zh')).toMatch(/^<svg width="576px"/)
  expect(slipSvg(slip, '80mm', 'zh')).toBe(slipSvg(slip, '80mm', 'zh'))
})

test('every character that counts as printable comes out of the byte stream as itself', () => {
  const decoder = new TextDecoder('gb18030')
  const all: string[] = []
  for (let lead = 0x81; lead <= 0xfe; lead += 1) {
    for (let trail = 0x40; trail <= 0xfe; trail += 1) {
      const character = decoder.decode(Uint8Array.of(lead, trail))
      if (Array.from(character).length === 1 && printable(character) === character)
        all.push(character)
    }
  }
  expect(all.length).toBeGreaterThan(21_000)
  const BATCH = 250
  for (let from = 0; from < all.length; from += BATCH) {
    const name = printable(all.slice(from, from + BATCH).join(''))
    const facts = saleFacts({ lines: [{ name, quantity: 1, fen: fen(1) }] })
    const text = withoutBlanks(onPaper(saleSlip(facts, 'merchant', STAMP), '80mm', 'zh'))
    expect(text.replace('×1￥0.01', '')).toContain(withoutBlanks(name))
  }
})

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc
    .array(
      fc.constantFrom(
        '\u001bp\u0000\u0019\u00fa',
        '\u001dV\u0000',
        '\u001dk\u0049',
        '\u0010\u0014\u0001\u0000\u0001',
        '{code:1;option:qrcode}',
        '{command:\\x1bp0}',
        '{i:iVBORw0KGgo=}',
        '\n===\n',
        '|',
        '"`_^^^~',
        '\\x1b',
        '\\n',
        '\\',
        '\u0327',
        '\u0338',
        '\u1fef',
        '\u202e',
        '---',
        '=',
        '退款成功',
        'A',
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join('')),
)

test('whatever names and reasons contain prints as text: no command, code, cut or drawer kick of theirs', () => {
  fc.assert(
    fc.property(
      hostile,
      hostile,
      hostile,
      fc.constantFrom(...EVERY_PRINT),
      (item, reason, store, { paper, language, copy }) => {
        const facts = saleFacts({
          store: { name: store, address: item, phone: reason },
          terminal: item,
          cashier: store,
          lines: [{ name: item, quantity: 1, fen: fen(1) }],
        })
        const slip = refundSlip(
          facts,
          refundFacts({ reason, destination: item, payer: reason }),
          copy,
          STAMP,
        )
        const job = printed(slip, paper, language)
        expect(job.strange).toEqual([])
        expect(job.barcodes).toEqual([ORDER_NO])
        expect(job.qrs).toEqual([squareOf(REFUND_NO, 1_200, copy)])
        expect(job).toMatchObject({ cuts: 1, drawerKicks: 0 })
        expect(new Set(job.commands)).toEqual(ourCommands(paper))
        for (const line of job.text) {
          expect(line).not.toMatch(/\p{C}/u)
          expect(columnsOf(line)).toBeLessThanOrEqual(PAPER_COLUMNS[paper])
        }
        const text = withoutBlanks(job.text.join(''))
        expect(text).toContain(withoutBlanks(printable(store)))
        expect(text).toContain('×1￥0.01')
        expect(withoutBlanks(slipSvgText(slipSvg(slip, paper, language)))).toContain(
          withoutBlanks(printable(store)),
        )
      },
    ),
    { numRuns: 300 },
  )
}, 30_000)

const ourCommands = (paper: Paper): Set<string> =>
  new Set(printed(refundSlip(saleFacts(), refundFacts(), 'customer', STAMP), paper, 'zh').commands)

function slipSvgText(svg: string): string {
  const unescaped: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', '#xa0': ' ' }
  return Array.from(svg.matchAll(/<tspan[^>]*>([^<]*)<\/tspan>/g), ([, text = '']) => text)
    .join('')
    .replace(/&(amp|lt|gt|#xa0);/g, (_, name: string) => unescaped[name] ?? '')
}
