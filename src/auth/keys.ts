/**
 * Keys: `yk_<tenant>_<letter>_<43 characters>`. `t` stands for a terminal and `s` for a member of staff, until they are
 * revoked; `p` for a person who signed in at one terminal by PIN, and `g` for a second person's yes to one act there,
 * both for a while. The secret is 256 random bits, so a plain SHA-256 of the whole key is all that is stored: there is
 * nothing to guess slowly. Keys are found by that digest, and a digest tells an attacker who measures times nothing
 * about a key that would have it; the last comparison still takes the same time wherever the bytes differ.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Actor, Second, Way } from '../domain/actor.ts'
import { refuse, type Refusal } from '../domain/problems.ts'
import { NO_RIGHTS, rightsOf, type Rights } from '../domain/rights.ts'
import type { Role } from '../domain/roles.ts'

export type KeyKind = 'terminal' | 'staff' | 'session' | 'grant'
export type Key = { readonly tenant: number; readonly kind: KeyKind; readonly hash: Buffer }

/** What the store knows about a key that is alive; the fields that its kind does not have are null. */
export type FoundKey = {
  readonly hash: Buffer
  readonly kind: KeyKind
  /** The terminal's store, or the store a person belongs to; null: a person of all stores. */
  readonly store: string | null
  /** Also of a session or grant: the one it was made at. */
  readonly terminal: string | null
  readonly staff: string | null
  readonly role: Role | null
  /** What is set for the person in place of the role's rights. */
  readonly rights: Partial<Rights> | null
  /** Of a grant: whom it was given to, and by which way. */
  readonly requestedBy: string | null
  readonly way: Exclude<Way, 'key'> | null
}

/** Finds live keys of one tenant; keys that are unknown, revoked, over or of people who left are simply not there. */
export type KeyLookup = (tenant: number, hashes: readonly Buffer[]) => Promise<readonly FoundKey[]>

export type KeyHeaders = {
  readonly authorization: string | undefined
  readonly staffKey: string | undefined
  readonly secondKey: string | undefined
}

const SECRET_BYTES = 32
const KEY = /^yk_([1-9]\d{0,9})_([tspg])_[A-Za-z0-9_-]{43}$/
const TENANT_MAX = 2_147_483_647
const LETTERS = {
  terminal: 't',
  staff: 's',
  session: 'p',
  grant: 'g',
} as const satisfies Record<KeyKind, string>
const KINDS = new Map<string, KeyKind>(
  Object.entries(LETTERS).map(([kind, letter]) => [letter, kind as KeyKind]),
)

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
  const text = `yk_${tenant}_${LETTERS[kind]}_${random.toString('base64url')}`
  return { text, hash: hashOf(text) }
}

/** Null when the text is no key at all. A key that reads well may still be unknown. */
export function readKey(text: string): Key | null {
  const [, tenant, letter = ''] = KEY.exec(text) ?? []
  const kind = KINDS.get(letter)
  if (kind === undefined || Number(tenant) > TENANT_MAX) return null
  return { tenant: Number(tenant), kind, hash: hashOf(text) }
}

/**
 * Who acts, from the three headers:
 *   Authorization: Bearer <terminal or staff key>   where, or who when there is no terminal
 *   Yuanlu-Staff: <staff key or session>            who stands at that terminal
 *   Yuanlu-Second: <staff key or grant>             who stands behind the act
 * A terminal key alone gives an actor without staff, who may only read. Refusals: `not_signed_in` for anything
 * that is not a live key of one and the same tenant in its right place, `staff_needed` for a second person
 * without a first, `second_person_same`, `second_not_for_this` for a grant to somebody else or at another terminal.
 */
export async function actorOf(lookup: KeyLookup, headers: KeyHeaders): Promise<Actor | Refusal> {
  const claimed = claimedKeys(headers)
  if (claimed === null) return NOT_SIGNED_IN
  const { bearer, staffKey, secondKey } = claimed
  const keys = [bearer, staffKey, secondKey].filter((key) => key !== undefined)
  const rows = await lookup(
    bearer.tenant,
    keys.map((key) => key.hash),
  )
  const found = new Map(keys.map((key) => [key, rows.find((row) => isOf(row, key))]))
  if ([...found.values()].includes(undefined)) return NOT_SIGNED_IN

  const place = found.get(bearer)
  const who = bearer.kind === 'staff' ? place : staffKey && found.get(staffKey)
  const behind = secondKey && found.get(secondKey)
  if (who?.kind === 'session' && who.terminal !== place?.terminal) return NOT_SIGNED_IN
  if (behind && !who) return refuse('staff_needed', {})
  if (behind && behind.staff === who?.staff) return refuse('second_person_same', {})
  if (
    behind?.kind === 'grant' &&
    (behind.requestedBy !== who?.staff || behind.terminal !== place?.terminal)
  ) {
    return refuse('second_not_for_this', {})
  }
  return {
    tenant: bearer.tenant,
    store: place?.store ?? null,
    terminal: place?.terminal ?? null,
    staff: who?.staff ?? null,
    way: who === undefined ? null : who.kind === 'session' ? 'pin' : 'key',
    roles: rolesOf(who),
    rights: who?.role ? rightsOf(who.role, who.rights ?? {}) : NO_RIGHTS,
    second: behind ? secondOf(behind) : null,
  }
}

type Claimed = {
  readonly bearer: Key
  readonly staffKey: Key | undefined
  readonly secondKey: Key | undefined
}

/** What the headers claim, each in a place where its kind may stand; null when anything stands elsewhere. */
function claimedKeys(headers: KeyHeaders): Claimed | null {
  const bearer = readBearer(headers.authorization)
  const staffKey = headers.staffKey === undefined ? undefined : readKey(headers.staffKey)
  const secondKey = headers.secondKey === undefined ? undefined : readKey(headers.secondKey)
  if (bearer === null || staffKey === null || secondKey === null) return null
  const sound =
    isKind(bearer, 'terminal', 'staff') &&
    (staffKey === undefined || isKind(staffKey, 'staff', 'session')) &&
    (secondKey === undefined || isKind(secondKey, 'staff', 'grant')) &&
    [staffKey, secondKey].every((key) => key === undefined || key.tenant === bearer.tenant) &&
    // A staff key in Authorization already says who acts: a second claim beside it would be ambiguous.
    (staffKey === undefined || bearer.kind === 'terminal')
  return sound ? { bearer, staffKey, secondKey } : null
}

const isKind = (key: Key, ...kinds: KeyKind[]): boolean => kinds.includes(key.kind)

const secondOf = (row: FoundKey): Second | null =>
  row.staff === null
    ? null
    : {
        staff: row.staff,
        roles: rolesOf(row),
        way: row.way ?? 'key',
        grant: row.kind === 'grant' ? row.hash : null,
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
const isOf = (row: FoundKey, key: Key): boolean =>
  row.kind === key.kind &&
  row.hash.length === key.hash.length &&
  timingSafeEqual(row.hash, key.hash)
