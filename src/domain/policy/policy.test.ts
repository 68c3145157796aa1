import fc from 'fast-check'
import { expect, test } from 'vitest'
import { WAYS } from '../actor.ts'
import { fen } from '../money.ts'
import { rightsOf, type Rights } from '../rights.ts'
import { judge, strictest, VERDICTS, type PolicyFacts, type Verdict } from './policy.ts'
import { DEFAULT_PARAMS, RULES } from './rules/index.ts'

const params = { cashLimitFen: fen(100_00), secondAtTillFen: fen(2_000_00) }
const rights = rightsOf('cashier')
const ofRights = (own: Partial<Rights>) => ({ rights: rightsOf('cashier', own) })
const decider = { mayDecide: true, rights: rightsOf('supervisor') }
const seconded = { secondedBy: 'key' as const }
const facts: PolicyFacts = {
  method: 'original',
  amount: fen(50_00),
  mayDecide: false,
  rights,
  askedToday: fen(0),
  secondedBy: null,
  broughtIn: false,
  otherStore: false,
  earlierDay: false,
  otherCashier: false,
  besideUnclear: false,
  reasonGiven: true,
}
const cash = { method: 'cash' as const }

test.each<[string, Partial<PolicyFacts>, Verdict]>([
  ['a cashier within the limit', {}, 'allow'],
  ['a cashier exactly at the limit', { amount: fen(200_00) }, 'allow'],
  ['a cashier one fen above the limit', { amount: fen(200_01) }, 'needs_approval'],
  ['a supervisor above the limit', { amount: fen(200_01), ...decider }, 'allow'],
  ['a cashier with a second person above it', { amount: fen(200_01), ...seconded }, 'allow'],
  [
    'a cashier whose limit is their own',
    { amount: fen(200_01), ...ofRights({ perRefundFen: fen(300_00) }) },
    'allow',
  ],
  [
    'a supervisor with a limit',
    { ...decider, rights: rightsOf('supervisor', { perRefundFen: fen(10_00) }) },
    'needs_approval',
  ],
  ['somebody who may not refund', ofRights({ mayRefund: false }), 'deny'],
  ['who may not refund, seconded', { ...ofRights({ mayRefund: false }), ...seconded }, 'deny'],
  ['exactly at the limit of a day', { askedToday: fen(950_00) }, 'allow'],
  ['one fen beyond a day', { askedToday: fen(950_01) }, 'needs_approval'],
  ['beyond a day, seconded', { askedToday: fen(950_01), ...seconded }, 'allow'],
  [
    'without a limit for the day',
    { askedToday: fen(9_950_00), ...ofRights({ perDayFen: null }) },
    'allow',
  ],
  ['a sale brought in', { broughtIn: true }, 'needs_approval'],
  ['a sale brought in, by a supervisor', { broughtIn: true, ...decider }, 'allow'],
  ['a sale of another store', { otherStore: true }, 'needs_approval'],
  ['a sale of another store, seconded', { otherStore: true, ...seconded }, 'allow'],
  [
    'a sale of another store, by right',
    { otherStore: true, ...ofRights({ otherStore: true }) },
    'allow',
  ],
  ['a sale of yesterday', { earlierDay: true }, 'needs_approval'],
  ['a sale of yesterday, seconded', { earlierDay: true, ...seconded }, 'allow'],
  [
    'a sale of yesterday, by right',
    { earlierDay: true, ...ofRights({ earlierDay: true }) },
    'allow',
  ],
  ["a colleague's sale", { otherCashier: true }, 'allow'],
  [
    "a colleague's sale, without the right",
    { otherCashier: true, ...ofRights({ otherCashier: false }) },
    'needs_approval',
  ],
  [
    "a colleague's sale, seconded",
    { otherCashier: true, ...ofRights({ otherCashier: false }), ...seconded },
    'allow',
  ],
  ['beside an unclear refund', { besideUnclear: true }, 'needs_approval'],
  ['beside an unclear refund, by a supervisor', { besideUnclear: true, ...decider }, 'allow'],
  ['by PIN up to its reach', { amount: fen(2_000_00), secondedBy: 'pin' }, 'allow'],
  ['by PIN beyond its reach', { amount: fen(2_000_01), secondedBy: 'pin' }, 'needs_approval'],
  ['by code beyond its reach', { amount: fen(2_000_01), secondedBy: 'code' }, 'needs_approval'],
  ['by an own device, as far as it likes', { amount: fen(2_000_01), ...seconded }, 'allow'],
  ['cash', cash, 'needs_approval'],
  ['cash by a supervisor alone', { ...cash, ...decider }, 'needs_approval'],
  ['cash with a second person', { ...cash, ...seconded }, 'allow'],
  ['cash at its limit', { ...cash, ...seconded, amount: fen(100_00) }, 'allow'],
  ['cash one fen above it', { ...cash, ...seconded, amount: fen(100_01) }, 'deny'],
  ['cash without a reason', { ...cash, ...seconded, reasonGiven: false }, 'deny'],
  ['the original route without a reason', { reasonGiven: false }, 'allow'],
])('%s', (_name, change, verdict) => {
  expect(judge(RULES, { ...facts, ...change }, params).verdict).toBe(verdict)
})

test('a cash limit of nothing switches cash off', () => {
  const none = { ...DEFAULT_PARAMS, cashLimitFen: fen(0) }
  expect(judge(RULES, { ...facts, ...cash, amount: fen(1), ...seconded }, none).verdict).toBe(
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

const someLimit = fc.option(fc.integer({ min: 0, max: 1_200_00 }).map(fen))
const someRights = fc.record<Rights>({
  mayRefund: fc.boolean(),
  perRefundFen: someLimit,
  perDayFen: someLimit,
  otherStore: fc.boolean(),
  earlierDay: fc.boolean(),
  otherCashier: fc.boolean(),
})
const NO_MORE: Partial<Rights>[] = [
  { mayRefund: false },
  { perRefundFen: fen(0) },
  { perDayFen: fen(0) },
  { otherStore: false },
  { earlierDay: false },
  { otherCashier: false },
]
const someFacts = fc.record<PolicyFacts>({
  method: fc.constantFrom('original', 'cash'),
  amount: fc.integer({ min: 1, max: 400_00 }).map(fen),
  mayDecide: fc.boolean(),
  rights: someRights,
  askedToday: fc.integer({ min: 0, max: 1_200_00 }).map(fen),
  secondedBy: fc.constantFrom(null, ...WAYS),
  broughtIn: fc.boolean(),
  otherStore: fc.boolean(),
  earlierDay: fc.boolean(),
  otherCashier: fc.boolean(),
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

test('a higher amount, a worse circumstance, a right or a person fewer never makes the verdict milder', () => {
  fc.assert(
    fc.property(someFacts, fc.integer({ min: 0, max: 400_00 }), (each, more) => {
      const before = rank(judge(RULES, each, params).verdict)
      const worse: readonly Partial<PolicyFacts>[] = [
        { amount: fen(each.amount + more) },
        { askedToday: fen(each.askedToday + more) },
        { mayDecide: false },
        { secondedBy: null },
        { broughtIn: true },
        { otherStore: true },
        { earlierDay: true },
        { otherCashier: true },
        ...NO_MORE.map((less) => ({ rights: { ...each.rights, ...less } })),
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
      const alone = { ...each, ...cash, secondedBy: null }
      expect(judge(RULES, alone, params).verdict).not.toBe('allow')
    }),
    { numRuns: 1_000 },
  )
})
