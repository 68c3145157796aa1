/** Sales that were not found here: looked up at the channel, paid after all, or taken over from elsewhere. */
import { beforeEach, expect, test } from 'vitest'
import { testDatabase } from '../support/database.ts'
import { newNumber, sweepAll } from '../support/given.ts'
import { openTill, pay, saleOf, wish, type Till } from '../support/till.ts'

let till: Till
beforeEach(async () => {
  const database = await testDatabase()
  till = await openTill(database.db)
})
const find = (code: string) => till.call('POST', '/v1/sales/find', { code })

test('a sale we did not take is brought in once, however many tills scan its bill', async () => {
  const { mchid } = till.sandbox.merchant
  const order = till.sandbox.paidOrder({ mchid, outTradeNo: 'OLD-POS-0000123', total: 4_500 })
  const code = String(order.transactionId)
  expect(await till.call('GET', `/v1/sales?code=${code}`)).toMatchObject({
    status: 404,
    body: { code: 'code_unknown' },
  })
  const found = await Promise.all([find(code), find('OLD-POS-0000123'), find(code)])
  for (const answer of found) {
    expect(answer).toMatchObject({
      status: 200,
      body: {
        sales: [
          {
            source: 'channel',
            items: [],
            payments: [{ state: 'paid', refundable: 4_500, refundableAtMost: true }],
          },
        ],
      },
    })
  }
  expect(new Set(found.map((answer) => answer.body.sales[0].no)).size).toBe(1)
  const payment = found[0].body.sales[0].payments[0].no as string
  expect((await till.call('POST', '/v1/refunds', wish(payment))).body.state).toBe('requested')
})

test('a code no channel knows is unknown; while a channel is silent nobody can say so', async () => {
  expect(await find('OLD-POS-0000124')).toMatchObject({
    status: 404,
    body: { code: 'code_unknown', params: { code: 'OLD-POS-0000124' } },
  })
  till.sandbox.faults.set({ on: 'query', kind: 'error_500_not_executed' })
  expect(await find('OLD-POS-0000124')).toMatchObject({
    status: 503,
    body: { code: 'channel_silent' },
  })
})

test('an order nobody paid is nothing to bring in', async () => {
  const no = newNumber('payment')
  await till.call('POST', '/v1/payments', { no, sale: saleOf(100), amount: 100, method: 'qr' })
  const { body } = await till.call('GET', `/v1/payments/${no}`)
  const elsewhere = await openTill((await testDatabase()).db)
  expect(
    (await elsewhere.call('POST', '/v1/sales/find', { code: body.channelNumber })).status,
  ).toBe(404)
})

test('a number of our form that nobody here knows is on the paper of another shop', async () => {
  const payment = await pay(till)
  const number = newNumber('sale')
  expect(await find(number)).toMatchObject({
    status: 404,
    body: { code: 'code_of_another_shop', params: { code: number } },
  })
  expect((await find(payment.billNo ?? '')).status).toBe(200)
})

test('a payment that was given up and paid all the same is found by the bill', async () => {
  const no = newNumber('payment')
  const given = { no, sale: saleOf(800), amount: 800, method: 'code' }
  till.sandbox.faults.set({ on: 'pay', kind: 'error_500_executed', times: 1 })
  till.sandbox.faults.set({ on: 'reverse', kind: 'error_500_not_executed', times: 1 })
  const customer = till.sandbox.createCustomer()
  const paymentCode = till.sandbox.paymentCode(customer)
  const taken = await till.call('POST', '/v1/payments', { ...given, paymentCode })
  expect(taken).toMatchObject({ status: 202, body: { state: 'submitted' } })
  const found = await find(taken.body.channelNumber as string)
  expect(found).toMatchObject({
    status: 200,
    body: { sales: [{ paidAmount: 800, payments: [{ no, state: 'paid', refundable: 800 }] }] },
  })
})

test('a sale of another system is taken over, and its payment believed only to the channel', async () => {
  const { mchid } = till.sandbox.merchant
  till.sandbox.paidOrder({ mchid, outTradeNo: 'ERP-77', total: 2_000 })
  const given = {
    payment: newNumber('payment'),
    sale: saleOf(2_500, {
      paidAmount: 2_000,
      items: [{ name: '面', quantity: 5, amount: 2_500 }],
    }),
    account: 'wx1',
    channelNumber: 'ERP-77',
  }
  const taken = await till.call('POST', '/v1/sales/import', given)
  expect(taken).toMatchObject({
    status: 200,
    body: {
      source: 'import',
      discountAmount: 500,
      items: [{ quantity: 5, price: 2_500, amount: 2_000 }],
      payments: [{ no: given.payment, state: 'paid', billNo: 'ERP-77' }],
    },
  })
  expect((await till.call('POST', '/v1/sales/import', given)).body.no).toBe(given.sale.no)
  const used = (await pay(till)).no
  const other = { ...given, payment: used, sale: saleOf(100), channelNumber: 'ERP-78' }
  expect(await till.call('POST', '/v1/sales/import', other)).toMatchObject({
    status: 409,
    body: { code: 'number_taken', params: { stored: { payment: { no: used } } } },
  })
  const unpaid = { ...other, payment: newNumber('payment'), channelNumber: 'ERP-79' }
  const unknown = await till.call('POST', '/v1/sales/import', unpaid)
  expect(unknown.body.payments).toMatchObject([{ state: 'closed', refundable: 0 }])
  const refused = await till.call('POST', '/v1/refunds', wish(unpaid.payment))
  expect(refused.body.code).toBe('payment_cancelled')
})

test('one number pressed many times at once is one payment and one refund', async () => {
  const customer = till.sandbox.createCustomer()
  const given = {
    no: newNumber('payment'),
    sale: saleOf(1_500),
    amount: 1_500,
    method: 'code',
    paymentCode: till.sandbox.paymentCode(customer),
  }
  const taken = await Promise.all(
    Array.from({ length: 6 }, () => till.call('POST', '/v1/payments', given)),
  )
  expect(taken.map((each) => each.status).toSorted((a, b) => a - b)).toEqual([
    200, 200, 200, 200, 200, 201,
  ])
  const asked = wish(given.no)
  const refunds = await Promise.all(
    Array.from({ length: 6 }, () => till.call('POST', '/v1/refunds', asked)),
  )
  expect(refunds.map((each) => each.status).toSorted((a, b) => a - b)).toEqual([
    200, 200, 200, 200, 200, 202,
  ])
  till.clock.advance(60_000)
  await sweepAll(till.core)
  expect(till.sandbox.book.executedRefunds()).toHaveLength(1)
})
