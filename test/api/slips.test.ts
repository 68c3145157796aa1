/** Slips over HTTP: on a screen, as bytes, and on the terminal's printer. */
import { expect, test } from 'vitest'
import { inTenant } from '../../src/db/connect.ts'
import { testDatabase } from '../support/database.ts'
import { decodeEscpos } from '../support/escpos.ts'
import { newNumber, pass } from '../support/given.ts'
import { TENANT } from '../support/shop.ts'
import { startVirtualPrinter } from '../support/virtual-printer.ts'
import { openTill, pay, saleOf, send, wish, type Till } from '../support/till.ts'
import { stepsOf } from '../support/walk.ts'

const MINUTE = 60_000

const connectPrinter = (till: Till, address: string | null, terminal = 't1') =>
  inTenant(till.core.db, TENANT, (tx) =>
    tx
      .updateTable('terminal')
      .set({ printer: address })
      .where('terminal_no', '=', terminal)
      .execute(),
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
    lines: [{ name: '酸辣粉', quantity: 2, amount: 6_000 }],
  })

  const asked = wish(payment.no, { amount: 1_200 })
  await till.call('POST', '/v1/refunds', asked)
  const path = `/v1/refunds/${asked.no}/slip`
  expect((await till.call('GET', `${path}?format=json`)).body).toMatchObject({
    kind: 'pending_refund',
    state: 'processing',
    refund: { amount: 1_200, reason: '商品质量问题', payerAmount: null, refundedAt: null },
  })
  await pass(till, 2 * MINUTE)
  expect((await till.call('GET', `${path}?format=json&copy=merchant`)).body).toMatchObject({
    kind: 'refund',
    state: 'succeeded',
    copy: 'merchant',
    amounts: { refunded: 1_200 },
    refund: { payerAmount: 1_200, requestedAt: null },
  })

  const picture = await till.call('GET', `${path}?paper=80mm`)
  expect(picture.headers['content-type']).toBe('image/svg+xml; charset=utf-8')
  expect(picture.text).toMatch(/^<svg /)
  const words = await wordsOf(till, `${path}?paper=80mm`)
  expect(words).toContain('沙盒演示')
  expect(words).toContain('退款成功')
  const bytes = await till.call('GET', `${path}?format=escpos`)
  expect(bytes.headers['content-type']).toBe('application/octet-stream')
  expect(bytes.text.startsWith('\u001b@')).toBe(true)
  expect((await till.call('GET', `${path}?paper=a4`)).status).toBe(400)
})

/** What the caller would get who prints by itself. */
const ELSEWHERE = { escpos: null, svg: null }

