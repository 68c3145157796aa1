import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startSandbox, type Sandbox } from '../../sandbox/main.ts'
import type { PaidOrder } from '../../sandbox/helpers.ts'
import {
  clientOf,
  newNumber,
  opened,
  openMailbox,
  plugin,
  refundBody,
  type Client,
} from './support.ts'

let sandbox: Sandbox
let client: Client

beforeEach(async () => {
  sandbox = await startSandbox({ settings: { refundErrorsPerSecond: null } })
  client = clientOf(sandbox, sandbox.merchant)
})
afterEach(() => sandbox.close())

const REFUNDS = 'v3/refund/domestic/refunds'
const DAY_MS = 86_400_000

const paid = (given: Partial<PaidOrder> = {}) =>
  sandbox.paidOrder({
    mchid: sandbox.merchant.mchid,
    outTradeNo: newNumber('T'),
    total: 1e3,
    ...given,
  })
const refund = (
  order: { outTradeNo: string; total: number },
  amount: number,
  no = newNumber('R'),
) => client.post(REFUNDS, refundBody(order.outTradeNo, no, amount, order.total))
const query = (no: string) => client.get(`${REFUNDS}/${no}`)

describe('limits', () => {
  test('the same number with other parameters is refused and changes nothing', async () => {
    const order = paid()
    await refund(order, 300, 'R-same')
    const other = await refund(order, 301, 'R-same')
    expect([other.status, other.data.code]).toEqual([400, 'INVALID_REQUEST'])
    expect(sandbox.book.refundedFen(order.outTradeNo)).toBe(300)
  })

  test('an order gives back no more than was paid', async () => {
    const order = paid()
    await refund(order, 600)
    await sandbox.advance(60_000)
    expect((await refund(order, 401)).data.code).toBe('INVALID_REQUEST')
    expect((await refund(order, 400)).status).toBe(200)
    expect(sandbox.book.refundedFen(order.outTradeNo)).toBe(1_000)
  })

  test('two refunds of one order need a minute between them', async () => {
    const order = paid()
    await refund(order, 1)
    await sandbox.advance(58_000)
    expect((await refund(order, 1)).data.code).toBe('FREQUENCY_LIMITED')
    await sandbox.advance(2_000)
    expect((await refund(order, 1)).status).toBe(200)
  })

  test('the fifty-first partial refund is refused', async () => {
    sandbox.change({ refundSpacingMs: 0 })
    const order = paid()
    for (let count = 0; count < 50; count += 1) expect((await refund(order, 1)).status).toBe(200)
    expect((await refund(order, 1)).data.code).toBe('INVALID_REQUEST')
  })

  test('after 365 days an order is overdue', async () => {
    const order = paid()
    await sandbox.advance(365 * DAY_MS - 60_000)
    expect((await refund(order, 1)).status).toBe(200)
    await sandbox.advance(DAY_MS)
    expect((await refund(order, 1)).data.code).toBe('TRADE_OVERDUE')
  })

  test('a total that is not the order’s is a mismatch', async () => {
    const order = paid()
    const answer = await client.post(REFUNDS, refundBody(order.outTradeNo, 'R1', 1, 999))
    expect(answer.data.code).toBe('REFUND_FEE_MISMATCH')
  })

  test('an order that does not exist has no refunds', async () => {
    const answer = await refund({ outTradeNo: 'T-unknown', total: 1 }, 1)
    expect([answer.status, answer.data.code]).toEqual([404, 'RESOURCE_NOT_EXISTS'])
    expect((await query('R-unknown')).data.code).toBe('RESOURCE_NOT_EXISTS')
  })

  test('more refunds or more errors a second than allowed are told to slow down', async () => {
    sandbox.change({ refundsPerSecond: 2, refundSpacingMs: 0 })
    const order = paid()
    const answers = await Promise.all(Array.from({ length: 8 }, () => refund(order, 1)))
    expect(answers.filter((one) => one.status === 429).length).toBeGreaterThanOrEqual(4)
    sandbox.change({ refundsPerSecond: null, refundErrorsPerSecond: 3 })
    const wrong = await Promise.all(
      Array.from({ length: 10 }, () => refund({ outTradeNo: 'T-unknown', total: 1 }, 1)),
    )
    expect(wrong.filter((one) => one.status === 429).length).toBeGreaterThanOrEqual(4)
  })

  test('orders older than a month have a limit of their own, by the minute', async () => {
    sandbox.change({ oldRefundsPerMinute: 2, refundSpacingMs: 0, refundErrorsPerSecond: null })
    const old = paid()
    await sandbox.advance(31 * DAY_MS)
    const fresh = paid()
    const answers = []
    for (let count = 0; count < 5; count += 1) answers.push((await refund(old, 1)).status)
    // A minute may end between two of them.
    expect(answers.filter((status) => status === 429).length).toBeGreaterThanOrEqual(1)
    expect((await refund(fresh, 1)).status).toBe(200)
  })

  test.each([
    ['/amount/refund', { amount: { refund: 0, total: 10, currency: 'CNY' } }],
    ['/amount/refund', { amount: { refund: '1', total: 10, currency: 'CNY' } }],
    ['/amount/currency', { amount: { refund: 1, total: 10, currency: 'USD' } }],
    ['/out_refund_no', { out_refund_no: '退款' }],
    ['/out_trade_no', { out_trade_no: undefined }],
    ['/reason', { reason: '长'.repeat(81) }],
    ['/notify_url', { notify_url: 'http://shop.example/notify' }],
    ['/notify_url', { notify_url: 'https://shop.example/notify?a=1' }],
  ])('a refund with a bad %s is told which field', async (field, change) => {
    const answer = await client.post(REFUNDS, { ...refundBody('T000001', 'R1', 1, 10), ...change })
    expect(answer.data).toMatchObject({ code: 'PARAM_ERROR', detail: { field } })
  })
})

