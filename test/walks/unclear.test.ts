/** What nobody knows the end of for half an hour is put on a person's list, once, and taken off it by itself. */
import { beforeEach, expect, test } from 'vitest'
import { testDatabase } from '../support/database.ts'
import { newNumber, pass } from '../support/given.ts'
import { openTill, pay, saleOf, wish, type Till } from '../support/till.ts'
import { ask, incidentsOf, readPayment, readRefund } from '../support/walk.ts'

const MINUTE = 60_000

let till: Till

beforeEach(async () => {
  till = await openTill((await testDatabase()).db, { channelTimeoutMs: 400, notified: false })
})

const unclear = async (open: boolean) =>
  (await incidentsOf(till, open)).filter((each) => each.kind === 'unclear_long')

async function minutes(count: number): Promise<void> {
  for (let minute = 0; minute < count; minute += 1) await pass(till, MINUTE)
}

test('a refund without an answer calls a person after half an hour, once, until it is answered', async () => {
  const payment = await pay(till)
  for (const on of ['refund', 'refund_query'] as const) {
    till.sandbox.faults.set({ on, kind: 'drop_connection_executed' })
  }
  const { no } = await ask(till, wish(payment.no))
  await minutes(29)
  expect(await unclear(true)).toEqual([])
  await minutes(2)
  expect(await unclear(true)).toMatchObject([
    { refund: no, payment: payment.no, detail: { attempt: 1 }, closedAt: null },
  ])
  await minutes(60)
  expect(await unclear(true)).toHaveLength(1)
  till.sandbox.faults.clear()
  await minutes(31)
  expect(await readRefund(till, no)).toMatchObject({ state: 'succeeded' })
  expect(await unclear(true)).toEqual([])
  expect(await unclear(false)).toMatchObject([{ refund: no, closedBy: 'system' }])
  expect(till.sandbox.book.executedRefunds()).toHaveLength(1)
})

test('a refund answered in time calls nobody', async () => {
  const payment = await pay(till)
  till.sandbox.faults.set({ on: 'refund', kind: 'executed_then_timeout', times: 1 })
  const { no } = await ask(till, wish(payment.no))
  await minutes(40)
  expect(await readRefund(till, no)).toMatchObject({ state: 'succeeded' })
  expect([...(await unclear(true)), ...(await unclear(false))]).toEqual([])
})

test('a payment without an answer calls a person after half an hour, once, until it is clear', async () => {
  for (const on of ['pay', 'query', 'reverse'] as const) {
    till.sandbox.faults.set({ on, kind: 'drop_connection_not_executed' })
  }
  const no = newNumber('payment')
  const taken = await till.call('POST', '/v1/payments', {
    no,
    sale: saleOf(900),
    amount: 900,
    method: 'code',
    paymentCode: till.sandbox.paymentCode(till.sandbox.createCustomer()),
  })
  expect(taken).toMatchObject({ status: 202, body: { state: 'submitted' } })
  await minutes(29)
  expect(await unclear(true)).toEqual([])
  await minutes(2)
  expect(await unclear(true)).toMatchObject([{ payment: no, refund: null }])
  await minutes(40)
  expect(await unclear(true)).toHaveLength(1)
  till.sandbox.faults.clear()
  await minutes(60)
  expect((await readPayment(till, no)).state).toMatch(/^(reversed|closed)$/)
  expect(await unclear(true)).toEqual([])
  expect(await unclear(false)).toMatchObject([{ payment: no, closedBy: 'system' }])
})
