import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { closeCalls } from '../../src/channels/call.ts'
import type { StatementLine, StatementRequest } from '../../src/channels/channel.ts'
import { fenOfFee, fenOfYuan } from '../../src/channels/wechatpay/bill-table.ts'
import { wechatpay } from '../../src/channels/wechatpay/wechatpay.ts'
import { fen, yuan } from '../../src/domain/money.ts'
import {
  accountAt,
  lineTo,
  openDesk,
  partnerAt,
  type Desk,
  type Spoken,
} from '../support/wechatpay-desk.ts'

let desk: Desk
beforeAll(async () => {
  desk = await openDesk()
})
afterAll(async () => {
  await desk.close()
  await closeCalls()
})
beforeEach(() => {
  desk.heard.length = 0
})

const ALL =
  '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注'
const OLD =
  '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,总金额,代金券或立减优惠金额,微信退款单号,商户退款单号,退款金额,代金券或立减优惠退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率'
const SUMMARY =
  '总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额'
const FUND =
  '记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号'
const FUND_SUMMARY = '资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额'

const PAID_ROW =
  '`2026-11-21 12:00:01,`wx1,`1900000001,`0,`T07,`4200000000202611210000000001,`722611210000000000001901,`oHk1,`MICROPAY,`SUCCESS,`OTHERS,`CNY,`90.00,`10.00,`0,`0,`0.00,`0.00,`,`,`面,`,`0.60000,`0.60%,`100.00,`0.00,`'
const REFUND_ROW =
  '`2026-11-21 13:00:01,`wx1,`1900000001,`0,`T07,`4200000000202611210000000001,`722611210000000000001901,`oHk1,`MICROPAY,`REFUND,`OTHERS,`CNY,`0.00,`0.00,`5030000000,`732611210000000000001901,`27.00,`0.00,`ORIGINAL,`SUCCESS,``面` 汤,`,`-0.18000,`0.60%,`0.00,`30.00,`'

const file = (header: string, rows: readonly string[], summary = SUMMARY, count = rows.length) =>
  `\ufeff${[
    header,
    ...rows,
    summary,
    [
      `\`${count}`,
      ...summary
        .split(',')
        .slice(1)
        .map(() => '`0.00'),
    ].join(','),
  ].join('\r\n')}\r\n`

type Serving = {
  readonly text: string
  readonly zipped?: boolean
  readonly address?: string
  readonly hash?: string
  readonly download?: Spoken
}

function serve(serving: Serving): void {
  const bytes = Buffer.from(serving.text)
  const content = serving.zipped === true ? gzipSync(bytes) : bytes
  desk.say((heard) =>
    heard.path.startsWith('/v3/billdownload/')
      ? (serving.download ?? { status: 200, body: content, defect: 'unsigned' })
      : {
          status: 200,
          body: {
            hash_type: 'SHA1',
            hash_value: serving.hash ?? createHash('sha1').update(bytes).digest('hex'),
            download_url:
              serving.address ?? 'https://api.mch.weixin.qq.com/v3/billdownload/file?token=abc%2B1',
          },
        },
  )
}

const TRADE: StatementRequest = { day: '2026-11-21', kind: 'trade' }

async function read(
  request: StatementRequest = TRADE,
  account = accountAt(desk.url),
): Promise<StatementLine[]> {
  const lines: StatementLine[] = []
  const all = wechatpay.statement?.(request, lineTo(account))
  for await (const line of all ?? []) lines.push(line)
  return lines
}

test('a trade bill is read by its headings, zipped or plain', async () => {
  for (const zipped of [true, false]) {
    serve({ text: file(ALL, [PAID_ROW, REFUND_ROW]), zipped })
    const [paid, refund, ...rest] = await read()
    expect(rest).toEqual([])
    expect(paid).toMatchObject({
      kind: 'payment',
      at: new Date('2026-11-21T04:00:01Z'),
      paymentNumber: '722611210000000000001901',
      paymentChannelNo: '4200000000202611210000000001',
      refundNumber: null,
      refundChannelNo: null,
      amount: 10_000,
      settlementFen: 9_000,
      feeFen: 60,
      state: 'succeeded',
    })
    expect(refund).toMatchObject({
      kind: 'refund',
      refundNumber: '732611210000000000001901',
      refundChannelNo: '5030000000',
      amount: 3_000,
      settlementFen: 2_700,
      feeFen: -18,
      state: 'succeeded',
    })
    expect(refund?.raw['商品名称']).toBe('`面` 汤')
  }
})

test('the download goes to our own host with the path it was given, and keeps no token', async () => {
  serve({ text: file(ALL, []) })
  const line = lineTo(accountAt(desk.url))
  for await (const each of wechatpay.statement?.(TRADE, line) ?? []) expect(each).toBeUndefined()
  expect(desk.heard.map((each) => each.path)).toEqual([
    '/v3/bill/tradebill?bill_date=2026-11-21&bill_type=ALL&tar_type=GZIP',
    '/v3/billdownload/file?token=abc%2B1',
  ])
  expect(desk.heard[1]?.headers['authorization']).toContain('mchid="1900000001"')
  expect(JSON.stringify(line.exchanges)).not.toContain('abc')
  expect(line.exchanges[1]).toMatchObject({ responseBody: null, verified: 'unsigned' })
})

test.each([
  ['PROCESSING', 'refund', 'processing'],
  ['CHANGE', 'refund', 'stuck'],
  ['FAIL', 'refund', 'closed'],
  ['NEW', 'other', 'processing'],
])('a refund row in state %s is %s, %s', async (word, kind, state) => {
  const row = REFUND_ROW.replace('`SUCCESS,', `\`${word},`)
  serve({ text: file(ALL, [row]) })
  expect(await read()).toMatchObject([{ kind, state }])
})

