import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aChannel, someCounters } from '../../test/support/arbitraries.ts'
import type { Actor } from './actor.ts'
import { fen, ZERO } from './money.ts'
import type { Rule } from './policy/policy.ts'
import { DEFAULT_PARAMS, RULES } from './policy/rules/index.ts'
import { arrivalAhead, discountsOf, previewRefund } from './preview.ts'
import { rightsOf } from './rights.ts'
import type { PaymentBooks, RefundWish, ShopRules } from './request.ts'

const now = new Date('2026-11-22T04:00:00Z')
const books: PaymentBooks = {
  paymentNo: '7226112200000000000001',
  saleNo: '7126112200000000000001',
  storeNo: 's1',
  state: 'paid',
  blocked: null,
  counters: someCounters(30_000),
  items: [],
  paidAt: now,
  cashier: 'zhang',
  broughtIn: false,
  siblingUnclear: false,
  sentCount: 0,
  lastSentAt: null,
  inFlight: false,
  unclearRefund: null,
  can: aChannel(),
  contract: { windowDays: null, countMax: null },
  paused: false,
  probeAt: null,
}
const wish: RefundWish = {
  paymentNo: books.paymentNo,
  ask: { kind: 'amount', fen: fen(12_00) },
  method: 'original',
  reason: 'quality',
  note: '',
  replaces: null,
}
const person: Actor = {
  tenant: 1,
  store: 's1',
  terminal: 't1',
  staff: 'zhang',
  way: 'pin',
  roles: ['cashier'],
  rights: rightsOf('cashier'),
  second: null,
}
const shop: ShopRules = {
  rules: RULES,
  params: DEFAULT_PARAMS,
  fee: { permille: 100, maxFen: fen(10_000), freeReasons: ['quality'] },
}
const always: Rule = { id: 'cash', version: 1, judge: () => 'needs_approval' }

describe('a preview', () => {
  test('says what goes back, what is kept and what could be asked for afterwards', () => {
    const changed = { ...wish, reason: 'changed_mind' }
    expect(previewRefund(books, changed, person, ZERO, shop, now)).toMatchObject({
      kind: 'previewed',
      preview: {
        amount: 10_80,
        feeKept: 1_20,
        refundableAfter: 288_00,
        kind: 'refund',
        plan: { kind: 'now' },
        verdict: 'allow',
        why: [],
        second: 'none',
      },
    })
  })

  test('names every rule that wants a second person, and that one at this till is enough', () => {
    const much = { ...wish, ask: { kind: 'full' as const } }
    const elsewhere = { ...person, store: 's2' }
    expect(previewRefund(books, much, elsewhere, ZERO, shop, now)).toMatchObject({
      preview: {
        verdict: 'needs_approval',
        why: ['per_refund', 'other_store'],
        second: 'pin_or_code',
        facts: { amount: 30_000, otherStore: true },
      },
    })
  })

  test('says so when nobody at this till is enough', () => {
    const strict = { ...shop, rules: [always] }
    expect(previewRefund(books, wish, person, ZERO, strict, now)).toMatchObject({
      preview: { verdict: 'needs_approval', second: 'elsewhere' },
    })
  })

  test('names what a second person at this till cannot lift', () => {
    const narrow = { ...shop, params: { ...shop.params, secondAtTillFen: fen(20_000) } }
    const much = { ...wish, ask: { kind: 'full' as const } }
    expect(previewRefund(books, much, person, ZERO, narrow, now)).toMatchObject({
      preview: {
        verdict: 'needs_approval',
        why: ['per_refund', 'second_at_till'],
        second: 'elsewhere',
      },
    })
  })

  test('refuses what the request would refuse', () => {
    const over = { ...wish, ask: { kind: 'amount' as const, fen: fen(30_001) } }
    expect(previewRefund(books, over, person, ZERO, shop, now)).toEqual({
      kind: 'refused',
      refusal: { code: 'over_room', params: { room: 30_000, refunded: 0, held: 0 } },
    })
  })
})

describe('discounts', () => {
  const sale = { order: fen(5_000), discount: fen(500), paid: fen(4_500) }

  test('of the shop are told with the whole payment of a sale only', () => {
    const whole = { paid: fen(4_500), payer: fen(4_500) }
    expect(discountsOf(sale, whole, fen(100))).toEqual({ ofShop: sale, ofChannel: null })
    expect(discountsOf(sale, { paid: fen(2_000), payer: null }, fen(100))).toBeNull()
    expect(discountsOf({ ...sale, discount: fen(0) }, whole, fen(100))).toBeNull()
  })

  test("of the channel leave the customer's share, exact only when all goes back at once", () => {
    const payment = { paid: fen(4_500), payer: fen(4_000) }
    const none = { ...sale, discount: fen(0) }
    expect(discountsOf(none, payment, fen(4_500))?.ofChannel).toMatchObject({
      back: 4_000,
      exact: true,
    })
    expect(discountsOf(none, payment, fen(1_200))?.ofChannel).toMatchObject({
      back: 1_067,
      exact: false,
    })
  })

  test('never give the customer more than they paid, nor more than the refund', () => {
    const amounts = fc
      .integer({ min: 1, max: 10_000_000 })
      .chain((paid) =>
        fc.tuple(
          fc.constant(paid),
          fc.integer({ min: 0, max: paid }),
          fc.integer({ min: 1, max: paid }),
        ),
      )
    fc.assert(
      fc.property(amounts, ([paid, payer, amount]) => {
        const none = { order: fen(paid), discount: fen(0), paid: fen(paid) }
        const told = discountsOf(none, { paid: fen(paid), payer: fen(payer) }, fen(amount))
        expect(told === null).toBe(payer === paid)
        const { back, exact } = told?.ofChannel ?? { back: amount, exact: amount === paid }
        expect(back).toBeLessThanOrEqual(Math.min(payer, amount))
        expect(back).toBeGreaterThanOrEqual(exact ? payer : 0)
      }),
      { numRuns: 1_000 },
    )
  })
})

test('before the channel has said where money goes, each place it may go has its own time', () => {
  expect(arrivalAhead(aChannel())).toEqual({
    key: 'days_1_3',
    toBalance: 'minutes',
    toCard: 'days_1_3',
  })
})
