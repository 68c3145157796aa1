/**
 * Connections that prepare their statements: PostgreSQL plans each text once a connection instead of once a call. With
 * row security and joins, planning the statements of a refund costs many times more than running them.
 */
import { createHash } from 'node:crypto'
import type pg from 'pg'

/**
 * Each prepared text takes memory in every connection for its life. A list is one value of a text that stays the same
 * (`json_to_recordset`, `unnest`, `any`), so the texts are few; should one be made of its input some day, no more than
 * the first so many are prepared.
 */
const NAMES_MAX = 500
const TEXT_CHARACTERS_MAX = 10_000

const names = new Map<string, string>()

function nameOf(text: string): string | undefined {
  const known = names.get(text)
  if (known !== undefined) return known
  if (names.size >= NAMES_MAX || text.length > TEXT_CHARACTERS_MAX) return undefined
  // PostgreSQL cuts names at 63 bytes, so the text itself cannot be one.
  const name = createHash('sha256').update(text).digest('base64url')
  names.set(text, name)
  return name
}

/** Makes every connection of the pool prepare what is asked of it with values. */
export function prepareStatements(pool: pg.Pool): void {
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown
    // pg types `query` with nine overloads; what Kysely calls is the one with a text and values.
    const preparing = (first: unknown, ...rest: unknown[]): unknown => {
      const [values] = rest
      const name =
        typeof first === 'string' && Array.isArray(values) && values.length > 0
          ? nameOf(first)
          : undefined
      return name === undefined
        ? query(first, ...rest)
        : query({ name, text: first, values }, ...rest.slice(1))
    }
    client.query = preparing as typeof client.query
  })
}
