/** Acts and truths that meet: double posts, late successes, cash beside a reopened attempt, refunds made elsewhere. */
import { sql } from 'kysely'
import { beforeEach, expect, test } from 'vitest'
import type { Channel } from '../../src/channels/channel.ts'
import { importSale } from '../../src/commands/bring-in-sale.ts'
import type { Core } from '../../src/commands/core.ts'
import { approveRefund } from '../../src/commands/decide-refunds.ts'
import {
  askPayment,
  drivePayment,
  settlePayment,
  sweepPayments,
} from '../../src/commands/drive-payments.ts'
import { answerCash, sendAgain, stopRefund } from '../../src/commands/handle-attempts.ts'
import { receiveNotice } from '../../src/commands/receive-notice.ts'
import { requestRefunds } from '../../src/commands/request-refunds.ts'
import { sendAttempts, type Lease } from '../../src/commands/send-attempts.ts'
import { settleAttempts } from '../../src/commands/settle-attempts.ts'
import { sweepRefunds } from '../../src/commands/sweep-refunds.ts'
import { takePayment, type PaymentInput } from '../../src/commands/take-payment.ts'
import { lockSale } from '../../src/store/sales.ts'
import { inTenant } from '../../src/db/connect.ts'
import { systemOf } from '../../src/domain/actor.ts'
import { fen } from '../../src/domain/money.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import { testDatabase, type TestDatabase } from '../support/database.ts'
import {
  incidentKinds,
  newNumber,
  readAttempts,
  readPayment,
  readRefund,
  request,
} from '../support/given.ts'
import {
  cashier,
  digits,
  owner,
  seconded,
  supervisor,
  TENANT,
  testClock,
  type TestClock,
} from '../support/shop.ts'
import {
  gate,
  leasesOf,
  lockWaits,
  playedChannel,
  playedShop,
  plantSales,
  succeeded,
  UNKNOWN,
  type Played,
} from '../support/played-channel.ts'

const MINUTE = 60_000

let database: TestDatabase
let core: Core
let played: Played
let clock: TestClock

beforeEach(async () => {
  database = await testDatabase()
  played = playedChannel()
  clock = testClock()
  core = await playedShop(database, played, { clock })
})

const now = () => clock.now()

const payment = (sale: string, no = newNumber('payment'), amount = 1_000): PaymentInput => ({
  no,
  sale: { no: sale, orderFen: fen(2_000), paidFen: fen(2_000), description: '', items: [] },
  amount: fen(amount),
  method: 'code',
  paymentCode: `13${digits(16)}`,
  accountNo: null,
})

test('the same payment posted twice in the same moment is taken once and driven once', async () => {
  for (let round = 0; round < 5; round += 1) {
    const input = payment(newNumber('sale'))
    const taken = await Promise.all([1, 2, 3].map(() => takePayment(core, cashier, input, now())))
    expect(taken).toMatchObject(taken.map(() => ({ kind: 'stored', paymentNo: input.no })))
    expect(taken.filter((each) => each.kind === 'stored' && each.lease !== null)).toHaveLength(1)
  }
})

test('the second payment of a sale posted twice in the same moment is not refused for itself', async () => {
  const sale = newNumber('sale')
  const first = payment(sale)
  await takePayment(core, cashier, first, now())
  await settlePayment(core, systemOf(TENANT), { paymentNo: first.no, fence: null }, 'query', {
    kind: 'paid',
    at: now(),
    channelNo: 'c1',
    paidFen: fen(1_000),
    payerFen: fen(1_000),
    payer: null,
    refunded: false,
    bankType: null,
  })
  const second = payment(sale)
  const begun = gate()
  const letGo = gate()
  const holder = inTenant(core.db, TENANT, async (tx) => {
    await lockSale(tx, sale)
    begun.open()
    await letGo.wait
  })
  await begun.wait
  const taking = [1, 2].map(() => takePayment(core, cashier, second, now()))
  await lockWaits(database.ownerDb, 2)
  letGo.open()
  const [taken] = await Promise.all([Promise.all(taking), holder])
  expect(taken).toMatchObject(taken.map(() => ({ kind: 'stored', paymentNo: second.no })))
})

test('two tills that begin one sale with different payments: one is taken, one is told of it', async () => {
  const sale = newNumber('sale')
  const taken = await Promise.all([
    takePayment(core, cashier, payment(sale), now()),
    takePayment(core, cashier, payment(sale), now()),
  ])
  expect(taken.filter((each) => each.kind === 'stored')).toHaveLength(1)
  expect(taken.filter((each) => each.kind === 'refused')).toMatchObject([
    { refusal: { code: 'sale_has_open_payment' } },
  ])
})

