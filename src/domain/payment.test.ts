import { expect, test } from 'vitest'
import { someCounters } from '../../test/support/arbitraries.ts'
import { fen, ZERO } from './money.ts'
import type { PayOutcome } from './outcome.ts'
import {
  moveCounters,
  PAY_WITHIN_MS,
  PAYMENT_MOVES,
  PAYMENT_STATES,
  paymentFact,
  isPastReversal,
  paymentTurn,
  roomOf,
  UNCLEAR_STATES,
  type PayAct,
  type PaymentState,
  type PaymentView,
  type TurnView,
} from './payment.ts'

const ACTS: readonly PayAct[] = ['pay', 'query', 'reverse', 'close', 'notice']
const paid: PayOutcome = {
  kind: 'paid',
  at: new Date('2026-11-22T04:00:00Z'),
  channelNo: '4200001234202611221234567890',
  paidFen: fen(1000),
  payerFen: fen(900),
  payer: null,
  refunded: false,
  bankType: null,
}
const OUTCOMES: readonly PayOutcome[] = [
  paid,
  { kind: 'waiting', reason: 'password', codeUrl: null },
  { kind: 'unpaid' },
  { kind: 'closed' },
  { kind: 'reversed' },
  { kind: 'refused', code: 'NOTENOUGH', final: true },
  { kind: 'refused', code: 'SYSTEMERROR', final: false },
  { kind: 'not_found' },
  { kind: 'unknown', cause: 'timeout', alarm: false },
]
const view = (state: PaymentState, change: Partial<PaymentView> = {}): PaymentView => ({
  state,
  requestMayArrive: false,
  outside: false,
  pastReversal: false,
  asked: fen(1000),
  ...change,
})

const ALL = PAYMENT_STATES.flatMap((state) =>
  ACTS.flatMap((act) =>
    OUTCOMES.flatMap((outcome) =>
      [true, false].flatMap((requestMayArrive) =>
        [true, false].map((outside) => {
          const payment = view(state, { requestMayArrive, outside })
          return { payment, act, outcome, fact: paymentFact(payment, outcome, act) }
        }),
      ),
    ),
  ),
)
const movesTo = (to: PaymentState) =>
  ALL.filter(({ fact }) => fact.kind === 'move' && fact.to === to)

// Columns: paid by query, paid by any other way, waiting, unpaid, closed, reversed, final no to pay, not found by
// query; while no request may arrive. P paid, W waiting, C closed, R reversed, · stays.
const LETTERS = { P: 'paid', W: 'waiting', C: 'closed', R: 'reversed' } as const
test.each([
  ['created', '····C···'],
  ['submitted', 'PPW·CRC·'],
  ['waiting', 'PP··CR··'],
  ['reversing', 'P···CR·C'],
  ['closed', 'PP······'],
  ['paid', '·····R··'],
  ['reversed', '········'],
] as const)('a payment that is %s moves as the table says: %s', (state, row) => {
  const heard: readonly (readonly [PayOutcome, readonly PayAct[]])[] = [
    [OUTCOMES[0]!, ['query']],
    [OUTCOMES[0]!, ['pay', 'reverse', 'close', 'notice']],
    [OUTCOMES[1]!, ACTS],
    [OUTCOMES[2]!, ACTS],
    [OUTCOMES[3]!, ACTS],
    [OUTCOMES[4]!, ACTS],
    [OUTCOMES[5]!, ['pay']],
    [OUTCOMES[7]!, ['query']],
  ]
  heard.forEach(([outcome, acts], column) => {
    const to = LETTERS[row[column] as keyof typeof LETTERS] ?? null
    for (const act of acts) {
      expect(paymentFact(view(state), outcome, act)).toMatchObject(
        to === null ? { kind: 'stay' } : { kind: 'move', to },
      )
    }
  })
})

test('no outcome of any act leads outside the table', () => {
  for (const { payment, fact } of ALL) {
    expect(fact.kind === 'stay' || PAYMENT_MOVES[payment.state].includes(fact.to)).toBe(true)
  }
  const reached = new Set(Object.values(PAYMENT_MOVES).flat())
  expect(PAYMENT_STATES.filter((state) => !reached.has(state))).toEqual(['created'])
})

