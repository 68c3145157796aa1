/** Refunds that were approved or begun before something stood in their way: held back, never lost, never sent past it. */
import { beforeEach, expect, test } from 'vitest'
import type { Core } from '../../src/commands/core.ts'
import { settlePayment } from '../../src/commands/drive-payments.ts'
import { remedyRefund, sendAgain, stopRefund } from '../../src/commands/handle-attempts.ts'
import { requestRefunds } from '../../src/commands/request-refunds.ts'
import { sendAttempts, type Lease } from '../../src/commands/send-attempts.ts'
import { settleAttempts } from '../../src/commands/settle-attempts.ts'
import { sweepRefunds } from '../../src/commands/sweep-refunds.ts'
import { unblockPayment } from '../../src/commands/unblock-payment.ts'
import { inTenant } from '../../src/db/connect.ts'
import { readEvents } from '../../src/store/events.ts'
import { systemOf } from '../../src/domain/actor.ts'
import { fen } from '../../src/domain/money.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import { testDatabase } from '../support/database.ts'
import {
  incidentKinds,
  newNumber,
  readAttempts,
  readPayment,
  readRefund,
  request,
} from '../support/given.ts'
import {
  leasesOf,
  playedChannel,
  playedShop,
  plantSales,
  succeeded,
  UNKNOWN,
  type Played,
} from '../support/played-channel.ts'
import { digits, seconded, supervisor, TENANT, testClock, type TestClock } from '../support/shop.ts'

const MINUTE = 60_000
const STUCK: Outcome = { kind: 'stuck', code: 'A', channelNo: 'c1', remedies: [] }
const CARD = { bank: 'CMB_DEBIT', number: '1111', holder: '张三' }

let core: Core
let played: Played
let clock: TestClock

beforeEach(async () => {
  played = playedChannel({ spacingMs: MINUTE })
  clock = testClock()
  core = await playedShop(await testDatabase(), played, { clock })
})

const now = () => clock.now()

async function sweepAfter(ms: number): Promise<void> {
  clock.advance(ms)
  await sweepRefunds(core)
}

async function ask(payment: string, amount = 1_000): Promise<string> {
  const wish = request(payment, { kind: 'amount', fen: fen(amount) })
  const results = await requestRefunds(core, supervisor, [wish], now())
  await sendAttempts(core, TENANT, leasesOf(results))
  return wish.no
}

const hear = (refundNo: string, seq: number, outcome: Outcome) =>
  settleAttempts(core, systemOf(TENANT), [{ refundNo, seq, outcome, fence: null }], now())

const block = (payment: string) =>
  inTenant(core.db, TENANT, (tx) =>
    tx.updateTable('payment').set({ blocked: 'audit' }).where('payment_no', '=', payment).execute(),
  )

const unblock = (payment: string) =>
  unblockPayment(core, seconded(supervisor), payment, 'looked_at', now())

/** A payment with a refund paid back and a second one that waits for the channel's spacing. */
async function spaced(payment: string): Promise<string> {
  await ask(payment)
  const no = await ask(payment)
  expect(await readRefund(core, no)).toMatchObject({ state: 'approved', send_reason: 'spacing' })
  return no
}

test('an approved refund whose time comes while the sale is being paid on goes once that is clear', async () => {
  const [payment = ''] = await plantSales(core, 1)
  const no = await spaced(payment)
  const { sale_no } = await readPayment(core, payment)
  const second = newNumber('payment')
  await inTenant(core.db, TENANT, (tx) =>
    tx
      .insertInto('payment')
      .columns([
        'tenant_id',
        'payment_no',
        'sale_no',
        'account_no',
        'channel',
        'method',
        'state',
        'paid_fen',
        'channel_number',
        'body',
        'fingerprint',
        'created_at',
        'due_at',
      ])
      .values({
        tenant_id: TENANT,
        payment_no: second,
        sale_no,
        account_no: 'p1',
        channel: 'played',
        method: 'code',
        state: 'submitted',
        paid_fen: fen(100),
        channel_number: digits(20),
        body: '',
        fingerprint: Buffer.alloc(0),
        created_at: now(),
        due_at: now(),
      })
      .execute(),
  )
  await sweepAfter(2 * MINUTE)
  expect(await readRefund(core, no)).toMatchObject({ state: 'approved' })
  expect(await incidentKinds(core)).toEqual([])
  await settlePayment(core, systemOf(TENANT), { paymentNo: second, fence: null }, 'pay', {
    kind: 'refused',
    code: 'NOTENOUGH',
    final: true,
  })
  await sweepAfter(MINUTE)
  expect(await readRefund(core, no)).toMatchObject({ state: 'succeeded' })
})

