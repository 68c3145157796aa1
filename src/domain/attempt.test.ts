import { expect, test } from 'vitest'
import {
  aChannel,
  anAttempt,
  comeBack,
  instant,
  NOT_FOUND,
  PROCESSING,
  refusal,
  STUCK,
  success,
  UNKNOWN,
  WAIT,
  WORDS,
} from '../../test/support/arbitraries.ts'
import {
  ATTEMPT_MOVES,
  ATTEMPT_STATES,
  factOf,
  isOpen,
  mayMove,
  nextWaitMs,
  OPEN_STATES,
  turnOf,
  type Attempt,
} from './attempt.ts'
import type { Outcome } from './outcome.ts'

const HEARD: Readonly<Record<string, Outcome>> = {
  'an earlier success': success(instant(10)),
  'a success at the same time': success(instant(20)),
  'a later success': success(instant(30)),
  'an earlier return': comeBack(instant(10)),
  'a return at the same time': comeBack(instant(20)),
  'a later return': comeBack(instant(30)),
  processing: PROCESSING,
  stuck: STUCK,
  'a proven no': refusal('signed'),
  'a no of the statement': refusal('statement'),
  'a no of a person': refusal('person'),
  'an unsigned no': refusal('unsigned'),
  'an unsigned final no': refusal('unsigned', true),
  'not found': NOT_FOUND,
  nothing: UNKNOWN,
  'a wait': WAIT,
}

const known = { channelTime: instant(20) }
const ROWS: readonly (readonly [string, Attempt, string])[] = [
  // One letter for each word above: S success, R return, P processing, T stuck, D declined, · stays.
  ['submitted', anAttempt(), 'SSSRRRPTDDD·····'],
  ['processing', anAttempt({ state: 'processing' }), 'SSSRRR·TDDD·····'],
  ['stuck', anAttempt({ state: 'stuck' }), 'SSSRRR··DDD·····'],
  ['stuck with a remedy', anAttempt({ state: 'stuck', remedySent: true }), 'SSSRRRP·DDD·····'],
  ['succeeded', anAttempt({ state: 'succeeded', ...known }), '····RR··········'],
  ['declined', anAttempt({ state: 'declined' }), 'SSSRRR··········'],
  ['inferred', anAttempt({ state: 'declined', inferred: true }), 'SSSRRRPT········'],
  ['returned', anAttempt({ state: 'returned', ...known }), '··S·············'],
]
const LETTERS = { S: 'succeeded', R: 'returned', P: 'processing', T: 'stuck', D: 'declined' }

const MATRIX = ROWS.flatMap(([row, attempt, letters]) =>
  Object.entries(HEARD).map(([name, outcome], place) => {
    const to = LETTERS[letters[place] as keyof typeof LETTERS] ?? null
    return { row, name, attempt, outcome, to }
  }),
)

test.each(MATRIX)('$row and $name → $to', ({ attempt, outcome, to }) => {
  const fact = factOf(attempt, outcome, aChannel(), null)
  const reopens = attempt.inferred && (to === 'processing' || to === 'stuck')
  const expected = to === null ? { kind: 'stay' } : { kind: 'move', to, inferred: false, reopens }
  expect(fact).toMatchObject(expected)
})

test('an open attempt is always asked about again; one that ended rests, but for a success that does not fit its return', () => {
  const asked = MATRIX.filter(({ attempt, outcome }) => {
    const fact = factOf(attempt, outcome, aChannel(), null)
    return fact.kind === 'stay' ? fact.next !== 'rest' : isOpen(attempt)
  })
  expect(
    asked.filter(({ attempt }) => !isOpen(attempt)).map(({ row, name }) => `${row}: ${name}`),
  ).toEqual(['returned: an earlier success', 'returned: a success at the same time'])
  expect(asked.filter(({ attempt }) => isOpen(attempt))).toHaveLength(
    MATRIX.filter(({ attempt }) => isOpen(attempt)).length,
  )
})

test('a signed no is no proof on a channel whose statement alone decides', () => {
  const can = aChannel({ refusal: 'statement_only' })
  expect(factOf(anAttempt(), refusal('signed'), can, null)).toMatchObject({
    kind: 'stay',
    hint: { code: 'NO', final: false },
  })
  expect(factOf(anAttempt(), refusal('statement'), can, null)).toMatchObject({ to: 'declined' })
  expect(factOf(anAttempt(), refusal('person'), can, null)).toMatchObject({ to: 'declined' })
})

