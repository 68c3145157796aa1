import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Api } from '../../src/api/api.ts'
import { BODY_BYTES_MAX } from '../../src/api/guards.ts'
import { DEPTH_MAX, KEYS_MAX, readJson } from '../../src/api/json.ts'
import { makeApp, postOrder } from './app.ts'

let app: Api
beforeAll(async () => {
  app = makeApp().app
  await app.ready()
})
afterAll(() => app.close())

const codeOf = async (body: string | Buffer, headers?: Record<string, string>) => {
  const reply = await postOrder(app, body, headers)
  const problem = reply.json()
  expect(reply.headers['content-type']).toBe('application/problem+json; charset=utf-8')
  expect(problem).toMatchObject({
    type: `urn:yuanlu:problem:${problem.code}`,
    status: reply.statusCode,
    title: expect.stringMatching(/./),
    instance: expect.stringMatching(/^urn:uuid:[0-9a-f-]{36}$/),
  })
  return `${reply.statusCode} ${problem.code} ${problem.params.issues?.[0].path ?? ''}`.trim()
}

test('a sound body is accepted', async () => {
  const reply = await postOrder(app, '{"amount":100,"note":"退 😀"}')
  expect(reply.statusCode).toBe(201)
  expect(reply.json()).toEqual({ amount: 100, note: '退 😀' })
})

describe('nothing is coerced into an amount', () => {
  test.each([
    '"100"',
    'true',
    'false',
    'null',
    '[]',
    '[100]',
    '{}',
    '{"valueOf":1}',
    '""',
    '0',
    '-1',
    '1.5',
    '1.0',
    '100.00',
    '1e3',
    '1E3',
    '10e-1',
    '-0',
    '9007199254740992',
    '9007199254740993',
    '1e400',
    '123456789012345678901234567890',
  ])('%s', async (amount) => {
    expect(await codeOf(`{"amount":${amount}}`)).toBe('400 body_invalid body/amount')
  })

  test.each(['NaN', 'Infinity', '0x64', '+100', '0100', '1_000', '.5', "'100'", '100n', ''])(
    '%s is not JSON',
    async (amount) => {
      expect(await codeOf(`{"amount":${amount}}`)).toBe('400 body_not_json')
    },
  )
})

test('the largest safe integer arrives exactly', async () => {
  const reply = await postOrder(app, '{"amount":9007199254740991}')
  expect(reply.body).toContain('"amount":9007199254740991,')
})

describe('the body as a whole', () => {
  test.each(['null', 'true', '"amount"', '1', '[]', '[{"amount":1}]'])(
    '%s is not an object',
    async (body) => expect(await codeOf(body)).toBe('400 body_invalid body'),
  )

  test.each([
    '',
    ' ',
    '{',
    '{"amount":1',
    '{"amount":1}}',
    '{"amount":1}{"amount":2}',
    '{"amount":1,}',
    '{amount:1}',
    '{"amount":1}//',
    '\ufeff{"amount":1}',
    '{"amount":1,"note":"a\nb"}',
    '{"amount":1,"note":"\\x41"}',
  ])('%j is not JSON', async (body) => expect(await codeOf(body)).toBe('400 body_not_json'))

  test('brackets that are never closed are no strain', async () => {
    expect(await codeOf('['.repeat(BODY_BYTES_MAX))).toBe('400 body_not_json')
  })

  test('a request without body or content type is answered like a wrong body', async () => {
    const reply = await app.inject({ method: 'POST', url: '/v1/orders' })
    expect(reply.statusCode).toBe(400)
    expect(reply.json().code).toBe('body_invalid')
  })

  test('a field nobody knows is refused and named, at every depth', async () => {
    expect(await codeOf('{"amount":1,"amuont":2}')).toBe('400 body_invalid body')
    expect(await codeOf('{"amount":1,"items":[{"line":1,"fen":2}]}')).toBe(
      '400 body_invalid body/items/0',
    )
    const reply = await postOrder(app, '{"amount":1,"amuont":2}')
    expect(reply.json().params.issues[0].message).toContain('amuont')
  })

  test('a missing field is named', async () => {
    expect(await codeOf('{}')).toBe('400 body_invalid body/amount')
  })
})

describe('names that appear twice', () => {
  test.each([
    ['{"amount":1,"amount":2}', 'amount'],
    ['{"amount":1,"amount":1}', 'amount'],
    ['{"amount":1,"\\u0061mount":2}', 'amount'],
    ['{"amount":1,"items":[{"line":1,"line":1}]}', 'line'],
    ['{"amount":1,"":1,"":1}', ''],
  ])('%s', async (body, key) => {
    expect(await codeOf(body)).toBe('400 key_twice')
    expect((await postOrder(app, body)).json().params).toEqual({ key })
  })

  test('the same name in two different objects is no repetition', async () => {
    const reply = await postOrder(app, '{"amount":1,"items":[{"line":1},{"line":2}]}')
    expect(reply.statusCode).toBe(201)
  })
})