test('a reversed payment is never paid again, and never anything else', () => {
  expect(PAYMENT_MOVES.reversed).toEqual([])
  const heard = ALL.filter(({ payment }) => payment.state === 'reversed')
  expect(heard.every(({ fact }) => fact.kind === 'stay' && fact.alarm === null)).toBe(true)
})

test('a payment being reversed is paid only by a question after the last request has died', () => {
  const from = movesTo('paid').filter(({ payment }) => payment.state === 'reversing')
  expect(from.length).toBeGreaterThan(0)
  for (const { payment, act } of from) {
    expect(act).toBe('query')
    expect(payment.requestMayArrive).toBe(false)
  }
})

test('not found ends a payment only when nothing of ours can arrive, or when it was never ours', () => {
  const ends = ALL.filter(
    ({ outcome, fact }) => outcome.kind === 'not_found' && fact.kind === 'move',
  )
  expect(ends.length).toBeGreaterThan(0)
  for (const { payment, act, fact } of ends) {
    expect(fact).toEqual({ kind: 'move', to: 'closed' })
    const dead = payment.state === 'reversing' && act === 'query' && !payment.requestMayArrive
    expect(dead || (payment.outside && payment.state === 'submitted')).toBe(true)
  }
})

test('"unpaid" and silence never end a payment, and a refusal ends it only as the final answer to our charge', () => {
  for (const { payment, act, outcome, fact } of ALL) {
    const silent = outcome.kind === 'unpaid' || outcome.kind === 'unknown'
    expect(silent && fact.kind === 'move').toBe(false)
    const refusedAway = outcome.kind === 'refused' && fact.kind === 'move'
    const charge = act === 'pay' && payment.state === 'submitted'
    expect(!refusedAway || (charge && outcome.final)).toBe(true)
  }
})

test('"unpaid" ends a payment by code that nobody can reverse any more, asked when nothing of ours could arrive', () => {
  const unpaid: PayOutcome = { kind: 'unpaid' }
  const old = { pastReversal: true }
  const closed = { kind: 'move', to: 'closed' }
  expect(paymentFact(view('reversing', old), unpaid, 'query')).toEqual(closed)
  for (const payment of [
    view('reversing'),
    view('submitted', old),
    view('waiting', old),
    view('paid', old),
    view('reversing', { ...old, requestMayArrive: true }),
  ]) {
    expect(paymentFact(payment, unpaid, 'query').kind).toBe('stay')
  }
  expect(paymentFact(view('reversing', old), unpaid, 'notice').kind).toBe('stay')
})

test('what the channel reverses no longer is only asked about; a shown code may be closed at any time', () => {
  const [day, week] = [24 * 3_600_000, 7 * 24 * 3_600_000]
  expect(isPastReversal(noon, 7, after(week + day))).toBe(false)
  expect(isPastReversal(noon, 7, after(week + day + 1))).toBe(true)
  const old = { state: 'reversing', pastReversal: true } as const
  const late = after(2 * week)
  expect(turn({ ...old, method: 'code' }, late)).toBe('query')
  expect(turn({ ...old, method: 'qr' }, late)).toBe('close')
  expect(turn({ state: 'reversing', method: 'code' }, late)).toBe('reverse')
})

test('another amount than we asked for moves nothing and calls a person, in every state', () => {
  for (const state of PAYMENT_STATES) {
    for (const act of ACTS) {
      expect(paymentFact(view(state), { ...paid, paidFen: fen(999) }, act)).toEqual({
        kind: 'stay',
        alarm: 'amount_mismatch',
      })
    }
  }
})

test('a paid payment that the channel calls closed calls a person', () => {
  expect(paymentFact(view('paid'), { kind: 'closed' }, 'query')).toEqual({
    kind: 'stay',
    alarm: 'closed_after_paid',
  })
})

test('an alarm of the transport is handed on', () => {
  const loud: PayOutcome = { kind: 'unknown', cause: 'bad_signature', alarm: true }
  expect(paymentFact(view('submitted'), loud, 'pay')).toEqual({
    kind: 'stay',
    alarm: 'bad_signature',
  })
})

