import { expect, test } from 'vitest'
import { makeLog, type Log } from '../../src/log.ts'

const CANARY = 'Canary-9f3a77c1'

function capture(level: 'debug' | 'info' = 'debug') {
  const lines: string[] = []
  const log = makeLog(level, { write: (line) => void lines.push(line) })
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? 'null') }
}
/** What a careless caller can still do: `any` and `object` reach every logger some day. */
const careless = (log: Log) => log as unknown as Record<string, (...args: unknown[]) => void>

test('named fields come out, with level, time and event', () => {
  const { log, last } = capture()
  log.info(
    { tenant: 1, refund: '7326112212345678901234', outcome: 'unknown', amountFen: 1200 },
    'refund.settled',
  )
  expect(last()).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    event: 'refund.settled',
    tenant: 1,
    refund: '7326112212345678901234',
    outcome: 'unknown',
    amountFen: 1200,
  })
})

test('levels below the set one are silent', () => {
  const { log, lines } = capture('info')
  log.debug({ ms: 1 }, 'database.asked')
  expect(lines).toEqual([])
})

test('of an error come its class, code, causes and our own lines', () => {
  const { log, last } = capture()
  const cause = Object.assign(new TypeError(CANARY), { code: 'ECONNREFUSED' })
  const error = Object.assign(new Error(CANARY, { cause }), {
    code: '23505',
    constraint: 'refund_pkey',
    detail: CANARY,
  })
  log.error({ err: error }, 'http.failed')
  expect(last().err).toMatchObject({
    name: 'Error',
    code: '23505',
    constraint: 'refund_pkey',
    cause: { name: 'TypeError', code: 'ECONNREFUSED' },
  })
  expect(JSON.stringify(last())).not.toContain(CANARY)
})

test("a copy of an error's fields is told like the error itself", () => {
  const { log, last } = capture()
  const { message, stack } = new Error(CANARY)
  log.error({ err: { code: '57P03', message, stack, queue: 'slips' } }, 'jobs.failed')
  expect(last().err).toMatchObject({ name: 'Error', code: '57P03' })
  expect(JSON.stringify(last())).not.toContain(CANARY)
})

test('the places of an error are told, and a message cannot forge any', () => {
  const { log, last } = capture()
  const at = (stack: string, message: string) => {
    const error = new Error(message)
    error.stack = stack
    log.error({ err: error }, 'http.failed')
    return last().err.at
  }
  const place = '    at settle (/srv/yuanlu/src/commands/settle-attempts.ts:12:3)'
  expect(at(`Error: x\n${place}`, 'x')).toEqual(['src/commands/settle-attempts.ts:12:3'])
  expect(at(`Error\n${place}`, '')).toEqual(['src/commands/settle-attempts.ts:12:3'])
  const forged = `x\n    at y (/src/${CANARY}.ts:1:1)`
  expect(at(`Error: ${forged}\n${place}`, forged)).toEqual(['src/commands/settle-attempts.ts:12:3'])
  expect(at(`Error: ${forged}\n${place}`, 'changed since')).toBeUndefined()
})

test('a secret planted anywhere does not come out', () => {
  const { log, lines } = capture()
  const out = careless(log)
  const key = `yk_1_s_${CANARY}${'a'.repeat(28)}`
  const cyclic: Record<string, unknown> = { [CANARY]: CANARY }
  cyclic['self'] = cyclic
  const thrown = Object.assign(new Error(`${CANARY} ${key}`), {
    name: CANARY,
    code: CANARY,
    constraint: CANARY,
    [CANARY]: CANARY,
    config: { headers: { authorization: key } },
    cause: { message: CANARY },
    errors: [new Error(CANARY)],
  })
  const plants: unknown[] = [
    { [CANARY]: 1 },
    { headers: { authorization: key }, body: CANARY, url: `/v1/x?key=${key}`, query: CANARY },
    { msg: CANARY, message: CANARY, event: CANARY, level: CANARY, time: CANARY, stack: CANARY },
    { refund: CANARY, state: CANARY, route: `/v1/x?k=${CANARY}`, request: CANARY, store: `${key}` },
    { tenant: CANARY, ms: CANARY, port: { CANARY }, pid: [CANARY], adopted: CANARY },
    { staff: { toString: () => CANARY }, code: [CANARY], kind: new String(CANARY) },
    { err: thrown },
    { err: CANARY },
    { err: { message: CANARY, stack: CANARY } },
    { err: new AggregateError([new Error(CANARY)], CANARY) },
    { err: new Error('x', { cause: new Error(CANARY, { cause: CANARY }) }) },
    { toJSON: () => CANARY },
    JSON.parse(`{"__proto__":{"x":"${CANARY}"},"constructor":"${CANARY}"}`),
    cyclic,
    [CANARY],
    new Error(CANARY),
    new Map([[CANARY, CANARY]]),
    Buffer.from(CANARY),
    CANARY,
  ]
  for (const level of ['debug', 'info', 'warn', 'error']) {
    for (const plant of plants) {
      out[level]!(plant, 'test.planted', CANARY)
      out[level]!({}, CANARY, plant)
      out[level]!(plant, `test.planted ${CANARY}`)
      out[level]!(plant)
    }
  }
  expect(lines).toHaveLength(4 * 4 * plants.length)
  expect(lines.filter((line) => line.includes('anary'))).toEqual([])
  expect(lines.every((line) => typeof JSON.parse(line).event === 'string')).toBe(true)
})

test('no name or shape of what is not told remains, only that something was there', () => {
  const { log, last } = capture()
  careless(log)['info']!({ refund: 'not a number', what: 1 }, 'test.planted')
  expect(last()).toMatchObject({ refund: '[withheld]' })
  expect(last()).not.toHaveProperty('what')
})

test('nothing careless makes the log throw', () => {
  const { log } = capture()
  const out = careless(log)
  const trap = new Proxy(new Error('x'), {
    get: () => {
      throw new Error('trap')
    },
  })
  for (const fields of [undefined, null, 1, trap, { err: trap }, Object.create(null)]) {
    expect(() => out['info']!(fields, 'test.planted')).not.toThrow()
    expect(() => out['info']!(fields, undefined)).not.toThrow()
  }
})
