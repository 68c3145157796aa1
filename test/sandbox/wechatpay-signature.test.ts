import { randomBytes, sign, X509Certificate } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startSandbox, type Sandbox } from '../../sandbox/main.ts'
import { seal } from '../../sandbox/wechatpay/crypto.ts'
import { clientOf, newNumber, plugin, refundBody } from './support.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox({ plainHttpPort: 0, settings: { refundErrorsPerSecond: null } })
})
afterAll(() => sandbox.close())

const REFUNDS = '/v3/refund/domestic/refunds'

type Given = {
  method?: string
  path: string
  body?: string
  timestamp?: number
  serial?: string
  signature?: string
  headers?: Record<string, string>
}

type Answered = {
  status: number
  body: { readonly code: string; readonly message: string }
  headers: IncomingHttpHeaders
}

/** A request written byte by byte, so that each header can be wrong by itself. */
const send = (given: Given) =>
  new Promise<Answered>((resolve, reject) => {
    const { merchant } = sandbox
    const { method = 'GET', path, body = '' } = given
    const timestamp = given.timestamp ?? Math.floor(Date.now() / 1000)
    const nonce = randomBytes(16).toString('hex')
    const message = `${method}\n${path}\n${timestamp}\n${nonce}\n${body}\n`
    const signature =
      given.signature ??
      sign('RSA-SHA256', Buffer.from(message), merchant.merchant.privatePem).toString('base64')
    const attributes = {
      signature,
      timestamp,
      serial_no: given.serial ?? merchant.merchant.serial,
      nonce_str: nonce,
      mchid: merchant.mchid,
    }
    const values = Object.entries(attributes).map(([key, value]) => `${key}="${value}"`)
    const headers: Record<string, string> = {
      accept: 'application/json',
      'user-agent': 'test',
      'content-type': 'application/json',
      authorization: `WECHATPAY2-SHA256-RSA2048 ${values.join(',')}`,
      ...given.headers,
    }
    for (const [name, value] of Object.entries(headers)) if (value === '') delete headers[name]
    const { hostname, port } = new URL(sandbox.url)
    const outgoing = httpsRequest(
      { hostname, port, method, path, headers, ca: sandbox.caPem, agent: false },
      (response) => {
        let text = ''
        response.on('data', (chunk) => (text += chunk))
        response.on('end', () =>
          resolve({
            status: response.statusCode!,
            body: text === '' ? null : JSON.parse(text),
            headers: response.headers,
          }),
        )
      },
    )
    outgoing.on('error', reject).end(body)
  })

describe('a request that proves nothing', () => {
  const MALFORMED = 'Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》'
  test.each([
    [
      'a refund without Authorization',
      { path: `${REFUNDS}/R1`, headers: { authorization: '' } },
      MALFORMED,
    ],
    [
      'a payment without Authorization',
      { path: '/v3/pay/transactions/id/1?mchid=1', headers: { authorization: '' } },
      '签名信息错误，验签失败',
    ],
    [
      'an old timestamp, even with a bad signature',
      { path: `${REFUNDS}/R1`, timestamp: 1_600_000_000, signature: 'AAAA' },
      'Http头Authorization中的timestamp与发起请求的时间不得超过5分钟',
    ],
    ['a bad signature', { path: `${REFUNDS}/R1`, signature: 'AAAA' }, '签名错误'],
    ['an unknown serial', { path: `${REFUNDS}/R1`, serial: 'F'.repeat(40) }, '商户证书序列号有误'],
  ])('%s is answered 401 SIGN_ERROR and unsigned', async (_name, given, message) => {
    const answer = await send(given)
    expect(answer.status).toBe(401)
    expect(answer.body.code).toBe('SIGN_ERROR')
    expect(answer.body.message).toContain(message)
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('wechatpay-'))).toEqual([])
  })

  test.each(['accept', 'user-agent'])('a request without %s is answered 400', async (name) => {
    const answer = await send({ path: `${REFUNDS}/R1`, headers: { [name]: '' } })
    expect([answer.status, answer.body.message]).toEqual([400, 'Http头缺少Accept或User-Agent'])
  })

  test('a merchant number in the body that is not the signing one is a bad parameter', async () => {
    const body = JSON.stringify({
      appid: sandbox.merchant.appid,
      mchid: '1888888888',
    })
    const answer = await send({ method: 'POST', path: '/v3/pay/transactions/native', body })
    expect(answer.body).toMatchObject({ code: 'PARAM_ERROR', detail: { field: '/mchid' } })
  })
})

test('the signature covers the url as sent: raw and encoded numbers both verify', async () => {
  const order = sandbox.paidOrder({
    mchid: sandbox.merchant.mchid,
    outTradeNo: newNumber('T'),
    total: 100,
  })
  const client = clientOf(sandbox, sandbox.merchant)
  await client.post(REFUNDS.slice(1), refundBody(order.outTradeNo, 'R|a@b', 100, 100))
  const raw = await send({ path: `${REFUNDS}/R|a@b` })
  const encoded = await send({ path: `${REFUNDS}/R%7Ca%40b` })
  expect([raw.status, encoded.status]).toEqual([200, 200])
  expect(raw.body).toEqual(encoded.body)
})