const noon = new Date('2026-11-22T04:00:00Z')
const after = (ms: number) => new Date(noon.getTime() + ms)
const turn = (change: Partial<TurnView>, now: Date) =>
  paymentTurn(
    {
      state: 'submitted',
      method: 'code',
      neverSent: false,
      pastReversal: false,
      submittedAt: noon,
      validUntil: null,
      tries: 0,
      ...change,
    },
    45_000,
    now,
  )

test('a payment that never left is charged within its time and abandoned from then on', () => {
  for (const method of ['code', 'qr'] as const) {
    const unsent = { neverSent: true, method }
    expect(turn(unsent, noon)).toBe('pay')
    expect(turn(unsent, after(PAY_WITHIN_MS - 1))).toBe('pay')
    expect(turn(unsent, after(PAY_WITHIN_MS))).toBe('abandon')
    expect(turn(unsent, after(10 ** 9))).toBe('abandon')
  }
})

test('a payment that left once, or has another state, or was taken elsewhere, is never charged', () => {
  for (const state of PAYMENT_STATES) {
    for (const method of ['code', 'qr', 'outside'] as const) {
      for (const neverSent of [true, false]) {
        for (let tries = 0; tries < 4; tries += 1) {
          const next = turn({ state, method, neverSent, tries }, noon)
          const may = state === 'submitted' && neverSent && method !== 'outside'
          expect(next === 'pay').toBe(may)
        }
      }
    }
  }
})

test('nothing is charged after it was given up, whatever is heard and however long it is driven', () => {
  // "abandon" closes the payment; from there the only way on is a late "paid".
  const states: PaymentState[] = ['closed', ...PAYMENT_MOVES.closed, 'reversed']
  for (const state of states) {
    for (const neverSent of [true, false]) {
      for (const tries of [0, 1, 2, 3]) {
        expect(turn({ state, neverSent, tries }, noon)).toBe('query')
      }
    }
  }
})

test('a payment by code is reversed exactly when its wait is over, waiting for a password or not', () => {
  for (const state of ['submitted', 'waiting'] as const) {
    expect(turn({ state }, after(44_999))).toBe('query')
    expect(turn({ state }, after(45_000))).toBe('begin_reverse')
  }
})

test('a payment by QR is closed only after its code has run out, and never without an end', () => {
  const qr = { method: 'qr' as const, validUntil: after(300_000) }
  expect(turn(qr, after(300_000))).toBe('query')
  expect(turn(qr, after(300_001))).toBe('begin_reverse')
  expect(turn({ method: 'qr' }, after(10 ** 12))).toBe('query')
})

test('a payment taken elsewhere is only asked about', () => {
  expect(turn({ method: 'outside', neverSent: true }, after(10 ** 9))).toBe('query')
})

test('a reversal acts and asks in turn, closing what was shown as a code', () => {
  const reversing = { state: 'reversing' as const }
  expect([0, 1, 2, 3].map((tries) => turn({ ...reversing, tries }, after(15_000)))).toEqual([
    'reverse',
    'query',
    'reverse',
    'query',
  ])
  expect(turn({ ...reversing, method: 'qr' }, after(15_000))).toBe('close')
  expect(turn(reversing, after(14_999))).toBe('query')
})

test('room is what was paid less what is held, refunded and kept, in a paid payment only', () => {
  const counters = someCounters(1000, { held: fen(100), refunded: fen(200), kept: fen(10) })
  expect(roomOf('paid', counters)).toBe(690)
  for (const state of PAYMENT_STATES.filter((each) => each !== 'paid')) {
    expect(roomOf(state, counters)).toBe(0)
  }
  expect(roomOf('paid', someCounters(1000, { refunded: fen(1200), excess: fen(200) }))).toBe(0)
})

test('excess is what truth puts beyond the payment, and it goes when the truth is undone', () => {
  const before = someCounters(1000, { refunded: fen(900) })
  const none = { held: ZERO, refunded: ZERO, kept: ZERO }
  const late = { held: ZERO, refunded: fen(300), kept: ZERO }
  const over = moveCounters(before, none, late)
  expect(over).toEqual({ ...before, refunded: 1200, excess: 200 })
  expect(moveCounters(over, late, none)).toEqual(before)
})

test('while nobody knows whether money was taken, the payment counts as unclear', () => {
  expect(PAYMENT_STATES.filter((state) => !UNCLEAR_STATES.includes(state))).toEqual([
    'paid',
    'reversed',
    'closed',
  ])
})
