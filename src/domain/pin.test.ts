import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  isEasyPin,
  lockedUntil,
  noTries,
  oneTryMore,
  PIN_FORMAT,
  triesLeft,
  type PinTries,
} from './pin.ts'

test.each(['4827', '6048', '7391', '583014', '90271', '6152839', '40719386'])(
  '%s may be a PIN',
  (pin) => {
    expect(PIN_FORMAT.test(pin)).toBe(true)
    expect(isEasyPin(pin)).toBe(false)
  },
)

test.each([
  ['one digit again and again', '0000'],
  ['one digit again and again', '88888888'],
  ['up', '1234'],
  ['down', '87654321'],
  ['up through zero', '8901'],
  ['in twos', '1357'],
  ['a part again', '1212'],
  ['a part again', '520520'],
  ['a part again and a half', '52052052'],
  ['there and back', '1221'],
  ['there and back', '123321'],
  ['pairs', '1122'],
  ['pairs', '115599'],
  ['a birth year', '1988'],
  ['this year', '2026'],
  ['a line on the keys', '2580'],
  ['what sounds well', '5201314'],
])('%s is too easy: %s', (_why, pin) => {
  expect(isEasyPin(pin)).toBe(true)
})

test.each(['', '123', '123456789', '12a4', '１２３４', ' 4827', '4827\n'])(
  '%j is no PIN',
  (text) => {
    expect(PIN_FORMAT.test(text)).toBe(false)
  },
)

test('most PINs of four digits may be chosen', () => {
  const all = Array.from({ length: 10_000 }, (_, value) => String(value).padStart(4, '0'))
  const easy = all.filter(isEasyPin).length
  expect(easy).toBeGreaterThan(300)
  expect(easy).toBeLessThan(700)
})

const MINUTE = 60_000
const begin = new Date('2026-11-22T04:00:00Z')
const after = (minutes: number) => new Date(begin.getTime() + minutes * MINUTE)
const wrongTries = (count: number, at = begin): PinTries =>
  Array.from({ length: count }).reduce<PinTries>((tries) => oneTryMore(tries, at), noTries(at))

test('five wrong tries lock for a quarter of an hour, and then five are open again', () => {
  expect(Array.from({ length: 6 }, (_, count) => triesLeft(wrongTries(count)))).toEqual([
    5, 4, 3, 2, 1, 0,
  ])
  expect(lockedUntil(wrongTries(4), begin)).toBeNull()
  expect(lockedUntil(wrongTries(5), begin)).toEqual(after(15))
  expect(lockedUntil(wrongTries(5), new Date(after(15).getTime() - 1))).toEqual(after(15))
  expect(lockedUntil(wrongTries(5), after(15))).toBeNull()
  expect(triesLeft(oneTryMore(wrongTries(5), after(15)))).toBe(4)
})

test('wrong tries are forgotten a quarter of an hour after the last one, which is no more than the lock gives', () => {
  expect(triesLeft(oneTryMore(wrongTries(4), after(14)))).toBe(0)
  expect(triesLeft(oneTryMore(wrongTries(4), after(15)))).toBe(4)
})

test('however guesses are spaced, no more than five are looked at in any quarter of an hour', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 400_000 }), { maxLength: 60 }), (gaps) => {
      let at = begin
      let tries = noTries(at)
      const looked: number[] = []
      for (const gap of gaps) {
        at = new Date(at.getTime() + gap)
        if (lockedUntil(tries, at)) continue
        tries = oneTryMore(tries, at)
        looked.push(at.getTime())
      }
      for (const [place, time] of looked.entries()) {
        const sixth = looked[place + 5]
        expect(sixth === undefined || sixth - time >= 15 * MINUTE).toBe(true)
      }
    }),
  )
})
