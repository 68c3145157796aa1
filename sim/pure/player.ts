/** A process that plays stories in memory, as it is told to by messages. */
import { unplayable, type Story } from '../story.ts'
import { playPure } from './story.ts'
import type { PureSize } from './tale.ts'

export type PureTask = { readonly from: number; readonly count: number; readonly size: PureSize }

export type PureResult = {
  readonly steps: number
  readonly executed: number
  /** Of all stories' hashes, in order. */
  readonly hashes: readonly string[]
  readonly broken: readonly Story[]
}

// The channel's refusals are thrown by the thousand, and nobody reads where from.
Error.stackTraceLimit = 1

let turn: Promise<void> = Promise.resolve()
process.on('message', (task: PureTask) => {
  turn = turn.then(async () => {
    process.send?.(await playAll(task))
  })
})
process.once('disconnect', () => void turn.then(() => process.exit()))

async function playAll({ from, count, size }: PureTask): Promise<PureResult> {
  const broken: Story[] = []
  const hashes: string[] = []
  let [steps, executed] = [0, 0]
  for (let seed = from; seed < from + count; seed += 1) {
    const story = await playPure(seed, size).catch(unplayable(seed))
    steps += story.steps
    executed += story.executed
    hashes.push(story.hash)
    if (story.findings.length > 0) broken.push(story)
  }
  return { steps, executed, hashes, broken }
}
