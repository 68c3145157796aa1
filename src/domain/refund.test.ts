import { expect, test } from 'vitest'
import { ATTEMPT_STATES, OPEN_STATES, type AttemptState } from './attempt.ts'
import { fen } from './money.ts'
import {
  ENDED_STATES,
  foldRefund,
  mayMoveRefund,
  positionOf,
  REFUND_MOVES,
  REFUND_STATES,
  UNSENT_STATES,
  type RefundState,
} from './refund.ts'

const part = (state: AttemptState, reopened = false) => ({ state, reopened })
/** As stored: a refund that was ended remembers how. */
const fold = (state: RefundState, parts: ReturnType<typeof part>[]) =>
  foldRefund(state, parts, ENDED_STATES.includes(state) ? state : null)

test('a late success that comes back leaves a refund as it was ended', () => {
  for (const state of ENDED_STATES) {
    expect(foldRefund('succeeded', [part('returned')], state)).toBe(state)
    expect(foldRefund(state, [part('succeeded')], state)).toBe('succeeded')
  }
})

test('a refund without attempts keeps its state', () => {
  for (const state of REFUND_STATES) expect(fold(state, [])).toBe(state)
})

test('one success pays the customer back, from every state and whatever the other attempts say', () => {
  for (const state of REFUND_STATES) {
    for (const other of ATTEMPT_STATES) {
      expect(fold(state, [part(other), part('succeeded')])).toBe('succeeded')
      expect(fold(state, [part('succeeded'), part(other)])).toBe('succeeded')
    }
  }
})

test('an open attempt keeps the refund sending, and without one the customer is owed', () => {
  for (const state of ['sending', 'succeeded', 'owed'] as const) {
    for (const each of OPEN_STATES) {
      expect(fold(state, [part('declined'), part(each)])).toBe('sending')
    }
    expect(fold(state, [part('declined'), part('returned')])).toBe('owed')
  }
})

test('what a person ended stays ended, until the customer is paid after all', () => {
  for (const state of ENDED_STATES) {
    for (const each of ATTEMPT_STATES.filter((other) => other !== 'succeeded')) {
      expect(fold(state, [part(each)])).toBe(state)
    }
  }
})

test('the fold only makes moves of the table', () => {
  // A refund has attempts once it was sent, so only these states are ever folded.
  for (const state of ['sending', 'succeeded', 'owed', ...ENDED_STATES] as const) {
    for (const first of ATTEMPT_STATES) {
      for (const second of ATTEMPT_STATES) {
        const to = fold(state, [part(first), part(second)])
        expect(to === state || mayMoveRefund(state, to), `${state} → ${to}`).toBe(true)
      }
    }
  }
})

test('a success that comes back while another attempt is open leaves the refund sending', () => {
  expect(fold('succeeded', [part('returned'), part('submitted')])).toBe('sending')
  expect(mayMoveRefund('succeeded', 'sending')).toBe(true)
})

test('the order of the attempts never matters to the fold', () => {
  for (const state of REFUND_STATES) {
    for (const first of ATTEMPT_STATES) {
      for (const second of ATTEMPT_STATES) {
        expect(fold(state, [part(first), part(second)])).toBe(
          fold(state, [part(second), part(first)]),
        )
      }
    }
  }
})

test('every state of a refund can be reached, and every one but those without money can go on', () => {
  const reached = new Set(Object.values(REFUND_MOVES).flat())
  expect(REFUND_STATES.filter((state) => !reached.has(state))).toEqual(['requested'])
  for (const state of ENDED_STATES) expect(REFUND_MOVES[state]).toEqual(['succeeded'])
  for (const state of UNSENT_STATES) expect(REFUND_MOVES[state]).toContain('withdrawn')
})

const refund = { amount: fen(1150), feeKept: fen(50) }

test('a refund holds amount and fee from its request until it is paid or ended', () => {
  for (const state of ['requested', 'awaiting_goods', 'approved', 'sending', 'owed'] as const) {
    expect(positionOf({ ...refund, state }, [])).toEqual({ held: 1200, refunded: 0, kept: 0 })
  }
  for (const state of ENDED_STATES) {
    expect(positionOf({ ...refund, state }, [part('declined')])).toEqual({
      held: 0,
      refunded: 0,
      kept: 0,
    })
  }
})

test('a success moves the hold to refunded and kept, and two successes are counted twice but one fee', () => {
  const state = 'succeeded' as const
  expect(positionOf({ ...refund, state }, [part('succeeded')])).toEqual({
    held: 0,
    refunded: 1150,
    kept: 50,
  })
  expect(positionOf({ ...refund, state }, [part('succeeded'), part('succeeded')])).toEqual({
    held: 0,
    refunded: 2300,
    kept: 50,
  })
})

test('money that came back is owed, and so on hold', () => {
  expect(positionOf({ ...refund, state: 'owed' }, [part('returned')])).toEqual({
    held: 1200,
    refunded: 0,
    kept: 0,
  })
})
