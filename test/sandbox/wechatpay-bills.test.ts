import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chinaDate, chinaDayStart } from '../../sandbox/clock.ts'
import { startSandbox, type Sandbox } from '../../sandbox/main.ts'
import { clientOf, plugin, refundBody, type Client } from './support.ts'

let sandbox: Sandbox
let client: Client
let day: string

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const REFUNDS = 'v3/refund/domestic/refunds'

const toHour = (daysAhead: number, hour: number) => {
  const now = sandbox.clock.now()
  const start = chinaDayStart(chinaDate(now)) + daysAhead * DAY_MS
  return sandbox.advance(start + hour * HOUR_MS - now)
}

beforeAll(async () => {
  sandbox = await startSandbox({ settings: { billsPerSecond: null } })
  client = clientOf(sandbox, sandbox.merchant)
  await toHour(1, 12)
  day = chinaDate(sandbox.clock.now())
  const { mchid } = sandbox.merchant
  const coupons = [
    { amount: 100, type: 'COUPON' as const },
    { amount: 100, type: 'DISCOUNT' as const },
  ]
  const description = '宫保鸡丁,米饭'
  sandbox.paidOrder({ mchid, outTradeNo: 'T-first', total: 10_000, coupons, description })
  await client.post(REFUNDS, refundBody('T-first', 'R-first', 5_000, 10_000))
  sandbox.paidOrder({ mchid, outTradeNo: 'T-second', total: 2_000 })
  const customer = sandbox.createCustomer()
  const { appid } = sandbox.merchant
  await client.post('v3/pay/transactions/codepay', {
    appid,
    mchid,
    description: '茶',
    out_trade_no: 'T-third',
    amount: { total: 700 },
    payer: { auth_code: sandbox.paymentCode(customer) },
    scene_info: {
      device_id: 'POS1',
      store_info: { id: '1' },
    },
  })
  await client.post('v3/pay/transactions/out-trade-no/T-third/reverse', { appid, mchid })
  sandbox.change({ arrivalToBalanceMs: DAY_MS })
  await client.post(REFUNDS, refundBody('T-second', 'R-second', 2_000, 2_000))
})
afterAll(() => sandbox.close())

const ask = (kind: string, params: Record<string, string> = {}) =>
  client.get(`v3/bill/${kind}`, { bill_date: day, ...params })

const download = async (url: string, by: Client = client) => {
  const { pathname, searchParams } = new URL(url)
  return by.get(pathname.slice(1), Object.fromEntries(searchParams), {
    responseType: 'arraybuffer',
  })
}

const bill = async (kind: string, params: Record<string, string> = {}) => {
  const { data } = await ask(kind, params)
  const file = (await download(data.download_url)).data as unknown as Buffer
  return { file, hash: data.hash_value }
}

test('a bill is being made until ten o’clock, and never exists for today or for an idle day', async () => {
  expect((await ask('tradebill')).data.code).toBe('INVALID_REQUEST')
  await toHour(1, 9)
  expect((await ask('tradebill')).data.code).toBe('STATEMENT_CREATING')
  await toHour(0, 10)
  expect((await ask('tradebill')).status).toBe(200)
  const idle = chinaDate(chinaDayStart(day) - DAY_MS)
  expect((await ask('tradebill', { bill_date: idle })).data.code).toBe('NO_STATEMENT_EXIST')
  expect((await ask('tradebill', { bill_date: '2026-02-30' })).data.code).toBe('PARAM_ERROR')
})

