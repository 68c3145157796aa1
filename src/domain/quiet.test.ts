import { describe, expect, it } from 'vitest'
import { askedMs, countableMs, isOutOfDate, quietMs } from './quiet.ts'

const MINUTE = 60_000
const can = {
  notFound: { quietMs: 10 * MINUTE, times: 2, apartMs: MINUTE },
  requestToleranceMs: 5 * MINUTE,
}
const NOW = { notFoundMs: null, askedMs: 0 }

describe('the quiet time after a send', () => {
  it('begins when the last request could no longer be accepted', () => {
    expect(quietMs(5 * MINUTE, 5 * MINUTE)).toBe(0)
    expect(quietMs(5 * MINUTE, MINUTE)).toBe(-4 * MINUTE)
  })

  it('never begins where a request may be accepted at any time', () => {
    expect(quietMs(null, 1e12)).toBeNull()
    expect(countableMs({ ...can, requestToleranceMs: null }, { ...NOW, sendByMs: 1e12 })).toBeNull()
  })

  it('is as long as one likes where nothing was ever sent', () => {
    expect(countableMs(can, { ...NOW, sendByMs: null })).toBe(Number.MAX_SAFE_INTEGER)
  })

  it('is that of the moment of the question, however late the answer is brought', () => {
    const slept = {
      sendByMs: 24 * 60 * MINUTE,
      notFoundMs: null,
      askedMs: 24 * 60 * MINUTE - 10_000,
    }
    expect(countableMs(can, slept)).toBe(10_000 - 5 * MINUTE)
  })

  it('does not count again too soon, by the moment of the question as well', () => {
    const since = { sendByMs: 60 * MINUTE, notFoundMs: 2 * MINUTE }
    expect(countableMs(can, { ...since, askedMs: 0 })).toBe(55 * MINUTE)
    expect(countableMs(can, { ...since, askedMs: 90_000 })).toBe(-1)
  })
})

describe('the time since a question', () => {
  it('is counted from the moment its holder took the attempt', () => {
    expect(askedMs(3, -15_000, 20_000)).toBe(5_000)
    expect(askedMs(3, 40_000, 20_000)).toBe(60_000)
  })

  it('is none for a word that came by itself', () => {
    expect(askedMs(null, 40_000, 20_000)).toBe(0)
  })
})

describe('a word that ages', () => {
  it('is out of date once somebody else holds the attempt', () => {
    expect(isOutOfDate({ kind: 'not_found' }, 1, 2)).toBe(true)
    expect(isOutOfDate({ kind: 'not_found' }, 2, 2)).toBe(false)
    expect(isOutOfDate({ kind: 'not_found' }, null, 2)).toBe(false)
  })

  it('is not what a truth is', () => {
    expect(isOutOfDate({ kind: 'processing', channelNo: null }, 1, 2)).toBe(false)
  })
})
