/**
 * API keys: `yk_<tenant>_<t|s>_<43 characters>`, `t` for a terminal, `s` for a member of staff. The secret is
 * 256 random bits, so a plain SHA-256 of the whole key is all that is stored: there is nothing to guess
 * slowly. Keys are found by that digest, and a digest tells an attacker who measures times nothing about a
 * key that would have it; the last comparison still takes the same time wherever the bytes differ.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Actor, Role } from '../domain/actor.ts'
import { refuse, type Refusal } from '../domain/problems.ts'

export type KeyKind = 'terminal' | 'staff'
export type Key = { readonly tenant: number; readonly kind: KeyKind; readonly hash: Buffer }

/** What the store knows about a key that is neither revoked nor held by somebody who left. */
export type FoundKey = {
  readonly hash: Buffer
  /** The terminal's store, or the store a person belongs to; null: a person of all stores. */
  readonly store: string | null
  readonly terminal: string | null
  readonly staff: string | null
  readonly role: Role | null
}

/** Finds live keys of one tenant; keys that are unknown, revoked or of people who left are simply not there. */
export type KeyLookup = (tenant: number, hashes: readonly Buffer[]) => Promise<readonly FoundKey[]>

export type KeyHeaders = {
  readonly authorization: string | undefined
  readonly staffKey: string | undefined
  readonly secondKey: string | undefined
}

const SECRET_BYTES = 32
const KEY = /^yk_([1-9]\d{0,9})_([ts])_[A-Za-z0-9_-]{43}$/
const TENANT_MAX = 2_147_483_647
const LETTER = { terminal: 't', staff: 's' } as const satisfies Record<KeyKind, string>

/** The text to hand over, once, and what to store. `random` must be 32 bytes from a secure source. */
export function makeKey(
  tenant: number,
  kind: KeyKind,
  random: Buffer,
): { readonly text: string; readonly hash: Buffer } {
  if (random.length !== SECRET_BYTES)
    throw new RangeError(`a key takes ${SECRET_BYTES} random bytes`)
  if (!Number.isInteger(tenant) || tenant < 1 || tenant > TENANT_MAX) {
    throw new RangeError(`not a tenant: ${tenant}`)
  }
  const text = `yk_${tenant}_${LETTER[kind]}_${random.toString('base64url')}`
  return { text, hash: hashOf(text) }
}

/** Null when the text is no key at all. A key that reads well may still be unknown. */
export function readKey(text: string): Key | null {
  const [, tenant, letter] = KEY.exec(text) ?? []
  if (tenant === undefined || Number(tenant) > TENANT_MAX) return null
  return { tenant: Number(tenant), kind: letter === 't' ? 'terminal' : 'staff', hash: hashOf(text) }
}

/**
 * Who acts, from the three headers:
 *   Authorization: Bearer <terminal or staff key>   where, or who when there is no terminal
 *   Yuanlu-Staff: <staff key>                       who stands at that terminal
 *   Yuanlu-Second: <staff key>                      who stands behind the act
 * A terminal key alone gives an actor without staff, who may only read. Refusals: `not_signed_in` for anything
 * that is not a live key of one and the same tenant in its right place, `staff_needed` for a second person
 * without a first, `second_person_same`.
 */
export async function actorOf(lookup: KeyLookup, headers: KeyHeaders): Promise<Actor | Refusal> {
  const bearer = readBearer(headers.authorization)
  if (bearer === null) return NOT_SIGNED_IN
  const staffKey = headers.staffKey === undefined ? undefined : readKey(headers.staffKey)
  const secondKey = headers.secondKey === undefined ? undefined : readKey(headers.secondKey)
  // A staff key in Authorization already says who acts: a second claim beside it would be ambiguous.
  if (staffKey !== undefined && bearer.kind === 'staff') return NOT_SIGNED_IN
  for (const key of [staffKey, secondKey]) {
    if (key === undefined) continue
    if (key === null || key.kind !== 'staff' || key.tenant !== bearer.tenant) return NOT_SIGNED_IN
  }

  const keys = [bearer, staffKey, secondKey].filter((key) => key !== undefined && key !== null)
  const rows = await lookup(
    bearer.tenant,
    keys.map((key) => key.hash),
  )
  const found = new Map(keys.map((key) => [key, rows.find((row) => isOf(row, key))]))
  if ([...found.values()].includes(undefined)) return NOT_SIGNED_IN

  const place = found.get(bearer)
  const who = bearer.kind === 'staff' ? place : staffKey ? found.get(staffKey) : undefined
  const behind = secondKey ? found.get(secondKey) : undefined
  if (behind && !who) return refuse('staff_needed', {})
  if (behind && who && behind.staff === who.staff) return refuse('second_person_same', {})
  return {
    tenant: bearer.tenant,
    store: place?.store ?? null,
    terminal: place?.terminal ?? null,
    staff: who?.staff ?? null,
    roles: rolesOf(who),
    second: behind?.staff ? { staff: behind.staff, roles: rolesOf(behind) } : null,
  }
}

/** Tells the two answers of `actorOf` apart. */
export const isRefusal = (answer: Actor | Refusal): answer is Refusal => 'code' in answer

const NOT_SIGNED_IN = refuse('not_signed_in', {})
const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest()
const rolesOf = (key: FoundKey | undefined): readonly Role[] => (key?.role ? [key.role] : [])

function readBearer(header: string | undefined): Key | null {
  const [, text] = /^Bearer ([\w-]+)$/i.exec(header ?? '') ?? []
  return text === undefined ? null : readKey(text)
}

/** The letter in a key is the caller's word; what the row stands for decides. */
function isOf(row: FoundKey, key: Key): boolean {
  const stands = key.kind === 'terminal' ? row.terminal !== null : row.staff !== null
  return stands && row.hash.length === key.hash.length && timingSafeEqual(row.hash, key.hash)
}
