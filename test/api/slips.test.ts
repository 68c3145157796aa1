/** Slips over HTTP: on a screen, as bytes, and on the terminal's printer. */
import { expect, test } from 'vitest'
import { inTenant } from '../../src/db/connect.ts'
import { testDatabase } from '../support/database.ts'
import { pass } from '../support/given.ts'
import { TENANT } from '../support/shop.ts'
import { startVirtualPrinter } from '../support/virtual-printer.ts'
import { openTill, pay, wish, type Till } from '../support/till.ts'
import { stepsOf } from '../support/walk.ts'

const MINUTE = 60_000

const connectPrinter = (till: Till, address: string | null) =>
  inTenant(till.core.db, TENANT, (tx) =>
    tx.updateTable('terminal').set({ printer: address }).where('terminal_no', '=', 't1').execute(),
  )

test('a slip says what is known, and says that the sandbox is no real money', async () => {
  const database = await testDatabase()
  const till = await openTill(database.db)
  const payment = await pay(till, 5_000, {
    items: [{ name: '酸辣粉', quantity: 2, amount: 6_000 }],
    orderAmount: 6_000,
    paidAmount: 5_000,
  })
  const receipt = await till.call('GET', `/v1/sales/${payment.sale}/slip?format=json`)
  expect(receipt.body).toMatchObject({
    kind: 'sale',
    copy: 'customer',
    sandbox: true,
    cashier: '张三',
    terminal: '1号机',
    orderNo: payment.sale,
    amounts: { order: 6_000, discount: 1_000, paid: 5_000, refunded: 0 },
    lines: [{ name: '酸辣粉', quantity: 2, fen: 6_000 }],
  })

  const asked = wish(payment.no, { amount: 1_200 })
  await till.call('POST', '/v1/refunds', asked)
  const path = `/v1/refunds/${asked.no}/slip`
  expect((await till.call('GET', `${path}?format=json`)).body).toMatchObject({
    kind: 'pending_refund',
    state: 'processing',
    refund: { amount: 1_200, reason: '商品质量问题', payerFen: null },
  })
  await pass(till, 2 * MINUTE)
  expect((await till.call('GET', `${path}?format=json&copy=merchant`)).body).toMatchObject({
    kind: 'refund',
    state: 'succeeded',
    copy: 'merchant',
    amounts: { refunded: 1_200 },
    refund: { payerFen: 1_200 },
  })

  const picture = await till.call('GET', `${path}?paper=80mm`)
  expect(picture.headers['content-type']).toBe('image/svg+xml; charset=utf-8')
  expect(picture.text).toMatch(/^<svg /)
  // Each character stands in an element of its own.
  const words = picture.text.replace(/<[^>]*>|&#xa0;/g, '')
  expect(words).toContain('沙盒演示')
  expect(words).toContain('退款成功')
  const bytes = await till.call('GET', `${path}?format=escpos`)
  expect(bytes.headers['content-type']).toBe('application/octet-stream')
  expect(bytes.text.startsWith('\u001b@')).toBe(true)
  expect((await till.call('GET', `${path}?paper=a4`)).status).toBe(400)
})

test('prints are counted by copy, and printer trouble is a result', async () => {
  const database = await testDatabase()
  const till = await openTill(database.db)
  const payment = await pay(till)
  const asked = wish(payment.no)
  await till.call('POST', '/v1/refunds', asked)
  await pass(till, 2 * MINUTE)
  const print = (copy: string) =>
    till.call('POST', `/v1/refunds/${asked.no}/print`, { copy, paper: '58mm' })

  expect((await print('customer')).body).toEqual({
    result: 'no_printer',
    confirmed: false,
    reprint: 0,
  })
  await connectPrinter(till, 'tcp://127.0.0.1:9')
  expect(await print('customer')).toMatchObject({ status: 200, body: { result: 'unreachable' } })

  await using printer = await startVirtualPrinter()
  await connectPrinter(till, printer.address)
  const results = [
    await print('customer'),
    await print('merchant'),
    await print('customer'),
    await print('customer'),
  ]
  expect(results.map((each) => each.body)).toEqual([
    { result: 'printed', confirmed: true, reprint: 0 },
    { result: 'printed', confirmed: true, reprint: 0 },
    { result: 'printed', confirmed: true, reprint: 1 },
    { result: 'printed', confirmed: true, reprint: 2 },
  ])
  expect(await stepsOf(till, 'refunds', asked.no)).toEqual([
    'refund.requested',
    'refund.sending',
    'refund.processing',
    'refund.succeeded',
    ...Array<string>(4).fill('refund.slip_printed'),
  ])
  const seen = await till.call('GET', `/v1/refunds/${asked.no}/slip?format=json`)
  expect(seen.body.reprint).toBe(2)
})

test('there is no slip before a decision', async () => {
  const database = await testDatabase()
  const till = await openTill(database.db)
  const payment = await pay(till, 50_000)
  const asked = wish(payment.no)
  expect(await till.call('POST', '/v1/refunds', asked)).toMatchObject({
    status: 201,
    body: { state: 'requested', shows: 'requested' },
  })
  expect(await till.call('GET', `/v1/refunds/${asked.no}/slip`)).toMatchObject({
    status: 409,
    body: { code: 'state_changed', params: { state: 'requested' } },
  })
})