describe('money', () => {
  test('coupons bear their share and all refunds add up to what was paid', async () => {
    sandbox.change({ refundSpacingMs: 0 })
    const order = paid({
      coupons: [
        { amount: 101, type: 'COUPON' },
        { amount: 50, type: 'DISCOUNT' },
      ],
    })
    const parts = [333, 333, 333, 1]
    const sums = { payer: 0, settlement: 0, discount: 0 }
    for (const part of parts) {
      const { amount } = (await refund(order, part)).data
      expect(amount.payer_refund + amount.discount_refund).toBe(part)
      expect(amount).toMatchObject({ payer_total: 849, settlement_total: 950 })
      sums.payer += amount.payer_refund
      sums.settlement += amount.settlement_refund
      sums.discount += amount.discount_refund
    }
    expect(sums).toEqual({ payer: 849, settlement: 950, discount: 151 })
  })

  test('short funds refuse the refund, and the same number goes through after a top-up', async () => {
    const order = paid()
    sandbox.setBalance(sandbox.merchant.mchid, 0)
    const refused = await refund(order, 500, 'R-short')
    expect([refused.status, refused.data.code]).toEqual([403, 'NOT_ENOUGH'])
    expect((await query('R-short')).status).toBe(404)
    sandbox.topUp(sandbox.merchant.mchid, 1_000)
    expect((await refund(order, 500, 'R-short')).data.status).toBe('PROCESSING')
    expect(sandbox.book.refundsOf(order.outTradeNo)).toHaveLength(1)
  })

  test('where short funds are accepted, seven days without funds close the refund', async () => {
    sandbox.change({ shortFunds: 'accept_then_close' })
    const order = paid()
    sandbox.setBalance(sandbox.merchant.mchid, 0)
    expect((await refund(order, 500, 'R-wait')).data.status).toBe('PROCESSING')
    await sandbox.advance(6 * DAY_MS)
    expect((await query('R-wait')).data.status).toBe('PROCESSING')
    await sandbox.advance(DAY_MS)
    expect((await query('R-wait')).data.status).toBe('CLOSED')
    expect(sandbox.book.executedRefunds()).toEqual([])
    sandbox.topUp(sandbox.merchant.mchid, 10_000)
    expect((await refund(order, 1_000, 'R-new')).status).toBe(200)
  })

  test('a top-up sends an accepted refund that waited for funds', async () => {
    sandbox.change({ shortFunds: 'accept_then_close' })
    const order = paid()
    sandbox.setBalance(sandbox.merchant.mchid, 0)
    await refund(order, 500, 'R-wait')
    sandbox.topUp(sandbox.merchant.mchid, 1_000)
    await sandbox.advance(3_000)
    expect((await query('R-wait')).data.status).toBe('SUCCESS')
    await sandbox.advance(8 * DAY_MS)
    expect((await query('R-wait')).data.status).toBe('SUCCESS')
  })

  test('a refund to a bank card takes days, one to the balance seconds', async () => {
    const customer = sandbox.createCustomer({ payWith: 'card' })
    const { appid, mchid } = sandbox.merchant
    const order = await client.post('v3/pay/transactions/native', {
      appid,
      mchid,
      description: '晚餐',
      out_trade_no: 'N00001',
      amount: { total: 100 },
      notify_url: 'http://127.0.0.1:9/none',
    })
    sandbox.scanAndPay(order.data.code_url, customer)
    await refund({ outTradeNo: 'N00001', total: 100 }, 100, 'R-card')
    await sandbox.advance(3_600_000)
    expect((await query('R-card')).data.status).toBe('PROCESSING')
    await sandbox.advance(DAY_MS)
    const arrived = await query('R-card')
    expect(arrived.data.user_received_account).toMatch(/^招商银行借记卡\d{4}$/)
    expect(arrived.data.status).toBe('SUCCESS')
  })
})

