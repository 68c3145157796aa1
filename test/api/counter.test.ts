/** An ordinary day at the counter, over HTTP. */
import { expect, test } from 'vitest'
import { newNumber, pass } from '../support/given.ts'
import { testDatabase } from '../support/database.ts'
import { openTill, pay, saleOf, wish } from '../support/till.ts'

const MINUTE = 60_000

test('paid by code, found by the bill, refunded, followed to its end', async () => {
  const database = await testDatabase()
  const till = await openTill(database.db)
  const payment = await pay(till, 12_800, {
    items: [
      { name: '宫保鸡丁', quantity: 2, amount: 7_600 },
      { name: '米饭', quantity: 4, amount: 5_200 },
    ],
  })
  expect(payment).toMatchObject({
    amount: 12_800,
    currency: 'CNY',
    refundable: 12_800,
    sandbox: true,
    method: 'code',
  })

  const found = await till.call('GET', `/v1/sales?code=${payment.billNo}`)
  expect(found.status).toBe(200)
  expect(found.body.sales).toHaveLength(1)
  expect(found.body.sales[0]).toMatchObject({
    no: payment.sale,
    paidAmount: 12_800,
    items: [{ name: '宫保鸡丁', quantity: 2, amount: 7_600 }, { name: '米饭' }],
    payments: [{ no: payment.no, refundable: 12_800, payer: expect.stringContaining('…') }],
    refunds: [],
    atWork: [],
  })

  const asked = wish(payment.no, { items: [{ line: 1, quantity: 1 }] })
  const refund = await till.call('POST', '/v1/refunds', asked)
  expect(refund).toMatchObject({
    status: 202,
    body: {
      no: asked.no,
      state: 'sending',
      shows: 'processing',
      amount: 3_800,
      requestedBy: 'zhang',
      terminal: 't1',
      items: [{ line: 1, name: '宫保鸡丁', quantity: 1, amount: 3_800 }],
      attempts: [{ seq: 1, kind: 'refund', state: 'processing', amount: 3_800 }],
    },
  })
  expect(refund.text).not.toMatch(/fence|lease|send_by|"body"/)
  const sent = await till.call('GET', `/v1/refunds/${asked.no}/calls`, undefined, 'li')
  expect(JSON.parse(sent.body.calls[0].requestBody)).toMatchObject({ reason: '商品质量问题' })

  const again = await till.call('POST', '/v1/refunds', asked)
  expect(again).toMatchObject({ status: 200, body: { no: asked.no, amount: 3_800 } })
  const other = await till.call('POST', '/v1/refunds', { ...asked, items: undefined, amount: 1 })
  expect(other).toMatchObject({
    status: 409,
    body: { code: 'number_taken', params: { stored: { refund: { no: asked.no, amount: 3_800 } } } },
  })

  const meanwhile = await till.call('GET', `/v1/sales/${payment.sale}`)
  expect(meanwhile.body).toMatchObject({
    atWork: [{ refund: asked.no, by: 'zhang', terminal: 't1' }],
    payments: [{ held: 3_800, refundable: 9_000 }],
  })
  expect(meanwhile.body.items[0]).toMatchObject({ held: { quantity: 1, amount: 3_800 } })

  await pass(till, 2 * MINUTE)
  const settled = await till.call('GET', `/v1/refunds/${asked.no}`)
  expect(settled.body).toMatchObject({
    state: 'succeeded',
    shows: 'succeeded',
    attempts: [{ state: 'succeeded', payerAmount: 3_800, destination: expect.any(String) }],
  })
  expect(settled.body.settledAt).not.toBeNull()
  const events = await till.call('GET', `/v1/refunds/${asked.no}/events?after=1`)
  expect(events.body.events.map((each: { type: string }) => each.type)).toEqual([
    'refund.sending',
    'refund.processing',
    'refund.succeeded',
  ])
  expect(events.body.next).toBe(4)
  for (const of of [`refunds/${asked.no}`, `payments/${payment.no}`]) {
    expect((await till.call('GET', `/v1/${of}/events?after=999999999`)).body.events).toEqual([])
    // More digits than a step can have; the database could not even compare them.
    expect(await till.call('GET', `/v1/${of}/events?after=9999999999`)).toMatchObject({
      status: 400,
      body: { params: { issues: [{ path: 'query/after' }] } },
    })
  }
  const scanned = await till.call('GET', `/v1/sales?code=${asked.no}`)
  expect(scanned.body).toMatchObject({ refund: asked.no, sales: [{ no: payment.sale }] })
  expect(till.sandbox.book.executedRefunds()).toHaveLength(1)
})

test('a payment shown as a code waits with 202 until the customer has paid', async () => {
  const database = await testDatabase()
  const till = await openTill(database.db)
  const given = { no: newNumber('payment'), sale: saleOf(5_000), amount: 5_000, method: 'qr' }
  const taken = await till.call('POST', '/v1/payments', given)
  expect(taken).toMatchObject({ status: 202, body: { state: 'waiting', refundable: 0 } })
  expect(taken.body.codeUrl).toMatch(/^weixin:/)

  till.sandbox.scanAndPay(taken.body.codeUrl, till.sandbox.createCustomer())
  const asked = await till.call('POST', `/v1/payments/${given.no}/query`)
  expect(asked).toMatchObject({ status: 200, body: { state: 'paid', codeUrl: null } })
  const again = await till.call('POST', '/v1/payments', given)
  expect(again).toMatchObject({ status: 200, body: { state: 'paid' } })
})