describe('prototypes stay out of reach', () => {
  test.each([
    '{"amount":1,"__proto__":{"polluted":true}}',
    '{"amount":1,"__pro\\u0074o__":{"polluted":true}}',
    '{"amount":1,"constructor":{"prototype":{"polluted":true}}}',
    '{"amount":1,"prototype":{}}',
    '{"amount":1,"items":[{"line":1,"__proto__":null}]}',
    '{"__proto__":{"amount":1}}',
  ])('%s', async (body) => {
    expect(await codeOf(body)).toMatch(/^400 body_invalid body\//)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })
})

describe('sizes', () => {
  const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)

  test('depth is limited', async () => {
    expect(await codeOf(nested(DEPTH_MAX))).toBe('400 body_invalid body')
    expect(await codeOf(nested(DEPTH_MAX + 1))).toBe('400 body_too_deep')
    expect(await codeOf('{"a":'.repeat(9) + '1' + '}'.repeat(9))).toBe('400 body_too_deep')
    expect(await codeOf(nested(BODY_BYTES_MAX / 2))).toBe('400 body_too_deep')
  })

  test('the number of names is limited', async () => {
    const names = (count: number) =>
      `{${Array.from({ length: count }, (_, i) => `"k${i}":1`).join(',')}}`
    expect(await codeOf(names(KEYS_MAX))).toBe('400 body_invalid body/amount')
    expect(await codeOf(names(KEYS_MAX + 1))).toBe(`400 body_invalid body/k${KEYS_MAX}`)
  })

  test('bytes are limited, announced or not', async () => {
    const body = (bytes: number) => `{"amount":1,"note":"${'x'.repeat(bytes - 22)}"}`
    expect(body(BODY_BYTES_MAX)).toHaveLength(BODY_BYTES_MAX)
    expect(await codeOf(body(BODY_BYTES_MAX))).toBe('400 body_invalid body/note')
    expect(await codeOf(body(BODY_BYTES_MAX + 1))).toBe('413 body_too_large')
  })
})

describe('text', () => {
  const bytes = (...parts: (string | number[])[]) =>
    Buffer.concat(parts.map((part) => Buffer.from(part as string)))

  test.each([
    ['a lone continuation byte', [0x80]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['half a surrogate pair in UTF-8', [0xed, 0xa0, 0x80]],
    ['past the last code point', [0xf4, 0x90, 0x80, 0x80]],
    ['a cut character', [0xe9, 0x80]],
    ['GBK', [0xcd, 0xcb]],
  ])('%s is not UTF-8', async (_name, raw) => {
    expect(await codeOf(bytes('{"amount":1,"note":"', raw, '"}'))).toBe('400 body_not_json')
  })

  test('UTF-16 and compressed bodies are not read', async () => {
    expect(await codeOf(Buffer.from('{"amount":1}', 'utf16le'))).toBe('400 body_not_json')
    expect(await codeOf('{"amount":1}', { 'content-encoding': 'gzip' })).toBe('415 media_type')
  })

  test.each(['\\u0000', 'a\\u0000b', '\\ud800', '\\udc00', '\\ud83d', '\\ude00\\ud83d'])(
    '%s cannot be stored, as value or as name',
    async (text) => {
      expect(await codeOf(`{"amount":1,"note":"${text}"}`)).toBe('400 body_invalid body/note')
      expect(await codeOf(`{"amount":1,"${text}":1}`)).toMatch(/^400 body_invalid body\//)
    },
  )

  test('an escaped pair is one character', async () => {
    const reply = await postOrder(app, '{"amount":1,"note":"\\ud83d\\ude00"}')
    expect(reply.json().note).toBe('😀')
  })
})

test('a sound document is read exactly as JSON.parse reads it, however it is laid out', () => {
  const UNSAFE = ['__proto__', 'constructor', 'prototype']
  const text = fc.string({ unit: 'grapheme' }).filter((each) => !each.includes('\0'))
  const document = fc.object({
    key: text.filter((each) => !UNSAFE.includes(each)),
    values: [fc.maxSafeInteger(), text, fc.boolean(), fc.constant(null)],
    withObjectString: false,
    maxDepth: 4,
    maxKeys: 4,
  })
  fc.assert(
    fc.property(document, fc.constantFrom(0, 2, '\t'), (value, indent) => {
      const written = JSON.stringify(value, null, indent)
      expect(readJson(Buffer.from(written))).toEqual({ kind: 'value', value: JSON.parse(written) })
    }),
  )
})

test('bytes broken anywhere are refused or still sound, and never our fault', async () => {
  const sound = Buffer.from(
    '{"amount":100,"note":"退款 \\u9000 😀","items":[{"line":1},{"line":2}]}',
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 }),
      async (changes) => {
        const broken = Buffer.from(sound)
        for (const [at, byte] of changes) broken[at] = byte
        const { statusCode } = await postOrder(app, broken)
        expect([201, 400]).toContain(statusCode)
      },
    ),
    { numRuns: 300 },
  )
})