test('an approved refund whose payment was blocked meanwhile calls a person, and goes once it is opened again', async () => {
  const [payment = ''] = await plantSales(core, 1)
  const no = await spaced(payment)
  await block(payment)
  await sweepAfter(2 * MINUTE)
  expect(await readRefund(core, no)).toMatchObject({
    state: 'approved',
    send_at: null,
    send_reason: 'payment_blocked',
  })
  expect(await incidentKinds(core)).toEqual(['cannot_send'])
  expect(await unblock(payment)).toEqual({ kind: 'done' })
  expect(await incidentKinds(core)).toEqual([])
  await sweepAfter(0)
  expect(await readRefund(core, no)).toMatchObject({ state: 'succeeded' })
})

test('an approved refund that its channel does not take any more goes by another way, if somebody decides so', async () => {
  const [payment = ''] = await plantSales(core, 1)
  const no = await spaced(payment)
  await sweepAfter(400 * 24 * 60 * MINUTE)
  expect(await readRefund(core, no)).toMatchObject({
    state: 'approved',
    send_reason: 'window_over',
  })
  expect(await sendAgain(core, seconded(supervisor), no, 'cash', now())).toMatchObject({
    kind: 'done',
  })
  expect(await readAttempts(core, no)).toMatchObject([{ kind: 'cash', state: 'submitted' }])
})

test('what was begun before a payment turned out reversed is only asked about, also when somebody lifts the block', async () => {
  const [payment = ''] = await plantSales(core, 1)
  played.script.refund = () => UNKNOWN
  played.script.query = () => ({ kind: 'not_found' })
  const no = await ask(payment)
  await settlePayment(core, systemOf(TENANT), { paymentNo: payment, fence: null }, 'query', {
    kind: 'reversed',
  })
  expect(await readPayment(core, payment)).toMatchObject({ state: 'reversed', blocked: 'reversed' })
  expect(await unblock(payment)).toEqual({ kind: 'done' })
  for (let round = 0; round < 3; round += 1) await sweepAfter(10 * MINUTE)
  expect(played.sends).toHaveLength(1)
  expect(await readAttempts(core, no)).toMatchObject([{ sends: 1, state: 'submitted' }])
})

/** One that was sent, stopped and twice not found, sent again under a new number, and then came back to life. */
async function reopened(payment: string, sign: Outcome): Promise<{ no: string; lease: Lease }> {
  played.script.refund = () => UNKNOWN
  const no = await ask(payment)
  await stopRefund(core, supervisor, no, 'left', now())
  played.script.query = () => ({ kind: 'not_found' })
  for (let round = 0; round < 4; round += 1) await sweepAfter(30 * MINUTE)
  expect(await readRefund(core, no)).toMatchObject({ state: 'owed' })
  const again = await sendAgain(core, supervisor, no, 'original', now())
  if (again.kind !== 'done' || !again.lease) throw new Error(JSON.stringify(again))
  await hear(no, 1, sign)
  expect(await readPayment(core, payment)).toMatchObject({ blocked: 'reopened' })
  const steps = await inTenant(core.db, TENANT, (tx) => readEvents(tx, 'payment', payment, 0, 10))
  expect(steps.map(({ type, body }) => [type, JSON.parse(body)])).toMatchObject([
    ['payment.blocked', { facts: { reason: 'reopened' } }],
  ])
  return { no, lease: again.lease }
}

