/** Payments nobody is sure of. What is refunded is never more than what was taken. */
import { beforeEach, expect, test } from 'vitest'
import type { PaymentShown } from '../../src/api/contract.ts'
import { clientOf } from '../sandbox/support.ts'
import { testDatabase } from '../support/database.ts'
import { newNumber, pass } from '../support/given.ts'
import { openTill, pay, saleOf, wish, type Till } from '../support/till.ts'
import { ask, incidentsOf, readPayment, stepsOf, tryAct, tryAsk } from '../support/walk.ts'

const MINUTE = 60_000
const AMOUNT = 5_000

let till: Till

beforeEach(async () => {
  till = await openTill((await testDatabase()).db, { channelTimeoutMs: 400 })
})

const sale = () => saleOf(AMOUNT)

const given = (of: ReturnType<typeof sale> = sale()) => ({
  no: newNumber('payment'),
  sale: of,
  amount: AMOUNT,
  method: 'code',
  paymentCode: till.sandbox.paymentCode(till.sandbox.createCustomer()),
})

const take = (payment: ReturnType<typeof given>) => till.call('POST', '/v1/payments', payment)

const reverse = (no: string) => till.call('POST', `/v1/payments/${no}/reverse`)

/** The customer has paid; the answer that says so never came. */
async function takeUnclear(): Promise<ReturnType<typeof given>> {
  till.sandbox.faults.set({ on: 'pay', kind: 'executed_then_timeout', times: 1 })
  const payment = given()
  expect(await take(payment)).toMatchObject({ status: 202, body: { state: 'submitted' } })
  return payment
}

const orderOf = (no: string) =>
  till.sandbox.findOrder({ mchid: till.sandbox.merchant.mchid, outTradeNo: `${no}00` })

const ROUNDS_MAX = 40

async function passUntil(no: string, state: PaymentShown['state']): Promise<void> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    if ((await readPayment(till, no)).state === state) return
    await pass(till, 10 * MINUTE)
  }
  throw new Error(`not ${state} after ${ROUNDS_MAX} rounds`)
}

test('an unclear payment gives no refund; reversed, it is cancelled for good', async () => {
  const { no, sale: of } = await takeUnclear()
  expect(await tryAsk(till, wish(no))).toMatchObject({
    status: 409,
    body: { code: 'payment_unclear' },
  })
  expect(await take(given(of))).toMatchObject({
    status: 409,
    body: { code: 'sale_has_open_payment', params: { payment: no } },
  })
  expect(await reverse(no)).toMatchObject({ status: 200, body: { state: 'reversing' } })
  await pass(till, MINUTE)
  await pass(till, MINUTE)
  expect(await readPayment(till, no)).toMatchObject({ state: 'reversed' })
  expect(orderOf(no)).toMatchObject({ state: 'REVOKED' })
  expect(await tryAsk(till, wish(no))).toMatchObject({
    status: 409,
    body: { code: 'payment_cancelled' },
  })
  // A payment code lives for a minute, and this is another payment.
  expect(await take(given(of))).toMatchObject({ status: 201, body: { state: 'paid' } })
})

test('a payment given up at one till while it is asked about and refunded at others goes back once at most', async () => {
  const { no } = await takeUnclear()
  await Promise.all([
    reverse(no),
    till.call('POST', `/v1/payments/${no}/query`),
    ...Array.from({ length: 4 }, () => tryAsk(till, wish(no))),
    till.call('POST', `/v1/payments/${no}/query`),
    reverse(no),
  ])
  for (let round = 0; round < 3; round += 1) await pass(till, 2 * MINUTE)
  const { state, refunded, held, refundable } = await readPayment(till, no)
  const order = orderOf(no)?.state
  const outcome = { state, order, left: refundable + refunded, held }
  expect([
    { state: 'reversed', order: 'REVOKED', left: 0, held: 0 },
    { state: 'paid', order: 'REFUND', left: AMOUNT, held: 0 },
    { state: 'paid', order: 'SUCCESS', left: AMOUNT, held: 0 },
  ]).toContainEqual(outcome)
  expect(till.sandbox.book.refundedFen(`${no}00`)).toBe(refunded)
})

test('a payment another system reversed while a refund of it is decided: no money goes back twice', async () => {
  const { no, channelNumber } = await pay(till, 50_000)
  const asked = await ask(till, wish(no, { amount: 30_000 }))
  expect(asked).toMatchObject({ state: 'requested' })
  const { appid, mchid } = till.sandbox.merchant
  const elsewhere = clientOf(till.sandbox, till.sandbox.merchant)
  const path = `v3/pay/transactions/out-trade-no/${channelNumber}/reverse`
  expect(await elsewhere.post(path, { appid, mchid })).toMatchObject({ status: 200 })

  await Promise.all([
    tryAct(till, asked.no, 'approve', undefined, 'li'),
    till.call('POST', `/v1/payments/${no}/query`),
  ])
  for (let round = 0; round < 3; round += 1) await pass(till, 10 * MINUTE)
  expect(await readPayment(till, no)).toMatchObject({
    state: 'reversed',
    blocked: 'reversed',
    refunded: 0,
    refundable: 0,
  })
  expect((await incidentsOf(till)).map((each) => each.kind)).toContain('reversed_after_paid')
  expect(await tryAsk(till, wish(no, { amount: 1 }))).toMatchObject({
    status: 409,
    body: { code: 'payment_cancelled' },
  })
  expect(till.sandbox.book.executedRefunds()).toHaveLength(0)
})

