/**
 * `npm run sim -- --seeds 200 [--pure 20000] [--from 1] [--players 2]` plays that many stories on PostgreSQL and in
 * memory, a hundred times as many of these unless told otherwise, and judges each; with `--twice` each is played again and
 * must come out the same. `npm run sim -- --seed 7` plays one on PostgreSQL, twice, and tells it; `-- --pure-seed 7` one in
 * memory. Ends with a line of JSON; fails when a promise was broken or a replay differed.
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { explain, playMemory, playOne, playPostgres } from './campaign.ts'
import { playPure } from './pure/story.ts'

const PURE_FOR_EACH = 100

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    pure: { type: 'string' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    'pure-seed': { type: 'string' },
    players: { type: 'string', default: String(availableParallelism()) },
    twice: { type: 'boolean', default: false },
  },
})

const say = (line: string): void => void process.stdout.write(`${line}\n`)

async function playMany(): Promise<boolean> {
  const began = performance.now()
  const [from, seeds, players] = [values.from, values.seeds, values.players].map(Number) as [
    number,
    number,
    number,
  ]
  const pure = values.pure === undefined ? seeds * PURE_FOR_EACH : Number(values.pure)
  const { twice } = values
  const memory = await playMemory({ from, count: pure, players, say })
  const again = twice ? await playMemory({ from, count: pure, players, say }) : memory
  const gated = await playPostgres({ from, count: seeds, players, say, twice })
  const changed = gated.changed + (again.hash === memory.hash ? 0 : 1)
  const violations = memory.violations + gated.violations
  say(
    JSON.stringify({
      pureSeeds: memory.pureSeeds,
      gatedSeeds: gated.gatedSeeds,
      violations,
      steps: memory.steps + gated.steps,
      executed: memory.executed + gated.executed,
      pureHash: memory.hash,
      ...(twice ? { changed } : {}),
      seconds: Math.round((performance.now() - began) / 1000),
    }),
  )
  return violations + changed === 0
}

async function playOneInMemory(seed: number): Promise<boolean> {
  const [story, again] = [await playPure(seed), await playPure(seed)]
  for (const line of story.lines) say(line)
  if (story.findings.length > 0) await explain(story, say)
  const { hash, steps, executed } = story
  say(JSON.stringify({ seed, hash, steps, executed, violations: story.findings.length }))
  return story.findings.length === 0 && again.hash === hash
}

const { seed, 'pure-seed': pureSeed } = values
const isWell =
  pureSeed !== undefined
    ? await playOneInMemory(Number(pureSeed))
    : seed !== undefined
      ? await playOne(Number(seed), say)
      : await playMany()
if (!isWell) process.exitCode = 1
