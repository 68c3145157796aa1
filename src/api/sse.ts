/**
 * Server-sent events. A stream ends when the client goes, when the server shuts down, when its keys are no
 * longer live, or when its source ends; in each case the source is told by its signal and waited for.
 */
import { once } from 'node:events'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isRefusal } from '../auth/keys.ts'
import { refuse } from '../domain/problems.ts'
import { Problem } from './problem.ts'
import { keyHeaders } from './sign-in.ts'

export type ServerEvent = {
  /** Where a client that comes back goes on from; one line. */
  readonly id: string
  readonly event: string
  readonly data: unknown
}

/** Makes the events from a place on; must stop soon after `signal` aborts, also while it waits for the next one. */
export type EventSource = (signal: AbortSignal) => AsyncIterable<ServerEvent>

export type StreamTimes = {
  /** A comment this often keeps proxies from closing a quiet stream. */
  readonly heartbeatMs: number
  /** Signing out must end open streams too: the key cache's age and this together stay below five seconds. */
  readonly recheckMs: number
  /** A client that takes nothing for this long is gone; what waits for it must not pile up. */
  readonly stallMs: number
}

/** A till follows a few refunds, and each stream looks into the database every second: more is a client gone wrong. */
export const STREAMS_A_CALLER_MAX = 100

const TIMES: StreamTimes = { heartbeatMs: 15_000, recheckMs: 2_000, stallMs: 10_000 }
/** How soon a client comes back after the stream ended. */
const RETRY_MS = 2_000
const LAST_ID_CHARACTERS_MAX = 64

/** The id a returning client saw last; null for a new one, and for anything that is not an id of ours. */
export function lastEventId(request: FastifyRequest): string | null {
  const header = request.headers['last-event-id']
  if (typeof header !== 'string' || header.length > LAST_ID_CHARACTERS_MAX) return null
  return /^[\w.:-]+$/.test(header) ? header : null
}

/**
 * Answers `reply` with the events of `source`, until one of the ends above; resolves then. An error of the source closes
 * the stream and is logged here: the answer has begun, so no error handler can use it. Throws Problem `busy` before it
 * begins when this caller has too many open already.
 */
export async function stream(
  reply: FastifyReply,
  source: EventSource,
  times: StreamTimes = TIMES,
): Promise<void> {
  const { request, server, raw } = reply
  const leave = enter(server, request)
  const closing = new AbortController()
  const end = (): void => closing.abort()
  const signal = AbortSignal.any([closing.signal, server.ending])

  reply.hijack()
  raw.on('close', end)
  // A reset connection raises an error on the response; `close` follows and ends the stream.
  raw.on('error', end)
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    // nginx would hold events back until its buffer is full.
    'x-accel-buffering': 'no',
  })
  raw.write(`retry: ${RETRY_MS}\n\n`)

  const heartbeat = setInterval(() => raw.write(':\n\n'), times.heartbeatMs)
  const recheck = setInterval(() => {
    isStillSignedIn(request).then(
      (yes) => {
        if (!yes) end()
      },
      // The database does not answer: the client comes back when it does, by the ordinary way in.
      end,
    )
  }, times.recheckMs)
  try {
    for await (const event of source(signal)) {
      if (signal.aborted) break
      if (!raw.write(frame(event))) await drained(raw, signal, times.stallMs)
    }
  } catch (error) {
    // A source that was waiting when it was told to stop may say so by throwing.
    if (!signal.aborted)
      server.facts.error({ request: request.id, err: error }, 'http.stream_failed')
  } finally {
    leave()
    clearInterval(heartbeat)
    clearInterval(recheck)
    raw.end()
  }
}

/** By server, then by who follows from where. */
const open = new WeakMap<FastifyInstance, Map<string, number>>()

/** Counts one more stream of this caller. @returns what counts it out again. */
function enter(server: FastifyInstance, { actor }: FastifyRequest): () => void {
  const counts = open.get(server) ?? new Map<string, number>()
  open.set(server, counts)
  const caller = JSON.stringify([actor?.tenant, actor?.terminal, actor?.staff])
  const before = counts.get(caller) ?? 0
  if (before >= STREAMS_A_CALLER_MAX) throw new Problem(refuse('busy', {}))
  counts.set(caller, before + 1)
  return () => {
    const left = (counts.get(caller) ?? 1) - 1
    if (left === 0) counts.delete(caller)
    else counts.set(caller, left)
  }
}

/** One event on the wire. JSON has no raw line breaks, so `data` is always a single line. */
function frame({ id, event, data }: ServerEvent): string {
  if (!/^[\w.:-]+$/.test(id) || !/^[\w.]+$/.test(event)) {
    throw new RangeError('an event takes an id and a name without spaces or line breaks')
  }
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}

async function drained(
  raw: FastifyReply['raw'],
  signal: AbortSignal,
  stallMs: number,
): Promise<void> {
  const stalled = AbortSignal.timeout(stallMs)
  try {
    await once(raw, 'drain', { signal: AbortSignal.any([signal, stalled]) })
  } catch {
    // Told to end, or the client takes nothing: `close` follows and aborts the stream's signal.
    raw.destroy()
  }
}

/** The same place and person as when the stream began. */
async function isStillSignedIn(request: FastifyRequest): Promise<boolean> {
  const answer = await request.server.authenticate(keyHeaders(request))
  return (
    !isRefusal(answer) &&
    answer.tenant === request.actor?.tenant &&
    answer.terminal === request.actor.terminal &&
    answer.staff === request.actor.staff
  )
}