test('a payment whose answer got lost is found paid by asking, before anything is reversed', async () => {
  const { no } = await takeUnclear()
  await pass(till, 10_000)
  expect(await readPayment(till, no)).toMatchObject({ state: 'paid', amount: AMOUNT })
})

test('a payment that was given up and yet succeeded is restored by asking, and calls a person', async () => {
  const { no } = await takeUnclear()
  const { faults } = till.sandbox
  // The reversal never arrives, and the channel says it knows of no payment, although the customer has paid.
  faults.set({ on: 'reverse', kind: 'lost' })
  const lie = faults.set({ on: 'query', kind: 'not_found_although_executed' })
  await reverse(no)
  await passUntil(no, 'closed')
  expect(await tryAsk(till, wish(no))).toMatchObject({ body: { code: 'payment_cancelled' } })
  faults.clear(lie)
  await pass(till, 20 * MINUTE)
  expect(await readPayment(till, no)).toMatchObject({ state: 'paid', refundable: AMOUNT })
  expect(await stepsOf(till, 'payments', no)).toContain('payment.restored')
  expect((await incidentsOf(till)).map((each) => each.kind)).toContain('paid_after_closing')
  expect(await readPayment(till, no)).toMatchObject({ shows: 'paid', restored: 'undecided' })
  expect(await tryAsk(till, wish(no))).toMatchObject({ status: 202 })
})

const accept = (no: string) => till.call('POST', `/v1/payments/${no}/accept`)
const openKinds = async () =>
  (await incidentsOf(till)).filter((each) => each.closedAt === null).map((each) => each.kind)

test('money that was found after giving it up is kept by name, once, and the person who was called is released', async () => {
  const { no } = await takeUnclear()
  const { faults } = till.sandbox
  faults.set({ on: 'reverse', kind: 'lost' })
  const lie = faults.set({ on: 'query', kind: 'not_found_although_executed' })
  await reverse(no)
  expect(await accept(no)).toMatchObject({ status: 409, body: { code: 'state_changed' } })
  await passUntil(no, 'closed')
  faults.clear(lie)
  await pass(till, 20 * MINUTE)
  expect(await openKinds()).toContain('paid_after_closing')
  expect(await accept(no)).toMatchObject({ status: 200, body: { restored: 'accepted' } })
  expect(await accept(no)).toMatchObject({ status: 200, body: { restored: 'accepted' } })
  const steps = await stepsOf(till, 'payments', no)
  expect(steps.filter((step) => step === 'payment.accepted')).toHaveLength(1)
  expect(await openKinds()).not.toContain('paid_after_closing')
})

test('a payment at the channel that no till took is brought in undecided; an ordinary one has nothing to decide', async () => {
  const { merchant } = till.sandbox
  till.sandbox.paidOrder({ mchid: merchant.mchid, outTradeNo: 'PLATE20261122001', total: AMOUNT })
  const found = await till.call('POST', '/v1/sales/find', { code: 'PLATE20261122001' })
  const [payment] = found.body.sales[0].payments
  expect(payment).toMatchObject({ state: 'paid', restored: 'undecided' })
  expect(await accept(payment.no)).toMatchObject({ status: 200, body: { restored: 'accepted' } })
  const ordinary = await pay(till)
  expect(ordinary.restored).toBeNull()
  expect(await accept(ordinary.no)).toMatchObject({ status: 409, body: { code: 'state_changed' } })
})

test.each([
  ['a code that was used', 'code_wrong', async () => {}],
  ['a code that is too old', 'code_expired', () => till.sandbox.advance(2 * MINUTE)],
])('%s is refused with a reason that people have words for', async (_what, refusal, spoil) => {
  const payment = given()
  if (refusal === 'code_wrong') await take({ ...given(), paymentCode: payment.paymentCode })
  await spoil()
  expect(await take(payment)).toMatchObject({
    status: 201,
    body: { state: 'closed', shows: 'refused', refusal },
  })
})

test('without an address for notices no code is shown, and nothing is stored', async () => {
  till = await openTill((await testDatabase()).db, { notified: false })
  const payment = { ...given(), method: 'qr', paymentCode: undefined }
  expect(await till.call('POST', '/v1/payments', payment)).toMatchObject({
    body: { code: 'channel_cannot' },
  })
  expect(await till.call('GET', `/v1/payments/${payment.no}`)).toMatchObject({ status: 404 })
})
