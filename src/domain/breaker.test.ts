import { expect, test } from 'vitest'
import { endingOf, healthAfter, isWell, WELL, type Ending } from './breaker.ts'

const RULES = { failures: 3, windowMs: 60_000, pauseMs: 30_000 }
const at = (seconds: number) => new Date(Date.UTC(2026, 10, 22) + seconds * 1000)

/** One ending a second, from second 0 on. */
const after = (...endings: Ending[]) =>
  endings.reduce((health, ending, second) => healthAfter(health, [ending], RULES, at(second)), WELL)

test('it opens at the last of enough failures in a row, and says when one may try', () => {
  expect(after('failed', 'failed').probeAt).toBeNull()
  expect(after('failed', 'failed', 'failed').probeAt).toEqual(at(32))
})

test('an answer in between begins the count again', () => {
  expect(after('failed', 'failed', 'answered', 'failed', 'failed').probeAt).toBeNull()
})

test('failures far apart do not add up', () => {
  const two = after('failed', 'failed')
  expect(healthAfter(two, ['failed'], RULES, at(61))).toEqual({
    failures: 1,
    failingSince: at(61),
    probeAt: null,
  })
})

test('while it is open, more failures do not move the time of the next try', () => {
  const open = after('failed', 'failed', 'failed')
  expect(healthAfter(open, ['failed', 'failed'], RULES, at(500)).probeAt).toEqual(open.probeAt)
})

test('any answer closes it', () => {
  const open = after('failed', 'failed', 'failed')
  expect(isWell(healthAfter(open, ['answered'], RULES, at(40)))).toBe(true)
})

test('silence and a server’s fault are failures; a refusal is an answer', () => {
  expect([null, 500, 503, 200, 404, 429].map(endingOf)).toEqual([
    'failed',
    'failed',
    'failed',
    'answered',
    'answered',
    'answered',
  ])
})
