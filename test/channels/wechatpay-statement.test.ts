import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSandbox, type Sandbox } from '../../sandbox/main.ts'
import { closeCalls } from '../../src/channels/call.ts'
import type { StatementLine, StatementRequest } from '../../src/channels/channel.ts'
import { wechatpay } from '../../src/channels/wechatpay/wechatpay.ts'
import { fen, subFen, ZERO } from '../../src/domain/money.ts'
import { lineTo } from '../support/wechatpay-desk.ts'
import { accountAtSandbox } from '../support/wechatpay-sandbox.ts'

const DAY_MS = 86_400_000
const CHINA_MS = 8 * 3_600_000
const PAID = fen(10_001)
const PART = fen(3_333)
const PAYMENT = '722611220000000000001901'
const REFUND = '732611220000000000001901'

let sandbox: Sandbox
let day: string
beforeAll(async () => {
  // As in production the answer names the channel's own host, and the download must come to the set one.
  sandbox = await startSandbox({ settings: { billDownloadHost: 'official', billsPerSecond: null } })
  // Starts just after a midnight in China, so that all of it is on one day.
  const sinceMidnight = (sandbox.clock.now() + CHINA_MS) % DAY_MS
  await sandbox.advance(DAY_MS - sinceMidnight + 60_000)
  day = new Date(sandbox.clock.now() + CHINA_MS).toISOString().slice(0, 10)
})
afterAll(async () => {
  await sandbox.close()
  await closeCalls()
})

async function read(kind: StatementRequest['kind'], of = day): Promise<StatementLine[]> {
  const account = accountAtSandbox(sandbox, sandbox.merchant, 'public_key', null)
  const lines: StatementLine[] = []
  for await (const line of wechatpay.statement?.({ day: of, kind }, lineTo(account)) ?? []) {
    lines.push(line)
  }
  return lines
}

test('a day at the channel comes back from its bills as it was', async () => {
  const account = accountAtSandbox(sandbox, sandbox.merchant, 'public_key', null)
  const order = sandbox.paidOrder({
    mchid: sandbox.merchant.mchid,
    outTradeNo: PAYMENT,
    total: PAID,
  })
  const payment = {
    channelNumber: PAYMENT,
    channelNo: order.transactionId,
    method: 'code',
    body: '{}',
    paid: PAID,
  } as const
  const brief = { channelNumber: REFUND, payment, amount: PART, reason: '菜品售完' }
  const attempt = {
    ...brief,
    channelNo: null,
    remedyBody: null,
    body: wechatpay.freezeRefund(brief, account),
  }
  expect(await wechatpay.refund(attempt, lineTo(account))()).toMatchObject({ kind: 'processing' })
  await expect(read('trade')).rejects.toMatchObject({ name: 'StatementFault' })

  await sandbox.advance(2 * DAY_MS)
  const outcome = await wechatpay.queryRefund(attempt, lineTo(account))
  if (outcome.kind !== 'succeeded') throw new Error(`the refund is ${outcome.kind}`)
  const feeBack = outcome.feeReturnedFen ?? ZERO
  const trade = await read('trade')
  expect(trade).toMatchObject([
    {
      kind: 'payment',
      paymentNumber: PAYMENT,
      paymentChannelNo: order.transactionId,
      amount: PAID,
      settlementFen: PAID,
      feeFen: 60,
    },
    {
      kind: 'refund',
      state: 'succeeded',
      paymentNumber: PAYMENT,
      refundNumber: REFUND,
      refundChannelNo: outcome.channelNo,
      amount: PART,
      settlementFen: PART,
      feeFen: subFen(ZERO, feeBack),
    },
  ])
  const funds = await read('fund')
  const refund = funds.find((line) => line.kind === 'refund')
  expect(refund).toMatchObject({
    refundNumber: REFUND,
    refundChannelNo: outcome.channelNo,
    amount: PART,
    feeFen: feeBack,
    settlementFen: subFen(PART, feeBack),
  })
  expect(funds.some((line) => line.kind === 'payment')).toBe(true)
})

test('a day without trade has an empty statement', async () => {
  const before = new Date(Date.parse(day) - 20 * DAY_MS).toISOString().slice(0, 10)
  expect(await read('trade', before)).toEqual([])
})
