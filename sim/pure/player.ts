/** A process that plays stories in memory, as it is told to by messages. */
import { playPure, type PureSize, type PureStory } from './story.ts'

export type PureTask = { readonly from: number; readonly count: number; readonly size: PureSize }

export type PureResult = {
  readonly steps: number
  readonly executed: number
  /** Of all stories' hashes, in order. */
  readonly hashes: readonly string[]
  readonly broken: readonly PureStory[]
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
  const broken: PureStory[] = []
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

/** A story that cannot be played to its end is a finding as well. */
const unplayable =
  (seed: number) =>
  (error: unknown): PureStory => ({
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
