import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aChannel, RUNS } from '../../test/support/arbitraries.ts'
import { LANGUAGES } from '../texts/language.ts'
import { arrivalText, channelRuleText } from '../texts/channel-rules.ts'
import { span } from '../texts/figures.ts'
import { ACQUIRER_FEES, type ArrivalText, type Capabilities } from './capabilities.ts'
import {
  arrivals,
  CHANNEL_DESTINATIONS,
  channelRules,
  termsOf,
  type ChannelRule,
  type ChannelRuleKey,
  type ChannelRuleParams,
  type Terms,
} from './channel-rules.ts'
import { fen, yuan } from './money.ts'
import { planRefund, type PlanFacts } from './plan.ts'

const arrivalTexts: readonly ArrivalText[] = [
  'at_once',
  'minutes',
  'days_1_3',
  'days_1_7',
  'by_hand',
  'by_channel',
]
const some = fc.constantFrom(...arrivalTexts)
const capabilities = fc
  .record<Partial<Capabilities>>({
    partial: fc.boolean(),
    windowDays: fc.option(fc.integer({ min: 1, max: 400 })),
    countMax: fc.option(fc.integer({ min: 1, max: 99 })),
    spacingMs: fc.constantFrom(0, 3_000, 60_000, 90_000, 3_600_000),
    amountMinFen: fc.integer({ min: 1, max: 10_000 }),
    voidSameDay: fc.option(fc.constantFrom({ clearingDayCutover: '22:30' })),
    refusal: fc.constantFrom('signed', 'confirm_by_query', 'statement_only'),
    replaySafe: fc.boolean(),
    notFound: fc.option(fc.constantFrom({ quietMs: 600_000, times: 2, apartMs: 60_000 })),
    serialisePer: fc.constantFrom('payment', 'payer'),
    notifies: fc.boolean(),
    acquirerFee: fc.option(fc.constantFrom(...ACQUIRER_FEES)),
    arrival: fc.record({
      balance: some,
      bank_card: some,
      original: some,
      merchant: some,
      cash: some,
      unknown: some,
    }),
  })
  .map(aChannel)
const terms = fc.record<Terms>({
  windowDays: fc.option(fc.integer({ min: 1, max: 400 })),
  countMax: fc.option(fc.integer({ min: 1, max: 99 })),
  acquirerFee: fc.option(fc.constantFrom(...ACQUIRER_FEES)),
  hotline: fc.constant(null),
})

const EVERY: readonly ChannelRuleKey[] = [
  'window',
  'count',
  'spacing',
  'serial',
  'partial',
  'least_amount',
  'same_day_void',
  'acquirer_fee',
  'unknown_outcome',
]
const rule = (can: Capabilities, of: Terms, key: ChannelRuleKey) =>
  channelRules(can, of).find((each) => each.key === key)

/** What a rule's sentence must not leave out; empty: nothing. */
function figureOf({ key, params }: ChannelRule): string {
  switch (key) {
    case 'window':
      return params.days === null ? '' : ` ${params.days} `
    case 'count':
      return params.most === null ? '' : ` ${params.most} `
    case 'least_amount':
      return `¥${yuan(params.fen)}`
    case 'same_day_void':
      return params.until ?? ''
    case 'spacing':
      return params.ms === 0 ? '' : (span('zh', params.ms).split(' ')[0] ?? '')
    case 'serial':
    case 'partial':
    case 'acquirer_fee':
    case 'unknown_outcome':
      return ''
  }
}

test('whatever a channel can, every rule is told once, in both languages, with its figures', () => {
  fc.assert(
    fc.property(capabilities, terms, (can, of) => {
      const rules = channelRules(can, of)
      expect(rules.map((each) => each.key)).toEqual(EVERY)
      for (const language of LANGUAGES) {
        for (const each of rules) {
          const said = channelRuleText(language, each)
          expect(said).toMatch(language === 'zh' ? /^[^A-Za-z]+。$/ : /^[A-Z][^\u4e00-\u9fff]+\.$/)
          expect(said).not.toMatch(/undefined|null|NaN|object/)
          expect(said).toContain(figureOf(each))
        }
        const told = arrivals(can)
        expect(told.map((each) => each.destination)).toEqual(CHANNEL_DESTINATIONS)
        for (const { destination, when } of told) {
          expect(arrivalText(language, destination, when)).toMatch(/.[：:] ?.+[。.]$/)
        }
      }
    }),
    { numRuns: RUNS },
  )
})