test('once the channel has the refund, an unsigned no is about the request and leaves no hint', () => {
  const accepted = anAttempt({ state: 'processing', notFoundCount: 1 })
  expect(factOf(accepted, refusal('unsigned', true), aChannel(), null)).toMatchObject({
    kind: 'stay',
    hint: null,
    notFoundCount: 0,
    next: 'ask',
  })
})

test.each(['processing', 'stuck'] as const)(
  'a channel that denies what it had as %s calls a person and moves nothing',
  (state) => {
    expect(factOf(anAttempt({ state }), NOT_FOUND, aChannel(), 10 ** 9)).toMatchObject({
      kind: 'stay',
      alarm: 'not_found_after_accepted',
    })
  },
)

const stopped = anAttempt({ stopped: true })
const quietMs = 600_000

test('not found permits the same send again, where the channel takes a number twice, and only asks elsewhere', () => {
  expect(factOf(anAttempt(), NOT_FOUND, aChannel(), 10 ** 9)).toMatchObject({ next: 'send_again' })
  const once = aChannel({ replaySafe: false })
  expect(factOf(anAttempt(), NOT_FOUND, once, 10 ** 9)).toMatchObject({ next: 'ask' })
})

test('not found counts from the last millisecond of the quiet time on, once sending has ended', () => {
  const early = factOf(stopped, NOT_FOUND, aChannel(), quietMs - 1)
  expect(early).toMatchObject({ kind: 'stay', notFoundCount: 0, next: 'ask' })
  const first = factOf(stopped, NOT_FOUND, aChannel(), quietMs)
  expect(first).toMatchObject({ kind: 'stay', notFoundCount: 1, next: 'ask' })
  const second = factOf({ ...stopped, notFoundCount: 1 }, NOT_FOUND, aChannel(), quietMs)
  expect(second).toEqual({ kind: 'move', to: 'declined', inferred: true, reopens: false })
})

test.each([
  ['while a request may still arrive', aChannel(), stopped, -1],
  ['on a channel that takes a request however old', aChannel(), stopped, null],
  ['where not-found never proves anything', aChannel({ notFound: null }), stopped, 10 ** 9],
  ['where the statement decides', aChannel({ refusal: 'statement_only' }), stopped, 10 ** 9],
  ['while we may still send', aChannel(), anAttempt(), 10 ** 9],
  [
    'after a hint that was not final',
    aChannel(),
    anAttempt({ hint: { code: 'X', final: false } }),
    10 ** 9,
  ],
  [
    'after a hint alone where refusals are signed',
    aChannel({ refusal: 'signed' }),
    anAttempt({ hint: { code: 'X', final: true } }),
    10 ** 9,
  ],
])('not found proves nothing %s', (_name, can, attempt, quiet) => {
  const asked = { ...attempt, notFoundCount: 5 }
  expect(factOf(asked, NOT_FOUND, can, quiet).kind).toBe('stay')
})

test.each([UNKNOWN, WAIT, refusal('unsigned')])(
  'any other answer starts the count anew: %o',
  (word) => {
    expect(factOf({ ...stopped, notFoundCount: 1 }, word, aChannel(), quietMs)).toMatchObject({
      notFoundCount: 0,
    })
  },
)

test('an alarm of the transport is handed on, a plain silence is not one', () => {
  const loud: Outcome = { kind: 'unknown', cause: 'bad_signature', alarm: true }
  expect(factOf(anAttempt(), loud, aChannel(), null)).toMatchObject({ alarm: 'bad_signature' })
  expect(factOf(anAttempt(), UNKNOWN, aChannel(), null)).toMatchObject({ alarm: null })
})

test('a wait is remembered with its reason, and the next answer of another kind ends it', () => {
  expect(factOf(anAttempt(), WAIT, aChannel(), null)).toMatchObject({
    waiting: 'funds',
    next: 'send_again',
  })
  const waiting = anAttempt({ waiting: 'funds' })
  expect(factOf(waiting, UNKNOWN, aChannel(), null)).toMatchObject({ waiting: null })
})

