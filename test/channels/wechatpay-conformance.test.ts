import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll } from 'vitest'
import { startSandbox } from '../../sandbox/main.ts'
import { closeCalls } from '../../src/channels/call.ts'
import type { RawNotice } from '../../src/channels/channel.ts'
import { wechatpay } from '../../src/channels/wechatpay/wechatpay.ts'
import {
  conformance,
  type AnswerFault,
  type NoticeFault,
  type RefundFate,
  type Rig,
} from '../support/conformance.ts'
import { lineTo } from '../support/wechatpay-desk.ts'
import { accountAtSandbox, type Keys } from '../support/wechatpay-sandbox.ts'

afterAll(closeCalls)

const ANSWERS = {
  executed_then_silent: 'executed_then_timeout',
  executed_then_cut: 'drop_connection_executed',
  cut_before: 'drop_connection_not_executed',
  error_executed: 'error_500_executed',
  error_before: 'error_500_not_executed',
  throttled_executed: 'error_429_executed',
  throttled_before: 'error_429_not_executed',
  broken_body: 'malformed_body',
  truncated_body: 'truncated_body',
  page_of_a_proxy: 'html_body',
  bad_signature: 'bad_signature',
  unknown_key: 'unknown_serial',
  old_signature: 'stale_timestamp',
  wrong_amount: 'wrong_amount',
} as const satisfies Record<AnswerFault, string>

const FATES = {
  declined: 'closed',
  stuck: 'abnormal',
  to_merchant: 'returned_to_merchant',
  no_funds: 'not_enough',
  refused: 'user_account_abnormal',
} as const satisfies Record<RefundFate, string>

const NOTICES = {
  twice: 'duplicate',
  early: 'early',
  forged: 'forged',
  other_merchant: 'other_merchant',
} as const satisfies Record<NoticeFault, string>

const PATIENCE_MS = 400
/** Longer than any fate of a refund takes at the sandbox to a purse or a card. */
const FINISH_MS = 25 * 3_600_000
const PAY_IN_ADVANCE_FEN = 100_000_000

async function openRig(kind: 'direct' | 'partner', keys: Keys): Promise<Rig> {
  const sandbox = await startSandbox({ settings: { refundErrorsPerSecond: null } })
  const merchant = kind === 'direct' ? sandbox.merchant : sandbox.partner
  if (keys === 'fetched_certificates') {
    sandbox.accounts.change(merchant.mchid, { platform: 'certificate', notifyWith: 'certificate' })
  }
  let received: RawNotice[] = []
  const listener = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const headers = request.headers as Record<string, string>
      received.push({ headers, body: Buffer.concat(parts) })
      response.writeHead(204).end()
    })
  })
  await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done))
  const { port } = listener.address() as AddressInfo
  const account = accountAtSandbox(sandbox, merchant, keys, `http://127.0.0.1:${port}/notify`)
  const scope = { mchid: merchant.mchid, subMchid: merchant.subMchids[0] ?? null }
  const paysAtOnce = sandbox.createCustomer({ passwordAbove: null, balance: PAY_IN_ADVANCE_FEN })
  const paysByPassword = sandbox.createCustomer({ passwordAbove: 0, balance: PAY_IN_ADVANCE_FEN })
  return {
    channel: wechatpay,
    line: () => lineTo(account, PATIENCE_MS),
    paid: async (number, amount) => {
      const order = sandbox.paidOrder({ ...scope, outTradeNo: number, total: amount })
      return {
        channelNumber: number,
        channelNo: order.transactionId,
        method: 'code',
        body: '{}',
        paid: amount,
      }
    },
    paymentCode: (password) =>
      sandbox.paymentCode(password === 'asked' ? paysByPassword : paysAtOnce),
    typePassword: async (payment) => {
      sandbox.enterPassword(payment.channelNumber, scope)
    },
    scan: async (codeUrl) => {
      sandbox.scanAndPay(codeUrl, paysAtOnce)
    },
    fault: (on, fault) => {
      sandbox.faults.set({ on, kind: ANSWERS[fault], times: 1 })
    },
    fate: (fate) => {
      sandbox.faults.set({ on: 'refund', kind: FATES[fate], times: 1 })
    },
    noticeFault: (fault) => {
      sandbox.faults.set({ on: 'notify', kind: NOTICES[fault], times: 1 })
    },
    endFaults: () => sandbox.faults.clear(),
    now: () => new Date(sandbox.clock.now()),
    finish: () => sandbox.advance(FINISH_MS),
    executed: (payment) =>
      sandbox.book
        .refundsOf(payment.channelNumber)
        .filter((each) => each.status !== 'closed')
        .map((each) => ({ number: each.outRefundNo, amount: each.amount })),
    kept: (payment) => {
      const ours = sandbox.book
        .entries()
        .filter((each) => each.outTradeNo === payment.channelNumber)
      const paid = ours.find((each) => each.kind === 'pay')
      const isReversed = ours.some((each) => each.kind === 'reverse')
      return paid === undefined || isReversed ? 0 : paid.amount
    },
    notices: () => {
      const all = received
      received = []
      return all
    },
    close: async () => {
      await sandbox.close()
      await new Promise<void>((done) => {
        listener.close(() => done())
        listener.closeAllConnections()
      })
    },
  }
}

conformance('WeChat Pay with its public key', () => openRig('direct', 'public_key'))
conformance('WeChat Pay with fetched certificates, for a partner', () =>
  openRig('partner', 'fetched_certificates'),
)
