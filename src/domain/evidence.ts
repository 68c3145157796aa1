/**
 * Evidence: every step is one event, written as canonical JSON (RFC 8785) and chained to the step before it by its
 * hash. Personal data never enters an event; what stands there is a salted commitment to it.
 */
import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { Actor } from './actor.ts'

export const EVENT_TYPES = [
  'refund.requested',
  'refund.approved',
  'refund.lowered',
  'refund.rejected',
  'refund.withdrawn',
  'refund.sending',
  'refund.waiting',
  'refund.processing',
  'refund.stuck',
  'refund.stopped',
  'refund.remedy_sent',
  'refund.declined',
  'refund.owed',
  'refund.succeeded',
  'refund.returned',
  'refund.closed',
  'refund.alarm',
  'refund.slip_printed',
  'payment.submitted',
  'payment.waiting',
  'payment.paid',
  'payment.reversing',
  'payment.reversed',
  'payment.closed',
  'payment.imported',
  'payment.restored',
  'payment.accepted',
  'payment.blocked',
  'payment.unblocked',
  'payment.slip_printed',
  'payment.alarm',
] as const
export type EventType = (typeof EVENT_TYPES)[number]
export type Subject = 'refund' | 'payment'

export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

export type EventDraft = {
  readonly subject: Subject
  readonly no: string
  readonly type: EventType
  readonly facts: { readonly [key: string]: Json }
}

export type SealedEvent = EventDraft & {
  readonly seq: number
  readonly at: Date
  readonly body: string
  readonly prev: Buffer | null
  readonly hash: Buffer
}

/** How far one subject's chain has come. */
export type ChainHead = { readonly seq: number; readonly hash: Buffer | null }

/** RFC 8785 bytes of a value as text. Throws on what JSON cannot say (NaN, lone surrogates). */
export function canonical(value: Json): string {
  const text = canonicalize(value)
  if (text === undefined) throw new TypeError('a value without a JSON form cannot be evidence')
  return text
}

/** A leaf hash in the manner of RFC 6962: the 0x00 keeps leaves apart from tree nodes. */
export const leafHash = (body: string): Buffer =>
  createHash('sha256').update(Buffer.of(0)).update(body, 'utf8').digest()

function sealEvent(draft: EventDraft, head: ChainHead, actor: Actor, at: Date): SealedEvent {
  const seq = head.seq + 1
  const body = canonical({
    v: 1,
    tenant: actor.tenant,
    subject: draft.subject,
    no: draft.no,
    seq,
    prev: head.hash === null ? null : head.hash.toString('hex'),
    type: draft.type,
    at: at.toISOString(),
    actor: {
      store: actor.store,
      terminal: actor.terminal,
      staff: actor.staff,
      staff_way: actor.way,
      second: actor.second?.staff ?? null,
      second_way: actor.second?.way ?? null,
    },
    facts: draft.facts,
  })
  return { ...draft, seq, at, body, prev: head.hash, hash: leafHash(body) }
}

/** Seals several events of one subject in order; the last one's hash is the new head. */
export function sealEvents(
  drafts: readonly EventDraft[],
  head: ChainHead,
  actor: Actor,
  at: Date,
): { readonly events: readonly SealedEvent[]; readonly head: ChainHead } {
  const events: SealedEvent[] = []
  let last = head
  for (const draft of drafts) {
    const event = sealEvent(draft, last, actor, at)
    events.push(event)
    last = { seq: event.seq, hash: event.hash }
  }
  return { events, head: last }
}

/** True when every body hashes to its hash and names the hash before it, from the first step on. */
export function chainHolds(
  events: readonly {
    readonly seq: number
    readonly body: string
    readonly prev: Buffer | null
    readonly hash: Buffer
  }[],
): boolean {
  return events.every((event, place) => {
    const before = place === 0 ? null : (events[place - 1]?.hash ?? null)
    const linked =
      before === null ? event.prev === null : event.prev !== null && before.equals(event.prev)
    return linked && event.seq === place + 1 && bodySays(event, before)
  })
}

/** A body is read with suspicion even where its hash fits: who could write the one could write the other. */
function bodySays(
  event: { readonly seq: number; readonly body: string; readonly hash: Buffer },
  before: Buffer | null,
): boolean {
  if (!leafHash(event.body).equals(event.hash)) return false
  const said = parsed(event.body)
  return (
    typeof said === 'object' &&
    said !== null &&
    'seq' in said &&
    said.seq === event.seq &&
    'prev' in said &&
    said.prev === (before?.toString('hex') ?? null)
  )
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return null
  }
}

/** What makes two requests with the same number the same request. */
export const fingerprintOf = (content: Json): Buffer =>
  createHash('sha256').update(canonical(content), 'utf8').digest()

/** `sha256(0x01 ‖ salt ‖ value)`: says nothing about the value to whoever lacks the 32-byte salt. */
export const commitmentOf = (salt: Buffer, value: string): Buffer =>
  createHash('sha256').update(Buffer.of(1)).update(salt).update(value, 'utf8').digest()