describe('what becomes of a refund', () => {
  test('an abnormal refund is remedied to a bank card under its number', async () => {
    using mailbox = await openMailbox()
    sandbox.faults.set({ on: 'refund', kind: 'abnormal', times: 1 })
    const order = paid()
    const body = { ...refundBody(order.outTradeNo, 'R-ab', 700, 1_000), notify_url: mailbox.url }
    const { data } = await client.post(REFUNDS, body)
    await sandbox.advance(3_000)
    expect((await query('R-ab')).data.status).toBe('ABNORMAL')
    const { publicKeyId, publicKey } = sandbox.merchant
    const sealed = (text: string) => plugin.Rsa.encrypt(text, publicKey.publicPem)
    const remedy = {
      out_refund_no: 'R-ab',
      type: 'USER_BANK_CARD',
      bank_type: 'CMB_DEBIT',
      bank_account: sealed('6225880112340403'),
      real_name: sealed('张三'),
    }
    const path = `${REFUNDS}/${data.refund_id}/apply-abnormal-refund`
    const unnamed = await client.post(path, remedy)
    expect(unnamed.data.code).toBe('PARAM_ERROR')
    const headers = { 'Wechatpay-Serial': publicKeyId }
    const applied = await client.post(path, remedy, { headers })
    expect(applied.data).toMatchObject({ status: 'PROCESSING', channel: 'OTHER_BANKCARD' })
    await sandbox.advance(2 * DAY_MS)
    const arrived = await query('R-ab')
    expect(arrived.data).toMatchObject({
      status: 'SUCCESS',
      user_received_account: '招商银行借记卡0403',
    })
    expect(mailbox.received.map((one) => one.parsed.event_type)).toEqual([
      'REFUND.ABNORMAL',
      'REFUND.SUCCESS',
    ])
    expect(sandbox.book.entries().map((one) => one.kind)).toEqual([
      'pay',
      'refund_accepted',
      'refund_abnormal',
      'refund_remedied',
      'refund_succeeded',
    ])
  })

  test('a closed refund gives the merchant its money and the order its room back', async () => {
    sandbox.faults.set({ on: 'refund', kind: 'closed', times: 1 })
    const order = paid()
    const before = sandbox.balance(sandbox.merchant.mchid)
    await refund(order, 1_000, 'R-cl')
    expect(sandbox.balance(sandbox.merchant.mchid)).toBeLessThan(before)
    await sandbox.advance(60_000)
    expect((await query('R-cl')).data.status).toBe('CLOSED')
    expect(sandbox.balance(sandbox.merchant.mchid)).toBe(before)
    expect((await refund(order, 1_000, 'R-cl')).data.status).toBe('CLOSED')
    expect((await refund(order, 1_000)).data.status).toBe('PROCESSING')
  })

  test('money that came back to the merchant reads SUCCESS into the merchant’s own account', async () => {
    sandbox.faults.set({ on: 'refund', kind: 'returned_to_merchant' })
    const order = paid()
    await refund(order, 10, 'R-back')
    const before = sandbox.balance(sandbox.merchant.mchid)
    await sandbox.advance(3_000)
    const { data } = await query('R-back')
    expect([data.status, data.user_received_account]).toEqual(['SUCCESS', '商户基本账户'])
    expect(sandbox.balance(sandbox.merchant.mchid)).toBe(before + 10)
  })

  test.each([
    ['not_enough', 'NOT_ENOUGH'],
    ['user_account_abnormal', 'USER_ACCOUNT_ABNORMAL'],
    ['request_blocked', 'REQUEST_BLOCKED'],
  ] as const)('%s is refused and books nothing', async (kind, code) => {
    sandbox.faults.set({ on: 'refund', kind })
    const order = paid()
    expect((await refund(order, 10)).data.code).toBe(code)
    expect(sandbox.book.refundsOf(order.outTradeNo)).toEqual([])
  })

  test('a refund made in the merchant platform appears in the book and may be notified', async () => {
    using mailbox = await openMailbox()
    sandbox.accounts.change(sandbox.merchant.mchid, { portalNotifyUrl: mailbox.url })
    const order = paid()
    sandbox.portalRefund({ ...scopeOf(order), amount: 250 })
    await sandbox.advance(3_000)
    expect(sandbox.book.refundsOf(order.outTradeNo)).toMatchObject([
      { amount: 250, source: 'portal', status: 'succeeded' },
    ])
    expect(opened(sandbox.merchant, mailbox.received[0]!).amount.refund).toBe(250)
  })
})

const scopeOf = (order: { mchid: string; outTradeNo: string }) => ({
  mchid: order.mchid,
  outTradeNo: order.outTradeNo,
})
