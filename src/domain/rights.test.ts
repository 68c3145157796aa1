import { expect, test } from 'vitest'
import { fen } from './money.ts'
import { NO_RIGHTS, rightsOf } from './rights.ts'

test('what is set for a person takes the place of the role’s, and nothing else changes', () => {
  expect(rightsOf('cashier')).toEqual({
    mayRefund: true,
    perRefundFen: 200_00,
    perDayFen: 1_000_00,
    otherStore: false,
    earlierDay: false,
    otherCashier: true,
  })
  expect(rightsOf('cashier', { perRefundFen: null, earlierDay: true })).toEqual({
    ...rightsOf('cashier'),
    perRefundFen: null,
    earlierDay: true,
  })
  expect(rightsOf('owner', { perDayFen: fen(0) }).perDayFen).toBe(0)
})

test('who may decide has no limits of their own unless set, and a terminal alone has no right at all', () => {
  for (const role of ['supervisor', 'owner', 'system'] as const) {
    const { perRefundFen, perDayFen, ...rest } = rightsOf(role)
    expect([perRefundFen, perDayFen]).toEqual([null, null])
    expect(Object.values(rest).every(Boolean)).toBe(true)
  }
  expect(Object.values(NO_RIGHTS).some(Boolean)).toBe(false)
})
