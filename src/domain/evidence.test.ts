import { expect, test } from 'vitest'
import { systemOf } from './actor.ts'
import {
  canonical,
  chainHolds,
  commitmentOf,
  fingerprintOf,
  leafHash,
  sealEvents,
  type EventDraft,
} from './evidence.ts'

const draft = (type: EventDraft['type'], facts: EventDraft['facts'] = {}): EventDraft => ({
  subject: 'refund',
  no: '7326112200000000000001',
  type,
  facts,
})
const start = { seq: 0, hash: null }
const at = new Date('2026-11-22T04:00:00Z')
const chain = sealEvents(
  [
    draft('refund.requested', { amount: 1200 }),
    draft('refund.sending', { attempt: 1 }),
    draft('refund.succeeded', { payer_fen: 1200 }),
  ],
  start,
  systemOf(1),
  at,
)
const events = chain.events
const swap = (place: number, change: Partial<(typeof events)[number]>) =>
  events.map((event, index) => (index === place ? { ...event, ...change } : event))

test('a chain as it was sealed holds, from nothing up to any length', () => {
  for (let length = 0; length <= events.length; length += 1) {
    expect(chainHolds(events.slice(0, length))).toBe(true)
  }
})

test('a chain goes on from its stored head as if it had never paused', () => {
  const first = sealEvents([draft('refund.requested')], start, systemOf(1), at)
  const second = sealEvents([draft('refund.sending')], first.head, systemOf(1), at)
  expect(chainHolds([...first.events, ...second.events])).toBe(true)
  expect(second.head).toEqual({ seq: 2, hash: second.events[0]?.hash })
})

const body = events[1]?.body ?? ''
const rehashed = (text: string) => ({ body: text, hash: leafHash(text) })
const TAMPERED: Readonly<Record<string, () => readonly (typeof events)[number][]>> = {
  'a changed amount': () => swap(0, { body: events[0]!.body.replace('1200', '1') }),
  'a changed body with a hash made to fit': () =>
    swap(1, rehashed(body.replace('"attempt":1', '"attempt":2'))),
  'the first event taken out': () => events.slice(1),
  'an event taken out of the middle': () => [events[0]!, events[2]!],
  'two events exchanged': () => [events[0]!, events[2]!, events[1]!],
  'an event told twice': () => [events[0]!, events[0]!, events[1]!, events[2]!],
  'another hash': () => swap(2, { hash: leafHash('something else') }),
  'a link cut': () => swap(1, { prev: null }),
  'a link to elsewhere': () => swap(1, { prev: leafHash('elsewhere') }),
  'a first event that claims a past': () => swap(0, { prev: leafHash('past') }),
  'another place in the row': () => swap(1, { seq: 7 }),
  'another place in the body': () =>
    swap(2, rehashed(events[2]!.body.replace('"seq":3', '"seq":4'))),
  'another past in the body': () =>
    swap(2, rehashed(events[2]!.body.replace(/"prev":"[0-9a-f]{64}"/, '"prev":null'))),
  'a body that is not JSON': () => swap(1, { body: `${body}}` }),
  'a body that is not JSON, with a hash made to fit': () => swap(2, rehashed('gone')),
  'a body that is no event, with a hash made to fit': () => swap(2, rehashed('null')),
}

test.each(Object.entries(TAMPERED))('a chain with %s does not hold', (_name, tampered) => {
  expect(chainHolds(tampered())).toBe(false)
})

test('only the stored head tells that the last event was rewritten or cut off', () => {
  const last = events[2]!.body.replace('"payer_fen":1200', '"payer_fen":1')
  const rewritten = swap(2, rehashed(last))
  expect(chainHolds(rewritten)).toBe(true)
  expect(rewritten[2]?.hash).not.toEqual(chain.head.hash)
  expect(events.slice(0, 2).at(-1)?.hash).not.toEqual(chain.head.hash)
})

test('every single byte of every body is bound by its hash', () => {
  for (const [place, event] of events.entries()) {
    for (let index = 0; index < event.body.length; index += 1) {
      const other = event.body[index] === 'x' ? 'y' : 'x'
      const text = event.body.slice(0, index) + other + event.body.slice(index + 1)
      expect(chainHolds(swap(place, { body: text }))).toBe(false)
    }
  }
})

test('the body names tenant, subject, place, past, time, persons and facts', () => {
  expect(JSON.parse(events[1]!.body)).toEqual({
    v: 1,
    tenant: 1,
    subject: 'refund',
    no: '7326112200000000000001',
    seq: 2,
    prev: events[0]!.hash.toString('hex'),
    type: 'refund.sending',
    at: '2026-11-22T04:00:00.000Z',
    actor: {
      store: null,
      terminal: null,
      staff: null,
      staff_way: null,
      second: null,
      second_way: null,
    },
    facts: { attempt: 1 },
  })
})

test('canonical text sorts keys by UTF-16 units and writes numbers and escapes as RFC 8785 does', () => {
  expect(canonical({ b: 1, a: [true, null, 'x'], '€': 1e21, A: -0 })).toBe(
    '{"A":0,"a":[true,null,"x"],"b":1,"€":1e+21}',
  )
  expect(canonical('\u0000\n"\\é退')).toBe('"\\u0000\\n\\"\\\\é退"')
})

test.each([NaN, Infinity, '\ud800', { key: '\udc00' }])(
  'what JSON cannot say cannot be evidence: %o',
  (value) => {
    expect(() => canonical(value)).toThrow(/./)
  },
)

test('fingerprints depend on content and not on the order of keys', () => {
  expect(fingerprintOf({ a: 1, b: 2 })).toEqual(fingerprintOf({ b: 2, a: 1 }))
  expect(fingerprintOf({ a: 1, b: 2 })).not.toEqual(fingerprintOf({ a: 2, b: 1 }))
  expect(fingerprintOf({ a: 1 })).not.toEqual(fingerprintOf({ a: '1' }))
})

test('a commitment depends on its salt and on its value, and is no leaf of the chain', () => {
  const salt = Buffer.alloc(32, 1)
  expect(commitmentOf(salt, 'oUpF8')).toEqual(commitmentOf(salt, 'oUpF8'))
  expect(commitmentOf(salt, 'oUpF8')).not.toEqual(commitmentOf(Buffer.alloc(32, 2), 'oUpF8'))
  expect(commitmentOf(salt, 'oUpF8')).not.toEqual(commitmentOf(salt, 'oUpF9'))
  expect(commitmentOf(Buffer.alloc(0), 'x')).not.toEqual(leafHash('x'))
})
