import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openJournal } from '../../sandbox/journal.ts'
import { openAuthority } from '../../sandbox/keys.ts'
import { startSandbox, type Sandbox } from '../../sandbox/main.ts'
import type { NewCustomer } from '../../sandbox/wallet/customers.ts'
import { clientOf, codepayBody, newNumber, refundBody, type Client } from './support.ts'

let sandbox: Sandbox
let client: Client

beforeAll(async () => {
  sandbox = await startSandbox()
  client = clientOf(sandbox, sandbox.merchant, 250)
})
afterAll(() => sandbox.close())
afterEach(() => sandbox.faults.clear())

const scope = () => ({ mchid: sandbox.merchant.mchid, subMchid: null })
const codeOf = (given: NewCustomer = {}) => sandbox.paymentCode(sandbox.createCustomer(given))
const pay = (no: string, total: number, code: string) =>
  client.post('v3/pay/transactions/codepay', codepayBody(sandbox.merchant, no, total, code))
const query = (no: string) =>
  client.get(`v3/pay/transactions/out-trade-no/${no}`, { mchid: sandbox.merchant.mchid })
const reverse = (no: string) => {
  const { appid, mchid } = sandbox.merchant
  return client.post(`v3/pay/transactions/out-trade-no/${no}/reverse`, { appid, mchid })
}
const native = (no: string, total: number, extra: object = {}) => {
  const { appid, mchid } = sandbox.merchant
  return client.post('v3/pay/transactions/native', {
    appid,
    mchid,
    description: '晚餐',
    out_trade_no: no,
    amount: { total },
    notify_url: 'http://127.0.0.1:9/none',
    ...extra,
  })
}

describe('a payment code', () => {
  test('has eighteen digits and a prefix from 10 to 15', () => {
    for (let count = 0; count < 50; count += 1) expect(codeOf()).toMatch(/^1[0-5]\d{16}$/)
  })

  test('of another wallet, or an expired one, is refused', async () => {
    const other = await pay(newNumber('T'), 1, '281234567890123456')
    expect(other.data.code).toBe('AUTH_CODE_INVALID')
    const code = codeOf()
    await sandbox.advance(61_000)
    expect((await pay(newNumber('T'), 1, code)).data.code).toBe('AUTHCODEEXPIRE')
  })

  test('of a customer without money leaves an order that failed and a number that is used', async () => {
    const no = newNumber('T')
    const poor = await pay(no, 500, codeOf({ balance: 499 }))
    expect([poor.status, poor.data.code]).toEqual([403, 'NOTENOUGH'])
    expect((await query(no)).data.trade_state).toBe('PAYERROR')
    expect((await pay(no, 500, codeOf())).data.code).toBe('OUT_TRADE_NO_USED')
  })

  test('without a store in the request is a bad parameter', async () => {
    const body = { ...codepayBody(sandbox.merchant, newNumber('T'), 1, codeOf()), scene_info: {} }
    const answer = await client.post('v3/pay/transactions/codepay', body)
    expect(answer.data).toMatchObject({ detail: { field: '/scene_info/store_info' } })
  })
})

describe('a customer at the password', () => {
  test('whose order is reversed cannot pay any more', async () => {
    sandbox.faults.set({ on: 'pay', kind: 'user_paying', times: 1 })
    const no = newNumber('T')
    expect((await pay(no, 100, codeOf())).status).toBe(202)
    sandbox.faults.set({ on: 'reverse', kind: 'user_paying', times: 1 })
    expect((await reverse(no)).data.code).toBe('USERPAYING')
    expect((await reverse(no)).status).toBe(200)
    expect((await query(no)).data.trade_state).toBe('REVOKED')
    expect(sandbox.enterPassword(no, scope()).kind).toBe('refused')
    expect(sandbox.book.entries().some((one) => one.kind === 'pay' && one.outTradeNo === no)).toBe(
      false,
    )
  })

  test('who walks away, or waits too long, leaves a failed payment', async () => {
    sandbox.faults.set({ on: 'pay', kind: 'user_paying', times: 2 })
    const [left, late] = [newNumber('T'), newNumber('T')]
    await pay(left, 100, codeOf())
    await pay(late, 100, codeOf())
    expect(sandbox.cancelPayment(left, scope())).toBe(true)
    await sandbox.advance(300_000)
    expect((await query(left)).data.trade_state).toBe('PAYERROR')
    expect((await query(late)).data.trade_state).toBe('PAYERROR')
  })
})