test('beside an attempt that came back to life no other of the same refund leaves', async () => {
  const [payment = ''] = await plantSales(core, 1)
  const { no, lease } = await reopened(payment, { kind: 'processing', channelNo: 'c1' })
  played.script.query = () => UNKNOWN
  expect(await unblock(payment)).toEqual({ kind: 'done' })
  await sendAttempts(core, TENANT, [lease])
  for (let round = 0; round < 3; round += 1) await sweepAfter(30 * MINUTE)
  expect(played.sends).toHaveLength(1)
  expect(await readAttempts(core, no)).toMatchObject([
    { state: 'processing', reopened: true },
    { state: 'submitted', sends: 0 },
  ])
  await hear(no, 1, succeeded('c1', 1_000))
  expect(await readRefund(core, no)).toMatchObject({ state: 'succeeded' })
})

test('money that is stuck goes nowhere while its payment is blocked, and to no card once the customer was paid', async () => {
  played.channel.freezeRemedy = ({ remedy }) => remedy
  const [payment = ''] = await plantSales(core, 1)
  const { no } = await reopened(payment, STUCK)
  const decide = (remedy: 'to_merchant' | 'to_bank_card') =>
    remedyRefund(
      core,
      seconded(supervisor),
      no,
      remedy,
      remedy === 'to_bank_card' ? CARD : null,
      now(),
    )
  expect(await decide('to_merchant')).toMatchObject({ refusal: { code: 'payment_blocked' } })
  await hear(no, 2, succeeded('c2', 1_000))
  expect(await unblock(payment)).toEqual({ kind: 'done' })
  expect(await decide('to_bank_card')).toMatchObject({
    refusal: { code: 'remedy_pays_twice' },
  })
  expect(await decide('to_merchant')).toMatchObject({ kind: 'done' })
  await sweepAfter(MINUTE)
  expect(played.remedies).toEqual(['to_merchant'])
})

test('a remedy decided before its payment was blocked does not leave, and the attempt is asked about as ever', async () => {
  played.channel.freezeRemedy = ({ remedy }) => remedy
  played.script.refund = () => STUCK
  played.script.query = () => STUCK
  const [payment = ''] = await plantSales(core, 1)
  const no = await ask(payment)
  const decided = await remedyRefund(core, seconded(supervisor), no, 'to_bank_card', CARD, now())
  expect(decided).toMatchObject({ kind: 'done' })
  await block(payment)
  await sweepAfter(MINUTE)
  expect(played.remedies).toEqual([])
  expect(played.queries).toHaveLength(1)
  await unblock(payment)
  await sweepAfter(30 * MINUTE)
  expect(played.remedies).toEqual(['to_bank_card'])
})

test('a remedy decided before the refund was stopped does not leave; one that is decided after that does', async () => {
  played.channel.freezeRemedy = ({ remedy }) => remedy
  played.script.refund = () => STUCK
  played.script.query = () => STUCK
  const [payment = ''] = await plantSales(core, 1)
  const no = await ask(payment)
  const toCard = () => remedyRefund(core, seconded(supervisor), no, 'to_bank_card', CARD, now())
  expect(await toCard()).toMatchObject({ kind: 'done' })
  expect(await stopRefund(core, supervisor, no, 'left', now())).toMatchObject({ kind: 'done' })
  await sweepAfter(MINUTE)
  expect(played.remedies).toEqual([])
  expect(await toCard()).toMatchObject({ kind: 'done' })
  await sweepAfter(30 * MINUTE)
  expect(played.remedies).toEqual(['to_bank_card'])
})

test('a proven no to a remedy is no end of the refund', async () => {
  played.channel.freezeRemedy = ({ remedy }) => remedy
  played.script.refund = () => STUCK
  played.script.query = () => STUCK
  played.script.remedy = () => ({ kind: 'refused', code: 'NO', proof: 'signed', final: true })
  const [payment = ''] = await plantSales(core, 1)
  const no = await ask(payment)
  await remedyRefund(core, seconded(supervisor), no, 'to_bank_card', CARD, now())
  await sweepAfter(MINUTE)
  expect(await readAttempts(core, no)).toMatchObject([{ state: 'stuck' }])
})
