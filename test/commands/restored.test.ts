/** After our books came from a backup, what we sent ourselves may be met as somebody else's. */
import { expect, test } from 'vitest'
import { sendAttempts } from '../../src/commands/send-attempts.ts'
import { requestRefunds } from '../../src/commands/request-refunds.ts'
import { settleAttempts } from '../../src/commands/settle-attempts.ts'
import { sweepRefunds } from '../../src/commands/sweep-refunds.ts'
import { writeOutsideRefund } from '../../src/commands/outside-refunds.ts'
import { inTenant } from '../../src/db/connect.ts'
import { systemOf } from '../../src/domain/actor.ts'
import { fen } from '../../src/domain/money.ts'
import type { Succeeded } from '../../src/domain/outcome.ts'
import { testDatabase } from '../support/database.ts'
import { readAttempts, readPayment, readRefund, request } from '../support/given.ts'
import {
  leasesOf,
  playedChannel,
  playedShop,
  plantSales,
  UNKNOWN,
} from '../support/played-channel.ts'
import { cashier, TENANT, testClock } from '../support/shop.ts'

const HOUR = 3_600_000
const ASKED = fen(1_000)

async function open() {
  const played = playedChannel()
  const clock = testClock()
  const core = await playedShop(await testDatabase(), played, { clock })
  const [payment = ''] = await plantSales(core, 1)
  const success: Succeeded = {
    kind: 'succeeded',
    at: new Date('2026-11-22T04:00:00Z'),
    channelNo: 'c-known',
    destination: 'balance',
    account: null,
    payerFen: ASKED,
    settlementFen: ASKED,
    discountFen: fen(0),
    feeReturnedFen: null,
  }
  const outside = await inTenant(core.db, TENANT, (tx) =>
    writeOutsideRefund(
      core,
      tx,
      systemOf(TENANT),
      { paymentNo: payment, amount: ASKED, outcome: success },
      clock.now(),
    ),
  )
  const ask = async () => {
    const wish = request(payment, { kind: 'amount', fen: ASKED })
    const results = await requestRefunds(core, cashier, [wish], clock.now())
    return { no: wish.no, leases: leasesOf(results) }
  }
  const incidents = () =>
    inTenant(core.db, TENANT, (tx) =>
      tx.selectFrom('incident').selectAll().where('kind', '=', 'channel_no_taken').execute(),
    )
  return { played, clock, core, payment, success, outside, ask, incidents }
}

test('a success that already stands for another refund is not counted twice: a person is called, and asking goes on', async () => {
  const { played, clock, core, payment, success, outside, ask, incidents } = await open()
  played.script.refund = () => success
  played.script.query = () => success
  const { no, leases } = await ask()
  await sendAttempts(core, TENANT, leases)
  expect(await readRefund(core, no)).toMatchObject({ state: 'sending' })
  expect(await readAttempts(core, no)).toMatchObject([
    { state: 'submitted', tries: 1, lease_until: null, last_code: 'channel_no_taken' },
  ])
  expect(await incidents()).toMatchObject([
    {
      refund_no: no,
      payment_no: payment,
      detail: { attempt: 1, channel_no: 'c-known', said: 'succeeded', by: outside },
    },
  ])
  clock.advance(HOUR)
  await sweepRefunds(core)
  expect(played.queries).toHaveLength(1)
  expect(await readAttempts(core, no)).toMatchObject([{ state: 'submitted', tries: 2 }])
  expect(await incidents()).toHaveLength(1)
  expect(await readPayment(core, payment)).toMatchObject({ refunded_fen: ASKED, held_fen: ASKED })
})

test('the words that came with it in one go are settled all the same', async () => {
  const { played, clock, core, success, ask, incidents } = await open()
  played.script.refund = () => UNKNOWN
  const taken = await ask()
  await sendAttempts(core, TENANT, taken.leases)
  clock.advance(HOUR)
  const [other = ''] = await plantSales(core, 1)
  const wish = request(other, { kind: 'amount', fen: ASKED })
  await sendAttempts(
    core,
    TENANT,
    leasesOf(await requestRefunds(core, cashier, [wish], clock.now())),
  )
  await settleAttempts(
    core,
    systemOf(TENANT),
    [
      { refundNo: taken.no, seq: 1, outcome: success, fence: null },
      { refundNo: wish.no, seq: 1, outcome: { ...success, channelNo: 'c-own' }, fence: null },
    ],
    clock.now(),
  )
  expect(await readRefund(core, wish.no)).toMatchObject({ state: 'succeeded' })
  expect(await readRefund(core, taken.no)).toMatchObject({ state: 'sending' })
  expect(await incidents()).toHaveLength(1)
})
