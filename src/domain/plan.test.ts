import { expect, test } from 'vitest'
import { aChannel } from '../../test/support/arbitraries.ts'
import { fen } from './money.ts'
import { IN_FLIGHT_WAIT_MS, mayProbe, PAUSED_WAIT_MS, planRefund, type PlanFacts } from './plan.ts'

const paidAt = new Date('2026-01-01T00:00:00Z')
const after = (ms: number) => new Date(paidAt.getTime() + ms)
const DAY_MS = 86_400_000
const open = { windowDays: null, countMax: null }
const facts: PlanFacts = {
  paidAt,
  amount: fen(500),
  paid: fen(1000),
  count: 0,
  lastSentAt: null,
  inFlight: false,
  paused: false,
  probeAt: null,
}
const now = after(DAY_MS)

test('a refund that nothing stands against goes now', () => {
  expect(planRefund(aChannel(), open, facts, now)).toEqual({ kind: 'now' })
})

test('a refund goes at exactly 365 days and no longer one millisecond later', () => {
  const can = aChannel({ windowDays: 365 })
  expect(planRefund(can, open, facts, after(365 * DAY_MS))).toEqual({ kind: 'now' })
  expect(planRefund(can, open, facts, after(365 * DAY_MS + 1))).toEqual({
    kind: 'no',
    reason: 'window_over',
    limit: 365,
  })
})

test('what the contract says of window and count goes before what the channel says', () => {
  const can = aChannel({ windowDays: 365, countMax: 50 })
  const contract = { windowDays: 90, countMax: 1 }
  expect(planRefund(can, contract, facts, after(90 * DAY_MS + 1))).toMatchObject({
    reason: 'window_over',
    limit: 90,
  })
  expect(planRefund(can, contract, { ...facts, count: 1 }, now)).toMatchObject({
    reason: 'count_used_up',
    limit: 1,
  })
  const longer = { windowDays: 400, countMax: null }
  expect(planRefund(can, longer, facts, after(366 * DAY_MS))).toEqual({ kind: 'now' })
})

test('where neither contract nor channel sets a limit there is none', () => {
  const can = aChannel({ windowDays: null, countMax: null })
  const far = { ...facts, count: 1_000 }
  expect(planRefund(can, open, far, after(3_650 * DAY_MS))).toEqual({ kind: 'now' })
})

test('the fiftieth refund goes and the fifty-first does not', () => {
  const can = aChannel({ countMax: 50 })
  expect(planRefund(can, open, { ...facts, count: 49 }, now).kind).toBe('now')
  expect(planRefund(can, open, { ...facts, count: 50 }, now)).toEqual({
    kind: 'no',
    reason: 'count_used_up',
    limit: 50,
  })
})

test('a channel without partial refunds takes only the whole payment', () => {
  const can = aChannel({ partial: false })
  expect(planRefund(can, open, facts, now)).toMatchObject({
    reason: 'partial_not_possible',
    limit: 1000,
  })
  expect(planRefund(can, open, { ...facts, amount: fen(1000) }, now).kind).toBe('now')
})

test('the smallest amount goes and one fen less does not', () => {
  const can = aChannel({ amountMinFen: 10 })
  expect(planRefund(can, open, { ...facts, amount: fen(10) }, now).kind).toBe('now')
  expect(planRefund(can, open, { ...facts, amount: fen(9) }, now)).toMatchObject({
    reason: 'amount_too_small',
    limit: 10,
  })
})

test('the next refund of a payment goes exactly 60 s after the last send, and waits for that instant before', () => {
  const can = aChannel({ spacingMs: 60_000 })
  const sent = { ...facts, lastSentAt: now }
  const free = new Date(now.getTime() + 60_000)
  expect(planRefund(can, open, sent, new Date(free.getTime() - 1))).toEqual({
    kind: 'at',
    at: free,
    reason: 'spacing',
  })
  expect(planRefund(can, open, sent, free)).toEqual({ kind: 'now' })
})

test('a refund behind another one looks again soon, one of a paused account later', () => {
  expect(planRefund(aChannel(), open, { ...facts, inFlight: true }, now)).toEqual({
    kind: 'at',
    at: new Date(now.getTime() + IN_FLIGHT_WAIT_MS),
    reason: 'in_flight',
  })
  expect(planRefund(aChannel(), open, { ...facts, paused: true, inFlight: true }, now)).toEqual({
    kind: 'at',
    at: new Date(now.getTime() + PAUSED_WAIT_MS),
    reason: 'paused',
  })
})

test('what can never go is said before what could go later', () => {
  const can = aChannel({ windowDays: 1 })
  const late = { ...facts, paused: true, inFlight: true, lastSentAt: now }
  expect(planRefund(can, open, late, after(2 * DAY_MS)).kind).toBe('no')
})

test('a channel that does not answer is tried again when its time has come, by one that nothing else holds back', () => {
  const probeAt = new Date(now.getTime() + 9_000)
  const kept = planRefund(aChannel(), open, { ...facts, probeAt }, now)
  expect(kept).toEqual({ kind: 'at', at: probeAt, reason: 'channel_down' })
  expect(mayProbe(kept, now)).toBe(false)
  expect(mayProbe(kept, probeAt)).toBe(true)
  const over = planRefund(aChannel(), open, { ...facts, probeAt }, new Date(now.getTime() + 60_000))
  expect(over).toMatchObject({ at: new Date(now.getTime() + 60_000), reason: 'channel_down' })
  expect(planRefund(aChannel(), open, { ...facts, probeAt, paused: true }, now)).toMatchObject({
    reason: 'paused',
  })
})