test('the table knows every state, and every state but the first can be reached', () => {
  expect(Object.keys(ATTEMPT_MOVES)).toEqual([...ATTEMPT_STATES])
  const reached = new Set(Object.values(ATTEMPT_MOVES).flat())
  expect(ATTEMPT_STATES.filter((state) => !reached.has(state))).toEqual(['submitted'])
})

test('what ended opens again only where its end was inferred', () => {
  for (const state of ATTEMPT_STATES.filter((each) => !OPEN_STATES.includes(each))) {
    for (const to of OPEN_STATES) {
      expect(mayMove({ state, inferred: false }, to)).toBe(false)
      expect(mayMove({ state, inferred: true }, to)).toBe(
        state === 'declined' && to !== 'submitted',
      )
    }
  }
})

const free = { sendAgain: true, replaySafe: true, paidBackOtherwise: false, blocked: false }
const unsent = anAttempt({ firstSentAt: null })

test('a turn sends what never left, and what may leave again', () => {
  expect(turnOf(unsent, { ...free, sendAgain: false, replaySafe: false })).toBe('send')
  expect(turnOf(anAttempt(), free)).toBe('send')
  expect(turnOf(anAttempt(), { ...free, sendAgain: false })).toBe('ask')
  expect(turnOf(anAttempt(), { ...free, replaySafe: false })).toBe('ask')
})

test.each<[string, Partial<Attempt>, Partial<typeof free>]>([
  ['stopped', { stopped: true }, {}],
  ['reopened', { reopened: true }, {}],
  ['finally refused', { hint: { code: 'X', final: true } }, {}],
  ['paid back by another attempt', {}, { paidBackOtherwise: true }],
  ['of a blocked payment', {}, { blocked: true }],
  ...ATTEMPT_STATES.filter((state) => state !== 'submitted').map(
    (state) => [state, { state }, {}] as [string, Partial<Attempt>, Partial<typeof free>],
  ),
])('an attempt that is %s is only asked about, sent before or not', (_name, change, around) => {
  expect(turnOf({ ...unsent, ...change }, { ...free, ...around })).toBe('ask')
  expect(turnOf({ ...anAttempt(), ...change }, { ...free, ...around })).toBe('ask')
})

test('questions follow the schedule and its last step for ever', () => {
  expect([0, 1, 2, 3, 1_000_000].map((tries) => nextWaitMs([10, 20, 30], tries))).toEqual([
    10, 20, 30, 30, 30,
  ])
  expect(() => nextWaitMs([], 0)).toThrow(RangeError)
})

test('the words used here are all the kinds there are', () => {
  expect(new Set(WORDS.map((word) => word.kind)).size).toBe(8)
})

test('a success said again with a later time is remembered, so that an earlier return moves nothing', () => {
  const paid = anAttempt({ state: 'succeeded', channelTime: instant(10) })
  const again = factOf(paid, success(instant(30)), aChannel(), null)
  expect(again).toMatchObject({ kind: 'stay', next: 'rest', channelTime: instant(30) })
  const late = { ...paid, channelTime: instant(30) }
  expect(factOf(late, comeBack(instant(20)), aChannel(), null).kind).toBe('stay')
  expect(factOf(late, success(instant(10)), aChannel(), null)).toMatchObject({
    channelTime: instant(30),
  })
})

test('a return said again with a later time is remembered, so that an earlier success moves nothing', () => {
  const back = anAttempt({ state: 'returned', channelTime: instant(20) })
  const again = factOf(back, comeBack(instant(40)), aChannel(), null)
  expect(again).toMatchObject({ kind: 'stay', channelTime: instant(40) })
  const late = { ...back, channelTime: instant(40) }
  expect(factOf(late, success(instant(30)), aChannel(), null).kind).toBe('stay')
})

test('a proof that follows an inferred decline makes it final: an old "processing" opens nothing again', () => {
  const inferred = anAttempt({ state: 'declined', inferred: true })
  const proof = factOf(inferred, refusal('signed'), aChannel(), null)
  expect(proof).toMatchObject({ kind: 'stay', next: 'rest', inferred: false })
  expect(factOf({ ...inferred, inferred: false }, PROCESSING, aChannel(), null).kind).toBe('stay')
  expect(factOf(inferred, refusal('unsigned', true), aChannel(), null)).toMatchObject({
    inferred: true,
  })
})
