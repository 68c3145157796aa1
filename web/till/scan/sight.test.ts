import { expect, test } from 'vitest'
import { makeNumber } from '../../../src/domain/numbers.ts'
import { isNew, meantOf } from './sight.ts'

const OWN = makeNumber('sale', '261122', '0001234567890')
const SLIP = `${OWN}*12800*ABCDEFGHJKLMNPQ`
const GOODS = '6901234567892'

test('of several codes in sight the one that says most is meant', () => {
  expect(meantOf([GOODS, OWN, SLIP])).toBe(SLIP)
  expect(meantOf([GOODS, 'https://qr.alipay.com/x', OWN])).toBe(OWN)
  expect(meantOf([GOODS, '134567890123456789'])).toBe('134567890123456789')
  expect(meantOf([GOODS])).toBe(GOODS)
  expect(meantOf([])).toBeNull()
})

test('a code is told once while it stays in sight, and again when it was away', () => {
  expect(isNew(null, OWN, 0)).toBe(true)
  expect(isNew({ code: OWN, at: 0 }, OWN, 500)).toBe(false)
  expect(isNew({ code: OWN, at: 0 }, OWN, 3_000)).toBe(true)
  expect(isNew({ code: OWN, at: 0 }, SLIP, 10)).toBe(true)
})
