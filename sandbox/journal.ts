// What a restart must find again. Each change appends one JSON line; at start the lines are replayed
// and the last value of a key wins. Written synchronously, so a killed process loses nothing that
// the kernel has taken, and a line torn by the kill is the last one and is dropped.
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'

export type Journal = {
  /** False when nothing outlives the process. */
  readonly kept: boolean
  readonly put: (table: string, key: string, value: unknown) => void
  /** Values found at start, in the order their keys were first written. */
  readonly load: <T>(table: string) => readonly T[]
  readonly close: () => void
}

const FILE = 'sandbox.jsonl'

type Line = { readonly t: string; readonly k: string; readonly v: unknown }

const readLines = (path: string): { lines: Line[]; length: number } => {
  const text = existsSync(path) ? readFileSync(path) : Buffer.alloc(0)
  const length = text.lastIndexOf(0x0a) + 1
  const lines = text
    .subarray(0, length)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)
  return { lines, length }
}

/** Without a directory nothing is kept: the journal of a test run. */
export const openJournal = (dir: string | undefined): Journal => {
  if (dir === undefined) return { kept: false, put: () => {}, load: () => [], close: () => {} }
  mkdirSync(dir, { recursive: true })
  const path = join(dir, FILE)
  const { lines, length } = readLines(path)
  const tables = new Map<string, Map<string, unknown>>()
  for (const line of lines) {
    const table = tables.get(line.t) ?? new Map<string, unknown>()
    tables.set(line.t, table.set(line.k, line.v))
  }
  // Private keys of made-up merchants are still private keys.
  const file = openSync(path, 'a', 0o600)
  ftruncateSync(file, length)
  return {
    kept: true,
    put: (table, key, value) => {
      writeSync(file, `${JSON.stringify({ t: table, k: key, v: value } satisfies Line)}\n`)
    },
    load: <T>(table: string) => [...(tables.get(table)?.values() ?? [])] as T[],
    close: () => closeSync(file),
  }
}
