import { expect, test } from 'vitest'
import {
  aChannel,
  aView,
  balancesOf,
  comeBack,
  instant,
  success,
} from '../../test/support/arbitraries.ts'
import { fen } from './money.ts'
import { settleAttempt } from './settle.ts'

const withFee = (at: number) => success(instant(at), { feeReturnedFen: fen(7) })

test('commission given back with a success is taken back with its return, and counts once when it is paid again', () => {
  const paid = settleAttempt(aView({}), 1, withFee(10), aChannel(), null, 0)
  const back = settleAttempt(paid.view, 1, comeBack(instant(20)), aChannel(), null, 0)
  const again = settleAttempt(back.view, 1, withFee(30), aChannel(), null, 0)
  expect(balancesOf(paid.transfers).channel_fee).toBe(7)
  expect(balancesOf([...paid.transfers, ...back.transfers]).channel_fee).toBe(0)
  expect(balancesOf([...paid.transfers, ...back.transfers, ...again.transfers]).channel_fee).toBe(7)
})
