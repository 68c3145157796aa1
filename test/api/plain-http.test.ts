import { expect, test } from 'vitest'
import { authorityResource } from '../../src/api/authority.ts'
import { keepPlainHttpOut } from '../../src/api/plain-http.ts'
import { makeApp, orders } from './app.ts'

const ELSEWHERE = '192.168.1.9'

function plain(pem: string | null = 'PEM') {
  const { app } = makeApp({}, [orders], [authorityResource(() => pem)])
  keepPlainHttpOut(app)
  const ask = (
    method: 'GET' | 'HEAD' | 'POST' | 'DELETE',
    url: string,
    { from = ELSEWHERE, host = '192.168.1.5:8080', payload }: Partial<Asked> = {},
  ) =>
    app.inject({
      method,
      url,
      remoteAddress: from,
      headers: { host, ...(payload ? { 'content-type': 'application/json' } : {}) },
      ...(payload ? { payload } : {}),
    })
  return { app, ask }
}
type Asked = { from: string; host: string; payload: string }

test('a page asked for over plain HTTP is sent on to HTTPS, for now only', async () => {
  const { ask } = plain()
  for (const method of ['GET', 'HEAD'] as const) {
    const answer = await ask(method, '/till/refund?no=73')
    expect(answer.statusCode).toBe(307)
    expect(answer.headers).toMatchObject({
      location: 'https://192.168.1.5:8080/till/refund?no=73',
      'cache-control': 'no-store',
    })
    expect(answer.headers).not.toHaveProperty('strict-transport-security')
  }
})

test.each([
  ['[fd00::5]:8080', 'https://[fd00::5]:8080/'],
  ['till-pc.local', 'https://till-pc.local/'],
])('by whatever host it was asked: %s', async (host, location) => {
  expect((await plain().ask('GET', '/', { host })).headers.location).toBe(location)
})

test.each(['evil.example.com/', 'a b', 'x@evil.example.com'])(
  'a host that is none leads nowhere: %j',
  async (host) => {
    const answer = await plain().ask('GET', '/', { host })
    expect(answer.statusCode).toBe(400)
    expect(answer.headers.location).toBeUndefined()
  },
)

test('the API and anything that acts is refused in the clear, never sent on', async () => {
  const { ask } = plain()
  for (const answer of [
    await ask('POST', '/v1/orders', { payload: '{"amount":1}' }),
    await ask('GET', '/v1/orders/7126112212345678901234'),
    await ask('HEAD', '/v1/orders/7126112212345678901234'),
    await ask('GET', '/v1'),
    await ask('POST', '/'),
    await ask('POST', '/notify/wechatpay/1.wx1', { payload: '{}' }),
    await ask('GET', '/notify/wechatpay/1.wx1'),
    await ask('DELETE', '/till/'),
  ]) {
    expect(answer.statusCode).toBe(403)
    expect(answer.headers.location).toBeUndefined()
  }
  const answer = await ask('POST', '/v1/orders', { payload: '{"amount":1}' })
  expect(answer.json()).toMatchObject({
    code: 'https_needed',
    title: '这台服务器只接受 HTTPS，未做任何操作。',
  })
})

test('programs on this machine need no certificate', async () => {
  const { ask } = plain()
  for (const from of ['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1']) {
    const answer = await ask('POST', '/v1/orders', { from, payload: '{"amount":1}' })
    expect(answer.statusCode).toBe(201)
  }
  const answer = await ask('POST', '/v1/orders', { from: '::ffff:192.168.1.9', payload: '{}' })
  expect(answer.statusCode).toBe(403)
})

test('an address in a header does not make anybody local', async () => {
  const { app } = plain()
  const answer = await app.inject({
    method: 'POST',
    url: '/v1/orders',
    remoteAddress: ELSEWHERE,
    headers: {
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'https',
      'content-type': 'application/json',
    },
    payload: '{"amount":1}',
  })
  expect(answer.statusCode).toBe(403)
})

test('the certificate of the authority can be got before it is trusted', async () => {
  const { ask } = plain()
  const answer = await ask('GET', '/ca.crt')
  expect(answer.statusCode).toBe(200)
  expect(answer.headers['content-type']).toBe('application/x-x509-ca-cert')
  expect(answer.body).toBe('PEM')
  expect((await plain(null).ask('GET', '/ca.crt')).statusCode).toBe(404)
})