test('who prints by itself is counted with all others, and gets what to put on paper', async () => {
  const till = await openTill((await testDatabase()).db)
  const asked = wish((await pay(till)).no, { amount: 1_200 })
  await till.call('POST', '/v1/refunds', asked)
  await pass(till, 2 * MINUTE)
  const print = async (by: string) =>
    (
      await till.call('POST', `/v1/refunds/${asked.no}/print`, {
        copy: 'customer',
        paper: '58mm',
        by,
      })
    ).body as { escpos: string | null; svg: string | null; reprint: number }
  const device = await print('device')
  expect(device).toMatchObject({ result: 'handed_over', confirmed: false, reprint: 0, svg: null })
  const paper = decodeEscpos(Buffer.from(device.escpos ?? '', 'base64'))
  expect(paper.strange).toEqual([])
  expect(paper.text.join('')).not.toContain('补打')
  const browser = await print('browser')
  expect(browser).toMatchObject({ result: 'handed_over', reprint: 1, escpos: null })
  expect(browser.svg).toMatch(/^<svg/)
  await using printer = await startVirtualPrinter()
  await connectPrinter(till, printer.address)
  expect((await print('printer')).reprint).toBe(2)
  expect(await print('fax')).toMatchObject({ code: 'body_invalid' })
  const { events } = (await till.call('GET', `/v1/refunds/${asked.no}/events`)).body as {
    events: { type: string; facts: { result?: string } }[]
  }
  expect(
    events.filter(({ type }) => type === 'refund.slip_printed').map(({ facts }) => facts.result),
  ).toEqual(['handed_over_device', 'handed_over_browser', 'printed'])
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
    escpos: null,
    svg: null,
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
    { result: 'printed', confirmed: true, reprint: 0, ...ELSEWHERE },
    { result: 'printed', confirmed: true, reprint: 0, ...ELSEWHERE },
    { result: 'printed', confirmed: true, reprint: 1, ...ELSEWHERE },
    { result: 'printed', confirmed: true, reprint: 2, ...ELSEWHERE },
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

test('before a decision there is a request slip that says it proves nothing', async () => {
  const database = await testDatabase()
  const till = await openTill(database.db)
  const payment = await pay(till, 50_000, {
    items: [
      { name: '烤鸭', quantity: 1, amount: 40_000 },
      { name: '酸梅汤', quantity: 2, amount: 10_000 },
    ],
  })
  const asked = wish(payment.no, { items: [{ line: 1, quantity: 1 }] })
  expect(await till.call('POST', '/v1/refunds', asked)).toMatchObject({
    status: 201,
    body: { state: 'requested', shows: 'requested' },
  })
  const path = `/v1/refunds/${asked.no}/slip`
  expect((await till.call('GET', `${path}?format=json`)).body).toMatchObject({
    kind: 'request',
    state: 'requested',
    orderNo: payment.sale,
    lines: [{ name: '烤鸭', quantity: 1, amount: 40_000 }],
    refund: { refundNo: asked.no, amount: 40_000, reason: '商品质量问题' },
  })
  const words = await wordsOf(till, path)
  for (const part of ['退款申请单', '待审核', '本单不是退款凭证', '等待店长审核', '￥400.00']) {
    expect(words).toContain(part)
  }
  expect(words).not.toContain('退款成功')

  await using printer = await startVirtualPrinter()
  await connectPrinter(till, printer.address)
  const print = { copy: 'customer', paper: '80mm' }
  const printed = () => till.call('POST', `/v1/refunds/${asked.no}/print`, print)
  expect([(await printed()).body.reprint, (await printed()).body.reprint]).toEqual([0, 1])

  await till.call('POST', `/v1/refunds/${asked.no}/approve`, undefined, 'li')
  await pass(till, 2 * MINUTE)
  expect((await till.call('GET', `${path}?format=json`)).body.kind).toBe('refund')
  // A proof is another document than the request: its first print is no reprint.
  expect((await printed()).body.reprint).toBe(0)
  expect(printer.jobs.map((job) => job.text.join('').replaceAll(' ', ''))).toEqual([
    expect.stringMatching(/^(?!.*补打).*退款申请单/),
    expect.stringMatching(/退款申请单.*补打第1次/),
    expect.stringMatching(/^(?!.*补打).*退款凭证/),
  ])
})

test('practice says so on receipts and refund slips alike', async () => {
  const till = await openTill((await testDatabase()).db)
  const payment = await pay(till)
  const asked = wish(payment.no)
  await till.call('POST', '/v1/refunds', asked)
  const trainings = async () =>
    Promise.all(
      [`/v1/sales/${payment.sale}`, `/v1/refunds/${asked.no}`].map(
        async (path) => (await till.call('GET', `${path}/slip?format=json`)).body.training,
      ),
    )
  expect(await trainings()).toEqual([false, false])
  await inTenant(till.core.db, TENANT, (tx) =>
    tx
      .updateTable('merchant')
      .set({ settings: JSON.stringify({ training: true }) })
      .execute(),
  )
  expect(await trainings()).toEqual([true, true])
  expect(await wordsOf(till, `/v1/sales/${payment.sale}/slip`)).toContain('培训')
})

test('a request that was rejected or taken back has no slip any more', async () => {
  const database = await testDatabase()
  const till = await openTill(database.db)
  const asked = wish((await pay(till, 50_000)).no)
  await till.call('POST', '/v1/refunds', asked)
  await till.call('POST', `/v1/refunds/${asked.no}/withdraw`)
  expect(await till.call('GET', `/v1/refunds/${asked.no}/slip`)).toMatchObject({
    status: 409,
    body: { code: 'state_changed', params: { state: 'withdrawn' } },
  })
})

test('a receipt is printed too, and its reprints are counted from whichever terminal they come', async () => {
  const database = await testDatabase()
  const till = await openTill(database.db)
  const payment = await pay(till, 5_000)
  const path = `/v1/sales/${payment.sale}/print`
  const given = { copy: 'customer', paper: '58mm' }
  expect((await till.call('POST', path, given)).body.result).toBe('no_printer')

  await using printer = await startVirtualPrinter()
  await connectPrinter(till, printer.address)
  await connectPrinter(till, printer.address, 't2')
  const elsewhere = {
    ...till.headers('zhang'),
    authorization: `Bearer ${till.keys.terminals['t2']}`,
    'accept-language': 'en',
  }
  const results = [
    await till.call('POST', path, given),
    await send(till.url, 'POST', path, elsewhere, given),
    await till.call('POST', path, { ...given, copy: 'merchant' }),
    await send(till.url, 'POST', path, elsewhere, given),
  ]
  expect(results.map((each) => each.body)).toEqual(
    [0, 1, 0, 2].map((reprint) => ({ result: 'printed', confirmed: true, reprint, ...ELSEWHERE })),
  )
  const texts = printer.jobs.map((job) => job.text.join('\n'))
  expect(texts[0]).not.toMatch(/补打/)
  expect(texts[1]).toContain('REPRINT 1')
  expect(texts[2]).not.toMatch(/补打/)
  expect(texts[3]).toContain('REPRINT 2')
  const seen = await till.call('GET', `/v1/sales/${payment.sale}/slip?format=json`)
  expect(seen.body.reprint).toBe(2)
  expect(await stepsOf(till, 'payments', payment.no)).toEqual([
    'payment.submitted',
    'payment.paid',
    ...Array<string>(4).fill('payment.slip_printed'),
  ])
  const unpaid = { no: newNumber('payment'), sale: saleOf(100), amount: 100, method: 'qr' }
  await till.call('POST', '/v1/payments', unpaid)
  expect(await till.call('POST', `/v1/sales/${unpaid.sale.no}/print`, given)).toMatchObject({
    status: 409,
    body: { code: 'payment_unpaid' },
  })
})

/** The words of the picture: each character stands in an element of its own. */
const wordsOf = async (till: Till, path: string): Promise<string> =>
  (await till.call('GET', path)).text.replace(/<[^>]*>|&#xa0;/g, '')