test('a reversed payment is a reversal', async () => {
  serve({ text: file(ALL, [REFUND_ROW.replace('`REFUND,', '`REVOKED,')]) })
  expect(await read()).toMatchObject([{ kind: 'reversal', state: 'reversed', amount: 3_000 }])
})

test('the older bill, with other headings for the same figures, is read too', async () => {
  const old =
    '`2019-02-19 05:01:46,`wx1,`1921000401,`0,`d,`42000,`autotest_1,`oHk,`JSAPI,`REFUND,`OTHERS,`CNY,`0.00,`0.00,`5000070967,`REF42000,`0.01,`0.00,`ORIGINAL,`SUCCESS,`商品,`,`0.00000,`0.60%'
  const paid = old
    .replace('`REFUND,', '`SUCCESS,')
    .replace('`0.00,`0.00,`5000070967,`REF42000,`0.01', '`0.01,`0.00,`0,`0,`0.00')
  const summary = '总交易单数,总交易额,总退款金额,总代金券或立减优惠退款金额,手续费总金额'
  serve({ text: file(OLD, [old, paid], summary) })
  expect(await read()).toMatchObject([
    { kind: 'refund', refundNumber: 'REF42000', amount: 1, settlementFen: 1 },
    { kind: 'payment', amount: 1, settlementFen: 1, refundNumber: null },
  ])
})

