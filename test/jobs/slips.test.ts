import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { makeSlips } from '../../src/commands/make-slip.ts'
import { inTenant } from '../../src/db/connect.ts'
import {
  readSlipFacts,
  refundSlipFacts,
  type SlipAttempt,
  type SlipRows,
} from '../../src/domain/slip-facts.ts'
import { fen } from '../../src/domain/money.ts'
import { can } from '../../src/channels/wechatpay/capabilities.ts'
import { refundSlip } from '../../src/domain/slip.ts'
import { readRefundSlips } from '../../src/store/refund-slips.ts'
import { testDatabase, type TestDatabase } from '../support/database.ts'
import { TENANT } from '../support/shop.ts'
import { STAMP } from '../slips/facts.ts'
import { finishRefunds, givenShop, paidPayment, sentRefund } from './given.ts'

async function eventOf(database: TestDatabase, refundNo: string, type: string) {
  const { rows } = await sql<{ seq: number }>`
    select seq from event where subject_no = ${refundNo} and type = ${type}`.execute(
    database.ownerDb,
  )
  const [event] = rows
  if (!event) throw new Error(`${type} did not happen`)
  return { refundNo, seq: event.seq, type }
}

test('a refund leaves a pending slip while it is under way and a proof when it succeeded', async () => {
  const database = await testDatabase()
  const given = await givenShop(database)
  const { core } = given
  const no = await sentRefund(given, await paidPayment(given))
  const processing = await eventOf(database, no, 'refund.processing')
  expect(await makeSlips(core, TENANT, [processing, processing], new Date())).toEqual([
    'made',
    'made',
  ])
  expect(await makeSlips(core, TENANT, [processing], new Date())).toEqual(['there'])
  await finishRefunds(given)
  const succeeded = await eventOf(database, no, 'refund.succeeded')
  expect(await makeSlips(core, TENANT, [processing, succeeded], new Date())).toEqual([
    'passed',
    'made',
  ])

  const [proof, pending, ...more] = await inTenant(core.db, TENANT, (tx) => readRefundSlips(tx, no))
  if (!proof || !pending) throw new Error('slips are missing')
  expect(more).toEqual([])
  expect(pending).toMatchObject({ kind: 'pending_refund', event_seq: processing.seq })
  const { facts, refund } = readSlipFacts(proof.facts, { payer: '微信 张*', destination: null })
  expect(refundSlip(facts, refund, 'customer', STAMP)).toMatchObject({
    kind: 'refund',
    state: 'succeeded',
    store: { name: '川味小馆·春熙路店', phone: '028-12345678' },
    terminal: '1号机',
    cashier: '张三',
    channel: 'wechatpay',
    amounts: { order: 12800, discount: 0, paid: 12800, refunded: 1200 },
    refund: { refundNo: no, amount: 1200, payerFen: 1200, feeKept: 0 },
  })
  expect(refund.at).toBeInstanceOf(Date)
})

test('a slip that comes after the refund has moved on is left to the next event', async () => {
  const database = await testDatabase()
  const given = await givenShop(database)
  const no = await sentRefund(given, await paidPayment(given))
  const processing = await eventOf(database, no, 'refund.processing')
  await finishRefunds(given)
  expect(await makeSlips(given.core, TENANT, [processing], new Date())).toEqual(['passed'])
  expect(await inTenant(given.core.db, TENANT, (tx) => readRefundSlips(tx, no))).toEqual([])
})

