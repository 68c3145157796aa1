import { expect, test } from 'vitest'
import { expectedArrival } from './arrival.ts'

const at = (text: string): Date => new Date(`${text}+08:00`)

test('what is promised at once or within minutes may be asked about the same hour', () => {
  const paidBack = at('2026-07-01T19:05:00')
  expect(expectedArrival('at_once', paidBack)).toEqual({
    by: paidBack,
    wholeDay: false,
    askFrom: paidBack,
  })
  expect(expectedArrival('minutes', paidBack)).toEqual({
    by: at('2026-07-01T19:35:00'),
    wholeDay: false,
    askFrom: at('2026-07-01T19:35:00'),
  })
})

test.each([
  // A Wednesday: Thursday, Friday, Monday.
  ['2026-07-01T19:05:00', 'days_1_3', '2026-07-06', '2026-07-07'],
  // The day it is paid back does not count, not even its first minute.
  ['2026-07-06T00:01:00', 'days_1_3', '2026-07-09', '2026-07-10'],
  ['2026-07-06T23:59:00', 'days_1_3', '2026-07-09', '2026-07-10'],
  // Paid back on a Saturday: counted from Monday.
  ['2026-07-04T12:00:00', 'days_1_3', '2026-07-08', '2026-07-09'],
  ['2026-07-01T19:05:00', 'days_1_7', '2026-07-10', '2026-07-11'],
] as const)('paid back %s, %s: by %s, asked from %s', (paidBack, when, by, askFrom) => {
  expect(expectedArrival(when, at(paidBack))).toEqual({
    by: at(`${by}T00:00:00`),
    wholeDay: true,
    askFrom: at(`${askFrom}T00:00:00`),
  })
})

test('where nobody promises a time there is none', () => {
  expect(expectedArrival('by_hand', new Date())).toBeNull()
  expect(expectedArrival('by_channel', new Date())).toBeNull()
})
