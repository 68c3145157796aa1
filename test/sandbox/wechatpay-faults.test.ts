import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startSandbox, type Sandbox } from '../../sandbox/main.ts'
import type { FaultKind } from '../../sandbox/faults.ts'
import {
  clientOf,
  genuine,
  newNumber,
  opened,
  openMailbox,
  refundBody,
  type Client,
  type Reply,
} from './support.ts'

let sandbox: Sandbox
let client: Client
/** Gives up on silence soon; any other answer may take its time on a busy machine. */
let impatient: Client
const IMPATIENT_MS = 250

beforeAll(async () => {
  sandbox = await startSandbox({ settings: { refundErrorsPerSecond: null } })
  client = clientOf(sandbox, sandbox.merchant)
  impatient = clientOf(sandbox, sandbox.merchant, IMPATIENT_MS)
})
afterAll(() => sandbox.close())
afterEach(() => sandbox.faults.clear())

const REFUNDS = 'v3/refund/domestic/refunds'

const paid = (total = 1_000) =>
  sandbox.paidOrder({ mchid: sandbox.merchant.mchid, outTradeNo: newNumber('T'), total })

const send = async (extra: object = {}, by = client) => {
  const order = paid()
  const no = newNumber('R')
  const body = { ...refundBody(order.outTradeNo, no, 100, 1_000), ...extra }
  const outcome: Reply | Error = await by.post(REFUNDS, body).catch((error: Error) => error)
  return { order, no, body, outcome, booked: sandbox.book.refundsOf(order.outTradeNo).length }
}

const refused = (outcome: Reply | Error) =>
  outcome instanceof Error ? null : [outcome.status, outcome.data.code]

describe('between acceptance and answer', () => {
  test.each([
    ['executed_then_timeout', 1, /timeout/],
    ['lost', 0, /timeout/],
    ['drop_connection_executed', 1, /hang up|ECONNRESET/],
    ['drop_connection_not_executed', 0, /hang up|ECONNRESET/],
    ['bad_signature', 1, /./],
    ['unknown_serial', 1, /./],
    ['stale_timestamp', 1, /./],
    ['signtest', 1, /./],
    ['truncated_body', 1, /aborted|ECONNRESET|hang up/],
    ['html_body', 1, /./],
  ] satisfies [FaultKind, number, RegExp][])(
    '%s: the book holds %i refund and the client learns nothing',
    async (kind, executed, message) => {
      sandbox.faults.set({ on: 'refund', kind, times: 1 })
      const isSilent = kind === 'lost' || kind === 'executed_then_timeout'
      const { outcome, booked, body } = await send({}, isSilent ? impatient : client)
      expect(outcome).toBeInstanceOf(Error)
      expect((outcome as Error).message).toMatch(message)
      expect(booked).toBe(executed)
      const again = await client.post(REFUNDS, body)
      expect(again.data.status).toBe('PROCESSING')
      expect(sandbox.book.refundsOf(body.out_trade_no)).toHaveLength(1)
    },
  )

  test('malformed_body is signed truly, but no JSON: the client is left with text', async () => {
    sandbox.faults.set({ on: 'refund', kind: 'malformed_body', times: 1 })
    const { outcome, booked, body } = await send()
    expect(outcome).toMatchObject({ status: 200, data: expect.any(String) })
    expect(booked).toBe(1)
    const again = await client.post(REFUNDS, body)
    expect(again.data.status).toBe('PROCESSING')
    expect(sandbox.book.refundsOf(body.out_trade_no)).toHaveLength(1)
  })

  test.each([
    ['error_500_executed', 1, [500, 'SYSTEM_ERROR']],
    ['error_500_not_executed', 0, [500, 'SYSTEM_ERROR']],
    ['error_429_executed', 1, [429, 'FREQUENCY_LIMITED']],
    ['error_429_not_executed', 0, [429, 'FREQUENCY_LIMITED']],
  ] satisfies [FaultKind, number, unknown[]][])('%s', async (kind, executed, answer) => {
    sandbox.faults.set({ on: 'refund', kind, times: 1 })
    const { outcome, booked } = await send()
    expect(refused(outcome)).toEqual(answer)
    expect(booked).toBe(executed)
  })

  test('slow answers late but truly', async () => {
    sandbox.faults.set({ on: 'refund', kind: 'slow', ms: 120, times: 1 })
    const start = performance.now()
    const { outcome } = await send()
    expect(performance.now() - start).toBeGreaterThan(110)
    expect((outcome as Reply).data.status).toBe('PROCESSING')
  })

  test('wrong_amount claims another amount while the book keeps the true one', async () => {
    sandbox.faults.set({ on: 'refund', kind: 'wrong_amount', amount: 999, times: 1 })
    const { outcome, order } = await send()
    expect((outcome as Reply).data.amount.refund).toBe(999)
    expect(sandbox.book.refundedFen(order.outTradeNo)).toBe(100)
  })

  test('a rule strikes only the number it names, only as often as it says', async () => {
    const order = paid()
    const match = { outRefundNo: 'R-hit' }
    sandbox.faults.set({ on: 'refund', kind: 'error_500_not_executed', match, times: 1 })
    const post = (no: string) =>
      client.post(REFUNDS, refundBody(order.outTradeNo, no, 1_000, 1_000))
    expect((await send()).booked).toBe(1)
    expect((await post('R-hit')).status).toBe(500)
    expect((await post('R-hit')).status).toBe(200)
  })

  test('a fault that means nothing where it is set is refused', () => {
    expect(() => sandbox.faults.set({ on: 'close', kind: 'forged' })).toThrow(/forged/)
  })

  test('a probability is drawn from the seed', async () => {
    const draw = async () => {
      const other = await startSandbox({ seed: 7 })
      other.faults.set({ on: 'refund', kind: 'lost', probability: 0.5 })
      const strikes = Array.from(
        { length: 40 },
        () => other.faults.take('refund', ['lost'], {}) !== undefined,
      )
      await other.close()
      return strikes.filter(Boolean).length
    }
    const strikes = await draw()
    expect(strikes).toBeGreaterThan(8)
    expect(strikes).toBeLessThan(32)
  })
})

