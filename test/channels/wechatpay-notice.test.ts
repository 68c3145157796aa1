import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { closeCalls } from '../../src/channels/call.ts'
import type { RawNotice } from '../../src/channels/channel.ts'
import { wechatpay } from '../../src/channels/wechatpay/wechatpay.ts'
import {
  accountAt,
  API_V3_KEY,
  lineTo,
  MCHID,
  noticeOf,
  openDesk,
  partnerAt,
  platformCertificate,
  PUBLIC_KEY_ID,
  seal,
  signatureHeaders,
  platform,
  stranger,
  type Desk,
} from '../support/wechatpay-desk.ts'

let desk: Desk
beforeAll(async () => {
  desk = await openDesk()
})
afterAll(async () => {
  await desk.close()
  await closeCalls()
})

const REFUND = {
  mchid: MCHID,
  transaction_id: '4200000000202611220000000001',
  out_trade_no: '722611220000000000001901',
  refund_id: '50300000002026112200000000001',
  out_refund_no: '732611220000000000001901',
  refund_status: 'SUCCESS',
  success_time: '2026-11-22T20:00:05+08:00',
  user_received_account: '招商银行信用卡0403',
  amount: { total: 100, refund: 30, payer_total: 100, payer_refund: 30 },
}
const ORDER = {
  mchid: MCHID,
  appid: 'wx0000000000000001',
  out_trade_no: REFUND.out_trade_no,
  transaction_id: REFUND.transaction_id,
  trade_type: 'NATIVE',
  trade_state: 'SUCCESS',
  bank_type: 'OTHERS',
  success_time: '2026-11-22T19:30:00+08:00',
  payer: { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
  amount: { total: 100, payer_total: 90, currency: 'CNY' },
}

const read = (raw: RawNotice, account = accountAt(desk.url)) =>
  wechatpay.readNotice(raw, lineTo(account))

/** The same notification with other headers. */
const withHeaders = (raw: RawNotice, change: Record<string, string | undefined>): RawNotice => {
  const headers = Object.entries({ ...raw.headers, ...change })
  return {
    body: raw.body,
    headers: Object.fromEntries(
      headers.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
  }
}
/** The same headers over another body. */
const withBody = (raw: RawNotice, change: (text: string) => string): RawNotice => ({
  headers: raw.headers,
  body: Buffer.from(change(raw.body.toString())),
})

test('a true refund notice says the refund, its payment and its amounts', async () => {
  const notice = await read(noticeOf('REFUND.SUCCESS', REFUND))
  expect(notice).toEqual({
    kind: 'refund',
    id: 'EV-2026112220000500001',
    channelNumber: REFUND.out_refund_no,
    channelRefundNo: REFUND.refund_id,
    paymentNumber: REFUND.out_trade_no,
    amount: 30,
    paid: 100,
    outcome: {
      kind: 'succeeded',
      at: new Date('2026-11-22T12:00:05Z'),
      channelNo: REFUND.refund_id,
      destination: 'bank_card',
      account: '招商银行信用卡0403',
      payerFen: 30,
      settlementFen: 30,
      discountFen: 0,
      feeReturnedFen: null,
    },
  })
})

test('header names may come in any case, and an absent signature type is the usual one', async () => {
  const raw = noticeOf('REFUND.SUCCESS', REFUND)
  const headers = Object.fromEntries(
    Object.entries(raw.headers)
      .filter(([name]) => name !== 'wechatpay-signature-type')
      .map(([name, value]) => [name.toUpperCase(), value]),
  )
  expect(await read({ headers, body: raw.body })).toMatchObject({ kind: 'refund' })
})

test('CLOSED and ABNORMAL are told as signed words; a refund into the merchant account as returned', async () => {
  const outcome = async (event: string, change: object) => {
    const notice = await read(noticeOf(event, { ...REFUND, ...change }))
    return notice.kind === 'refund' ? notice.outcome : notice
  }
  expect(await outcome('REFUND.CLOSED', { refund_status: 'CLOSED' })).toEqual({
    kind: 'refused',
    code: 'CLOSED',
    proof: 'signed',
    final: true,
  })
  expect(await outcome('REFUND.ABNORMAL', { refund_status: 'ABNORMAL' })).toMatchObject({
    kind: 'stuck',
    remedies: ['to_bank_card', 'to_merchant'],
  })
  expect(await outcome('REFUND.SUCCESS', { user_received_account: '商户基本账户' })).toMatchObject({
    kind: 'returned',
    at: new Date('2026-11-22T12:00:05Z'),
  })
})

test('a success with coupons does not say what the merchant pays, so it only makes us ask', async () => {
  for (const coupons of [
    { payer_total: 80, payer_refund: 24 },
    { payer_total: 80, payer_refund: 30 },
    { payer_total: 100, payer_refund: 24 },
  ]) {
    const amount = { total: 100, refund: 30, ...coupons }
    expect(await read(noticeOf('REFUND.SUCCESS', { ...REFUND, amount }))).toMatchObject({
      kind: 'refund',
      amount: 30,
      outcome: { kind: 'unknown', cause: 'ask', alarm: false },
    })
  }
})

test('a payment notice says who paid how much', async () => {
  expect(await read(noticeOf('TRANSACTION.SUCCESS', ORDER))).toEqual({
    kind: 'payment',
    id: 'EV-2026112220000500001',
    channelNumber: ORDER.out_trade_no,
    outcome: {
      kind: 'paid',
      at: new Date('2026-11-22T11:30:00Z'),
      channelNo: ORDER.transaction_id,
      paidFen: 100,
      payerFen: 90,
      payer: { id: ORDER.payer.openid, masked: 'oUpF…eS6o' },
      refunded: false,
      bankType: 'OTHERS',
    },
  })
})

test('a partner reads only what is for its own sub-merchant', async () => {
  const { mchid: _, ...bare } = REFUND
  const ours = { ...bare, sp_mchid: '1900000109', sub_mchid: '1600000001' }
  const account = partnerAt(desk.url)
  expect(await read(noticeOf('REFUND.SUCCESS', ours), account)).toMatchObject({ kind: 'refund' })
  for (const theirs of [
    { ...ours, sub_mchid: '1600000002' },
    { ...ours, sp_mchid: '1900000110' },
    REFUND,
  ]) {
    expect(await read(noticeOf('REFUND.SUCCESS', theirs), account)).toEqual({
      kind: 'refused',
      cause: 'other_merchant',
      signed: true,
    })
  }
  expect(await read(noticeOf('REFUND.SUCCESS', ours))).toMatchObject({ cause: 'other_merchant' })
})

const good = () => noticeOf('REFUND.SUCCESS', REFUND)
const change = (name: string, to: (value: string) => string) => () => {
  const raw = good()
  return withHeaders(raw, { [name]: to(raw.headers[name] ?? '') })
}
const swapped = (text: string, place: number) =>
  text.slice(0, place) + (text[place] === 'A' ? 'B' : 'A') + text.slice(place + 1)
const content = (part: object) => () => noticeOf('REFUND.SUCCESS', { ...REFUND, ...part })
const resource = (part: object) => () => noticeOf('REFUND.SUCCESS', REFUND, { resource: part })
const signedBytes = (body: Buffer) => () => ({
  body,
  headers: signatureHeaders(body, { id: PUBLIC_KEY_ID, key: platform.privateKey }),
})
const sealed = seal(JSON.stringify(REFUND), 'refund')
const cut = (bytes: number) =>
  Buffer.from(sealed.ciphertext, 'base64').subarray(0, bytes).toString('base64')

const FORGERIES: readonly (readonly [string, () => RawNotice, string])[] = [
  ['no signature at all', () => ({ headers: {}, body: good().body }), 'unsigned'],
  ['no timestamp', () => withHeaders(good(), { 'wechatpay-timestamp': undefined }), 'signature'],
  ['no nonce', () => withHeaders(good(), { 'wechatpay-nonce': undefined }), 'signature'],
  ['no serial', () => withHeaders(good(), { 'wechatpay-serial': undefined }), 'signature'],
  [
    'no signature header',
    () => withHeaders(good(), { 'wechatpay-signature': undefined }),
    'signature',
  ],
  ['a changed timestamp', change('wechatpay-timestamp', (t) => String(Number(t) - 1)), 'signature'],
  ['a timestamp in words', change('wechatpay-timestamp', () => 'now'), 'signature'],
  ['a timestamp with a sign', change('wechatpay-timestamp', (t) => `+${t}`), 'signature'],
  ['a timestamp with a fraction', change('wechatpay-timestamp', (t) => `${t}.0`), 'signature'],
  ['a changed nonce', change('wechatpay-nonce', (n) => swapped(n, 3)), 'signature'],
  ['bytes moved into the nonce', change('wechatpay-nonce', (n) => `${n}\n{`), 'signature'],
  ['a changed signature', change('wechatpay-signature', (s) => swapped(s, 40)), 'signature'],
  ['a shortened signature', change('wechatpay-signature', (s) => s.slice(0, 100)), 'signature'],
  ['a signature with blanks', change('wechatpay-signature', (s) => ` ${s}`), 'signature'],
  ['an empty signature', change('wechatpay-signature', () => ''), 'signature'],
  [
    'another signature type',
    change('wechatpay-signature-type', () => 'WECHATPAY2-SM2-WITH-SM3'),
    'signature',
  ],
  [
    'an unknown public key id',
    change('wechatpay-serial', () => 'PUB_KEY_ID_999'),
    'unknown_serial',
  ],
  ['an unknown serial', change('wechatpay-serial', () => 'AB'.repeat(20)), 'unknown_serial'],
  ['a serial of another form', change('wechatpay-serial', () => '../../x'), 'signature'],
  [
    'a key of somebody else',
    () =>
      noticeOf('REFUND.SUCCESS', REFUND, { by: { id: PUBLIC_KEY_ID, key: stranger.privateKey } }),
    'signature',
  ],
  [
    'a probe of the channel',
    () => noticeOf('REFUND.SUCCESS', REFUND, { defect: 'signtest' }),
    'signature',
  ],
  ['a time long past', () => noticeOf('REFUND.SUCCESS', REFUND, { defect: 'stale' }), 'stale'],
  ['a time to come', () => noticeOf('REFUND.SUCCESS', REFUND, { defect: 'early' }), 'stale'],
  ['one byte more', () => withBody(good(), (text) => `${text} `), 'signature'],
  [
    'the body of another notice',
    () => ({ headers: good().headers, body: good().body }),
    'signature',
  ],
  ['an empty body', () => withBody(good(), () => ''), 'signature'],
  [
    'a changed event',
    () => withBody(good(), (text) => text.replace('REFUND.SUCCESS', 'REFUND.CLOSED')),
    'signature',
  ],
  ['an event that contradicts the seal', () => noticeOf('REFUND.CLOSED', REFUND), 'event_mismatch'],
  [
    'an event of another kind',
    () => noticeOf('REFUND.SUCCESS', REFUND, { envelope: { event_type: 'TRANSACTION.SUCCESS' } }),
    'event_mismatch',
  ],
  ['a refund called a payment', resource({ original_type: 'transaction' }), 'not_understood'],
  ['an unknown kind', resource({ original_type: 'coupon' }), 'not_understood'],
  ['another algorithm', resource({ algorithm: 'AEAD_SM4_GCM' }), 'seal'],
  ['another APIv3 key', () => noticeOf('REFUND.SUCCESS', REFUND, { key: 'f'.repeat(32) }), 'seal'],
  ['another associated text', resource({ associated_data: 'certificate' }), 'seal'],
  ['another seal nonce', resource({ nonce: '000000000000' }), 'seal'],
  ['a short seal nonce', resource({ nonce: '00000000' }), 'seal'],
  ['a tag cut short', resource({ ...sealed, ciphertext: cut(-4) }), 'seal'],
  ['only a tag', resource({ ...sealed, ciphertext: cut(16) }), 'seal'],
  ['a ciphertext that is no base64', resource({ ciphertext: '$$$$' }), 'seal'],
  ['an empty ciphertext', resource({ ciphertext: '' }), 'not_understood'],
  ['an empty sealed text', resource(seal('', 'refund')), 'seal'],
  ['a sealed text that is no JSON', resource(seal('<xml/>', 'refund')), 'not_understood'],
  ['another merchant', content({ mchid: '1900000002' }), 'other_merchant'],
  ['no merchant', content({ mchid: undefined }), 'other_merchant'],
  ['a sub-merchant of ours', content({ sub_mchid: '1600000001' }), 'other_merchant'],
  [
    'a partner in front of us',
    content({ mchid: undefined, sp_mchid: MCHID, sub_mchid: MCHID }),
    'other_merchant',
  ],
  ['a status nobody lists', content({ refund_status: 'PROCESSING' }), 'event_mismatch'],
  ['no refund number', content({ out_refund_no: '' }), 'not_understood'],
  ['an amount in yuan', content({ amount: { ...REFUND.amount, refund: 0.3 } }), 'not_understood'],
  ['a negative amount', content({ amount: { ...REFUND.amount, refund: -30 } }), 'not_understood'],
  ['an amount as text', content({ amount: { ...REFUND.amount, refund: '30' } }), 'not_understood'],
  [
    'another currency',
    content({ amount: { ...REFUND.amount, currency: 'HKD' } }),
    'not_understood',
  ],
  ['a success without a time', content({ success_time: undefined }), 'not_understood'],
  ['a time without a zone', content({ success_time: '2026-11-22 20:00:05' }), 'not_understood'],
  [
    'a body that is no JSON',
    signedBytes(Buffer.from('<xml><return_code>SUCCESS</return_code></xml>')),
    'not_understood',
  ],
  ['a body that is a list', signedBytes(Buffer.from('[]')), 'not_understood'],
  [
    'a payment that is not paid',
    () => noticeOf('TRANSACTION.CLOSED', { ...ORDER, trade_state: 'CLOSED' }),
    'not_understood',
  ],
]

describe('a forged or foreign notice is refused', () => {
  test.each(FORGERIES)('with %s', async (_, make, cause) => {
    const signed = !['unsigned', 'signature', 'stale', 'unknown_serial'].includes(cause)
    expect(await read(make())).toEqual({ kind: 'refused', cause, signed })
  })
})

test('a notice for one account is refused by another account, even with the same public key', async () => {
  const other = { ...accountAt(desk.url, { mchid: '1900000002' }), accountNo: '9' }
  expect(await read(good(), other)).toEqual({
    kind: 'refused',
    cause: 'other_merchant',
    signed: true,
  })
  const otherKey = { ...accountAt(desk.url, {}, { apiV3Key: 'e'.repeat(32) }), accountNo: '8' }
  expect(API_V3_KEY).not.toBe(otherKey.secrets['apiV3Key'])
  expect(await read(good(), otherKey)).toEqual({ kind: 'refused', cause: 'seal', signed: true })
})

test('an account that cannot be used refuses and does not throw', async () => {
  expect(await read(good(), accountAt(desk.url, { mchid: 'x' }))).toMatchObject({ kind: 'refused' })
})

test('forged serials fetch certificates once a minute at most', async () => {
  const certificate = platformCertificate('1A'.repeat(20))
  desk.heard.length = 0
  desk.say({ status: 200, body: { data: [certificate.entry] }, by: certificate.signer })
  const account = { ...accountAt(desk.url, { fetchCertificates: true }), accountNo: '7' }
  for (let turn = 0; turn < 5; turn += 1) {
    const serial = `2B${turn}`.padEnd(40, '0')
    const raw = withHeaders(good(), { 'wechatpay-serial': serial })
    expect(await read(raw, account)).toMatchObject({ cause: 'unknown_serial' })
  }
  expect(desk.heard.map((each) => each.path)).toEqual(['/v3/certificates'])
  const raw = noticeOf('REFUND.SUCCESS', REFUND, { by: certificate.signer })
  expect(await read(raw, account)).toMatchObject({ kind: 'refund' })
})

test('taken notices are answered 204, others so that they come again', () => {
  expect(wechatpay.answerNotice(true)).toMatchObject({ status: 204, body: '' })
  const refused = wechatpay.answerNotice(false)
  expect(refused.status).toBeGreaterThanOrEqual(400)
  expect(JSON.parse(refused.body)).toEqual({ code: 'FAIL', message: '失败' })
})
