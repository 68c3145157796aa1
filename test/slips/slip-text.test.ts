import fc from 'fast-check'
import { expect, test } from 'vitest'
import { columnsOf, printable, TEXT_CHARACTERS_MAX, wrap } from '../../src/notify/slip-text.ts'

const anything = fc.string({ unit: 'binary', maxLength: 400 })

test('printable text has no control, format, private or unassigned character, whatever came in', () => {
  fc.assert(
    fc.property(anything, (raw) => {
      expect(printable(raw)).not.toMatch(/\p{C}|\p{Zl}|\p{Zp}|^ | $| {2}/u)
    }),
    { numRuns: 500 },
  )
})

test('printable text stays what it is', () => {
  fc.assert(
    fc.property(anything, (raw) => {
      const once = printable(raw)
      expect(printable(once)).toBe(once)
    }),
    { numRuns: 300 },
  )
})

test.each([
  ['退款\u001bp\u0000\u0019\u00fa成功', '退款pú成功'],
  ['\u202e00.21￥\u202c', '00.21￥'],
  ['\u2066¥12.00\u2069', '￥12.00'],
  ['  a\t b\r\nc\u2028d ', 'a b c d'],
  ['Crème brûlée', 'Crème brulée'],
  ['Smørrebrød Ångström', 'Sm□rrebr□d Angstrom'],
  ['牛肉面🍜大份', '牛肉面□大份'],
  ['䶮记', '䶮记'],
  ['\u1fef', '`'],
])('%j prints as %j', (raw, expected) => {
  expect(printable(raw)).toBe(expected)
})

test('a text longer than any name ends in an ellipsis', () => {
  const text = printable('长'.repeat(10_000))
  expect(Array.from(text)).toHaveLength(TEXT_CHARACTERS_MAX)
  expect(text.endsWith('…')).toBe(true)
})

test('wrapping loses nothing but spaces and never exceeds the paper', () => {
  fc.assert(
    fc.property(anything, fc.integer({ min: 4, max: 48 }), (raw, columns) => {
      const text = printable(raw)
      const lines = wrap(text, columns)
      for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(columns)
      expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
    }),
    { numRuns: 500 },
  )
})

test('Latin words stay whole and closing punctuation starts no line, opening brackets end none', () => {
  expect(wrap('Do not refund again', 12)).toEqual(['Do not', 'refund again'])
  expect(wrap('请勿重复退款，谢谢', 12)).toEqual(['请勿重复退', '款，谢谢'])
  expect(wrap('川味小馆（春熙路店）', 10)).toEqual(['川味小馆', '（春熙路', '店）'])
  expect(wrap(printable('Grandmother’s soup'), 14)).toEqual(["Grandmother's", 'soup'])
})
