/** What people do with a refund after it was asked for. */
import { beforeEach, expect, test } from 'vitest'
import { inTenant } from '../../src/db/connect.ts'
import { blockPayment } from '../../src/store/audit.ts'
import { testDatabase } from '../support/database.ts'
import { pass } from '../support/given.ts'
import { TENANT } from '../support/shop.ts'
import { openTill, pay, wish, type Answer, type Till, type Who } from '../support/till.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

let till: Till
beforeEach(async () => {
  const database = await testDatabase()
  till = await openTill(database.db)
})
const act = (no: string, name: string, body?: unknown, who?: Who, second?: Who): Promise<Answer> =>
  till.call('POST', `/v1/refunds/${no}/${name}`, body, who, second)

async function requested(amount = 30_000): Promise<string> {
  const payment = await pay(till, amount)
  const asked = wish(payment.no)
  expect(await till.call('POST', '/v1/refunds', asked)).toMatchObject({
    status: 201,
    body: { state: 'requested', attempts: [] },
  })
  return asked.no
}

test('above the limit somebody else decides, and it goes at once', async () => {
  const no = await requested()
  expect(await act(no, 'approve')).toMatchObject({
    status: 403,
    body: { code: 'supervisor_needed' },
  })
  expect(await act(no, 'approve', undefined, 'li')).toMatchObject({
    status: 200,
    body: { state: 'sending', shows: 'processing' },
  })
  expect(await act(no, 'approve', undefined, 'li')).toMatchObject({
    status: 409,
    body: { code: 'state_changed', params: { state: 'sending' } },
  })
  const second = wish((await pay(till, 30_000)).no)
  expect(await till.call('POST', '/v1/refunds', second, 'zhang', 'li')).toMatchObject({
    status: 202,
  })
})

test('an approval that is refused leaves nothing behind', async () => {
  const no = await requested()
  const { payment } = (await till.call('GET', `/v1/refunds/${no}`)).body as { payment: string }
  await inTenant(till.core.db, TENANT, (tx) => blockPayment(tx, payment, 'audit'))
  expect(await act(no, 'approve', undefined, 'li')).toMatchObject({
    status: 409,
    body: { code: 'payment_blocked' },
  })
  const approvals = await inTenant(till.core.db, TENANT, (tx) =>
    tx.selectFrom('approval').selectAll().execute(),
  )
  expect(approvals).toEqual([])
  expect((await till.call('GET', `/v1/refunds/${no}`)).body.state).toBe('requested')
})

test('whoever asked does not decide; cash waits for the cashier to say what became of it', async () => {
  const payment = await pay(till)
  const asked = wish(payment.no, { amount: 5_000, method: 'cash' })
  expect((await till.call('POST', '/v1/refunds', asked, 'li')).body.state).toBe('requested')
  expect(await act(asked.no, 'approve', undefined, 'li')).toMatchObject({
    status: 403,
    body: { code: 'second_person_same' },
  })
  expect(await act(asked.no, 'approve', undefined, 'wang')).toMatchObject({
    status: 200,
    body: { state: 'sending', shows: 'cash_to_hand_out' },
  })
  expect((await act(asked.no, 'cash', { answer: 'not_paid' })).body.code).toBe(
    'second_person_needed',
  )
  expect(await act(asked.no, 'cash', { answer: 'paid' })).toMatchObject({
    status: 200,
    body: {
      state: 'succeeded',
      attempts: [{ kind: 'cash', destination: 'cash', payerAmount: 5_000 }],
    },
  })
  expect(till.sandbox.book.executedRefunds()).toEqual([])
})

