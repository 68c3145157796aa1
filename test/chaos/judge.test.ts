import { expect, test } from 'vitest'
import { judge, type Facts } from '../../chaos/judge.ts'

const REFUND = { no: 'r1', payment: 'p1', amount: 600, state: 'succeeded' }
const ATTEMPT = { refund: 'r1', state: 'succeeded', channelNumber: 'r101', amount: 600 }
const PAYMENT = { no: 'p1', paid: 1_000, held: 0, refunded: 600 }
const EXECUTED = { number: 'r101', payment: 'p1', amount: 600, status: 'succeeded' }
const GOOD: Facts = {
  acks: [{ no: 'r1', payment: 'p1', amount: 600 }],
  decisions: [],
  refused: [{ no: 'r3', code: 'over_room' }],
  told: [{ number: 'r101', state: 'succeeded' }],
  refunds: [REFUND],
  attempts: [ATTEMPT],
  payments: [PAYMENT],
  executed: [EXECUTED],
}
const promises = (changes: Partial<Facts>) =>
  judge({ ...GOOD, ...changes }).violations.map(({ promise }) => promise)

test('a history in which all went well breaks nothing', () => {
  expect(judge(GOOD)).toEqual({
    lostAcks: 0,
    doubled: 0,
    overRefunds: 0,
    wrongFailures: 0,
    unended: 0,
    violations: [],
  })
})

test.each<[string, Partial<Facts>, string]>([
  [
    'an acknowledged refund that is not stored',
    { acks: [...GOOD.acks, { no: 'r2', payment: 'p1', amount: 1 }] },
    'no acknowledged refund is lost or changed',
  ],
  [
    'an acknowledged refund of another amount',
    { acks: [{ no: 'r1', payment: 'p1', amount: 601 }] },
    'no acknowledged refund is lost or changed',
  ],
  [
    'an acknowledged refund of another payment',
    { acks: [{ no: 'r1', payment: 'p2', amount: 600 }] },
    'no acknowledged refund is lost or changed',
  ],
  [
    'a rejection that was undone',
    { decisions: [{ no: 'r1', decided: 'rejected' }] },
    'an acknowledged decision stays',
  ],
  [
    'an approval that was forgotten',
    {
      decisions: [{ no: 'r1', decided: 'approved' }],
      refunds: [{ ...REFUND, state: 'requested' }],
    },
    'an acknowledged decision stays',
  ],
  [
    'a refund that was stored although the till was told no',
    { refused: [{ no: 'r1', code: 'body_invalid' }] },
    'what is refused leaves nothing behind',
  ],
  ['one number executed twice', { executed: [EXECUTED, EXECUTED] }, 'no refund is executed twice'],
  [
    'one refund executed under two numbers',
    {
      attempts: [ATTEMPT, { ...ATTEMPT, channelNumber: 'r102' }],
      executed: [EXECUTED, { ...EXECUTED, number: 'r102' }],
    },
    'no refund is executed twice',
  ],
  [
    'more executed than was paid',
    { payments: [{ ...PAYMENT, paid: 500 }] },
    'no payment is refunded beyond what was paid',
  ],
  [
    'called failed although executed',
    { attempts: [{ ...ATTEMPT, state: 'declined' }] },
    'nothing is called failed that was paid',
  ],
  [
    'a till that was told "failed" of what was executed, whatever the books say later',
    { told: [{ number: 'r101', state: 'declined' }] },
    'nothing is called failed that was paid',
  ],
  [
    'a till that was told "paid" of what was not',
    { told: [{ number: 'r102', state: 'succeeded' }] },
    'nothing is called paid that was not',
  ],
  ['called paid although not', { executed: [] }, 'every attempt ends as at the channel'],
  [
    'another amount at the channel',
    { executed: [{ ...EXECUTED, amount: 500 }] },
    'every attempt ends as at the channel',
  ],
  [
    'paid behind our back',
    { executed: [EXECUTED, { ...EXECUTED, number: 'x', amount: 1 }] },
    'nothing is paid that we do not know of',
  ],
  [
    'books that hold less than was paid back',
    { payments: [{ ...PAYMENT, refunded: 500 }] },
    'the books hold what the channel paid back',
  ],
  ['a refund that never ends', { refunds: [{ ...REFUND, state: 'sending' }] }, 'every refund ends'],
])('%s is seen', (_name, changes, promise) => {
  expect(promises(changes)).toContain(promise)
})

test('what waits for a person has ended: owed after a decline, stuck at the channel', () => {
  const payments = [{ ...PAYMENT, held: 600, refunded: 0 }]
  expect(
    promises({
      refunds: [{ ...REFUND, state: 'owed' }],
      attempts: [{ ...ATTEMPT, state: 'declined' }],
      payments,
      told: [{ number: 'r101', state: 'declined' }],
      executed: [],
    }),
  ).toEqual([])
  expect(
    promises({
      refunds: [{ ...REFUND, state: 'sending' }],
      attempts: [{ ...ATTEMPT, state: 'stuck' }],
      payments,
      told: [],
      executed: [{ ...EXECUTED, status: 'abnormal' }],
    }),
  ).toEqual([])
})
