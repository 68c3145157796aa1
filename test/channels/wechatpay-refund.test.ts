import { constants, privateDecrypt, verify } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { closeCalls } from '../../src/channels/call.ts'
import type { AttemptOnWire } from '../../src/channels/channel.ts'
import { wechatpay } from '../../src/channels/wechatpay/wechatpay.ts'
import { fen } from '../../src/domain/money.ts'
import {
  accountAt,
  lineTo,
  merchant,
  openDesk,
  partnerAt,
  platform,
  PUBLIC_KEY_ID,
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

const payment = {
  channelNumber: '722611220000000000001901',
  channelNo: '4200000000202611220000000001',
  method: 'code',
  body: '{}',
  paid: fen(100),
} as const

const NUMBER = '732611220000000000001901'

function attempt(change: Partial<AttemptOnWire> = {}): AttemptOnWire {
  const brief = { channelNumber: NUMBER, payment, amount: fen(30), reason: '菜品售完' }
  return {
    channelNumber: NUMBER,
    channelNo: null,
    body: wechatpay.freezeRefund(brief, accountAt(desk.url)),
    amount: fen(30),
    payment,
    remedyBody: null,
    ...change,
  }
}

const AMOUNT = {
  total: 100,
  refund: 30,
  from: [],
  payer_total: 100,
  payer_refund: 30,
  settlement_refund: 30,
  settlement_total: 100,
  discount_refund: 0,
  currency: 'CNY',
  refund_fee: 0,
}
const REPLY = {
  refund_id: '50300000002026112200000000001',
  out_refund_no: NUMBER,
  transaction_id: payment.channelNo,
  out_trade_no: payment.channelNumber,
  channel: 'ORIGINAL',
  user_received_account: '招商银行信用卡0403',
  create_time: '2026-11-22T20:00:00+08:00',
  status: 'PROCESSING',
  amount: AMOUNT,
}
const SUCCESS = { ...REPLY, status: 'SUCCESS', success_time: '2026-11-22T20:00:05+08:00' }

const refund = (spoken: Spoken) => {
  desk.say(spoken)
  return wechatpay.refund(attempt(), lineTo(accountAt(desk.url)))()
}
const query = (spoken: Spoken) => {
  desk.say(spoken)
  return wechatpay.queryRefund(attempt(), lineTo(accountAt(desk.url)))
}

test('the frozen body asks for exactly this refund and stays the same', () => {
  const { body } = attempt()
  expect(JSON.parse(body)).toEqual({
    out_trade_no: payment.channelNumber,
    out_refund_no: NUMBER,
    reason: '菜品售完',
    notify_url: 'https://shop.example/notify/wechatpay/1',
    amount: { refund: 30, total: 100, currency: 'CNY' },
  })
  expect(attempt().body).toBe(body)
  const brief = { channelNumber: NUMBER, payment, amount: fen(30), reason: '太'.repeat(90) }
  const partner = JSON.parse(wechatpay.freezeRefund(brief, partnerAt(desk.url)))
  expect(partner).toMatchObject({ sub_mchid: '1600000001', reason: '太'.repeat(26) })
})

test('nothing leaves before the send is called, and what leaves is signed over the frozen bytes', async () => {
  desk.say({ status: 200, body: REPLY })
  const line = lineTo(accountAt(desk.url))
  const send = wechatpay.refund(attempt(), line)
  await new Promise((done) => setTimeout(done, 30))
  expect(desk.heard).toHaveLength(0)
  await send()
  const [heard] = desk.heard
  expect(heard).toMatchObject({ method: 'POST', path: '/v3/refund/domestic/refunds' })
  expect(heard?.body).toBe(attempt().body)
  expect(heard?.headers['wechatpay-serial']).toBe(PUBLIC_KEY_ID)
  expect(heard?.headers['user-agent']).toBeTruthy()
  const header = heard?.headers['authorization'] ?? ''
  const part = (name: string) => new RegExp(`${name}="([^"]+)"`).exec(header)?.[1] ?? ''
  const text = `POST\n${heard?.path}\n${part('timestamp')}\n${part('nonce_str')}\n${heard?.body}\n`
  const signature = Buffer.from(part('signature'), 'base64')
  expect(verify('sha256', Buffer.from(text), merchant.publicKey, signature)).toBe(true)
  expect(line.exchanges).toMatchObject([{ act: 'refund', status: 200, verified: 'good' }])
})

test('a refund is asked about by its number, and under the sub-merchant for a partner', async () => {
  desk.say({ status: 200, body: REPLY })
  await wechatpay.queryRefund(attempt(), lineTo(accountAt(desk.url)))
  await wechatpay.queryRefund(attempt(), lineTo(partnerAt(desk.url)))
  expect(desk.heard.map((each) => each.path)).toEqual([
    `/v3/refund/domestic/refunds/${NUMBER}`,
    `/v3/refund/domestic/refunds/${NUMBER}?sub_mchid=1600000001`,
  ])
  expect(desk.heard[1]?.headers['authorization']).toContain('mchid="1900000109"')
})

describe('a signed word of the channel', () => {
  test('PROCESSING is processing', async () => {
    expect(await refund({ status: 200, body: REPLY })).toEqual({
      kind: 'processing',
      channelNo: REPLY.refund_id,
    })
  })

  test('SUCCESS says when, where to, and the three amounts', async () => {
    const amount = {
      ...AMOUNT,
      payer_refund: 20,
      settlement_refund: 25,
      discount_refund: 10,
      refund_fee: 1,
    }
    expect(await query({ status: 200, body: { ...SUCCESS, amount } })).toEqual({
      kind: 'succeeded',
      at: new Date('2026-11-22T12:00:05Z'),
      channelNo: REPLY.refund_id,
      destination: 'bank_card',
      account: '招商银行信用卡0403',
      payerFen: 20,
      settlementFen: 25,
      discountFen: 10,
      feeReturnedFen: 1,
    })
  })

  test.each([
    ['支付用户零钱', 'ORIGINAL', 'balance'],
    ['支付用户零钱通', 'ORIGINAL', 'balance'],
    ['招商银行信用卡0403', 'ORIGINAL', 'bank_card'],
    ['招商银行借记卡0403', 'OTHER_BANKCARD', 'bank_card'],
    ['零钱', 'OTHER_BALANCE', 'balance'],
    ['', 'ORIGINAL', 'original'],
    ['', 'NEW_WAY', 'unknown'],
  ])('SUCCESS to "%s" by %s went to %s', async (account, channel, destination) => {
    const body = { ...SUCCESS, user_received_account: account, channel }
    expect(await query({ status: 200, body })).toMatchObject({ kind: 'succeeded', destination })
  })

  test.each(['商户基本账户', '商户结算银行账户'])(
    'SUCCESS into %s came back to the merchant',
    async (account) => {
      const body = { ...SUCCESS, user_received_account: account }
      expect(await query({ status: 200, body })).toEqual({
        kind: 'returned',
        at: new Date('2026-11-22T12:00:05Z'),
        code: 'TO_MERCHANT',
        channelNo: REPLY.refund_id,
      })
    },
  )

  test('CLOSED is a signed refusal, ABNORMAL is stuck with two ways out', async () => {
    expect(await query({ status: 200, body: { ...REPLY, status: 'CLOSED' } })).toEqual({
      kind: 'refused',
      code: 'CLOSED',
      proof: 'signed',
      final: true,
    })
    expect(await query({ status: 200, body: { ...REPLY, status: 'ABNORMAL' } })).toEqual({
      kind: 'stuck',
      code: 'ABNORMAL',
      channelNo: REPLY.refund_id,
      remedies: ['to_bank_card', 'to_merchant'],
    })
  })

  test.each([
    ['another refund number', { out_refund_no: 'other' }, 'number_mismatch'],
    ['another order', { out_trade_no: 'other' }, 'number_mismatch'],
    ['another refunded amount', { amount: { ...AMOUNT, refund: 31 } }, 'amount_mismatch'],
    ['another total', { amount: { ...AMOUNT, total: 101 } }, 'amount_mismatch'],
    ['an unknown status', { status: 'FROZEN' }, 'status_unknown'],
    ['no amounts', { amount: undefined }, 'reply_incomplete'],
    ['a fraction of a fen', { amount: { ...AMOUNT, refund: 30.5 } }, 'reply_incomplete'],
    ['an amount in words', { amount: { ...AMOUNT, refund: '30' } }, 'reply_incomplete'],
    ['another currency', { amount: { ...AMOUNT, currency: 'USD' } }, 'reply_incomplete'],
    ['a success without a time', { status: 'SUCCESS' }, 'reply_incomplete'],
  ])('about %s settles nothing and calls a person', async (_, change, cause) => {
    const body = { ...REPLY, ...change }
    for (const outcome of [
      await refund({ status: 200, body }),
      await query({ status: 200, body }),
    ]) {
      expect(outcome).toEqual({ kind: 'unknown', cause, alarm: true })
    }
  })

  test('about another refund of the same number is noticed by the channel number we know', async () => {
    desk.say({ status: 200, body: REPLY })
    const known = attempt({ channelNo: '50300000002026112200000000002' })
    expect(await wechatpay.queryRefund(known, lineTo(accountAt(desk.url)))).toMatchObject({
      kind: 'unknown',
      cause: 'number_mismatch',
    })
  })
})

describe('an answer that cannot be relied on is unknown', () => {
  test.each([
    ['bad_signature', 'signature', true],
    ['signtest', 'signature', true],
    ['unknown_serial', 'unknown_serial', true],
    ['stale', 'stale', true],
    ['early', 'stale', true],
    ['unsigned', 'unsigned', true],
    ['drop', 'lost', false],
  ] as const)('%s', async (defect, cause, alarm) => {
    expect(await refund({ status: 200, body: SUCCESS, defect })).toEqual({
      kind: 'unknown',
      cause,
      alarm,
    })
  })

  test.each([
    ['truncated JSON', 200, '{"refund_id":"50', 'not_json', true],
    ['an empty answer', 200, null, 'reply_incomplete', true],
    ['a page of a proxy', 502, '<html>', 'http_502', false],
    ['a refusal without a code', 400, '{"message":"no"}', 'http_400', false],
    ['a redirect', 302, null, 'http_302', false],
    [
      'a code in a server error',
      500,
      { code: 'INVALID_REQUEST', message: '' },
      'INVALID_REQUEST',
      false,
    ],
    ['a code in throttling', 429, { code: 'PARAM_ERROR', message: '' }, 'PARAM_ERROR', false],
    ['a code nobody lists', 403, { code: 'NEW_CODE', message: '' }, 'NEW_CODE', false],
  ] as const)('%s', async (_, status, body, cause, alarm) => {
    expect(await refund({ status, body })).toEqual({ kind: 'unknown', cause, alarm })
  })

  test('silence past the deadline', async () => {
    const line = lineTo(accountAt('http://127.0.0.1:1'), 200)
    expect(await wechatpay.refund(attempt(), line)()).toMatchObject({
      kind: 'unknown',
      cause: 'lost',
    })
    expect(line.exchanges).toMatchObject([{ status: null, verified: 'unsigned' }])
  })

  test('an account that cannot be used sends nothing', async () => {
    const line = lineTo(accountAt(desk.url, {}, { apiV3Key: 'short' }))
    expect(await wechatpay.refund(attempt(), line)()).toEqual({
      kind: 'unknown',
      cause: 'secrets.apiV3Key',
      alarm: true,
    })
    expect(await wechatpay.queryRefund(attempt(), line)).toMatchObject({ alarm: true })
    expect(desk.heard).toHaveLength(0)
  })

  test('a record that cannot be kept', async () => {
    desk.say({ status: 200, body: SUCCESS })
    const line = {
      ...lineTo(accountAt(desk.url)),
      record: () => {
        throw new Error('disk full')
      },
    }
    expect(await wechatpay.refund(attempt(), line)()).toMatchObject({
      kind: 'unknown',
      alarm: true,
    })
  })
})

const refused = (code: string) => ({ kind: 'refused', code, proof: 'unsigned', final: true })
const keeps = (cause: string, alarm: boolean) => ({ kind: 'unknown', cause, alarm })

describe('each listed refusal of a refund', () => {
  test.each([
    [400, 'PARAM_ERROR', refused('PARAM_ERROR')],
    [400, 'INVALID_REQUEST', refused('INVALID_REQUEST')],
    [401, 'SIGN_ERROR', keeps('SIGN_ERROR', true)],
    [403, 'NOT_ENOUGH', { kind: 'wait', until: null, reason: 'funds', code: 'NOT_ENOUGH' }],
    [403, 'USER_ACCOUNT_ABNORMAL', refused('USER_ACCOUNT_ABNORMAL')],
    [403, 'NO_AUTH', keeps('NO_AUTH', true)],
    [404, 'MCH_NOT_EXISTS', keeps('MCH_NOT_EXISTS', true)],
    [404, 'RESOURCE_NOT_EXISTS', refused('RESOURCE_NOT_EXISTS')],
    [429, 'FREQUENCY_LIMITED', keeps('FREQUENCY_LIMITED', false)],
    [500, 'SYSTEM_ERROR', keeps('SYSTEM_ERROR', false)],
    [403, 'TRADE_OVERDUE', refused('TRADE_OVERDUE')],
    [400, 'REFUND_FEE_MISMATCH', refused('REFUND_FEE_MISMATCH')],
    [403, 'REQUEST_BLOCKED', refused('REQUEST_BLOCKED')],
  ])('%i %s', async (status, code, outcome) => {
    expect(await refund({ status, body: { code, message: '…' } })).toEqual(outcome)
  })
})

describe('each listed refusal of a question about a refund', () => {
  test.each([
    [404, 'RESOURCE_NOT_EXISTS', { kind: 'not_found' }],
    [400, 'RESOURCE_NOT_EXISTS', keeps('RESOURCE_NOT_EXISTS', false)],
    [401, 'SIGN_ERROR', keeps('SIGN_ERROR', true)],
    [404, 'MCH_NOT_EXISTS', keeps('MCH_NOT_EXISTS', true)],
    [400, 'PARAM_ERROR', keeps('PARAM_ERROR', false)],
    [429, 'FREQUENCY_LIMITED', keeps('FREQUENCY_LIMITED', false)],
    [500, 'SYSTEM_ERROR', keeps('SYSTEM_ERROR', false)],
  ])('%i %s', async (status, code, outcome) => {
    expect(await query({ status, body: { code, message: '…' } })).toEqual(outcome)
  })
})

describe('a remedy for a stuck refund', () => {
  const card = { bank: 'CMB_DEBIT', number: '6225880137706868', holder: '张三' }
  const freeze = (remedy: 'to_bank_card' | 'to_merchant') =>
    wechatpay.freezeRemedy?.(
      { channelNumber: NUMBER, remedy, card: remedy === 'to_bank_card' ? card : null },
      accountAt(desk.url),
    ) ?? ''
  const send = (remedyBody: string, channelNo: string | null = REPLY.refund_id) => {
    const line = lineTo(accountAt(desk.url))
    const act = wechatpay.remedy?.(attempt({ remedyBody, channelNo }), line)
    return { line, answer: act?.() }
  }

  test('to a bank card carries the card sealed for the key it names, and keeps none of it', async () => {
    desk.say({ status: 200, body: REPLY })
    const { line, answer } = send(freeze('to_bank_card'))
    expect(await answer).toMatchObject({ kind: 'processing' })
    const [heard] = desk.heard
    expect(heard?.path).toBe(`/v3/refund/domestic/refunds/${REPLY.refund_id}/apply-abnormal-refund`)
    expect(heard?.headers['wechatpay-serial']).toBe(PUBLIC_KEY_ID)
    const body = JSON.parse(heard?.body ?? '')
    expect(body).toMatchObject({
      out_refund_no: NUMBER,
      type: 'USER_BANK_CARD',
      bank_type: 'CMB_DEBIT',
    })
    const opened = (sealed: string) =>
      privateDecrypt(
        {
          key: platform.privateKey,
          padding: constants.RSA_PKCS1_OAEP_PADDING,
          oaepHash: 'sha1',
        },
        Buffer.from(sealed, 'base64'),
      ).toString()
    expect([opened(body.bank_account), opened(body.real_name)]).toEqual([card.number, card.holder])
    const kept = JSON.stringify(line.exchanges)
    expect(kept).not.toContain(body.bank_account)
    expect(kept).not.toContain(body.real_name)
  })

  test('to the merchant needs no card', async () => {
    desk.say({ status: 200, body: REPLY })
    await send(freeze('to_merchant')).answer
    expect(JSON.parse(desk.heard[0]?.body ?? '')).toEqual({
      out_refund_no: NUMBER,
      type: 'MERCHANT_BANK_CARD',
    })
  })

  test('is not made for a bank that the channel does not pay to, nor sent without its number', async () => {
    expect(() =>
      wechatpay.freezeRemedy?.(
        { channelNumber: NUMBER, remedy: 'to_bank_card', card: { ...card, bank: 'HSBC_CREDIT' } },
        accountAt(desk.url),
      ),
    ).toThrow(RangeError)
    expect(await send(freeze('to_merchant'), null).answer).toMatchObject({ kind: 'unknown' })
    expect(desk.heard).toHaveLength(0)
  })

  test('that is refused leaves the refund as stuck as it was', async () => {
    desk.say({ status: 400, body: { code: 'INVALID_REQUEST', message: '' } })
    expect(await send(freeze('to_merchant')).answer).toEqual({
      kind: 'refused',
      code: 'INVALID_REQUEST',
      proof: 'unsigned',
      final: false,
    })
  })
})
