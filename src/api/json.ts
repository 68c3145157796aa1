/**
 * Reads a request body. JSON allows more than an interface about money may accept: two values under one name,
 * numbers that JavaScript rounds, text that PostgreSQL cannot hold, names that reach into prototypes. All of it
 * is refused here, before any schema looks, and the answer names the place.
 *
 * Numbers must be plain whole numbers within ±(2^53 − 1). `12.0` and `1e3` are refused although they are whole
 * in value: a program that writes amounts with a decimal point or an exponent believes to send yuan, not fen.
 */
import { isUtf8 } from 'node:buffer'
import type { IssueWord } from '../texts/issues.ts'

export const DEPTH_MAX = 8
/** Two hundred items of three names each, and what stands around them. */
export const KEYS_MAX = 700

export type JsonRead =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'not_json' }
  | { readonly kind: 'too_deep' }
  | { readonly kind: 'key_twice'; readonly key: string }
  /** `path` is a JSON pointer. */
  | { readonly kind: 'issue'; readonly path: string; readonly word: IssueWord }

export function readJson(bytes: Buffer): JsonRead {
  if (!isUtf8(bytes)) return { kind: 'not_json' }
  const text = bytes.toString('utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { kind: 'not_json' }
  }
  return inspect(text) ?? { kind: 'value', value }
}

/** An open object or array: the names it has so far (null in an array) and the place being read. */
type Level = { readonly names: Set<string> | null; at: string | number }

const UNSAFE_NAMES = new Set(['__proto__', 'constructor', 'prototype'])
const NUMBER = /[-+0-9.eE]+/y
const PLAIN_WHOLE = /^(0|-?[1-9]\d*)$/

/**
 * Walks the text of a document that JSON.parse has accepted, so syntax needs no second check here. The text is
 * walked because the parsed value no longer shows repeated names or how numbers were written.
 */
function inspect(text: string): JsonRead | null {
  const levels: Level[] = []
  let nameNext = false
  let names = 0
  let i = 0
  const issue = (word: IssueWord): JsonRead => ({ kind: 'issue', path: pointer(levels), word })

  while (i < text.length) {
    const level = levels.at(-1)
    switch (text.charAt(i)) {
      case '{':
      case '[':
        if (levels.length === DEPTH_MAX) return { kind: 'too_deep' }
        nameNext = text[i] === '{'
        levels.push(nameNext ? { names: new Set(), at: '' } : { names: null, at: 0 })
        i += 1
        break
      case '}':
      case ']':
        levels.pop()
        nameNext = false
        i += 1
        break
      case ',':
        nameNext = level?.names != null
        if (level && typeof level.at === 'number') level.at += 1
        i += 1
        break
      case '"': {
        const end = endOfString(text, i)
        const string = stringOf(text.slice(i, end))
        i = end
        if (nameNext && level?.names) {
          if (level.names.has(string)) return { kind: 'key_twice', key: string }
          level.names.add(string)
          level.at = string
          names += 1
          nameNext = false
          if (UNSAFE_NAMES.has(string)) return issue('name_not_allowed')
          if (names > KEYS_MAX) return issue('too_many_names')
        }
        if (!isStorable(string)) return issue('text_not_storable')
        break
      }
      default: {
        NUMBER.lastIndex = i
        const number = /[-0-9]/.test(text.charAt(i)) ? NUMBER.exec(text)?.[0] : undefined
        if (number !== undefined && !isPlainWhole(number)) return issue('number_not_whole')
        i += number?.length ?? 1
      }
    }
  }
  return null
}

/** Just past the closing quote of the string that opens at `start`. */
function endOfString(text: string, start: number): number {
  let i = start + 1
  while (text[i] !== '"') i += text[i] === '\\' ? 2 : 1
  return i + 1
}

const stringOf = (literal: string): string =>
  literal.includes('\\') ? (JSON.parse(literal) as string) : literal.slice(1, -1)

const isPlainWhole = (number: string): boolean =>
  PLAIN_WHOLE.test(number) && Number.isSafeInteger(Number(number))

/** PostgreSQL text holds neither NUL nor half a surrogate pair; both would surface as our fault much later. */
const isStorable = (string: string): boolean => string.isWellFormed() && !string.includes('\0')

function pointer(levels: readonly Level[]): string {
  return levels
    .map(({ at }) => `/${String(at).toWellFormed().replace(/~/g, '~0').replace(/\//g, '~1')}`)
    .join('')
}
