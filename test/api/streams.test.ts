import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import type { Api, ApiDeps, Resource } from '../../src/api/api.ts'
import {
  lastEventId,
  stream,
  STREAMS_A_CALLER_MAX,
  type ServerEvent,
  type StreamTimes,
} from '../../src/api/sse.ts'
import { refuse } from '../../src/domain/problems.ts'
import { CASHIER, listen, makeApp, sendRaw } from './app.ts'

const TIMES: StreamTimes = { heartbeatMs: 20, recheckMs: 20, stallMs: 200 }

let app: Api | undefined
afterEach(() => app?.close())

/** Serves `source` at /v1/events; `ended` resolves when the source was told to stop, and stopped. */
async function serve(
  source: (signal: AbortSignal, from: string | null) => AsyncIterable<ServerEvent>,
  deps: Partial<ApiDeps> = {},
) {
  const { promise: ended, resolve } = Promise.withResolvers<unknown>()
  const events: Resource = (v1) => {
    v1.get('/events', async (request, reply) => {
      const from = lastEventId(request)
      await stream(reply, (signal) => source(signal, from), TIMES)
      resolve(undefined)
    })
  }
  const made = makeApp(deps, [events])
  app = made.app
  const port = await listen(app)
  const controller = new AbortController()
  const open = (headers: Record<string, string> = {}) =>
    fetch(`http://127.0.0.1:${port}/v1/events`, { headers, signal: controller.signal })
  return { app, port, ended, open, leave: () => controller.abort(), logged: made.logged }
}

async function* quiet(signal: AbortSignal): AsyncGenerator<ServerEvent> {
  yield { id: '1', event: 'refund.settled', data: { text: '一\n二' } }
  await delay(60_000, undefined, { signal })
}

const within = <T>(promise: Promise<T>, ms = 2_000): Promise<T> =>
  Promise.race([
    promise,
    delay(ms, undefined, { ref: false }).then(() => Promise.reject(new Error(`not in ${ms} ms`))),
  ])

