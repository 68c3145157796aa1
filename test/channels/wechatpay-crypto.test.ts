import { constants, privateDecrypt, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { sealFor, strictBase64, unseal } from '../../src/channels/wechatpay/crypto.ts'
import { authorization, requestText } from '../../src/channels/wechatpay/sign.ts'
import { merchant, MERCHANT_SERIAL, platform, seal } from '../support/wechatpay-desk.ts'

const KEY = Buffer.from('0123456789abcdef0123456789abcdef')
const GOLDEN = {
  nonce: '61f9c719728a',
  associated_data: 'refund',
  ciphertext:
    '+P27xOa19u0Ugw42q1rRGFRaGrHOwOUqDEkj88Je47+CYkRLvsLkuc01be2QSA4iZc/jUZOL0OgbvgF6Cqk3po4Co46TQBoxHpENVzmIZf0J7RfqIUULyW44a+T8q8c44hF/ZZEsZTGMw9QTBH6JzVmF8FWDCrppQh+SSc0xW8xb8zbYcvgRQLPpfQ/W9ODWUjVIkGlmE32SIZ27XfKbXp0Iy0e1LWK6x4oyHllZT22UOcsmg+EPONnOwieDCeFu7bz4sZluFMUc6evue9TNyNuKDy6YDjv2M6aKXeVuGLqt4AtO9S2ZPrZHCWepJfsER2IEeIbhqXe+P4l2WbEmksMeA/Jrb5S0JuygvRZ9DST8TgqU+qTYu1nY6iiS95gGRJvugWBuZwGj6SRA+j6JPa1iNQUYjR1WvHXw6xxSFBNAe+OJ60GD3K/jEG8xWlGpyMGds+SzeAgBr04TVhx3dcS1wye5I/BsXuE55uKdmYXcIiPGTxl6si3IicH/Y2I=',
}
const GOLDEN_TEXT =
  '{"mchid":"1900000001","transaction_id":"4200000000202611220000000001","out_trade_no":"T20261122001","refund_id":"50300000002026112200000000001","out_refund_no":"R20261122001","refund_status":"SUCCESS","success_time":"2026-11-22T20:00:05+08:00","user_received_account":"招商银行信用卡0403","amount":{"total":100,"refund":30,"payer_total":100,"payer_refund":30}}'

test('the known sealed text opens to the known plain text', () => {
  expect(unseal(KEY, GOLDEN)?.toString()).toBe(GOLDEN_TEXT)
})

test('a sealed text with any byte changed does not open', () => {
  const bytes = Buffer.from(GOLDEN.ciphertext, 'base64')
  for (let place = 0; place < bytes.length; place += 7) {
    const forged = Buffer.from(bytes)
    forged[place] = (forged[place] ?? 0) ^ 1
    expect(unseal(KEY, { ...GOLDEN, ciphertext: forged.toString('base64') })).toBeNull()
  }
  for (let place = bytes.length - 16; place < bytes.length; place += 1) {
    const forged = Buffer.from(bytes)
    forged[place] = (forged[place] ?? 0) ^ 0x80
    expect(unseal(KEY, { ...GOLDEN, ciphertext: forged.toString('base64') })).toBeNull()
  }
})

test('another key, nonce or associated text does not open it, nor does a short or empty one', () => {
  expect(unseal(Buffer.alloc(32), GOLDEN)).toBeNull()
  expect(unseal(KEY, { ...GOLDEN, nonce: '61f9c719728b' })).toBeNull()
  expect(unseal(KEY, { ...GOLDEN, nonce: '61f9c719728' })).toBeNull()
  expect(unseal(KEY, { ...GOLDEN, associated_data: 'certificate' })).toBeNull()
  expect(unseal(KEY, { ...GOLDEN, associated_data: undefined })).toBeNull()
  expect(unseal(KEY, { ...GOLDEN, ciphertext: '' })).toBeNull()
  expect(unseal(KEY, seal('', 'refund'))).toBeNull()
  const bytes = Buffer.from(GOLDEN.ciphertext, 'base64')
  for (const tag of [4, 8, 12, 15]) {
    const short = bytes.subarray(0, bytes.length - 16 + tag).toString('base64')
    expect(unseal(KEY, { ...GOLDEN, ciphertext: short })).toBeNull()
  }
})

test('base64 has one form only', () => {
  expect(strictBase64('YWI=')?.toString()).toBe('ab')
  for (const text of ['', 'YWI', 'YWJ=', 'YW I=', 'YWI=\n', 'YWI-', 'YWI==', '=YWI']) {
    expect(strictBase64(text), text).toBeNull()
  }
})

test('a card number is sealed so that the channel opens it, and two seals of it differ', () => {
  const sealed = sealFor(platform.publicKey, '6225880137706868')
  const padding = constants.RSA_PKCS1_OAEP_PADDING
  const opened = privateDecrypt(
    { key: platform.privateKey, padding, oaepHash: 'sha1' },
    Buffer.from(sealed, 'base64'),
  )
  expect(opened.toString()).toBe('6225880137706868')
  expect(sealFor(platform.publicKey, '6225880137706868')).not.toBe(sealed)
  expect(() => sealFor(platform.publicKey, 'x'.repeat(215))).toThrow(RangeError)
})

test('the signed text is five lines, each ended, also for an empty body', () => {
  const get = { method: 'GET', path: '/v3/certificates?a=1', body: '' } as const
  expect(requestText(get, '1795378530', 'n')).toBe('GET\n/v3/certificates?a=1\n1795378530\nn\n\n')
})

test('the authorization names the signer and verifies with its public key', () => {
  const wanted = {
    method: 'POST',
    path: '/v3/refund/domestic/refunds',
    body: '{"a":"退"}',
  } as const
  const by = { signer: '1900000001', serial: MERCHANT_SERIAL, privateKey: merchant.privateKey }
  const now = new Date('2026-11-22T12:00:00.900Z')
  const header = authorization(wanted, by, now)
  expect(header).toMatch(/^WECHATPAY2-SHA256-RSA2048 mchid="1900000001",/)
  const part = (name: string) => new RegExp(`${name}="([^"]+)"`).exec(header)?.[1] ?? ''
  expect(part('timestamp')).toBe('1795348800')
  expect(part('serial_no')).toBe(MERCHANT_SERIAL)
  expect(part('nonce_str')).toMatch(/^[0-9a-f]{32}$/)
  const text = `POST\n/v3/refund/domestic/refunds\n1795348800\n${part('nonce_str')}\n{"a":"退"}\n`
  const signature = Buffer.from(part('signature'), 'base64')
  expect(verify('sha256', Buffer.from(text), merchant.publicKey, signature)).toBe(true)
  expect(authorization(wanted, by, now)).not.toBe(header)
})
