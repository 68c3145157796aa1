import fc from 'fast-check'
import { expect, test } from 'vitest'
import { feeFor, NO_FEE, type FeeRule } from './fees.ts'
import { fen } from './money.ts'

const rule: FeeRule = { permille: 50, maxFen: fen(500), freeReasons: ['quality'] }

test.each([
  ['five per cent', 10_00, 'changed_mind', 50],
  ['rounded down in the favour of the customer', 99, 'changed_mind', 4],
  ['nothing below one fen', 19, 'changed_mind', 0],
  ['never more than its limit', 1_000_00, 'changed_mind', 500],
  ['nothing for a fault of the shop', 10_00, 'quality', 0],
  ['nothing of the smallest claim', 1, 'changed_mind', 0],
])('the fee is %s', (_name, claim, reason, fee) => {
  expect(feeFor(rule, fen(claim), reason)).toBe(fee)
})

test('without a rule nothing is kept, and never for what the shop did wrong', () => {
  expect(feeFor(NO_FEE, fen(10_00), 'changed_mind')).toBe(0)
  const greedy = { ...NO_FEE, permille: 1000, maxFen: fen(10_00) }
  for (const reason of ['quality', 'double_payment', 'wrong_amount', 'not_made']) {
    expect(feeFor(greedy, fen(10_00), reason)).toBe(0)
  }
})

test('whatever a shop sets, something is left to refund and the fee is never negative', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000_000_000 }),
      fc.integer({ min: 0, max: 2_000 }),
      fc.integer({ min: 0, max: 10_000_000_000 }),
      (claim, permille, maxFen) => {
        const fee = feeFor({ permille, maxFen: fen(maxFen), freeReasons: [] }, fen(claim), 'other')
        expect(fee).toBeGreaterThanOrEqual(0)
        expect(fee).toBeLessThan(claim)
        expect(fee).toBeLessThanOrEqual(maxFen)
      },
    ),
    { numRuns: 1_000 },
  )
})
