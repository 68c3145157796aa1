import { expect, test } from 'vitest'
import type { RefundShown } from '../../src/api/contract.ts'
import { REFUND_STATES } from '../../src/domain/refund.ts'
import { actsOf, type RefundAct } from './acts.ts'

type Seen = Parameters<typeof actsOf>[0]
type Attempt = RefundShown['attempts'][number]

const ZHANG = { no: 'zhang', role: 'cashier' }
const LI = { no: 'li', role: 'supervisor' }
const attempt = (change: Partial<Attempt>): Attempt => ({
  seq: 1,
  kind: 'refund',
  state: 'submitted',
  waiting: null,
  stopped: false,
  amount: 1_200,
  payerAmount: null,
  destination: null,
  destinationText: null,
  channelNumber: '1',
  channelNo: null,
  remedy: null,
  code: null,
  createdAt: '2026-11-26T06:00:00.000Z',
  firstSentAt: null,
  settledAt: null,
  ...change,
})
const refund = (change: Partial<Seen>): Seen => ({
  state: 'requested',
  shows: 'requested',
  requestedBy: 'zhang',
  attempts: [],
  ...change,
})

test('whoever asked may take it back; a supervisor decides on what others asked for', () => {
  expect(actsOf(refund({}), ZHANG)).toEqual(['withdraw'])
  expect(actsOf(refund({ requestedBy: 'chen' }), ZHANG)).toEqual([])
  expect(actsOf(refund({}), LI)).toEqual(['approve', 'reject', 'lower', 'replace'])
  expect(actsOf(refund({ requestedBy: 'li' }), LI)).toEqual(['replace', 'withdraw'])
  expect(actsOf(refund({ state: 'approved', shows: 'approved' }), LI)).toEqual([
    'lower',
    'withdraw',
  ])
})

test('cash is answered by whoever stands there', () => {
  const cash = refund({
    state: 'sending',
    shows: 'cash_to_hand_out',
    attempts: [attempt({ kind: 'cash' })],
  })
  for (const person of [ZHANG, LI])
    expect(actsOf(cash, person)).toEqual(['cash_paid', 'cash_not_paid'])
})

test('sending ends only while something may still be sent, and once', () => {
  const sending = (shows: Seen['shows'], change: Partial<Attempt> = {}): readonly RefundAct[] =>
    actsOf(refund({ state: 'sending', shows, attempts: [attempt(change)] }), ZHANG)
  expect(sending('outcome_unknown')).toEqual(['stop'])
  expect(sending('waiting_for_funds')).toEqual(['stop'])
  expect(sending('outcome_unknown', { stopped: true })).toEqual([])
  expect(sending('processing', { state: 'processing' })).toEqual([])
})

test('stuck and owed money is a supervisor’s; what was decided and is unanswered is not decided again', () => {
  const stuck = (remedy: Attempt['remedy']) =>
    refund({ state: 'sending', shows: 'stuck', attempts: [attempt({ state: 'stuck', remedy })] })
  expect(actsOf(stuck(null), ZHANG)).toEqual([])
  expect(actsOf(stuck(null), LI)).toEqual(['to_merchant'])
  expect(actsOf(stuck('to_merchant'), LI)).toEqual([])
  const owed = refund({ state: 'owed', shows: 'owed', attempts: [attempt({ state: 'returned' })] })
  expect(actsOf(owed, ZHANG)).toEqual([])
  expect(actsOf(owed, LI)).toEqual(['send_again', 'cash_instead', 'close'])
})

test('what has ended offers nothing', () => {
  for (const state of REFUND_STATES.filter((each) => !/^(req|aw|app|send|owed)/.test(each))) {
    for (const person of [ZHANG, LI])
      expect(actsOf(refund({ state, shows: 'closed' }), person)).toEqual([])
  }
})
