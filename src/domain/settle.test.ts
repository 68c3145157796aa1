import { expect, test } from 'vitest'
import {
  aChannel,
  anEntry,
  aView,
  balancesOf,
  comeBack,
  instant,
  NOT_FOUND,
  success,
} from '../../test/support/arbitraries.ts'
import { fen } from './money.ts'
import { settleAttempt, type SettleView } from './settle.ts'

const withFee = (at: number) => success(instant(at), { feeReturnedFen: fen(7) })

test('commission given back with a success is taken back with its return, and counts once when it is paid again', () => {
  const paid = settleAttempt(aView({}), 1, withFee(10), aChannel(), null, 0)
  const back = settleAttempt(paid.view, 1, comeBack(instant(20)), aChannel(), null, 0)
  const again = settleAttempt(back.view, 1, withFee(30), aChannel(), null, 0)
  expect(balancesOf(paid.transfers).channel_fee).toBe(7)
  expect(balancesOf([...paid.transfers, ...back.transfers]).channel_fee).toBe(0)
  expect(balancesOf([...paid.transfers, ...back.transfers, ...again.transfers]).channel_fee).toBe(7)
})

test('an unknown number is sent again at once, but asked about at leisure while nothing may be sent', () => {
  const look = (view: SettleView) => settleAttempt(view, 1, NOT_FOUND, aChannel(), null, 0)
  const view = aView({})
  expect(look(view)).toMatchObject({ sendAgain: true, nextLook: { kind: 'in', ms: 0 } })
  const blocked = { ...view, payment: { ...view.payment, blocked: 'over_refunded' } }
  expect(look(blocked)).toMatchObject({ sendAgain: false, nextLook: { kind: 'in', ms: 10_000 } })
  const reversed: SettleView = { ...view, payment: { ...view.payment, state: 'reversed' } }
  expect(look(reversed)).toMatchObject({ sendAgain: false, nextLook: { kind: 'in', ms: 10_000 } })
  const beside = { ...view, attempts: [anEntry(), anEntry({ seq: 2, state: 'processing' })] }
  expect(look(beside)).toMatchObject({ sendAgain: false, nextLook: { kind: 'in', ms: 10_000 } })
  const paidBack: SettleView = {
    ...view,
    refund: { ...view.refund, state: 'succeeded' },
    attempts: [anEntry(), anEntry({ seq: 2, state: 'succeeded' })],
  }
  expect(look(paidBack)).toMatchObject({ sendAgain: false, nextLook: { kind: 'in', ms: 10_000 } })
})
