import { expect, test } from 'vitest'
import { anAttempt } from '../../test/support/arbitraries.ts'
import { lookBy, unclearChange, unclearSince } from './unclear.ts'

const sent = new Date('2026-11-22T04:00:00Z')
const after = (minutes: number, seconds = 0) =>
  new Date(sent.getTime() + minutes * 60_000 + seconds * 1000)

test('unclear is what was sent and not answered, and not what waits for something known', () => {
  const attempt = anAttempt({ firstSentAt: sent })
  expect(unclearSince(attempt)).toEqual(sent)
  expect(unclearSince({ ...attempt, firstSentAt: null })).toBeNull()
  expect(unclearSince({ ...attempt, waiting: 'funds' })).toBeNull()
  expect(unclearSince({ ...attempt, state: 'processing' })).toBeNull()
})

test('half an hour is long; an end after it is said, one before it is not', () => {
  expect(unclearChange(sent, sent, after(29, 59))).toBeNull()
  expect(unclearChange(sent, sent, after(30))).toBe('long')
  expect(unclearChange(sent, null, after(31))).toBe('over')
  expect(unclearChange(sent, null, after(3))).toBeNull()
})

test('a look is brought forward to the half hour, never to the same moment again', () => {
  expect(lookBy(after(40), sent, after(20))).toEqual(after(30))
  expect(lookBy(after(25), sent, after(20))).toEqual(after(25))
  expect(lookBy(after(60), sent, after(29, 59))).toEqual(after(30, 9))
  expect(lookBy(after(90), sent, after(30))).toEqual(after(90))
  expect(lookBy(after(90), null, after(20))).toEqual(after(90))
})