describe('untrue answers of a query', () => {
  test('not_found_although_executed', async () => {
    const { no } = await send()
    sandbox.faults.set({ on: 'refund_query', kind: 'not_found_although_executed', times: 1 })
    expect((await client.get(`${REFUNDS}/${no}`)).data.code).toBe('RESOURCE_NOT_EXISTS')
    expect((await client.get(`${REFUNDS}/${no}`)).status).toBe(200)
  })

  test('stale_processing', async () => {
    const { no } = await send()
    await sandbox.advance(3_000)
    sandbox.faults.set({ on: 'refund_query', kind: 'stale_processing', times: 1 })
    const stale = await client.get(`${REFUNDS}/${no}`)
    expect(stale.data.status).toBe('PROCESSING')
    expect(stale.data).not.toHaveProperty('success_time')
    expect((await client.get(`${REFUNDS}/${no}`)).data.status).toBe('SUCCESS')
  })
})

describe('notifications', () => {
  test('are delivered again along the ladder until acknowledged', async () => {
    let answer = 500
    using mailbox = await openMailbox(() => answer)
    await send({ notify_url: mailbox.url })
    await sandbox.advance(3_000)
    expect(mailbox.received).toHaveLength(1)
    await sandbox.advance(30_000)
    expect(mailbox.received).toHaveLength(3)
    answer = 200
    await sandbox.advance(86_400_000)
    expect(mailbox.received).toHaveLength(4)
    expect(new Set(mailbox.received.map((one) => one.parsed.id)).size).toBe(1)
  })

  test('end after fifteen repeats', async () => {
    using mailbox = await openMailbox(() => 404)
    await send({ notify_url: mailbox.url })
    await sandbox.advance(2 * 86_400_000)
    expect(mailbox.received).toHaveLength(16)
  })

  test('early: the notice is there before the answer', async () => {
    using mailbox = await openMailbox()
    sandbox.faults.set({ on: 'notify', kind: 'early', times: 1 })
    const order = paid()
    const no = newNumber('R')
    const body = { ...refundBody(order.outTradeNo, no, 100, 1_000), notify_url: mailbox.url }
    const sent = client.post(REFUNDS, body).then(() => mailbox.received.length)
    expect(await sent).toBe(1)
  })

  test.each([
    ['duplicate', 3, 3],
    ['never', 0, 0],
    ['forged', 1, 0],
    ['signtest', 1, 0],
    ['other_merchant', 1, 1],
    ['amount_changed', 1, 1],
  ] satisfies [FaultKind, number, number][])(
    '%s sends %i, of which %i are signed truly',
    async (kind, count, signed) => {
      using mailbox = await openMailbox()
      sandbox.faults.set({ on: 'notify', kind, times: 1, n: 2 })
      await send({ notify_url: mailbox.url })
      await sandbox.advance(3_000)
      expect(mailbox.received).toHaveLength(count)
      const truly = mailbox.received.filter((one) => genuine(sandbox.merchant, one))
      expect(truly).toHaveLength(signed)
    },
  )

  test.each([
    ['other_merchant', false, 100],
    ['amount_changed', true, 101],
    ['duplicate', true, 100],
  ] satisfies [FaultKind, boolean, number][])(
    '%s: that the refund is ours is %s, and its amount is %i',
    async (kind, ours, refund) => {
      using mailbox = await openMailbox()
      sandbox.faults.set({ on: 'notify', kind, times: 1 })
      await send({ notify_url: mailbox.url })
      await sandbox.advance(3_000)
      const content = opened(sandbox.merchant, mailbox.received[0]!)
      expect(content.mchid === sandbox.merchant.mchid).toBe(ours)
      expect(content.amount.refund).toBe(refund)
    },
  )

  test('late comes late', async () => {
    using mailbox = await openMailbox()
    sandbox.faults.set({ on: 'notify', kind: 'late', ms: 3_600_000, times: 1 })
    await send({ notify_url: mailbox.url })
    await sandbox.advance(600_000)
    expect(mailbox.received).toHaveLength(0)
    await sandbox.advance(3_600_000)
    expect(mailbox.received).toHaveLength(1)
  })

  test('probes with a SIGNTEST signature can be mixed in', async () => {
    using mailbox = await openMailbox()
    sandbox.change({ probeEvery: 1 })
    await send({ notify_url: mailbox.url })
    await sandbox.advance(3_000)
    sandbox.change({ probeEvery: null })
    const signatures = mailbox.received.map((one) => one.headers['wechatpay-signature']!)
    expect(signatures.map((one) => one.startsWith('WECHATPAY/SIGNTEST/'))).toEqual([true, false])
  })

  test('during a migration both keys sign', async () => {
    using mailbox = await openMailbox()
    sandbox.accounts.change(sandbox.merchant.mchid, { notifyWith: 'mixed' })
    for (let count = 0; count < 2; count += 1) await send({ notify_url: mailbox.url })
    await sandbox.advance(3_000)
    sandbox.accounts.change(sandbox.merchant.mchid, { notifyWith: 'public_key' })
    expect(mailbox.received.every((one) => genuine(sandbox.merchant, one))).toBe(true)
    expect(new Set(mailbox.received.map((one) => one.headers['wechatpay-serial'])).size).toBe(2)
  })
})