test('a fund bill says what moved, and what of it was commission given back', async () => {
  const row =
    '`2021-02-01 13:54:01,`50300806962021020105978994968,`4200000920202101197964319284,`退款,`退款,`支出,`0.99,`0.22,`1601959334API,`退款总金额1.00元;含手续费0.01元,`S20210201135356381941'
  const income =
    '`2021-02-01 12:00:00,`4200001,`4200002,`交易,`交易,`收入,`5.00,`5.22,`system,`,`T1'
  const topUp = income.replaceAll('交易', '充值')
  const cameBack = row.replace('`支出', '`收入')
  const reversal = row.replace('`退款,`退款', '`撤销,`退款').replace(/`S\d+$/, '`T1')
  const rows = [row, income, topUp, cameBack, reversal]
  serve({ text: file(FUND, rows, FUND_SUMMARY), zipped: true })
  expect(await read({ day: '2021-02-01', kind: 'fund' })).toMatchObject([
    {
      kind: 'refund',
      refundNumber: 'S20210201135356381941',
      refundChannelNo: '50300806962021020105978994968',
      amount: 100,
      settlementFen: 99,
      feeFen: 1,
    },
    { kind: 'payment', paymentNumber: 'T1', paymentChannelNo: '4200001', amount: 500 },
    { kind: 'other', amount: 500 },
    { kind: 'other', settlementFen: 99 },
    { kind: 'reversal', state: 'reversed', paymentNumber: 'T1', settlementFen: 99 },
  ])
  expect(desk.heard[0]?.path).toContain('/v3/bill/fundflowbill?bill_date=2021-02-01&account_type=')
})

test('a partner has the trade bill of its sub-merchant, but not its fund bill', async () => {
  serve({ text: file(ALL, [PAID_ROW]) })
  expect(await read(TRADE, partnerAt(desk.url))).toHaveLength(1)
  expect(desk.heard[0]?.path).toContain('&sub_mchid=1600000001')
  desk.heard.length = 0
  const funds = { day: '2026-11-21', kind: 'fund' } as const
  await expect(read(funds, partnerAt(desk.url))).rejects.toMatchObject({ trouble: 'refused' })
  expect(desk.heard).toHaveLength(0)
})

describe('a bill that cannot be had', () => {
  const refuse = (status: number, code: string) => desk.say({ status, body: { code, message: '' } })
  test('because nothing was traded is empty', async () => {
    refuse(400, 'NO_STATEMENT_EXIST')
    expect(await read()).toEqual([])
  })

  test.each([
    [400, 'STATEMENT_CREATING', 'not_ready'],
    [400, 'INVALID_REQUEST', 'refused'],
    [401, 'SIGN_ERROR', 'refused'],
    [429, 'FREQUENCY_LIMITED', 'unreachable'],
    [500, 'SYSTEM_ERROR', 'unreachable'],
  ])('%i %s is %s', async (status, code, trouble) => {
    refuse(status, code)
    await expect(read()).rejects.toMatchObject({ name: 'StatementFault', trouble })
  })

  test.each([
    ['a foreign host', { address: 'https://evil.example/v3/billdownload/file?token=a' }],
    [
      'a host that ends alike',
      { address: 'https://api.mch.weixin.qq.com.evil.example/v3/billdownload/file' },
    ],
    [
      'a host in the user part',
      { address: 'https://api.mch.weixin.qq.com@evil.example/v3/billdownload/file' },
    ],
    ['another path', { address: 'https://api.mch.weixin.qq.com/v3/refund/domestic/refunds' }],
    ['another hash', { hash: '0'.repeat(40) }],
    ['no summary', { text: `\ufeff${ALL}\r\n${PAID_ROW}\r\n` }],
    ['a summary of more rows', { text: file(ALL, [PAID_ROW], SUMMARY, 2) }],
    ['a row cut short', { text: file(ALL, [PAID_ROW.slice(0, -20)]) }],
    ['an amount past the fen', { text: file(ALL, [PAID_ROW.replace('`100.00', '`100.001')]) }],
    ['an amount in words', { text: file(ALL, [PAID_ROW.replace('`100.00', '`1e2')]) }],
    ['a time that is none', { text: file(ALL, [PAID_ROW.replace('12:00:01', '25:00:01')]) }],
    ['a missing column', { text: file(ALL.replace('商户订单号', '单号'), [PAID_ROW]) }],
  ])('is broken with %s', async (_, change) => {
    serve({ text: file(ALL, [PAID_ROW]), ...change })
    await expect(read()).rejects.toMatchObject({ trouble: 'broken' })
  })

  test('is unreachable when its download fails', async () => {
    for (const download of [
      { status: 400, body: { code: 'INVALID_REQUEST' } },
      { status: 200, body: '', defect: 'drop' },
    ] as const) {
      serve({ text: file(ALL, []), download })
      await expect(read()).rejects.toMatchObject({ trouble: 'unreachable' })
    }
  })

  test('is refused when the download is for another merchant', async () => {
    serve({ text: file(ALL, []), download: { status: 403, body: { code: 'NO_AUTH' } } })
    await expect(read()).rejects.toMatchObject({ trouble: 'refused' })
  })
})

test('any amount of fen survives a bill, to the last digit', async () => {
  const amounts = fc.array(fc.maxSafeNat(), { minLength: 1, maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(amounts, async (all) => {
      const rows = all.map((each) => PAID_ROW.replace('`100.00', `\`${yuan(fen(each))}`))
      serve({ text: file(ALL, rows) })
      expect((await read()).map((line) => line.amount)).toEqual(all)
    }),
    { numRuns: 25 },
  )
})

test('yuan become fen digit by digit', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (amount) => {
      expect(fenOfYuan(yuan(fen(amount)))).toBe(amount === 0 ? 0 : amount)
    }),
  )
  expect([fenOfYuan('1'), fenOfYuan('1.1'), fenOfYuan('-0.00'), fenOfYuan('8.290')]).toEqual([
    100, 110, 0, 829,
  ])
  for (const text of ['', '.1', '1.', '1,00', '0x1', 'NaN', '1.001', '+1', ' 1']) {
    expect(() => fenOfYuan(text), text).toThrow('is not an amount')
  }
  expect(() => fenOfYuan('90071992547409.92')).toThrow('beyond counting')
})

test('commission is rounded half away from zero to whole fen', () => {
  expect(['0.60000', '0.00500', '0.00499', '-0.00500', '-0.00499', '1'].map(fenOfFee)).toEqual([
    60, 1, 0, -1, 0, 100,
  ])
})
