import fc from 'fast-check'
import { expect, test } from 'vitest'
import { amountPieces, NUMBER_PIECES, piecesOf, SENTENCES } from './words.ts'

const ZH: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Array.from('零一二三四五六七八九', (word, digit) => [String(digit), word])),
  ten: '十',
  hundred: '百',
  thousand: '千',
  myriad: '万',
  hundred_million: '亿',
  yuan: '元',
  jiao: '角',
  fen: '分',
}
const zh = (fen: number) =>
  amountPieces('zh', fen)
    .map((piece) => ZH[piece])
    .join('')
const en = (fen: number) => amountPieces('en', fen).join(' ')

test.each([
  [1_200, '十二元'],
  [12_800, '一百二十八元'],
  [1, '一分'],
  [10, '一角'],
  [105, '一元零五分'],
  [123_405, '一千二百三十四元零五分'],
  [1_000_00, '一千元'],
  [10_010_00, '一万零一十元'],
  [11_000_00, '一万一千元'],
  [100_000_100, '一百万零一元'],
  [0, '零元'],
  [99_999_999_99, '九千九百九十九万九千九百九十九元九角九分'],
  [100_000_000_00, '一亿元'],
])('%i fen is said %s', (fen, said) => {
  expect(zh(fen)).toBe(said)
})

test.each([
  [1_200, '12 yuan'],
  [105, '1 yuan 5 fen'],
  [12_845, '1 hundred and 20 8 yuan 40 5 fen'],
  [5, '5 fen'],
])('%i fen is said %s', (fen, said) => {
  expect(en(fen)).toBe(said)
})

/** Reads Chinese numbers back, by other means than they were made. */
function readBack(text: string): number {
  let [total, section, digit] = [0, 0, 0]
  for (const word of text) {
    if ('零一二三四五六七八九'.includes(word)) digit = '零一二三四五六七八九'.indexOf(word)
    else if ('十百千'.includes(word)) {
      section += (digit || 1) * 10 ** ('十百千'.indexOf(word) + 1)
      digit = 0
    } else if (word === '万') [total, section, digit] = [total + (section + digit) * 10_000, 0, 0]
    else if (word === '亿') [total, section, digit] = [(section + digit) * 100_000_000, 0, 0]
    else if (word === '元') [total, section, digit] = [(total + section + digit) * 100, 0, 0]
    else if (word === '角') [total, digit] = [total + digit * 10, 0]
    else if (word === '分') [total, digit] = [total + digit, 0]
  }
  return total
}

test('whatever amount is said is heard as that amount', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000_000_000 }), (fen) => {
      expect(readBack(zh(fen))).toBe(fen)
    }),
    { numRuns: 2_000 },
  )
})

test('only pieces that are recorded are ever asked for', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 10_000_000_000 }),
      fc.constantFrom('zh', 'en'),
      fc.constantFrom(...SENTENCES),
      (fen, language, sentence) => {
        const known: readonly string[] = [...NUMBER_PIECES[language], ...SENTENCES]
        for (const piece of piecesOf(language, sentence, fen)) expect(known).toContain(piece)
      },
    ),
  )
})
