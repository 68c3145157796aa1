import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Api } from '../../src/api/api.ts'
import { ADDRESS_CHARACTERS_MAX, HEADER_BYTES_MAX } from '../../src/api/guards.ts'
import { listen, makeApp, sendRaw } from './app.ts'

let app: Api
let port: number
beforeAll(async () => {
  app = makeApp().app
  port = await listen(app)
})
afterAll(() => app.close())

const JSON_TYPE = 'Content-Type: application/json'
const BODY = '{"amount":1}'

const post = (...headers: string[]) =>
  sendRaw(
    port,
    `POST /v1/orders HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers.map((each) => `${each}\r\n`).join('')}\r\n${BODY}`,
  )

/** `400 body_invalid header/host`, checked to be a whole problem. */
function outcome(answer: string): string {
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]
  const [head = '', body = ''] = answer.split('\r\n\r\n')
  if (status === '201') return '201'
  expect(head.toLowerCase()).toContain('content-type: application/problem+json')
  const problem = JSON.parse(body)
  expect(String(problem.status)).toBe(status)
  return `${status} ${problem.code} ${problem.params.issues?.[0].path ?? ''}`.trim()
}

test('a plain request passes', async () => {
  expect(outcome(await post(JSON_TYPE, 'Content-Length: 12'))).toBe('201')
})

describe('headers that decide come once', () => {
  test.each([
    'Authorization: Bearer a',
    'authorization: Bearer a',
    'Yuanlu-Staff: a',
    'YUANLU-SECOND: a',
    'Content-Type: application/json',
    'Content-Encoding: identity',
    'Last-Event-ID: 1',
  ])('%s', async (header) => {
    const name = header.split(':')[0]?.toLowerCase()
    const others = name === 'content-type' ? [] : [JSON_TYPE]
    const answer = await post(...others, 'Content-Length: 12', header, header)
    expect(outcome(answer)).toBe(`400 body_invalid header/${name}`)
  })

  test('a second host is refused', async () => {
    expect(outcome(await post(JSON_TYPE, 'Content-Length: 12', 'Host: y'))).toMatch(/^400 /)
  })
})

describe('a message has one length', () => {
  test.each([
    [['Content-Length: 12', 'Content-Length: 12']],
    [['Content-Length: 12', 'Content-Length: 5']],
    [['Content-Length: 12', 'Transfer-Encoding: chunked']],
    [['Transfer-Encoding: chunked', 'Content-Length: 12']],
    [['Transfer-Encoding: chunked, identity']],
    [['Transfer-Encoding: xchunked']],
    [['Content-Length: +12']],
    [['Content-Length: 0x0c']],
    [['Content-Length: 12, 12']],
    [['Content-Length : 12']],
    [['Content-Length:\r\n 12']],
    [['X: a\rb', 'Content-Length: 12']],
    [['X: a\0b', 'Content-Length: 12']],
  ])('%j', async (headers) => {
    const answer = await post(JSON_TYPE, ...headers)
    expect(outcome(answer)).toMatch(/^400 body_(invalid|not_json)/)
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1)
  })

  test('a smuggled second request is never answered', async () => {
    const smuggled = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'
    const answer = await sendRaw(
      port,
      `POST /v1/orders HTTP/1.1\r\nHost: x\r\n${JSON_TYPE}\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    )
    expect(outcome(answer)).toBe('400 body_invalid request')
    expect(answer).not.toContain('alive')
  })
})

describe('media types', () => {
  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonx',
    'application/json+x',
    'application/jso',
    'application/ld+json',
    'text/json',
    'application/json, text/plain',
    'application/json; charset=gbk',
    'application/json; charset=utf-16',
    'application/json; charset=utf-8; x=y',
    '*/*',
    'json',
    ';',
    '',
  ])('%j is not accepted', async (type) => {
    expect(outcome(await post(`Content-Type: ${type}`, 'Content-Length: 12'))).toBe(
      '415 media_type',
    )
  })

  test.each([
    'application/json',
    'application/json;charset=UTF-8',
    'Application/JSON; charset="utf-8"',
  ])('%j is accepted', async (type) => {
    expect(outcome(await post(`Content-Type: ${type}`, 'Content-Length: 12'))).toBe('201')
  })

  test('a body without a type is not accepted', async () => {
    expect(outcome(await post('Content-Length: 12'))).toBe('415 media_type')
  })
})

describe('sizes', () => {
  test('a head that is too large', async () => {
    const answer = await post(`X: ${'x'.repeat(HEADER_BYTES_MAX)}`)
    expect(outcome(answer)).toBe('431 body_invalid header')
  })

  test('an address that is too long', async () => {
    const address = `/v1/orders?x=${'x'.repeat(ADDRESS_CHARACTERS_MAX)}`
    const answer = await sendRaw(
      port,
      `GET ${address} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    )
    expect(outcome(answer)).toBe('414 body_invalid address')
  })

  test('a body that grows past the limit without announcing it', async () => {
    const chunk = 'x'.repeat(40_000)
    const size = chunk.length.toString(16)
    const answer = await sendRaw(
      port,
      `POST /v1/orders HTTP/1.1\r\nHost: x\r\n${JSON_TYPE}\r\nTransfer-Encoding: chunked\r\n\r\n${`${size}\r\n${chunk}\r\n`.repeat(2)}`,
    )
    expect(outcome(answer)).toBe('413 body_too_large')
  })
})