test('another capability is another sentence', () => {
  const none = termsOf({})
  const pairs: readonly (readonly [
    ChannelRuleKey,
    Partial<Capabilities>,
    Partial<Capabilities>,
  ])[] = [
    ['window', { windowDays: 365 }, { windowDays: null }],
    ['count', { countMax: 50 }, { countMax: null }],
    ['spacing', { spacingMs: 60_000 }, { spacingMs: 0 }],
    ['serial', { serialisePer: 'payer' }, { serialisePer: 'payment' }],
    ['partial', { partial: true }, { partial: false }],
    ['same_day_void', { voidSameDay: { clearingDayCutover: '23:00' } }, { voidSameDay: null }],
    ['acquirer_fee', { acquirerFee: 'pro_rata' }, { acquirerFee: 'kept' }],
    ['acquirer_fee', { acquirerFee: 'kept' }, { acquirerFee: null }],
    ['unknown_outcome', { replaySafe: true }, { replaySafe: false }],
    ['unknown_outcome', { notifies: true }, { notifies: false }],
    ['unknown_outcome', { refusal: 'signed' }, { refusal: 'statement_only' }],
    ['unknown_outcome', { refusal: 'confirm_by_query' }, { notFound: null }],
  ]
  for (const language of LANGUAGES) {
    for (const [key, one, other] of pairs) {
      const [first, second] = [one, other].map((change) => {
        const found = rule(aChannel(change), none, key)
        return found && channelRuleText(language, found)
      })
      expect(first, `${language} ${key}`).not.toBe(second)
    }
  }
})

function paramsOf<Key extends ChannelRuleKey>(
  can: Capabilities,
  of: Terms,
  key: Key,
): ChannelRuleParams[Key] {
  const found = rule(can, of, key)
  if (!found) throw new Error(`no rule ${key}`)
  return found.params as ChannelRuleParams[Key]
}

const paidAt = new Date('2026-01-01T00:00:00Z')
const DAY_MS = 86_400_000

test('what the rules say is what a refund is planned by, to the last millisecond, refund and fen', () => {
  fc.assert(
    fc.property(capabilities, terms, (can, of) => {
      const { days } = paramsOf(can, of, 'window')
      const { most } = paramsOf(can, of, 'count')
      const { ms } = paramsOf(can, of, 'spacing')
      const { possible } = paramsOf(can, of, 'partial')
      const { fen: least } = paramsOf(can, of, 'least_amount')
      const facts: PlanFacts = {
        paidAt,
        amount: fen(20_000),
        paid: fen(20_000),
        count: 0,
        lastSentAt: null,
        inFlight: false,
        paused: false,
        probeAt: null,
      }
      const plan = (change: Partial<PlanFacts>, at = paidAt.getTime()): string => {
        const planned = planRefund(can, of, { ...facts, ...change }, new Date(at))
        return planned.kind === 'now' ? 'now' : planned.reason
      }

      const end = paidAt.getTime() + (days ?? 3_650) * DAY_MS
      expect(plan({}, end)).toBe('now')
      expect(plan({}, end + 1)).toBe(days === null ? 'now' : 'window_over')
      expect(plan({ count: (most ?? 1_000) - 1 })).toBe('now')
      expect(plan({ count: most ?? 1_000 })).toBe(most === null ? 'now' : 'count_used_up')
      expect(plan({ lastSentAt: paidAt }, paidAt.getTime() + ms)).toBe('now')
      expect(plan({ lastSentAt: paidAt })).toBe(ms === 0 ? 'now' : 'spacing')
      expect(plan({ amount: fen(19_999) })).toBe(possible ? 'now' : 'partial_not_possible')
      expect(plan({ amount: fen(least), paid: fen(least) })).toBe('now')
      expect(plan({ amount: fen(least - 1), paid: fen(least - 1) })).toBe('amount_too_small')
    }),
    { numRuns: RUNS },
  )
})

test("what a contract says goes before the channel's own word, and what it leaves out does not", () => {
  const can = aChannel({ windowDays: 365, countMax: 50, acquirerFee: 'pro_rata' })
  expect(termsOf({ windowDays: 90 })).toEqual({
    windowDays: 90,
    countMax: null,
    acquirerFee: null,
    hotline: null,
  })
  expect(rule(can, termsOf({ windowDays: 90 }), 'window')?.params).toEqual({ days: 90 })
  expect(rule(can, termsOf({ windowDays: 90 }), 'count')?.params).toEqual({ most: 50 })
  expect(rule(can, termsOf({ acquirerFee: 'kept' }), 'acquirer_fee')?.params).toEqual({
    fee: 'kept',
  })
})
