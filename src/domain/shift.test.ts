import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Actor } from './actor.ts'
import { fen, type Fen } from './money.ts'
import { NO_RIGHTS, rightsOf } from './rights.ts'
import type { Role } from './roles.ts'
import { PAYMENT_STATES } from './payment.ts'
import { ENDED_STATES, type RefundState } from './refund.ts'
import {
  cashDifference,
  dayTotals,
  expectedCash,
  mayCloseShift,
  mayOversee,
  maySeeShift,
  REFUND_STANDINGS,
  shiftTotals,
  standingOf,
  type ReportRows,
  type Tally,
  type Totals,
} from './shift.ts'
import { SHOWN_WORDS } from './shown.ts'

test('every word of a refund has its place in the count, and only ends without money have none', () => {
  const none = SHOWN_WORDS.filter((word) => standingOf(word) === null)
  expect(none).toEqual(ENDED_STATES)
  const used = new Set(SHOWN_WORDS.map(standingOf).filter((each) => each !== null))
  expect([...used].toSorted()).toEqual([...REFUND_STANDINGS].toSorted())
})

const group = fc.record({
  terminal: fc.constantFrom('t1', 't2', null),
  channel: fc.constantFrom('wechatpay', 'alipay', 'cash'),
  count: fc.integer({ min: 1, max: 1_000 }),
  fen: fc.integer({ min: 0, max: 1_000_000_000 }).map(fen),
})
const payment = fc
  .tuple(group, fc.constantFrom(...PAYMENT_STATES))
  .map(([each, state]) => ({ ...each, state }))
const closed = fc.constantFrom<RefundState>('requested', 'approved', 'succeeded', 'owed', 'closed')
const part = fc.record({
  kind: fc.constantFrom('refund' as const, 'cash' as const),
  state: fc.constantFrom('submitted' as const, 'processing' as const, 'stuck' as const),
  waiting: fc.constantFrom(null, 'funds' as const, 'rate' as const),
  first_send_at: fc.constantFrom(null, '2026-11-22T04:00:00+00:00'),
})
const refund = fc.oneof(
  fc.tuple(group, closed).map(([each, state]) => ({ ...each, state, open: null })),
  fc.tuple(group, part).map(([each, open]) => ({ ...each, state: 'sending' as const, open })),
)
const rows: fc.Arbitrary<ReportRows> = fc.record({
  payments: fc.array(payment, { maxLength: 12 }),
  refunds: fc.array(refund, { maxLength: 12 }),
  cash: fc.array(group, { maxLength: 4 }),
  unfinished: fc.constant({ count: 0, rows: [] }),
  cashNotAnswered: fc.constant([]),
})

const sum = (tallies: readonly Tally[]): Tally => ({
  count: tallies.reduce((all, each) => all + each.count, 0),
  amount: fen(tallies.reduce((all, each) => all + each.amount, 0)),
})
const refundsOf = (totals: Pick<Totals, 'refunds'>) =>
  REFUND_STANDINGS.map((each) => totals.refunds[each])

test('whatever is counted is counted once: by channel, by terminal, and all together', () => {
  fc.assert(
    fc.property(rows, (given) => {
      const totals = dayTotals(given, [])
      for (const parts of [totals.channels, totals.terminals]) {
        expect(sum(parts.map((each) => each.payments))).toEqual(totals.payments)
        for (const standing of REFUND_STANDINGS) {
          expect(sum(parts.map((each) => each.refunds[standing]))).toEqual(totals.refunds[standing])
        }
      }
      expect(sum(totals.terminals.map((each) => each.cashHandedOut))).toEqual(totals.cashHandedOut)
      const alive = given.refunds.filter((each) => each.state !== 'closed')
      expect(sum(refundsOf(totals))).toEqual(
        sum(alive.map((each) => ({ count: each.count, amount: each.fen }))),
      )
      const { terminals: _terminals, shifts: _shifts, ...rest } = totals
      expect(shiftTotals(given)).toEqual(rest)
    }),
    { numRuns: 300 },
  )
})

test('what is listed carries its word and an exact time', () => {
  const row = {
    no: '7326112200012345678901',
    payment: '7226112200012345678902',
    fen: fen(1_200),
    state: 'sending' as const,
    open: {
      kind: 'cash' as const,
      state: 'submitted' as const,
      waiting: null,
      first_send_at: null,
    },
    since: '2026-11-22T20:31:40.123+08:00',
  }
  const { unfinished, cashNotAnswered } = shiftTotals({
    payments: [],
    refunds: [],
    cash: [],
    unfinished: { count: 9, rows: [row] },
    cashNotAnswered: [row],
  })
  const listed = {
    no: row.no,
    amount: 1_200,
    shows: 'cash_to_hand_out',
    since: '2026-11-22T12:31:40.123Z',
  }
  expect(unfinished).toEqual({ count: 9, refunds: [listed] })
  expect(cashNotAnswered).toEqual([listed])
})

test.each<[Fen, Fen, Fen, number, number]>([
  [fen(50_000), fen(0), fen(50_000), 50_000, 0],
  [fen(50_000), fen(900), fen(49_200), 49_100, 100],
  [fen(50_000), fen(900), fen(49_000), 49_100, -100],
  // More went out than was there at first: the shop took cash that is not counted here.
  [fen(100), fen(900), fen(0), -800, 800],
])('opening %i, handed out %i, counted %i', (opening, out, counted, expected, difference) => {
  const left = expectedCash(opening, { count: 1, amount: out })
  expect(left).toBe(expected)
  expect(cashDifference(counted, left)).toBe(difference)
})

const actor = (
  role: Role | null,
  staff: string,
  store: string | null,
  terminal: string | null,
): Actor => ({
  tenant: 1,
  store,
  terminal,
  staff,
  way: role === null ? null : 'key',
  roles: role === null ? [] : [role],
  rights: role === null ? NO_RIGHTS : rightsOf(role),
  second: null,
})
const SHIFT = { store: 's1', terminal: 't1', staff: 'zhang' }

test.each([
  ['its own person at its drawer', actor('cashier', 'zhang', 's1', 't1'), false, true, true],
  ['its own person elsewhere', actor('cashier', 'zhang', 's1', 't9'), false, true, false],
  ['a colleague at its drawer', actor('cashier', 'zhao', 's1', 't1'), false, true, false],
  ['a colleague elsewhere', actor('cashier', 'zhao', 's1', 't9'), false, false, false],
  ['a till without a person', actor(null, '', 's1', 't1'), false, true, false],
  ['a supervisor of the store', actor('supervisor', 'li', 's1', 't9'), true, true, true],
  ['a supervisor of another store', actor('supervisor', 'li', 's2', 't9'), false, false, false],
  ['a supervisor of all stores', actor('supervisor', 'li', null, null), true, true, true],
  ['the owner at another store', actor('owner', 'wang', 's2', 't9'), true, true, true],
])('%s', (_who, person, oversees, sees, closes) => {
  expect([
    mayOversee(person, SHIFT.store),
    maySeeShift(person, SHIFT),
    mayCloseShift(person, SHIFT),
  ]).toEqual([oversees, sees, closes])
})