test('one sale imported twice in the same moment is there once', async () => {
  const input = {
    saleNo: newNumber('sale'),
    paymentNo: newNumber('payment'),
    accountNo: 'p1',
    channelNumber: digits(20),
    orderFen: fen(500),
    paidFen: fen(500),
    description: '',
    items: [],
  }
  const imported = await Promise.all([1, 2].map(() => importSale(core, cashier, input, now())))
  expect(imported).toMatchObject([{ kind: 'stored' }, { kind: 'stored' }])
})

test('a payment whose account does not open keeps no other from its turn, nor the sweep from ending well', async () => {
  const [broken, sound] = [payment(newNumber('sale')), payment(newNumber('sale'))]
  for (const [input, accountNo] of [
    [broken, 'p2'],
    [sound, 'p1'],
  ] as const) {
    const taken = await takePayment(core, cashier, { ...input, accountNo }, now())
    expect(taken).toMatchObject({ kind: 'stored' })
  }
  await database.ownerDb.transaction().execute(async (tx) => {
    await sql`set local role yuanlu_claim`.execute(tx)
    await sql`update payment set lease_until = null`.execute(tx)
  })
  await inTenant(core.db, TENANT, (tx) =>
    tx
      .updateTable('channel_account')
      .set({ secrets: Buffer.from('not sealed by us') })
      .where('account_no', '=', 'p2')
      .execute(),
  )
  expect(await sweepPayments(core)).toBe(2)
  expect(await readPayment(core, sound.no)).toMatchObject({ tries: 1 })
  expect(await readPayment(core, broken.no)).toMatchObject({ state: 'submitted', tries: 0 })
})

test('a shown code paid in the second it is closed is paid at the next question', async () => {
  const { can } = played.channel
  const payable = can.payment && { ...can.payment, qrValidMs: 0 }
  core = { ...core, channel: () => ({ ...played.channel, can: { ...can, payment: payable } }) }
  const input: PaymentInput = { ...payment(newNumber('sale')), method: 'qr', paymentCode: null }
  const taken = await takePayment(core, cashier, input, now())
  if (taken.kind !== 'stored' || !taken.lease) throw new Error('not taken')
  played.script.pay = () => ({ kind: 'waiting', reason: 'scan', codeUrl: 'weixin://x' })
  await drivePayment(core, TENANT, taken.lease)
  await askPayment(core, TENANT, input.no)
  expect(await readPayment(core, input.no)).toMatchObject({ state: 'reversing' })
  await askPayment(core, TENANT, input.no)
  played.script.queryPayment = () => ({
    kind: 'paid',
    at: now(),
    channelNo: 'c1',
    paidFen: fen(1_000),
    payerFen: fen(1_000),
    payer: null,
    refunded: false,
    bankType: null,
  })
  await askPayment(core, TENANT, input.no)
  expect(await readPayment(core, input.no)).toMatchObject({ state: 'paid' })
})

async function begin(method: 'original' | 'cash' = 'original') {
  const [paymentNo = ''] = await plantSales(core, 1)
  const wish = request(paymentNo, { kind: 'amount', fen: fen(1_000) }, { method })
  const [lease] = leasesOf(await requestRefunds(core, cashier, [wish], now()))
  return { no: wish.no, paymentNo, lease }
}

const word = (refundNo: string, seq: number, outcome: Outcome) =>
  settleAttempts(core, systemOf(TENANT), [{ refundNo, seq, outcome, fence: null }], now())

async function inferredDecline() {
  const begun = await begin()
  played.script.refund = () => UNKNOWN
  if (begun.lease) await sendAttempts(core, TENANT, [begun.lease])
  await stopRefund(core, supervisor, begun.no, 'left', now())
  played.script.query = () => ({ kind: 'not_found' })
  for (let round = 0; round < 4; round += 1) {
    clock.advance(30 * MINUTE)
    await sweepRefunds(core)
  }
  expect(await readRefund(core, begun.no)).toMatchObject({ state: 'owed' })
  return begun
}

test('cash handed out while the declined attempt comes to life can still be answered', async () => {
  const { no } = await inferredDecline()
  await sendAgain(core, seconded(supervisor), no, 'cash', now())
  await word(no, 1, { kind: 'processing', channelNo: 'c1' })
  expect(await answerCash(core, cashier, no, 'paid', now())).toMatchObject({ kind: 'done' })
  await word(no, 1, succeeded('c1', 1_000))
  expect(await readRefund(core, no)).toMatchObject({ state: 'succeeded' })
  expect(await incidentKinds(core)).toEqual(['reopened', 'paid_back_twice'])
})