const AT = new Date('2026-11-22T11:05:00Z')
const attempt: SlipAttempt = {
  kind: 'refund',
  state: 'submitted',
  reopened: false,
  waiting: null,
  first_send_at: new Date('2026-11-22T11:04:00Z'),
  channel_time: null,
  settled_at: null,
  destination: null,
  destination_text: null,
  payer_fen: null,
}
const rows: SlipRows = {
  place: {
    merchant_name: '川味小馆',
    merchant_phone: '028-1',
    store_name: null,
    store_address: null,
    store_phone: null,
    sandbox: false,
    training: false,
  },
  terminal: null,
  cashier: null,
  sale: {
    sale_no: '7126112200012345678906',
    order_fen: fen(5000),
    discount_fen: fen(500),
    paid_fen: fen(4500),
    created_at: AT,
  },
  payment: {
    channel: 'wechatpay',
    paid_fen: fen(4500),
    refunded_fen: fen(0),
    payer_masked: null,
    paid_at: null,
  },
  refund: {
    refund_no: '7326112200098765432103',
    state: 'sending',
    amount_fen: fen(1200),
    fee_kept_fen: fen(0),
    reason_code: 'quality',
    created_at: AT,
    settled_at: null,
  },
  attempts: [attempt],
  lines: [],
}
const setting = { arrival: can.arrival, customerPage: null, reprint: 0 }
const factsOf = (over: Partial<SlipRows>) => refundSlipFacts({ ...rows, ...over }, setting)

test('the word on the slip is that of the open attempt, else of the refund', () => {
  const under = (over: Partial<SlipAttempt>) =>
    factsOf({ attempts: [{ ...attempt, ...over }] })?.refund.state
  expect(under({})).toBe('submitted')
  expect(under({ waiting: 'funds' })).toBe('waiting_funds')
  expect(under({ waiting: 'spacing' })).toBe('submitted')
  expect(under({ state: 'processing' })).toBe('processing')
  expect(under({ state: 'stuck' })).toBe('stuck')
  expect(under({ first_send_at: null })).toBe('approved')
  expect(under({ kind: 'cash' })).toBeUndefined()
  const declined = { ...attempt, state: 'declined' } as const
  expect(factsOf({ attempts: [declined, { ...attempt, state: 'processing' }] })?.refund.state).toBe(
    'processing',
  )
  const state = (of: SlipRows['refund']['state']) =>
    factsOf({ refund: { ...rows.refund, state: of } })?.refund.state
  expect(state('owed')).toBe('owed')
  expect(state('approved')).toBe('approved')
  expect(state('requested')).toBe('requested')
  expect(state('awaiting_goods')).toBe('awaiting_goods')
  for (const none of ['closed', 'rejected', 'withdrawn'] as const) {
    expect(state(none), none).toBeUndefined()
  }
})

test('a success names the channel time, what the customer got and where', () => {
  const at = new Date('2026-11-22T12:00:00Z')
  const paid: SlipAttempt = {
    ...attempt,
    state: 'succeeded',
    channel_time: at,
    settled_at: new Date('2026-11-22T12:00:09Z'),
    destination: 'bank_card',
    destination_text: '招商银行(0403)',
    payer_fen: fen(1080),
  }
  const made = factsOf({
    refund: { ...rows.refund, state: 'succeeded' },
    attempts: [paid, { ...attempt, state: 'processing', reopened: true }],
  })
  expect(made?.refund).toMatchObject({
    state: 'succeeded',
    at,
    payerFen: 1080,
    arrival: 'days_1_3',
    destination: '招商银行(0403)',
  })
  const cash = factsOf({
    refund: { ...rows.refund, state: 'succeeded' },
    attempts: [{ ...paid, kind: 'cash' }],
  })
  expect(cash?.refund.arrival).toBe('by_hand')
})

test('a payment that is a part of its sale shows its own amount, a shop without stores its name', () => {
  expect(factsOf({})?.facts).toMatchObject({
    store: { name: '川味小馆', address: null, phone: '028-1' },
    amounts: { order: 5000, discount: 500, paid: 4500, refunded: 0 },
    paidAt: AT,
  })
  const part = factsOf({ payment: { ...rows.payment, paid_fen: fen(2000) } })
  expect(part?.facts.amounts).toMatchObject({ order: 2000, discount: 0, paid: 2000 })
})