describe('what is not HTTP', () => {
  test.each([
    'hello\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'FOO /v1/orders HTTP/1.1\r\nHost: x\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc',
    'GET /healthz HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  ])('%j', async (bytes) => {
    expect(outcome(await sendRaw(port, bytes))).toBe('400 body_invalid request')
  })
})

test('a request without a host is refused in the same form', async () => {
  const answer = await sendRaw(port, 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n')
  expect(outcome(answer)).toBe('400 body_invalid header/host')
})

test.each(['Expect: 100-continue', 'Expect: the-unexpected', 'Upgrade: websocket'])(
  '%s changes nothing',
  async (header) => {
    const answer = await post(JSON_TYPE, 'Content-Length: 12', header)
    expect(outcome(answer.replace('HTTP/1.1 100 Continue\r\n\r\n', ''))).toBe('201')
  },
)

test.each(['TRACE', 'PURGE', 'M-SEARCH', 'PROPFIND'])(
  'the method %s is refused',
  async (method) => {
    const answer = await sendRaw(
      port,
      `${method} /v1/orders HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    )
    expect(outcome(answer)).toBe('405 not_found')
  },
)

test('QUERY, a method with a body, is refused for want of a media type', async () => {
  const answer = await sendRaw(
    port,
    'QUERY /v1/orders HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  )
  expect(outcome(answer)).toBe('415 media_type')
})

describe('addresses', () => {
  const get = (address: string) =>
    sendRaw(port, `GET ${address} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)

  test.each([
    ['/v1/orders/%ff', '400 body_invalid address'],
    ['/v1/orders/%', '400 body_invalid address'],
    ['/v1/orders/%00', '400 body_invalid address'],
    ['/v1/orders/1234567890123456?limit=%00', '400 body_invalid address'],
    ['/v1/orders/1234567890123456?limit=1&limit=2', '400 body_invalid query/limit'],
    ['/v1/orders/1234567890123456?limit[]=1', '400 body_invalid query'],
    ['/v1/orders/1234567890123456?limit=1e2', '400 body_invalid query/limit'],
    ['/v1/orders/1234567890123456?__proto__=1', '400 body_invalid query'],
    ['/v1/orders/1234567890123456%20', '400 body_invalid path/number'],
    ['/v1/orders/../../etc/passwd', '404 not_found'],
    ['//v1/orders', '404 not_found'],
    ['/V1/orders', '404 not_found'],
    ['/v1/orders/', '400 body_invalid path/number'],
    ['/', '404 not_found'],
  ])('%s', async (address, expected) => {
    expect(outcome(await get(address))).toBe(expected)
  })

  test('a wrong method is told the right ones', async () => {
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const reply = await app.inject({ method: method as 'GET', url: '/v1/orders' })
      expect([reply.statusCode, reply.headers.allow, reply.json().code]).toEqual([
        405,
        'POST',
        'not_found',
      ])
    }
  })
})
