import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fen } from '../money.ts'
import { judge, strictest, VERDICTS, type PolicyFacts, type Verdict } from './policy.ts'
import { DEFAULT_PARAMS, RULES } from './rules/index.ts'

const params = { cashierLimitFen: fen(200_00), cashLimitFen: fen(100_00) }
const facts: PolicyFacts = {
  method: 'original',
  amount: fen(50_00),
  mayDecide: false,
  seconded: false,
  broughtIn: false,
  otherStore: false,
  besideUnclear: false,
  reasonGiven: true,
}
const cash = { method: 'cash' as const }

test.each<[string, Partial<PolicyFacts>, Verdict]>([
  ['a cashier within the limit', {}, 'allow'],
  ['a cashier exactly at the limit', { amount: fen(200_00) }, 'allow'],
  ['a cashier one fen above the limit', { amount: fen(200_01) }, 'needs_approval'],
  ['a supervisor above the limit', { amount: fen(200_01), mayDecide: true }, 'allow'],
  ['a cashier with a second person above it', { amount: fen(200_01), seconded: true }, 'allow'],
  ['a sale brought in', { broughtIn: true }, 'needs_approval'],
  ['a sale brought in, by a supervisor', { broughtIn: true, mayDecide: true }, 'allow'],
  ['a sale of another store', { otherStore: true }, 'needs_approval'],
  ['a sale of another store, seconded', { otherStore: true, seconded: true }, 'allow'],
  ['beside an unclear refund', { besideUnclear: true }, 'needs_approval'],
  ['beside an unclear refund, by a supervisor', { besideUnclear: true, mayDecide: true }, 'allow'],
  ['cash', cash, 'needs_approval'],
  ['cash by a supervisor alone', { ...cash, mayDecide: true }, 'needs_approval'],
  ['cash with a second person', { ...cash, seconded: true }, 'allow'],
  ['cash at its limit', { ...cash, seconded: true, amount: fen(100_00) }, 'allow'],
  ['cash one fen above it', { ...cash, seconded: true, amount: fen(100_01) }, 'deny'],
  ['cash without a reason', { ...cash, seconded: true, reasonGiven: false }, 'deny'],
  ['the original route without a reason', { reasonGiven: false }, 'allow'],
])('%s', (_name, change, verdict) => {
  expect(judge(RULES, { ...facts, ...change }, params).verdict).toBe(verdict)
})

test('a cash limit of nothing switches cash off', () => {
  const none = { ...DEFAULT_PARAMS, cashLimitFen: fen(0) }
  expect(judge(RULES, { ...facts, ...cash, amount: fen(1), seconded: true }, none).verdict).toBe(
    'deny',
  )
})

test('every rule leaves its name, its version and its verdict, and no name is used twice', () => {
  const { rules } = judge(RULES, facts, params)
  expect(rules.map((rule) => rule.id)).toEqual(RULES.map((rule) => rule.id))
  expect(new Set(rules.map((rule) => rule.id)).size).toBe(RULES.length)
  expect(rules.every((rule) => rule.version >= 1)).toBe(true)
})

test('without rules everything is allowed, and the strictest of several wins', () => {
  expect(judge([], facts, params)).toEqual({ verdict: 'allow', rules: [] })
  expect(strictest([])).toBe('allow')
  expect(strictest(['allow', 'needs_approval', 'allow'])).toBe('needs_approval')
  expect(strictest(['deny', 'needs_approval', 'allow'])).toBe('deny')
})

const someFacts = fc.record<PolicyFacts>({
  method: fc.constantFrom('original', 'cash'),
  amount: fc.integer({ min: 1, max: 400_00 }).map(fen),
  mayDecide: fc.boolean(),
  seconded: fc.boolean(),
  broughtIn: fc.boolean(),
  otherStore: fc.boolean(),
  besideUnclear: fc.boolean(),
  reasonGiven: fc.boolean(),
})
const rank = (verdict: Verdict) => VERDICTS.indexOf(verdict)
const shuffled = fc.shuffledSubarray([...RULES], {
  minLength: RULES.length,
  maxLength: RULES.length,
})

test('the order of the rules never matters', () => {
  fc.assert(
    fc.property(shuffled, someFacts, (rules, each) => {
      expect(judge(rules, each, params).verdict).toBe(judge(RULES, each, params).verdict)
    }),
    { numRuns: 1_000 },
  )
})

test('a rule more never makes the verdict milder', () => {
  fc.assert(
    fc.property(fc.subarray([...RULES]), someFacts, (some, each) => {
      const less = rank(judge(some, each, params).verdict)
      expect(less).toBeLessThanOrEqual(rank(judge(RULES, each, params).verdict))
    }),
    { numRuns: 1_000 },
  )
})

test('a higher amount, a worse circumstance or one person fewer never makes the verdict milder', () => {
  fc.assert(
    fc.property(someFacts, fc.integer({ min: 0, max: 400_00 }), (each, more) => {
      const before = rank(judge(RULES, each, params).verdict)
      const worse: readonly Partial<PolicyFacts>[] = [
        { amount: fen(each.amount + more) },
        { mayDecide: false },
        { seconded: false },
        { broughtIn: true },
        { otherStore: true },
        { besideUnclear: true },
        { reasonGiven: false },
      ]
      for (const change of worse) {
        expect(rank(judge(RULES, { ...each, ...change }, params).verdict)).toBeGreaterThanOrEqual(
          before,
        )
      }
    }),
    { numRuns: 1_000 },
  )
})

test('cash is never paid out on one person alone', () => {
  fc.assert(
    fc.property(someFacts, (each) => {
      const alone = { ...each, ...cash, seconded: false }
      expect(judge(RULES, alone, params).verdict).not.toBe('allow')
    }),
    { numRuns: 1_000 },
  )
})
