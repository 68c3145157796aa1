/**
 * `npm run sim -- --seeds 200 [--from 1] [--players 2]` plays that many stories and judges each.
 * `npm run sim -- --seed 7` plays one, twice, and tells it. Ends with a line of JSON; fails when a promise was broken.
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { FULL_SIZE, type Size, type Story } from './gated.ts'
import { openHome } from './home.ts'
import { openPlayers, type Players } from './players.ts'
import { shrink } from './shrink.ts'

const PROGRESS_MS = 10_000

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    players: { type: 'string', default: String(availableParallelism()) },
  },
})

const say = (line: string): void => void process.stdout.write(`${line}\n`)

async function playMany(players: Players, from: number, count: number): Promise<boolean> {
  const began = performance.now()
  const sums = { gatedSeeds: 0, violations: 0, steps: 0, executed: 0 }
  const broken: Story[] = []
  const timer = setInterval(() => say(`${sums.gatedSeeds} of ${count} seeds`), PROGRESS_MS)
  await Promise.all(
    Array.from({ length: count }, async (_, place) => {
      const story = await players.play(from + place, FULL_SIZE)
      sums.gatedSeeds += 1
      sums.steps += story.steps
      sums.executed += story.executed
      if (story.findings.length > 0) {
        sums.violations += 1
        broken.push(story)
      }
    }),
  )
  clearInterval(timer)
  for (const story of broken.toSorted((a, b) => a.seed - b.seed)) await explain(players, story)
  say(JSON.stringify({ ...sums, seconds: Math.round((performance.now() - began) / 1000) }))
  return broken.length === 0
}

/** What went wrong, how to see it again, and the smallest story in which it does. */
async function explain(players: Players, broken: Story): Promise<void> {
  say(`\nseed ${broken.seed} breaks a promise: npm run sim -- --seed ${broken.seed}`)
  for (const { promise, what } of broken.findings) say(`  ${promise}: ${what}`)
  const { story, size } = await shrink(broken, FULL_SIZE, (smaller: Size) =>
    players.play(broken.seed, smaller),
  )
  say(`smallest story that does so, of ${JSON.stringify(size)}:`)
  for (const line of story.lines) say(`    ${line}`)
  for (const { promise, what } of story.findings) say(`  ${promise}: ${what}`)
}

async function playOne(players: Players, seed: number): Promise<boolean> {
  const [story, again] = [await players.play(seed, FULL_SIZE), await players.play(seed, FULL_SIZE)]
  for (const line of story.lines) say(line)
  for (const { promise, what } of story.findings) say(`  ${promise}: ${what}`)
  const { hash, steps, executed } = story
  say(JSON.stringify({ seed, hash, steps, executed, violations: story.findings.length }))
  if (again.hash !== hash) say(`played again it came out as ${again.hash}`)
  return story.findings.length === 0 && again.hash === hash
}

const home = await openHome()
const players = await openPlayers(home, values.seed === undefined ? Number(values.players) : 1)
try {
  const isWell =
    values.seed === undefined
      ? await playMany(players, Number(values.from), Number(values.seeds))
      : await playOne(players, Number(values.seed))
  if (!isWell) process.exitCode = 1
} finally {
  await players.close()
  await home.close()
}
