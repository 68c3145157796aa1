/**
 * `npm run proof -- --json --minutes 30 [--from 1]`: everything that tries the promises, one after the other, at a size
 * that fits the time: stories in memory and on PostgreSQL, crash points, the garden, real processes that are killed.
 * Progress goes to standard error; the last line of standard output is the count of this very run. Fails when a promise
 * was broken or a planted fault was not found.
 */
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { runChaos } from '../chaos/run-chaos.ts'
import { playMemory, playPostgres } from '../sim/campaign.ts'
import { inRotation, look } from '../sim/garden-walk.ts'
import { openHome, type Home } from '../sim/home.ts'

const MINUTE_MS = 60_000
/** Of the time there is. What crash points need depends on the machine; the rest of it is theirs. */
const SHARES = { memory: 0.15, postgres: 0.2, garden: 0.25, chaos: 0.25 }
/** Every fall at every point of every path takes so long. */
const FULL_MATRIX_MINUTES = 150
const PLANT_MOST = { pure: 20_000, gated: 60 }

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '30' },
    from: { type: 'string' },
  },
})
const minutes = Number(values.minutes)
if (!(minutes > 0)) throw new RangeError('--minutes takes a number above 0')
/** Each run begins elsewhere, so that runs add up. */
const from = values.from === undefined ? Math.floor(Date.now() / 1000) : Number(values.from)

const say = (line: string): void => void process.stderr.write(`${line}\n`)
const until = (share: number): number => performance.now() + share * minutes * MINUTE_MS

/** As far as the time goes. */
async function walkGarden(end: number): Promise<{ planted: number; found: number }> {
  let home: Promise<Home> | undefined
  let [planted, found] = [0, 0]
  try {
    for (const plant of inRotation(new Date())) {
      if (performance.now() > end) break
      const seen = await look(() => (home ??= openHome()), plant, PLANT_MOST)
      planted += 1
      if (seen) found += 1
      say(`${plant.name}: ${seen ? `${seen.stories} in ${seen.tier}` : 'NOT FOUND'}`)
    }
  } finally {
    await (await home)?.close()
  }
  return { planted, found }
}

const CLOSING_LINE = /^(\d+) passed, (\d+) failed/m

function runCrashTests(): Promise<{ runs: number; failures: number }> {
  const args =
    minutes >= FULL_MATRIX_MINUTES
      ? ['--config', 'test/crash/vitest.config.ts']
      : ['--project', 'node', 'test/crash']
  return new Promise((resolve, reject) => {
    const child = spawn('vitest', ['run', ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
    child.once('error', reject)
    child.once('close', () => {
      const [, passed, failed] = CLOSING_LINE.exec(text) ?? []
      if (passed === undefined) return reject(new Error(text))
      if (failed !== '0') say(text)
      resolve({ runs: Number(passed) + Number(failed), failures: Number(failed) })
    })
  })
}

const players = availableParallelism()
const stories = { from, count: Infinity, players, say }
const memory = await playMemory({ ...stories, until: until(SHARES.memory) })
const postgres = await playPostgres({ ...stories, until: until(SHARES.postgres) })
const crash = await runCrashTests()
const garden = await walkGarden(until(SHARES.garden))
const chaos = await runChaos({ minutes: SHARES.chaos * minutes, seed: from, say })
for (const finding of chaos.findings) say(finding)

const sums = {
  pureSeeds: memory.pureSeeds,
  gatedSeeds: postgres.gatedSeeds,
  violations: memory.violations + postgres.violations + chaos.findings.length,
  crashRuns: crash.runs,
  crashFailures: crash.failures,
  gardenPlanted: garden.planted,
  gardenFound: garden.found,
  races: chaos.races,
  dbKills: chaos.dbKills,
  lostAcks: chaos.lostAcks,
}
if (!values.json) {
  say(
    `${sums.pureSeeds} stories in memory, ${sums.gatedSeeds} on PostgreSQL, ${crash.runs} crash tests`,
  )
  say(
    `${garden.found} of ${garden.planted} planted faults found, ${chaos.dbKills} kills of the database survived`,
  )
}
process.stdout.write(`${JSON.stringify(sums)}\n`)
const isWell =
  sums.violations === 0 &&
  sums.crashFailures === 0 &&
  sums.gardenFound === sums.gardenPlanted &&
  sums.lostAcks === 0 &&
  sums.races.overRefunds === 0
if (!isWell) process.exitCode = 1