test('rejected, taken back, lowered: each leaves the room as it should be', async () => {
  const rejected = await requested()
  expect(await act(rejected, 'reject', { reason: 'Not a code!' }, 'li')).toMatchObject({
    status: 400,
  })
  expect(await act(rejected, 'reject', { reason: 'no_proof' }, 'li')).toMatchObject({
    status: 200,
    body: { state: 'rejected', endedReason: 'no_proof' },
  })
  const withdrawn = await requested()
  expect((await act(withdrawn, 'withdraw')).body.state).toBe('withdrawn')

  const lowered = await requested()
  expect((await act(lowered, 'lower', { amount: 30_001 }, 'li')).body.code).toBe('cannot_raise')
  expect((await act(lowered, 'lower', { amount: 0 }, 'li')).body.code).toBe('amount_not_positive')
  const { body } = await act(lowered, 'lower', { amount: 10_000 }, 'li')
  expect(body).toMatchObject({ state: 'requested', amount: 10_000 })
  expect((await till.call('GET', `/v1/payments/${body.payment}`)).body).toMatchObject({
    held: 10_000,
    refundable: 20_000,
  })
})

test('what is stuck is decided by a supervisor; what is owed is sent again or closed by two', async () => {
  till.sandbox.faults.set({ on: 'refund', kind: 'abnormal', times: 1 })
  const payment = await pay(till)
  const asked = wish(payment.no, { amount: 2_000 })
  await till.call('POST', '/v1/refunds', asked)
  await pass(till, 2 * MINUTE)
  expect((await till.call('GET', `/v1/refunds/${asked.no}`)).body.shows).toBe('stuck')
  expect((await act(asked.no, 'remedy', { remedy: 'to_bank_card' }, 'li')).body.code).toBe(
    'remedy_invalid',
  )
  expect((await act(asked.no, 'remedy', { remedy: 'to_merchant' })).body.code).toBe(
    'supervisor_needed',
  )
  const decided = await act(asked.no, 'remedy', { remedy: 'to_merchant' }, 'li')
  expect(decided).toMatchObject({ status: 200, body: { attempts: [{ remedy: 'to_merchant' }] } })
  // A bank takes days over it.
  await pass(till, 2 * DAY)
  await pass(till, DAY)
  expect((await act(asked.no, 'query')).body).toMatchObject({ state: 'owed', shows: 'owed' })

  expect((await act(asked.no, 'close', { reason: 'settled_otherwise' }, 'li')).body.code).toBe(
    'second_person_needed',
  )
  const again = await act(asked.no, 'send-again', { method: 'original' }, 'li')
  expect(again).toMatchObject({
    status: 200,
    body: { state: 'sending', attempts: [{}, { seq: 2 }] },
  })
  expect(
    (await act(asked.no, 'close', { reason: 'settled_otherwise' }, 'li', 'wang')).body.code,
  ).toBe('state_changed')
})

test('an answer that does not come is not waited for: 202, outcome unknown, and it settles later', async () => {
  const payment = await pay(till)
  till.sandbox.faults.set({ on: 'refund', kind: 'executed_then_timeout', times: 1 })
  till.sandbox.faults.set({ on: 'notify', kind: 'never' })
  const asked = wish(payment.no, { amount: 700 })
  const began = performance.now()
  const answer = await till.call('POST', '/v1/refunds', asked)
  expect(performance.now() - began).toBeLessThan(4_900)
  expect(answer).toMatchObject({
    status: 202,
    body: { state: 'sending', shows: 'outcome_unknown' },
  })
  const besides = wish(payment.no, { amount: 700 })
  expect(await till.call('POST', '/v1/refunds', besides)).toMatchObject({
    status: 201,
    body: { state: 'approved', sendAt: expect.any(String), sendReason: expect.any(String) },
  })

  await till.sandbox.waitFor(() => till.sandbox.book.executedRefunds().length === 1)
  await expect
    .poll(
      async () =>
        (await till.call('GET', `/v1/refunds/${asked.no}/calls`, undefined, 'li')).body.calls,
      { timeout: 5_000 },
    )
    .toMatchObject([{ act: 'refund', attempt: 1, status: null }])
  await pass(till, 2 * MINUTE)
  const settled = await till.call('GET', `/v1/refunds/${asked.no}`)
  expect(settled.body).toMatchObject({ state: 'succeeded', attempts: [{ seq: 1 }] })
  expect((await till.call('GET', `/v1/refunds/${asked.no}/calls`)).body.code).toBe('not_allowed')
  const numbers = till.sandbox.book.executedRefunds().map((each) => each.outRefundNo)
  expect(numbers.filter((each) => each.startsWith(asked.no))).toHaveLength(1)
})
