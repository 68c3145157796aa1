import { expect, test } from 'vitest'
import {
  aChannel,
  anAttempt,
  comeBack,
  instant,
  PROCESSING,
  refusal,
  success,
} from '../../test/support/arbitraries.ts'
import { factOf } from './attempt.ts'

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