test('the ALL bill is byte-exact and reads as what happened', async () => {
  const { file, hash } = await bill('tradebill')
  expect(file.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]))
  expect(createHash('sha1').update(file).digest('hex')).toBe(hash)
  const text = file.toString('utf8')
  expect(text.split('\r\n').join('')).not.toMatch(/[\r\n]/)
  expect(text).toContain('`宫保鸡丁 米饭,`')
  const { rows, summary } = plugin.Formatter.castCsvBill(file)
  const short = rows.map((row) => [
    row['商户订单号'],
    row['交易状态'],
    row['退款状态'],
    row['应结订单金额'],
    row['代金券金额'],
    row['订单金额'],
    row['申请退款金额'],
    row['退款金额'],
    row['充值券退款金额'],
    row['手续费'],
  ])
  expect(short).toEqual([
    ['T-first', 'SUCCESS', '', '99.00', '1.00', '100.00', '0.00', '0.00', '0.00', '0.59000'],
    ['T-first', 'REFUND', 'SUCCESS', '0.00', '0.00', '0.00', '50.00', '49.50', '0.50', '-0.29000'],
    ['T-second', 'SUCCESS', '', '20.00', '0.00', '20.00', '0.00', '0.00', '0.00', '0.12000'],
    ['T-third', 'SUCCESS', '', '7.00', '0.00', '7.00', '0.00', '0.00', '0.00', '0.04000'],
    ['T-third', 'REVOKED', 'SUCCESS', '0.00', '0.00', '0.00', '7.00', '7.00', '0.00', '-0.04000'],
    [
      'T-second',
      'REFUND',
      'PROCESSING',
      '0.00',
      '0.00',
      '0.00',
      '20.00',
      '20.00',
      '0.00',
      '-0.12000',
    ],
  ])
  expect(summary).toMatchObject({
    总交易单数: '6',
    应结订单总金额: '126.00',
    退款总金额: '76.50',
    充值券退款总金额: '0.50',
    手续费总金额: '0.30000',
    订单总金额: '127.00',
    申请退款总金额: '77.00',
  })
  expect(rows[0]).toMatchObject({ 费率: '0.60%', 微信退款单号: '0', 商户退款单号: '0' })
  expect(rows[3]).toMatchObject({ 设备号: 'POS1' })
})

test('SUCCESS and REFUND bills have their own columns; a late arrival shows in the later one', async () => {
  const paid = plugin.Formatter.castCsvBill(
    (await bill('tradebill', { bill_type: 'SUCCESS' })).file,
  )
  expect(paid.rows.map((row) => row['商户订单号'])).toEqual(['T-first', 'T-second', 'T-third'])
  const back = plugin.Formatter.castCsvBill((await bill('tradebill', { bill_type: 'REFUND' })).file)
  expect(back.rows.map((row) => row['商户退款单号'])).toEqual(['R-first', 'T-third', 'R-second'])
  expect(back.rows[2]!['退款成功时间']).toBe('')
  await toHour(1, 10)
  const next = chinaDate(chinaDayStart(day) + DAY_MS)
  const later = plugin.Formatter.castCsvBill(
    (await bill('tradebill', { bill_type: 'REFUND', bill_date: next })).file,
  )
  expect(later.rows).toHaveLength(1)
  expect(later.rows[0]).toMatchObject({ 商户退款单号: 'R-second', 退款状态: 'SUCCESS' })
  expect(later.rows[0]!['退款成功时间']).toContain(next)
  const snapshot = plugin.Formatter.castCsvBill((await bill('tradebill')).file)
  expect(snapshot.rows[5]!['退款状态']).toBe('PROCESSING')
})

test('the fund bill, zipped, holds the money each refund took', async () => {
  const { file, hash } = await bill('fundflowbill', { tar_type: 'GZIP' })
  const plain = gunzipSync(file)
  expect(createHash('sha1').update(plain).digest('hex')).toBe(hash)
  const { rows, summary } = plugin.Formatter.castCsvBill(plain)
  const refund = rows.find((row) => row['业务凭证号'] === 'R-first')
  expect(refund).toMatchObject({
    业务类型: '退款',
    收支类型: '支出',
    '收支金额(元)': '49.21',
    备注: '退款总金额49.50元;含手续费0.29元',
  })
  expect(summary['资金流水总笔数']).toBe(String(rows.length))
  expect((await ask('fundflowbill', { account_type: 'FEES' })).data.code).toBe('NO_STATEMENT_EXIST')
})

test('a download address serves five minutes, its own merchant only, and unsigned', async () => {
  const { data } = await ask('tradebill')
  const stranger = clientOf(sandbox, await sandbox.createAccount())
  expect((await download(data.download_url, stranger)).status).toBe(403)
  const answer = await download(data.download_url)
  expect(answer.headers).not.toHaveProperty('wechatpay-signature')
  await sandbox.advance(5 * 60_000 + 1)
  expect((await download(data.download_url)).status).toBe(400)
})

test('hash_mismatch spoils the file', async () => {
  sandbox.faults.set({ on: 'bill_download', kind: 'hash_mismatch', times: 1 })
  const { file, hash } = await bill('tradebill')
  expect(createHash('sha1').update(file).digest('hex')).not.toBe(hash)
})
