import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { closeCalls } from '../../src/channels/call.ts'
import { ConfigFault, type PaymentBrief, type PaymentOnWire } from '../../src/channels/channel.ts'
import { wechatpay } from '../../src/channels/wechatpay/wechatpay.ts'
import { fen } from '../../src/domain/money.ts'
import {
  accountAt,
  lineTo,
  MCHID,
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

const NUMBER = '722611220000000000001901'
const CODE = '134567890123456789'

const brief: PaymentBrief = {
  channelNumber: NUMBER,
  method: 'code',
  amount: fen(100),
  description: '堂食 12 号桌',
  storeNo: 'S01',
  terminalNo: 'T07',
  paymentCode: CODE,
  validUntil: null,
}
const shown: PaymentBrief = {
  ...brief,
  method: 'qr',
  paymentCode: null,
  validUntil: new Date('2026-11-22T12:05:00Z'),
}

const onWire = (change: Partial<PaymentOnWire> = {}): PaymentOnWire => ({
  channelNumber: NUMBER,
  channelNo: null,
  method: 'code',
  body: wechatpay.freezePayment(brief, accountAt(desk.url)),
  paid: fen(100),
  ...change,
})
const line = () => lineTo(accountAt(desk.url))

const ORDER = {
  appid: 'wx0000000000000001',
  mchid: MCHID,
  out_trade_no: NUMBER,
  transaction_id: '4200000000202611220000000001',
  trade_type: 'MICROPAY',
  trade_state: 'SUCCESS',
  trade_state_desc: '支付成功',
  bank_type: 'CMB_CREDIT',
  success_time: '2026-11-22T19:30:00+08:00',
  payer: { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
  amount: { total: 100, payer_total: 90, currency: 'CNY' },
}
const PAID = {
  kind: 'paid',
  at: new Date('2026-11-22T11:30:00Z'),
  channelNo: ORDER.transaction_id,
  paidFen: 100,
  payerFen: 90,
  payer: { id: ORDER.payer.openid, masked: 'oUpF…eS6o' },
  refunded: false,
  bankType: 'CMB_CREDIT',
}

const pay = (spoken: Spoken, change: Partial<PaymentOnWire> = {}) => {
  desk.say(spoken)
  return wechatpay.pay(onWire(change), line())()
}
const query = (spoken: Spoken, change: Partial<PaymentOnWire> = {}) => {
  desk.say(spoken)
  return wechatpay.queryPayment(onWire(change), line())
}
const reverse = (spoken: Spoken) => {
  desk.say(spoken)
  return wechatpay.reversePayment(onWire(), line())()
}
const close = (spoken: Spoken) => {
  desk.say(spoken)
  return wechatpay.closePayment(onWire({ method: 'qr' }), line())()
}

describe('the frozen body of a payment', () => {
  test('by code names amount, store and code', () => {
    const account = accountAt(desk.url, { storeInfoId: '4711' })
    expect(JSON.parse(wechatpay.freezePayment(brief, account))).toEqual({
      appid: 'wx0000000000000001',
      mchid: MCHID,
      description: '堂食 12 号桌',
      out_trade_no: NUMBER,
      amount: { total: 100, currency: 'CNY' },
      payer: { auth_code: CODE },
      scene_info: { device_id: 'T07', store_info: { id: '4711', out_id: 'S01' } },
    })
  })

  test('by shown code names its end in China time and where to notify', () => {
    expect(JSON.parse(wechatpay.freezePayment(shown, partnerAt(desk.url)))).toEqual({
      sp_appid: 'wx0000000000000109',
      sp_mchid: '1900000109',
      sub_mchid: '1600000001',
      description: '堂食 12 号桌',
      out_trade_no: NUMBER,
      amount: { total: 100, currency: 'CNY' },
      notify_url: 'https://shop.example/notify/wechatpay/1',
      time_expire: '2026-11-22T20:05:00+08:00',
    })
    const deaf = { ...accountAt(desk.url), notifyUrl: null }
    expect(() => wechatpay.freezePayment(shown, deaf)).toThrow(ConfigFault)
  })

  test('cuts a long description between characters and takes control characters out', () => {
    const long = { ...brief, description: `a\n\u0007b${'好'.repeat(60)}` }
    const { description } = JSON.parse(wechatpay.freezePayment(long, accountAt(desk.url)))
    expect(description).toBe(`a b${'好'.repeat(41)}`)
  })
})

test('each act goes to its own address, with the merchant where the channel wants it', async () => {
  desk.say({ status: 500, body: null })
  for (const account of [accountAt(desk.url), partnerAt(desk.url)]) {
    const to = lineTo(account)
    await wechatpay.pay(onWire(), to)()
    await wechatpay.pay(onWire({ method: 'qr' }), to)()
    await wechatpay.queryPayment(onWire(), to)
    await wechatpay.reversePayment(onWire(), to)()
    await wechatpay.closePayment(onWire(), to)()
  }
  const direct = `/v3/pay/transactions`
  const partner = `/v3/pay/partner/transactions`
  expect(desk.heard.map((each) => `${each.method} ${each.path}`)).toEqual([
    `POST ${direct}/codepay`,
    `POST ${direct}/native`,
    `GET ${direct}/out-trade-no/${NUMBER}?mchid=${MCHID}`,
    `POST ${direct}/out-trade-no/${NUMBER}/reverse`,
    `POST ${direct}/out-trade-no/${NUMBER}/close`,
    `POST ${partner}/codepay`,
    `POST ${partner}/native`,
    `GET ${partner}/out-trade-no/${NUMBER}?sp_mchid=1900000109&sub_mchid=1600000001`,
    `POST ${partner}/out-trade-no/${NUMBER}/reverse`,
    `POST ${partner}/out-trade-no/${NUMBER}/close`,
  ])
  const bodies = desk.heard.map((each) => each.body)
  expect(JSON.parse(bodies[3] ?? '')).toEqual({ appid: 'wx0000000000000001', mchid: MCHID })
  expect(JSON.parse(bodies[4] ?? '')).toEqual({ mchid: MCHID })
  expect(JSON.parse(bodies[8] ?? '')).toEqual({
    sp_appid: 'wx0000000000000109',
    sp_mchid: '1900000109',
    sub_mchid: '1600000001',
  })
})

describe('a payment by code', () => {
  test('is paid by a signed SUCCESS', async () => {
    expect(await pay({ status: 200, body: ORDER })).toEqual(PAID)
  })

  test('waits for the password, whichever way the channel says so', async () => {
    const waiting = { kind: 'waiting', reason: 'password', codeUrl: null }
    expect(await pay({ status: 202, body: { trade_state: 'USERPAYING' } })).toEqual(waiting)
    expect(await pay({ status: 200, body: { trade_state: 'USERPAYING' } })).toEqual(waiting)
    const refusal = { code: 'USERPAYING', message: '需要用户输入支付密码' }
    expect(await pay({ status: 403, body: refusal })).toEqual(waiting)
  })

  test.each([
    ['another number', { out_trade_no: 'other-number' }, 'number_mismatch'],
    ['another merchant', { mchid: '1900000002' }, 'number_mismatch'],
    ['no number', { out_trade_no: undefined }, 'number_mismatch'],
    ['no amount', { amount: undefined }, 'reply_incomplete'],
    ['no time', { success_time: undefined }, 'reply_incomplete'],
    ['no number of the channel', { transaction_id: undefined }, 'reply_incomplete'],
    ['a state nobody lists', { trade_state: 'ACCEPT' }, 'status_unknown'],
    ['an amount in yuan', { amount: { total: 1.5 } }, 'reply_incomplete'],
    ['another currency', { amount: { total: 100, currency: 'HKD' } }, 'reply_incomplete'],
  ])('is not paid by a SUCCESS with %s', async (_, change, cause) => {
    for (const act of [pay, query]) {
      expect(await act({ status: 200, body: { ...ORDER, ...change } })).toEqual({
        kind: 'unknown',
        cause,
        alarm: true,
      })
    }
  })

  test('carries the total of the channel, for the caller to compare', async () => {
    const amount = { total: 101, payer_total: 101 }
    expect(await pay({ status: 200, body: { ...ORDER, amount } })).toMatchObject({
      kind: 'paid',
      paidFen: 101,
    })
  })

  test.each([
    ['bad_signature', 'signature', true],
    ['unknown_serial', 'unknown_serial', true],
    ['stale', 'stale', true],
    ['unsigned', 'unsigned', true],
    ['drop', 'lost', false],
  ] as const)('is unknown after %s', async (defect, cause, alarm) => {
    const unknown = { kind: 'unknown', cause, alarm }
    expect(await pay({ status: 200, body: ORDER, defect })).toEqual(unknown)
    expect(await query({ status: 200, body: ORDER, defect })).toEqual(unknown)
    expect(await reverse({ status: 200, body: ORDER, defect })).toEqual(unknown)
    expect(await close({ status: 204, body: null, defect })).toEqual(unknown)
  })

  test('leaves no payment code and no customer in what is kept', async () => {
    const to = line()
    desk.say({ status: 200, body: ORDER })
    await wechatpay.pay(onWire(), to)()
    const detail = { field: '/payer/auth_code', value: CODE }
    desk.say({ status: 400, body: { code: 'PARAM_ERROR', message: `code ${CODE}`, detail } })
    await wechatpay.pay(onWire(), to)()
    const kept = JSON.stringify(to.exchanges)
    expect(kept).not.toContain(CODE)
    expect(kept).not.toContain(ORDER.payer.openid)
    expect(kept).not.toContain('WECHATPAY2-SHA256-RSA2048 mchid')
    expect(to.exchanges.map((each) => [each.status, each.verified])).toEqual([
      [200, 'good'],
      [400, 'unsigned'],
    ])
  })
})

const refused = (code: string, final: boolean) => ({ kind: 'refused', code, final })
const unknown = (cause: string, alarm: boolean) => ({ kind: 'unknown', cause, alarm })

describe('each listed refusal of a payment', () => {
  const FINAL = [
    'AUTHCODEEXPIRE AUTH_CODE_ERROR AUTH_CODE_INVALID NOTENOUGH NOT_ENOUGH NOTSUPORTCARD',
    'TRADE_ERROR RULELIMIT RULE_LIMIT BUYER_MISMATCH PARAM_ERROR LACK_PARAMS XML_FORMAT_ERROR',
    'REQUIRE_POST_METHOD NOT_UTF8',
  ].flatMap((row) => row.split(' '))
  test.each(FINAL)('%s ends it', async (code) => {
    expect(await pay({ status: 403, body: { code, message: '' } })).toEqual(refused(code, true))
  })

  test.each(['INVALID_REQUEST', 'ORDERCLOSED', 'ORDERREVERSED', 'OUT_TRADE_NO_USED'])(
    '%s may echo an earlier send, so it is asked about',
    async (code) => {
      expect(await pay({ status: 400, body: { code, message: '' } })).toEqual(refused(code, false))
    },
  )

  test.each([
    [401, 'SIGN_ERROR', true],
    [401, 'SIGNERROR', true],
    [403, 'NO_AUTH', true],
    [403, 'NOAUTH', true],
    [400, 'APPID_NOT_EXIST', true],
    [400, 'MCHID_NOT_EXIST', true],
    [400, 'MCH_NOT_EXISTS', true],
    [400, 'APPID_MCHID_NOT_MATCH', true],
    [400, 'ORDERPAID', false],
    [400, 'BANKERROR', false],
    [500, 'SYSTEM_ERROR', false],
    [400, 'SYSTEMERROR', false],
    [429, 'FREQUENCY_LIMITED', false],
    [503, 'AUTH_CODE_INVALID', false],
    [403, 'A_NEW_CODE', false],
  ])('%i %s leaves it open', async (status, code, alarm) => {
    expect(await pay({ status, body: { code, message: '' } })).toEqual(unknown(code, alarm))
  })
})

describe('a question about a payment', () => {
  test.each([
    ['SUCCESS', PAID],
    ['REFUND', { ...PAID, refunded: true }],
    ['USERPAYING', { kind: 'waiting', reason: 'password', codeUrl: null }],
    ['NOTPAY', { kind: 'unpaid' }],
    ['PAYERROR', { kind: 'unpaid' }],
    ['REVOKED', { kind: 'reversed' }],
    ['CLOSED', { kind: 'closed' }],
  ])('answered %s', async (trade_state, outcome) => {
    expect(await query({ status: 200, body: { ...ORDER, trade_state } })).toEqual(outcome)
  })

  test('answered NOTPAY for a shown code still waits to be scanned', async () => {
    const body = { ...ORDER, trade_state: 'NOTPAY' }
    expect(await query({ status: 200, body }, { method: 'qr' })).toEqual({
      kind: 'waiting',
      reason: 'scan',
      codeUrl: null,
    })
  })

  test('never takes a bare state for an answer', async () => {
    expect(await query({ status: 200, body: { trade_state: 'USERPAYING' } })).toMatchObject({
      cause: 'number_mismatch',
    })
  })

  test.each([
    [404, 'ORDER_NOT_EXIST', { kind: 'not_found' }],
    [404, 'ORDERNOTEXIST', { kind: 'not_found' }],
    [400, 'ORDER_NOT_EXIST', unknown('ORDER_NOT_EXIST', false)],
    [400, 'PARAM_ERROR', unknown('PARAM_ERROR', false)],
    [400, 'MCH_NOT_EXISTS', unknown('MCH_NOT_EXISTS', true)],
    [401, 'SIGN_ERROR', unknown('SIGN_ERROR', true)],
    [403, 'RULE_LIMIT', unknown('RULE_LIMIT', false)],
    [403, 'TRADE_ERROR', unknown('TRADE_ERROR', false)],
    [429, 'FREQUENCY_LIMITED', unknown('FREQUENCY_LIMITED', false)],
    [500, 'SYSTEM_ERROR', unknown('SYSTEM_ERROR', false)],
  ])('refused with %i %s', async (status, code, outcome) => {
    expect(await query({ status, body: { code, message: '' } })).toEqual(outcome)
  })
})

describe('a shown code', () => {
  test('is what the customer scans', async () => {
    const body = { code_url: 'weixin://wxpay/bizpayurl?pr=abc' }
    expect(await pay({ status: 200, body }, { method: 'qr' })).toEqual({
      kind: 'waiting',
      reason: 'scan',
      codeUrl: body.code_url,
    })
    expect(await pay({ status: 200, body: {} }, { method: 'qr' })).toMatchObject({ alarm: true })
  })

  test('is closed only by a signed 204', async () => {
    expect(await close({ status: 204, body: null })).toEqual({ kind: 'closed' })
    expect(await close({ status: 200, body: {} })).toMatchObject({ kind: 'unknown' })
    expect(await close({ status: 400, body: { code: 'ORDERPAID', message: '' } })).toEqual(
      unknown('ORDERPAID', false),
    )
  })
})

describe('a reversal', () => {
  const answer = { appid: ORDER.appid, mchid: MCHID, out_trade_no: NUMBER }
  test('counts only when it is signed and about this order', async () => {
    expect(await reverse({ status: 200, body: answer })).toEqual({ kind: 'reversed' })
    expect(await reverse({ status: 200, body: { ...answer, out_trade_no: 'x' } })).toMatchObject({
      cause: 'number_mismatch',
    })
    expect(await reverse({ status: 200, body: { ...answer, mchid: '1900000002' } })).toMatchObject({
      cause: 'number_mismatch',
    })
    expect(await reverse({ status: 202, body: answer })).toMatchObject({ kind: 'unknown' })
  })

  test.each([
    [400, 'USERPAYING', false],
    [400, 'INVALID_REQUEST', false],
    [400, 'PARAM_ERROR', false],
    [401, 'SIGN_ERROR', true],
    [500, 'SYSTEM_ERROR', false],
  ])('refused with %i %s is unknown', async (status, code, alarm) => {
    expect(await reverse({ status, body: { code, message: '' } })).toEqual(unknown(code, alarm))
  })
})

describe('finding a sale by the barcode on the bill', () => {
  const find = (code: string, spoken: Parameters<Desk['say']>[0]) => {
    desk.say(spoken)
    return wechatpay.findSale?.(code, line())
  }
  const none: Spoken = { status: 404, body: { code: 'ORDER_NOT_EXIST', message: '' } }

  test('by the number of the merchant', async () => {
    expect(await find(NUMBER, { status: 200, body: ORDER })).toEqual({
      kind: 'found',
      channelNumber: NUMBER,
      channelNo: ORDER.transaction_id,
      method: 'code',
      outcome: PAID,
    })
  })

  test('by the number of the channel', async () => {
    const body = { ...ORDER, trade_type: 'JSAPI' }
    expect(await find(ORDER.transaction_id, { status: 200, body })).toMatchObject({
      kind: 'found',
      channelNumber: NUMBER,
      method: 'outside',
    })
    expect(desk.heard.map((each) => each.path)).toEqual([
      `/v3/pay/transactions/id/${ORDER.transaction_id}?mchid=${MCHID}`,
    ])
  })

  test('tries a number that looks like the channel’s as the merchant’s too', async () => {
    expect(await find(ORDER.transaction_id, none)).toEqual({ kind: 'not_found' })
    expect(desk.heard).toHaveLength(2)
  })

  test('does not ask for what cannot be a number', async () => {
    for (const code of ['123', 'x'.repeat(33), '../refund', '编号123456']) {
      expect(await find(code, none)).toEqual({ kind: 'not_found' })
    }
    expect(desk.heard).toHaveLength(0)
  })

  test('says unknown when it does not know', async () => {
    expect(await find(NUMBER, { status: 500, body: null })).toMatchObject({ kind: 'unknown' })
    const other = { status: 200, body: { ...ORDER, out_trade_no: 'another-one' } }
    expect(await find(NUMBER, other)).toEqual({ kind: 'unknown', cause: 'number_mismatch' })
    const theirs = { status: 200, body: { ...ORDER, mchid: '1900000002' } }
    expect(await find(NUMBER, theirs)).toEqual({ kind: 'unknown', cause: 'number_mismatch' })
  })

  test('an order that nobody paid is no sale', async () => {
    const body = { ...ORDER, trade_state: 'NOTPAY', transaction_id: undefined }
    expect(await find(NUMBER, { status: 200, body })).toEqual({ kind: 'not_found' })
  })
})

const NO_LIST: Spoken = { status: 404, body: { code: 'RESOURCE_NOT_EXISTS', message: '' } }

describe('the health of an account', () => {
  /** @param list what the channel says of its certificates; a new merchant has none. */
  const check = (spoken: Spoken, account = accountAt(desk.url), list: Spoken = NO_LIST) => {
    desk.say((heard) => (heard.path === '/v3/certificates' ? list : spoken))
    return wechatpay.check(lineTo(account), null)
  }
  const says = (status: number, code: string, headers = {}): Spoken => ({
    status,
    body: { code, message: '' },
    headers,
  })
  test.each([
    ['well', says(404, 'ORDER_NOT_EXIST'), undefined],
    ['ill', says(401, 'SIGN_ERROR'), 'signature'],
    ['ill', says(401, 'SIGN_ERROR', { date: 'Sun, 22 Nov 2020 12:00:00 GMT' }), 'clock'],
    ['ill', says(403, 'NO_AUTH'), 'permission'],
    ['ill', says(400, 'PARAM_ERROR'), 'settings'],
    ['ill', says(404, 'MCH_NOT_EXISTS'), 'settings'],
    ['ill', says(500, 'SYSTEM_ERROR'), 'network'],
    ['ill', { status: 200, body: ORDER, defect: 'drop' }, 'network'],
    ['ill', { status: 200, body: ORDER, defect: 'bad_signature' }, 'signature'],
  ] as const)('%s after %o', async (kind, spoken, what) => {
    const health = await check(spoken)
    expect(health.kind === 'ill' ? [health.kind, health.what] : [health.kind, undefined]).toEqual([
      kind,
      what,
    ])
  })

  test.each([
    ['well', {}, undefined],
    ['ill', { defect: 'bad_signature' }, 'signature'],
    ['ill', { defect: 'unknown_serial' }, 'signature'],
    ['ill', { defect: 'stale' }, 'clock'],
  ] as const)('%s when the list of certificates comes with %o', async (kind, defect, what) => {
    const list = { status: 200, body: { data: [] }, ...defect }
    const health = await check(says(404, 'ORDER_NOT_EXIST'), accountAt(desk.url), list)
    expect(health).toMatchObject(what === undefined ? { kind } : { kind, what })
  })

  test('of a payment that the channel has, its own signature shows too', async () => {
    desk.say({ status: 200, body: ORDER })
    const line = lineTo(accountAt(desk.url))
    expect(await wechatpay.check(line, NUMBER)).toEqual({ kind: 'well', signed: true })
    expect(desk.heard.at(-1)?.path).toContain(NUMBER)
    expect(await check(says(404, 'ORDER_NOT_EXIST'))).toEqual({ kind: 'well', signed: false })
  })

  test('settings that cannot be used are told without asking', async () => {
    const account = accountAt(desk.url, { mchid: 'x' })
    expect(await check(says(404, 'ORDER_NOT_EXIST'), account)).toMatchObject({ what: 'settings' })
    expect(desk.heard).toHaveLength(0)
  })
})
