import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addFen, fen, maxFen, minFen, shareOut, subFen, yuan, ZERO } from './money.ts'

const amounts = fc.integer({ min: 0, max: 9_007_199_254 }).map(fen)

test.each([0.5, NaN, Infinity, -Infinity, 2 ** 53, -(2 ** 53)])(
  '%d is no amount of money',
  (value) => {
    expect(() => fen(value)).toThrow(RangeError)
  },
)

test('the largest safe integer is money and one fen more is not', () => {
  const most = fen(Number.MAX_SAFE_INTEGER)
  expect(() => addFen(most, fen(1))).toThrow(RangeError)
  expect(() => subFen(fen(-Number.MAX_SAFE_INTEGER), fen(1))).toThrow(RangeError)
})

test('sums and differences of nothing are nothing', () => {
  expect(addFen()).toBe(0)
  expect(subFen(fen(7))).toBe(7)
  expect(subFen(fen(10), fen(3), fen(4))).toBe(3)
  expect(minFen(fen(1), fen(2))).toBe(1)
  expect(maxFen(fen(1), fen(2))).toBe(2)
})

test.each([
  [0, '0.00'],
  [1, '0.01'],
  [10, '0.10'],
  [99, '0.99'],
  [100, '1.00'],
  [1200, '12.00'],
  [-1, '-0.01'],
  [-1234, '-12.34'],
  [Number.MAX_SAFE_INTEGER, '90071992547409.91'],
])('%d fen is written %s', (amount, text) => {
  expect(yuan(fen(amount))).toBe(text)
})

test.each([
  ['evenly', 9, [1, 1, 1], [3, 3, 3]],
  ['with the first of equals getting the odd fen', 10, [1, 1, 1], [4, 3, 3]],
  ['with two odd fen to the first two', 11, [1, 1, 1], [4, 4, 3]],
  ['to the largest remainder before the earlier place', 10, [1, 2], [3, 7]],
  ['with nothing for a weight of nothing', 5, [0, 3, 0], [0, 5, 0]],
  ['to the first place when nothing weighs', 5, [0, 0], [5, 0]],
  ['of nothing', 0, [3, 4], [0, 0]],
  ['of one fen among many', 1, [1, 1, 1, 1], [1, 0, 0, 0]],
  [
    'of sums whose product is past a safe integer',
    9_000_000_000_000_000,
    [3_000_000_000_000_000, 6_000_000_000_000_000],
    [3_000_000_000_000_000, 6_000_000_000_000_000],
  ],
])('shares are given %s', (_name, total, weights, shares) => {
  expect(shareOut(fen(total), weights.map(fen))).toEqual(shares)
})

test('no weights, a negative weight and a negative total are errors', () => {
  expect(() => shareOut(fen(1), [])).toThrow(RangeError)
  expect(() => shareOut(fen(1), [fen(-1), fen(2)])).toThrow(RangeError)
  expect(() => shareOut(fen(-1), [fen(1)])).toThrow(RangeError)
})

test('shares always add up, stay within a fen of exact, and weigh nothing for nothing', () => {
  fc.assert(
    fc.property(amounts, fc.array(amounts, { minLength: 1, maxLength: 12 }), (total, weights) => {
      const shares = shareOut(total, weights)
      expect(addFen(...shares)).toBe(total)
      const whole = weights.reduce((sum, weight) => sum + BigInt(weight), 0n)
      if (whole === 0n) return
      shares.forEach((share, place) => {
        // |share − total·weight/whole| < 1, without division.
        const off = BigInt(share) * whole - BigInt(total) * BigInt(weights[place] ?? ZERO)
        expect(off < whole && -off < whole).toBe(true)
        expect(weights[place] === 0 ? share : 0).toBe(0)
      })
    }),
    { numRuns: 1_000 },
  )
})