test('an attempt left open beside a late success can be stopped, and is then done with', async () => {
  const { no, paymentNo } = await inferredDecline()
  await sendAgain(core, supervisor, no, 'original', now())
  await word(no, 1, succeeded('c1', 1_000))
  expect(await stopRefund(core, cashier, no, 'double', now())).toMatchObject({ kind: 'refused' })
  expect(await stopRefund(core, supervisor, no, 'double', now())).toMatchObject({ kind: 'done' })
  expect(await readAttempts(core, no)).toMatchObject([
    { state: 'succeeded' },
    { state: 'declined', first_send_at: null, due_at: null },
  ])
  expect(await readPayment(core, paymentNo)).toMatchObject({ refunded_fen: 1_000, held_fen: 0 })
})

test('an approval that the payment does not allow leaves no approval behind', async () => {
  const [paymentNo = ''] = await plantSales(core, 1, { fen: 100_000 })
  const wish = request(paymentNo)
  await requestRefunds(core, cashier, [wish], now())
  await inTenant(core.db, TENANT, (tx) =>
    tx.updateTable('payment').set({ blocked: 'audit' }).execute(),
  )
  expect(await approveRefund(core, supervisor, wish.no, now())).toMatchObject({
    kind: 'refused',
    refusal: { code: 'payment_blocked' },
  })
  const approvals = await inTenant(core.db, TENANT, (tx) =>
    tx.selectFrom('approval').selectAll().execute(),
  )
  expect(approvals).toEqual([])
  expect(await readRefund(core, wish.no)).toMatchObject({ state: 'requested' })
})

test('nobody approves what he asked for, and who is no decider approves nothing', async () => {
  const [paymentNo = ''] = await plantSales(core, 1, { fen: 100_000 })
  const wish = request(paymentNo, { kind: 'amount', fen: fen(5_000) }, { method: 'cash' })
  await requestRefunds(core, supervisor, [wish], now())
  expect(await approveRefund(core, cashier, wish.no, now())).toMatchObject({ kind: 'refused' })
  expect(await approveRefund(core, supervisor, wish.no, now())).toMatchObject({
    kind: 'refused',
    refusal: { code: 'second_person_same' },
  })
  expect(await approveRefund(core, owner, wish.no, now())).toMatchObject({ kind: 'done' })
})

const noticing = (channel: Channel, paymentNo: string, no: string, outcome: Outcome): Core => ({
  ...core,
  channel: () => ({
    ...channel,
    readNotice: async () => ({
      kind: 'refund',
      id: 'n1',
      channelNumber: no,
      channelRefundNo: 'portal1',
      paymentNumber: `${paymentNo}00`,
      amount: fen(700),
      paid: fen(10_000),
      outcome,
    }),
  }),
})

const notice = (told: Core) =>
  receiveNotice(
    told,
    { tenant: TENANT, accountNo: 'p1', channel: 'played' },
    { headers: {}, body: Buffer.from('') },
    async (tenant, word) => settleAttempts(told, systemOf(tenant), [word], now()),
    now(),
  )

test('a refund made elsewhere is written once however often it is told, and may come back', async () => {
  const [paymentNo = ''] = await plantSales(core, 1)
  const at = now()
  const told = noticing(played.channel, paymentNo, 'portal-no', succeeded('portal1', 700, at))
  await Promise.all([notice(told), notice(told), notice(told)])
  expect(await readPayment(core, paymentNo)).toMatchObject({ refunded_fen: 700, held_fen: 0 })
  const back: Outcome = {
    kind: 'returned',
    at: new Date(at.getTime() + MINUTE),
    code: 'R',
    channelNo: 'portal1',
  }
  await notice(noticing(played.channel, paymentNo, 'portal-no', back))
  expect(await readPayment(core, paymentNo)).toMatchObject({ refunded_fen: 0, held_fen: 700 })
})

test('a payment reversed while a refund waits to leave: the refund does not leave', async () => {
  const { no, paymentNo, lease } = await begin()
  const reversed = settlePayment(core, systemOf(TENANT), { paymentNo, fence: null }, 'notice', {
    kind: 'reversed',
  })
  await reversed
  await sendAttempts(core, TENANT, [lease as Lease])
  expect(played.sends).toHaveLength(0)
  expect(await readPayment(core, paymentNo)).toMatchObject({
    state: 'reversed',
    blocked: 'reversed',
  })
  const other = request(paymentNo, { kind: 'amount', fen: fen(1) })
  expect(await requestRefunds(core, cashier, [other], now())).toMatchObject([
    { kind: 'refused', refusal: { code: 'payment_cancelled' } },
  ])
  expect(await readRefund(core, no)).toMatchObject({ state: 'sending' })
})
