import fc from 'fast-check'
import { expect, test } from 'vitest'
import { withinBudget, type Turns } from './budget.ts'

const NOTHING = { sends: 0, asks: 0, errors: 0 }

test('sends come first, and questions leave a share for those that come later in the second', () => {
  const rate = { perSecond: 10 }
  expect(withinBudget(rate, NOTHING, { sends: 3, asks: 20 })).toEqual({ sends: 3, asks: 7 })
  expect(withinBudget(rate, NOTHING, { sends: 0, asks: 20 })).toEqual({ sends: 0, asks: 8 })
  expect(withinBudget(rate, { ...NOTHING, asks: 20 }, { sends: 5, asks: 1 })).toEqual({
    sends: 2,
    asks: 0,
  })
})

test('a channel that takes one call a second still gets its questions', () => {
  expect(withinBudget({ perSecond: 1 }, NOTHING, { sends: 0, asks: 2 })).toEqual({
    sends: 0,
    asks: 1,
  })
})

test('after as many errors as the channel bears nothing goes until the second is over', () => {
  const rate = { perSecond: 100, errorsPerSecond: 6 }
  const wanted = { sends: 1, asks: 1 }
  expect(withinBudget(rate, { ...NOTHING, errors: 5 }, wanted)).toEqual(wanted)
  expect(withinBudget(rate, { ...NOTHING, errors: 6 }, wanted)).toEqual({ sends: 0, asks: 0 })
})

test('however turns come in one second, never more go than the channel takes', () => {
  const some = fc.record({ sends: fc.nat({ max: 40 }), asks: fc.nat({ max: 40 }) })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.array(some), (perSecond, batches) => {
      let used = NOTHING
      let gone = 0
      for (const wanted of batches) {
        const granted: Turns = withinBudget({ perSecond }, used, wanted)
        expect(granted.sends).toBeLessThanOrEqual(wanted.sends)
        expect(granted.asks).toBeLessThanOrEqual(wanted.asks)
        gone += granted.sends + granted.asks
        used = { ...used, sends: used.sends + wanted.sends, asks: used.asks + wanted.asks }
      }
      expect(gone).toBeLessThanOrEqual(perSecond)
    }),
  )
})
