import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Resource } from '../../src/api/api.ts'
import { refundGiven } from '../../src/api/contract.ts'
import { languageOf, Problem, STATUS } from '../../src/api/problem.ts'
import { fen } from '../../src/domain/money.ts'
import { refuse, type ProblemCode, type Refusal } from '../../src/domain/problems.ts'
import { LANGUAGES } from '../../src/texts/language.ts'
import { problemText } from '../../src/texts/problems.ts'
import { CASHIER, makeApp, orders, postOrder } from './app.ts'

/** Parameters that fit every code: each text takes what it needs. */
const ANY_PARAMS = {
  issues: [],
  limitBytes: 65_536,
  limit: fen(20_000),
  key: 'amount',
  right: 'decide',
  what: 'refund',
  code: '4200001',
  number: '7326112212345678901234',
  stored: {},
  reason: 'excess',
  payment: '7226112212345678901234',
  act: 'void',
  room: fen(3_000),
  refunded: fen(1_200),
  held: fen(500),
  refund: '7326112212345678901234',
  line: 2,
  left: 1,
  days: 365,
  paid: fen(4_500),
  least: fen(1),
  rule: 'cash',
  state: 'sending',
  amount: fen(800),
  at: '2026-11-22T11:05:00.000Z',
  shift: '7426112212345678901234',
  staff: 'zhang',
  day: '261122',
  until: '2026-11-22T11:05:00.000Z',
}
const CODES = Object.keys(STATUS) as ProblemCode[]
const anyRefusal = (code: ProblemCode): Refusal => ({ code, params: ANY_PARAMS }) as never