test('events arrive whole, with id and name, and the stream ends with its source', async () => {
  const { open, ended } = await serve(async function* () {
    yield { id: '1', event: 'refund.settled', data: { text: '一\n二' } }
    yield { id: '2', event: 'refund.settled', data: 'b' }
  })
  const reply = await open()
  expect(reply.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  expect(await reply.text()).toBe(
    'retry: 2000\n\n' +
      'id: 1\nevent: refund.settled\ndata: {"text":"一\\n二"}\n\n' +
      'id: 2\nevent: refund.settled\ndata: "b"\n\n',
  )
  await within(ended)
})

test('a client that comes back says what it saw last', async () => {
  const { open } = await serve(async function* (_signal, from) {
    yield { id: '8', event: 'from', data: from }
  })
  expect(await (await open({ 'last-event-id': '7' })).text()).toContain('data: "7"')
  expect(await (await open({ 'last-event-id': "7' or 1=1" })).text()).toContain('data: null')
  expect(await (await open({ 'last-event-id': '7'.repeat(65) })).text()).toContain('data: null')
})

test('a quiet stream beats', async () => {
  const { open, leave, ended } = await serve(quiet)
  const reader = (await open()).body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  while (!text.includes(':\n\n:\n\n')) text += (await within(reader.read())).value ?? ''
  leave()
  expect(await within(ended)).toBeUndefined()
})

test('a caller that opens streams without end is refused, another one is not, and places come free', async () => {
  const { open, leave } = await serve(quiet, {
    authenticate: async ({ staffKey = 'zhang' }) => ({ ...CASHIER, staff: staffKey }),
  })
  const statuses = async (count: number, headers: Record<string, string> = {}) =>
    (await Promise.all(Array.from({ length: count }, () => open(headers)))).map(
      ({ status }) => status,
    )
  const first = await statuses(STREAMS_A_CALLER_MAX)
  expect(new Set(first)).toEqual(new Set([200]))
  const refused = await open()
  expect(refused.status).toBe(503)
  expect(refused.headers.get('retry-after')).toMatch(/^\d+$/)
  expect(await refused.json()).toMatchObject({ code: 'busy' })
  expect(await statuses(1, { 'yuanlu-staff': 'li' })).toEqual([200])
  leave()
  await expect.poll(async () => (await fetch(refused.url)).status, { timeout: 2_000 }).toBe(200)
})

test('when the client goes, the source is told at once', async () => {
  const { open, leave, ended } = await serve(quiet)
  await open()
  leave()
  expect(await within(ended)).toBeUndefined()
})

test('shutting down ends open streams at once and cleanly', async () => {
  const { app, open, ended } = await serve(quiet)
  const reply = await open()
  await within(app.close(), 400)
  expect(await reply.text()).toContain('refund.settled')
  await within(ended)
})

test('signing out ends open streams', async () => {
  let live = true
  const { open, ended } = await serve(quiet, {
    authenticate: async () => (live ? CASHIER : refuse('not_signed_in', {})),
  })
  const reply = await open()
  live = false
  await within(ended)
  expect(await within(reply.text())).toContain('refund.settled')
})

test('a key that now stands for somebody else ends the stream too', async () => {
  let staff = 'zhang'
  const { open, ended } = await serve(quiet, { authenticate: async () => ({ ...CASHIER, staff }) })
  await open()
  staff = 'li'
  expect(await within(ended)).toBeUndefined()
})

test('a client that reads nothing is dropped, and what waits for it does not pile up', async () => {
  let made = 0
  const { port, ended } = await serve(async function* () {
    for (; made < 1_000; made += 1) {
      yield { id: String(made), event: 'big', data: 'x'.repeat(200_000) }
    }
  })
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.pause()
  socket.write('GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n')
  await within(ended, 5_000)
  socket.destroy()
  expect(made).toBeLessThan(200)
})

test('an event that would break the frame is our fault and ends the stream', async () => {
  const { open, ended, logged } = await serve(async function* () {
    yield { id: '1\nevent: forged', event: 'x', data: null }
  })
  expect(await (await open()).text()).not.toContain('forged')
  expect(await within(ended)).toBeUndefined()
  expect(logged.join('')).toMatch(/RangeError.*http\.stream_failed/)
})

describe('shutting down', () => {
  const slow =
    (ms: number, begun: () => void): Resource =>
    (v1) => {
      v1.get('/slow', async () => {
        begun()
        await delay(ms)
        return { done: true }
      })
    }
  const GET_SLOW = 'GET /v1/slow HTTP/1.1\r\nHost: x\r\n\r\n'

  test('waits for what is under way, and its connection closes with the answer', async () => {
    const { promise: begun, resolve } = Promise.withResolvers<void>()
    app = makeApp({ config: { drainMs: 5_000 } }, [slow(200, resolve)]).app
    const port = await listen(app)
    const answer = sendRaw(port, GET_SLOW)
    await begun
    await within(app.close(), 1_500)
    expect(await answer).toMatch(/^HTTP\/1\.1 200 [^]*connection: close[^]*\{"done":true\}/i)
  })

  test('does not wait for ever', async () => {
    const { promise: begun, resolve } = Promise.withResolvers<void>()
    app = makeApp({ config: { drainMs: 100 } }, [slow(3_000, resolve)]).app
    const port = await listen(app)
    const answer = sendRaw(port, GET_SLOW)
    await begun
    await within(app.close(), 1_000)
    expect(await answer).toBe('')
  })

  test('a new request on an old connection is told to come back', async () => {
    const { promise: begun, resolve } = Promise.withResolvers<void>()
    app = makeApp({ config: { drainMs: 5_000 } }, [slow(200, resolve)]).app
    const port = await listen(app)
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk) => (answer += chunk.toString()))
    const closed = new Promise((done) => socket.on('close', done))
    socket.write(GET_SLOW)
    await begun
    const closing = app.close()
    socket.write(GET_SLOW)
    await within(closing, 1_500)
    await within(closed)
    // The first answer already closes the connection; the second request is never executed.
    expect(answer.match(/"done":true/g)).toHaveLength(1)
  })

  test('nobody can connect any more', async () => {
    app = makeApp().app
    const port = await listen(app)
    await app.close()
    expect(await sendRaw(port, GET_SLOW)).toBe('')
  })
})
