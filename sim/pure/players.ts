/** Many stories in memory, on all cores. */
import { fork, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { PureResult, PureTask } from './player.ts'
import type { Story } from '../story.ts'
import { PURE_SIZE } from './tale.ts'

const PLAYER = fileURLToPath(new URL('player.ts', import.meta.url))
const CHUNK = 250

export type PureSums = {
  pureSeeds: number
  violations: number
  steps: number
  executed: number
  /** The same for the same seeds and the same code. */
  readonly hash: string
  readonly broken: readonly Story[]
}

export type PureWish = {
  readonly from: number
  readonly count: number
  readonly players: number
  /** Another player's file, for code that was changed on purpose. */
  readonly player?: string
  /** Stops after the chunk in which a promise was broken. */
  readonly untilBroken?: boolean
  /** Stops after the chunk that ends later than this, in ms of `performance.now()`. */
  readonly until?: number
  readonly onProgress?: (played: number) => void
}

export async function playPureStories(wish: PureWish): Promise<PureSums> {
  const chunks: (PureResult | undefined)[] = []
  let next = 0
  let played = 0
  let isOver = false
  const work = async (child: ChildProcess): Promise<void> => {
    while (!isOver && next * CHUNK < wish.count) {
      const place = next++
      const count = Math.min(CHUNK, wish.count - place * CHUNK)
      child.send({ from: wish.from + place * CHUNK, count, size: PURE_SIZE } satisfies PureTask)
      const [result] = (await once(child, 'message')) as [PureResult]
      chunks[place] = result
      played += count
      wish.onProgress?.(played)
      isOver ||= wish.untilBroken === true && result.broken.length > 0
      isOver ||= wish.until !== undefined && performance.now() > wish.until
    }
    const ended = once(child, 'exit')
    child.disconnect()
    await ended
  }
  const children = Array.from({ length: wish.players }, () =>
    fork(wish.player ?? PLAYER, { serialization: 'advanced' }),
  )
  await Promise.all(children.map(work))
  return sumsOf(chunks.filter((each) => each !== undefined))
}

function sumsOf(results: readonly PureResult[]): PureSums {
  const hash = createHash('sha256')
  const sums = { pureSeeds: 0, violations: 0, steps: 0, executed: 0 }
  for (const each of results) {
    sums.pureSeeds += each.hashes.length
    sums.violations += each.broken.length
    sums.steps += each.steps
    sums.executed += each.executed
    for (const one of each.hashes) hash.update(one)
  }
  return {
    ...sums,
    hash: hash.digest('hex').slice(0, 16),
    broken: results.flatMap((each) => each.broken).toSorted((a, b) => a.seed - b.seed),
  }
}