describe('every code has its words', () => {
  test.each(CODES)('%s', (code) => {
    const [zh = '', en = ''] = LANGUAGES.map((language) =>
      problemText(language, anyRefusal(code)).join(' '),
    )
    expect(zh).toMatch(/\p{Script=Han}{2}/u)
    expect(en).not.toMatch(/\p{Script=Han}/u)
    for (const language of LANGUAGES) {
      for (const sentence of problemText(language, anyRefusal(code))) expect(sentence).not.toBe('')
    }
    for (const words of [zh, en]) {
      expect(words).not.toMatch(/undefined|\[object|NaN|失败，请重试|参数错误/)
      expect(words).toMatch(/[。.]$/)
    }
  })

  test('status codes are refusals, and only three of them are not about the caller', () => {
    expect(CODES.filter((code) => STATUS[code] >= 500)).toEqual([
      'busy',
      'internal',
      'channel_silent',
    ])
    expect(CODES.every((code) => STATUS[code] >= 400 && STATUS[code] < 600)).toBe(true)
  })
})

test('the figures stand in the sentence', () => {
  const over = refuse('over_room', { room: fen(3_000), refunded: fen(1_200), held: fen(0) })
  expect(problemText('zh', over)).toEqual([
    '最多还能退 ¥30.00（已退 ¥12.00）。',
    '请改小金额后再提交。',
  ])
  expect(problemText('en', over)).toEqual([
    'At most ¥30.00 can still be refunded (¥12.00 already refunded).',
    'Ask for less.',
  ])
  const code = refuse('code_is_payment_code', {})
  expect(problemText('zh', code).join('')).toBe(
    '这是付款码，不是订单码。请顾客打开账单里的商户单号。',
  )
})

test('what a caller sent is shown short and without tricks', () => {
  const code = `A\n\u202eB\0${'9'.repeat(200)}`
  const [title] = problemText('en', refuse('code_unknown', { code }))
  expect(title).toBe(`No order has the number AB${'9'.repeat(62)}….`)
})

test.each([
  [undefined, 'zh'],
  ['', 'zh'],
  ['zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
  ['en-US,en;q=0.9', 'en'],
  ['en;q=0.5, zh;q=0.8', 'zh'],
  ['fr, en;q=0.2', 'en'],
  ['en;q=0', 'zh'],
  ['EN', 'en'],
  ['*', 'zh'],
  ['de', 'zh'],
  ['en;q=9999, zh;q=NaN', 'en'],
  [';;;,,,q=1;en=;', 'zh'],
  ['../../etc/passwd\0', 'zh'],
  ['en,'.repeat(5_000), 'en'],
  [`${'x'.repeat(100_000)},en`, 'zh'],
])('Accept-Language %j reads as %s', (header, language) => {
  expect(languageOf(header?.slice(0, 16_000))).toBe(language)
})

test('the answer says its language', async () => {
  const { app } = makeApp()
  const en = await postOrder(app, '{}', { 'accept-language': 'en' })
  const zh = await postOrder(app, '{}')
  expect(en.headers['content-language']).toBe('en')
  expect(en.json().title).toBe('The request does not have the expected form; nothing was done.')
  expect(zh.headers['content-language']).toBe('zh')
  expect(zh.json().params.issues).toEqual([{ path: 'body/amount', message: '缺少这个值' }])
  await app.close()
})

describe('each place that is wrong says what would be right', () => {
  const asked = {
    no: '7326112212345678901238',
    payment: '7226112212345678901230',
    full: true,
    method: 'original',
    reason: 'quality',
  }
  test.each([
    [{ method: undefined }, 'body/method', 'is missing'],
    [{ no: undefined }, 'body/no', 'is missing'],
    [{ method: 'card' }, 'body/method', 'is not one of the allowed values: original, cash'],
    [{ no: '123' }, 'body/no', 'has the wrong format'],
    [
      { no: '134567890123456789' },
      'body/no',
      'cannot be used: it looks like a payment code or goods barcode, or is the number of another kind of thing',
    ],
    [{ full: undefined }, 'body', 'must have exactly one of: amount, items, full'],
    [{ amount: 100 }, 'body', 'must have exactly one of: amount, items, full'],
  ])('%j', async (over, path, message) => {
    const given: Resource = (v1) => {
      v1.post('/refunds', { schema: { body: refundGiven } }, () => ({}))
    }
    const { app } = makeApp({}, [given])
    const reply = await app.inject({
      method: 'POST',
      url: '/v1/refunds',
      headers: { 'accept-language': 'en' },
      payload: { ...asked, ...over },
    })
    await app.close()
    expect(reply.json().params.issues).toEqual([{ path, message }])
  })
})

describe('what a route throws', () => {
  const CANARY = 'canary-7f3a'
  const failing =
    (thrown: unknown): Resource =>
    (v1) => {
      const querystring = z.strictObject({ q: z.string() })
      v1.get('/fails', { schema: { querystring } }, () => {
        throw thrown
      })
    }
  const answerTo = async (thrown: unknown) => {
    const { app, logged } = makeApp({}, [failing(thrown)])
    const reply = await app.inject({ method: 'GET', url: `/v1/fails?q=${CANARY}` })
    await app.close()
    return { reply, logged: logged.join('') }
  }

  test('a refusal is answered with its status, code and parameters', async () => {
    const params = { room: fen(1), refunded: fen(2), held: fen(3) }
    const { reply } = await answerTo(new Problem(refuse('over_room', params)))
    expect(reply.statusCode).toBe(409)
    expect(reply.json()).toMatchObject({ code: 'over_room', params })
  })

  test.each([
    new Error(`password=${CANARY}`, { cause: new Error(CANARY) }),
    Object.assign(new Error(CANARY), { statusCode: 200 }),
    Object.assign(new Error(CANARY), { statusCode: 404, code: 'FST_NOT_OURS' }),
    Object.assign(new Error(CANARY), { code: '23505', detail: CANARY, table: CANARY }),
    CANARY,
    null,
    { code: CANARY },
  ])('anything else is our fault, and tells nothing but the request (%#)', async (thrown) => {
    const { reply, logged } = await answerTo(thrown)
    expect(reply.statusCode).toBe(500)
    expect(reply.json()).toMatchObject({ code: 'internal', params: {} })
    expect(reply.body).not.toContain(CANARY)
    expect(logged).not.toContain(CANARY)
    const request = reply.json().instance.replace('urn:uuid:', '')
    expect(logged).toMatch(new RegExp(`"request":"${request}".*"event":"http.failed"`))
  })

  test.each([
    { code: 'ECONNREFUSED' },
    { code: 'ECONNRESET' },
    { code: 'EPIPE' },
    { code: '57P03' },
    { code: '53300' },
    { code: '40P01' },
    { message: 'timeout exceeded when trying to connect' },
    { message: 'Connection terminated unexpectedly' },
  ])('a database that is away means: again, shortly (%j)', async (fields) => {
    const { reply } = await answerTo(Object.assign(new Error('x'), fields))
    expect(reply.statusCode).toBe(503)
    expect(reply.headers['retry-after']).toMatch(/^\d+$/)
    expect(reply.json().code).toBe('busy')
  })

  test('a reply that does not fit its own schema is our fault', async () => {
    const wrong: Resource = (v1) => {
      v1.get(
        '/fails',
        { schema: { response: { 200: z.strictObject({ amount: z.int() }) } } },
        () => ({ amount: 'x', secret: CANARY }) as never,
      )
    }
    const { app } = makeApp({}, [wrong])
    const reply = await app.inject({ method: 'GET', url: '/v1/fails' })
    expect(reply.json().code).toBe('internal')
    expect(reply.body).not.toContain(CANARY)
    await app.close()
  })
})

describe('who acts', () => {
  test('nobody unknown has a body read', async () => {
    const { app } = makeApp({ authenticate: async () => refuse('not_signed_in', {}) })
    const reply = await postOrder(app, 'not even JSON')
    expect(reply.statusCode).toBe(401)
    expect(reply.headers['www-authenticate']).toBe('Bearer')
    expect(reply.json().code).toBe('not_signed_in')
    await app.close()
  })

  test('a terminal without a person may only read', async () => {
    const { app } = makeApp({ authenticate: async () => ({ ...CASHIER, staff: null, roles: [] }) })
    const write = await postOrder(app, '{"amount":1}')
    expect([write.statusCode, write.json().code]).toEqual([403, 'staff_needed'])
    const read = await app.inject({ method: 'GET', url: '/v1/orders/1234567890123456' })
    expect(read.statusCode).toBe(200)
    await app.close()
  })

  test('the keys of the three headers are handed over', async () => {
    const seen: unknown[] = []
    const { app } = makeApp({
      authenticate: async (headers) => {
        seen.push(headers)
        return CASHIER
      },
    })
    const headers = { authorization: 'Bearer a', 'yuanlu-staff': 'b', 'yuanlu-second': 'c' }
    await postOrder(app, '{"amount":1}', headers)
    expect(seen).toEqual([{ authorization: 'Bearer a', staffKey: 'b', secondKey: 'c' }])
    await app.close()
  })
})

test('the log names the route and the people, never the address', async () => {
  const { app, logged } = makeApp()
  await app.inject({ method: 'GET', url: '/v1/orders/1234567890123456?limit=7' })
  expect(JSON.parse(logged[0] ?? '')).toMatchObject({
    event: 'http.answered',
    route: '/v1/orders/:number',
    tenant: 1,
    staff: 'zhang',
    status: 200,
  })
  expect(logged.join('')).not.toContain('1234567890123456')
  await app.close()
})

test('OpenAPI 3.1 is made from the same schemas', async () => {
  const { app } = makeApp({}, [orders])
  const document = (await app.inject({ method: 'GET', url: '/v1/openapi.json' })).json()
  expect(document.openapi).toBe('3.1.0')
  const { post } = document.paths['/v1/orders']
  const schema = post.requestBody.content['application/json'].schema
  expect(schema).toMatchObject({ additionalProperties: false, required: ['amount'] })
  expect(schema.properties.amount).toMatchObject({ type: 'integer', exclusiveMinimum: 0 })
  expect(post.responses.default.content['application/problem+json'].schema).toEqual({
    $ref: '#/components/schemas/Problem',
  })
  expect(Object.keys(document.components.schemas)).toEqual(['Problem'])
  expect(document.components.schemas.Problem.properties.code.enum).toEqual(CODES)
  expect(Object.keys(document.paths)).not.toContain('/v1/openapi.json')
  await app.close()
})

describe('health', () => {
  const checks = {
    database: async () => true,
    migrations: async () => true,
    sweeper: async () => true,
  }
  const ready = async (changed: Partial<typeof checks>) => {
    const { app } = makeApp({ checks: { ...checks, ...changed } })
    const reply = await app.inject({ method: 'GET', url: '/readyz' })
    await app.close()
    return [reply.statusCode, reply.json()]
  }

  test('ready means that every check says so', async () => {
    const yes = { ready: true, database: true, migrations: true, sweeper: true }
    expect(await ready({})).toEqual([200, yes])
    expect(await ready({ sweeper: async () => false })).toEqual([
      503,
      { ...yes, ready: false, sweeper: false },
    ])
  })

  test('a check that fails or hangs is a no', async () => {
    const failing = () => Promise.reject(new Error('canary'))
    expect(await ready({ database: failing })).toMatchObject([503, { database: false }])
    const hanging = () => new Promise<boolean>(() => undefined)
    expect(await ready({ migrations: hanging })).toMatchObject([503, { migrations: false }])
  })

  test('alive needs neither keys nor checks', async () => {
    const { app } = makeApp({ authenticate: () => Promise.reject(new Error('no')) })
    const reply = await app.inject({ method: 'GET', url: '/healthz' })
    expect([reply.statusCode, reply.json()]).toEqual([200, { status: 'alive' }])
    await app.close()
  })
})
