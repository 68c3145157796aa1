/** How a story is told once it was played, on PostgreSQL or in memory. */
import { createHash } from 'node:crypto'
import type { Finding } from './judge.ts'

export type Story = {
  readonly seed: number
  readonly findings: readonly Finding[]
  /** Of every step and of how every attempt ended: the same seed and the same code give the same. */
  readonly hash: string
  readonly steps: number
  /** Refunds that the channel executed. */
  readonly executed: number
  /** What happened, in plain words. */
  readonly lines: readonly string[]
}

const HASH_CHARACTERS = 16

/** @param end how everything ended. */
export const hashOf = (lines: readonly string[], end: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify([lines, end]))
    .digest('hex')
    .slice(0, HASH_CHARACTERS)

/** A story that cannot be played to its end is a finding as well. */
export const unplayable =
  (seed: number) =>
  (error: unknown): Story => ({
    seed,
    findings: [
      {
        promise: 'every story can be played',
        what: error instanceof Error ? (error.stack ?? error.message) : String(error),
      },
    ],
    hash: '',
    steps: 0,
    executed: 0,
    lines: [],
  })
