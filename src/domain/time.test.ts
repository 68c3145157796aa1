import { expect, test } from 'vitest'
import { dayOf, daySpan, startOfDay } from './time.ts'

test.each([
  ['one millisecond before midnight in Shanghai', '2026-11-22T15:59:59.999Z', '261122'],
  ['midnight in Shanghai', '2026-11-22T16:00:00.000Z', '261123'],
  ['midnight in Greenwich', '2026-11-23T00:00:00.000Z', '261123'],
  ['New Year in Shanghai', '2026-12-31T16:00:00.000Z', '270101'],
  ['a leap day', '2028-02-28T16:00:00.000Z', '280229'],
])('%s is the shop day it is', (_name, at, day) => {
  expect(dayOf(new Date(at))).toBe(day)
})

test('a day of the shop goes from midnight to midnight in Shanghai', () => {
  expect(daySpan('261122')).toEqual({
    from: new Date('2026-11-21T16:00:00.000Z'),
    to: new Date('2026-11-22T16:00:00.000Z'),
  })
  expect(daySpan('280229')).not.toBeNull()
})

test.each(['', '2611', '260231', '270229', '261301', '260001', '26112x', '2611222'])(
  '%j is no day',
  (day) => {
    expect(daySpan(day)).toBeNull()
  },
)

test.each([
  ['2026-11-22T15:59:59.999Z', '2026-11-21T16:00:00.000Z'],
  ['2026-11-22T16:00:00.000Z', '2026-11-22T16:00:00.000Z'],
  ['2026-11-23T08:00:00.000Z', '2026-11-22T16:00:00.000Z'],
])('the shop day of %s began at %s', (at, began) => {
  expect(startOfDay(new Date(at)).toISOString()).toBe(began)
})