describe('an unclear payment', () => {
  test('that was lost does not exist; one that was executed does', async () => {
    const [lost, taken] = [newNumber('T'), newNumber('T')]
    sandbox.faults.set({ on: 'pay', kind: 'lost', match: { outTradeNo: lost } })
    sandbox.faults.set({ on: 'pay', kind: 'executed_then_timeout', match: { outTradeNo: taken } })
    await expect(pay(lost, 100, codeOf())).rejects.toThrow(/timeout/)
    await expect(pay(taken, 100, codeOf())).rejects.toThrow(/timeout/)
    expect((await query(lost)).data.code).toBe('ORDER_NOT_EXIST')
    expect((await query(taken)).data.trade_state).toBe('SUCCESS')
    expect((await reverse(lost)).data.code).toBe('INVALID_REQUEST')
  })

  test('can be reversed for seven days, but not once it was refunded', async () => {
    const [old, refunded] = [newNumber('T'), newNumber('T')]
    await pay(refunded, 100, codeOf())
    await pay(old, 100, codeOf())
    await client.post('v3/refund/domestic/refunds', refundBody(refunded, newNumber('R'), 1, 100))
    expect((await reverse(refunded)).data.code).toBe('INVALID_REQUEST')
    await sandbox.advance(7 * 86_400_000 + 1_000)
    expect((await reverse(old)).data.code).toBe('INVALID_REQUEST')
  })

  test('of a stale query looks unpaid', async () => {
    const no = newNumber('T')
    await pay(no, 100, codeOf())
    sandbox.faults.set({ on: 'query', kind: 'stale_processing', times: 1 })
    const stale = await query(no)
    expect(stale.data.trade_state).toBe('NOTPAY')
    expect(stale.data).not.toHaveProperty('transaction_id')
  })
})

describe('a native order', () => {
  test('keeps its code for the same request and refuses another one under its number', async () => {
    const no = newNumber('N')
    const first = await native(no, 100)
    expect((await native(no, 100)).data).toEqual(first.data)
    expect((await native(no, 101)).data.code).toBe('INVALID_REQUEST')
    sandbox.scanAndPay(first.data.code_url, sandbox.createCustomer())
    expect((await native(no, 100)).data.code).toBe('ORDERPAID')
    const { mchid } = sandbox.merchant
    const close = await client.post(`v3/pay/transactions/out-trade-no/${no}/close`, { mchid })
    expect(close.data.code).toBe('ORDERPAID')
  })

  test('lapses, and then nobody can pay it', async () => {
    const no = newNumber('N')
    const time_expire = new Date(sandbox.clock.now() + 60_000).toISOString()
    const { data } = await native(no, 100, { time_expire })
    await sandbox.advance(61_000)
    expect(sandbox.scanAndPay(data.code_url, sandbox.createCustomer())).toMatchObject({
      kind: 'refused',
      reason: 'not_payable',
    })
    expect((await query(no)).data.trade_state).toBe('CLOSED')
  })

  test('is notified over https where the account trusts the authority, and only there', async () => {
    const authority = openAuthority(openJournal(undefined), ['127.0.0.1'])
    let notices = 0
    const server = createServer(authority.server, (request, response) => {
      request.resume().on('end', () => {
        notices += 1
        response.writeHead(204).end()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const notify_url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/notify`
    const buy = async () => {
      const { data } = await native(newNumber('N'), 100, { notify_url })
      sandbox.scanAndPay(data.code_url, sandbox.createCustomer())
      await sandbox.settle()
    }
    await buy()
    expect(notices).toBe(0)
    sandbox.accounts.change(sandbox.merchant.mchid, { notifyCa: authority.caPem })
    await buy()
    expect(notices).toBe(1)
    server.closeAllConnections()
    server.close()
  })
})

test('every request is on record with its number, signature and answer', async () => {
  const no = newNumber('T')
  await pay(no, 100, codeOf())
  await query(no)
  const records = sandbox.requests.list().filter((one) => one.outTradeNo === no)
  expect(records).toMatchObject([
    { operation: 'pay', signature: 'ok', status: 200, fault: null },
    { operation: 'query', signature: 'ok', status: 200, fault: null },
  ])
})