test('the answer is signed by the key the client names', async () => {
  const { merchant } = sandbox
  for (const serial of [merchant.publicKeyId, merchant.platformCertificate.serial]) {
    const answer = await send({
      path: '/v3/certificates',
      headers: { 'wechatpay-serial': serial },
    })
    expect(answer.headers['wechatpay-serial']).toBe(serial)
  }
})

test('the platform certificate can be fetched, opened and chains to the sandbox CA', async () => {
  const { merchant } = sandbox
  const client = clientOf(sandbox, merchant)
  const { data } = await client.get('v3/certificates')
  const { serial_no: serial, encrypt_certificate: sealed } = data.data[0]
  const { ciphertext, nonce, associated_data: aad } = sealed
  const pem = plugin.Aes.AesGcm.decrypt(ciphertext, merchant.apiV3Key, nonce, aad)
  const certificate = new X509Certificate(pem)
  expect(certificate.serialNumber).toBe(serial)
  expect(certificate.verify(new X509Certificate(sandbox.caPem).publicKey)).toBe(true)
})

test('a renewed platform certificate stands beside the one before, and the named one signs', async () => {
  const { mchid, platformCertificate: first } = await sandbox.createAccount({
    platform: 'certificate',
  })
  const renewed = await sandbox.accounts.renewCertificate(mchid)
  expect(renewed.formerCertificate?.serial).toBe(first.serial)
  const { serial } = renewed.platformCertificate
  expect(serial).not.toBe(first.serial)
  const both = { ...renewed, platformCertificate: first }
  for (const [named, account] of [
    [undefined, renewed],
    [serial, renewed],
    [first.serial, both],
  ] as const) {
    const headers = named === undefined ? {} : { 'Wechatpay-Serial': named }
    const answer = await clientOf(sandbox, account).get('v3/certificates', {}, { headers })
    expect(answer.headers['wechatpay-serial']).toBe(named ?? serial)
    const listed = answer.data.data.map((one) => one.serial_no)
    expect(listed).toEqual([serial, first.serial])
  }
  const again = await sandbox.accounts.renewCertificate(mchid)
  expect(again.formerCertificate?.serial).toBe(serial)
})

test('a request that names no key is answered with the one that is set', async () => {
  const { merchant } = sandbox
  const serial = async () => (await send({ path: '/v3/certificates' })).headers['wechatpay-serial']
  expect(await serial()).toBe(merchant.platformCertificate.serial)
  sandbox.change({ unnamedKey: 'public_key' })
  expect(await serial()).toBe(merchant.publicKeyId)
  sandbox.change({ unnamedKey: 'certificate' })
})

test('a merchant with only a public key is told that there is no certificate', async () => {
  const account = await sandbox.createAccount({ platform: 'public_key' })
  const answer = await clientOf(sandbox, account).get('v3/certificates')
  expect(answer.status).toBe(404)
  expect(answer.data.message).toContain('无可用的平台证书')
})

const GOLDEN =
  '+P27xOa19u0Ugw42q1rRGFRaGrHOwOUqDEkj88Je47+CYkRLvsLkuc01be2QSA4iZc/jUZOL0OgbvgF6Cqk3po4Co46TQBoxHpENVzmIZf0J7RfqIUULyW44a+T8q8c44hF/ZZEsZTGMw9QTBH6JzVmF8FWDCrppQh+SSc0xW8xb8zbYcvgRQLPpfQ/W9ODWUjVIkGlmE32SIZ27XfKbXp0Iy0e1LWK6x4oyHllZT22UOcsmg+EPONnOwieDCeFu7bz4sZluFMUc6evue9TNyNuKDy6YDjv2M6aKXeVuGLqt4AtO9S2ZPrZHCWepJfsER2IEeIbhqXe+P4l2WbEmksMeA/Jrb5S0JuygvRZ9DST8TgqU+qTYu1nY6iiS95gGRJvugWBuZwGj6SRA+j6JPa1iNQUYjR1WvHXw6xxSFBNAe+OJ60GD3K/jEG8xWlGpyMGds+SzeAgBr04TVhx3dcS1wye5I/BsXuE55uKdmYXcIiPGTxl6si3IicH/Y2I='

test('sealing follows the golden vector', () => {
  const plain =
    '{"mchid":"1900000001","transaction_id":"4200000000202611220000000001","out_trade_no":"T20261122001","refund_id":"50300000002026112200000000001","out_refund_no":"R20261122001","refund_status":"SUCCESS","success_time":"2026-11-22T20:00:05+08:00","user_received_account":"招商银行信用卡0403","amount":{"total":100,"refund":30,"payer_total":100,"payer_refund":30}}'
  const sealed = seal('0123456789abcdef0123456789abcdef', plain, 'refund', '61f9c719728a')
  expect(sealed.ciphertext).toBe(GOLDEN)
})

test('plain http serves the same channel', async () => {
  const response = await fetch(`${sandbox.plainUrl}/_sandbox/config`)
  const config = (await response.json()) as { accounts: { mchid: string }[] }
  expect(config.accounts.map((one) => one.mchid)).toContain(sandbox.merchant.mchid)
})
