/**
 * Remembers live keys for at most two seconds, so that thousands of requests a second cost one look-up a key,
 * while a person who leaves loses everything within five seconds.
 */
import type { FoundKey, KeyLookup } from './keys.ts'

export const KEY_AGE_MAX_MS = 2_000
const KEYS_MAX = 10_000

type Entry = { readonly askedAt: number; readonly answer: Promise<FoundKey | undefined> }

/** `nowMs` is a monotonic clock in milliseconds: a wall clock set back would keep keys alive. */
export function cachedLookup(lookup: KeyLookup, nowMs: () => number): KeyLookup {
  const entries = new Map<string, Entry>()

  return async (tenant, hashes) => {
    // The age counts from before the question: an answer may have been true only at that moment.
    const askedAt = nowMs()
    const isYoung = (entry: Entry | undefined): entry is Entry =>
      entry !== undefined && askedAt - entry.askedAt < KEY_AGE_MAX_MS
    const named = hashes.map((hash) => ({ hash, name: `${tenant}:${hash.toString('base64')}` }))
    const known = named.map(({ name }) => entries.get(name)).filter(isYoung)
    const missing = named.filter(({ name }) => !isYoung(entries.get(name)))
    const asked = missing.length === 0 ? [] : ask(tenant, missing, askedAt)

    const answers = await Promise.all([...known, ...asked].map((entry) => entry.answer))
    return answers.filter((row) => row !== undefined)
  }

  function ask(
    tenant: number,
    missing: readonly { readonly hash: Buffer; readonly name: string }[],
    askedAt: number,
  ): Entry[] {
    const rows = lookup(
      tenant,
      missing.map(({ hash }) => hash),
    )
    return missing.map(({ hash, name }) => {
      const answer = rows.then((found) => found.find((row) => row.hash.equals(hash)))
      const entry = { askedAt, answer }
      remember(name, entry)
      return entry
    })
  }

  /** Unknown keys and failed look-ups are forgotten at once: guesses must not push live keys out. */
  function remember(name: string, entry: Entry): void {
    entries.delete(name)
    entries.set(name, entry)
    const forget = (): void => {
      if (entries.get(name) === entry) entries.delete(name)
    }
    entry.answer.then((row) => {
      if (row === undefined) forget()
    }, forget)
    if (entries.size > KEYS_MAX) {
      const oldest = entries.keys().next().value
      if (oldest !== undefined) entries.delete(oldest)
    }
  }
}
