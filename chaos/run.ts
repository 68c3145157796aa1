/**
 * `npm run test:long [-- --minutes 10] [--seed 1] [--db-kills 500]`: the campaign with real processes. The last line of
 * standard output is its report, in JSON; exit code 1 when a promise was broken.
 */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { runChaos } from './run-chaos.ts'

const MINUTES = 10
const SEEDS = 1_000_000

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    seed: { type: 'string' },
    'db-kills': { type: 'string', default: '0' },
  },
})
const dbKills = whole('db-kills', values['db-kills'])
const seed = values.seed === undefined ? randomInt(SEEDS) : whole('seed', values.seed)
// Kills of the database are an end of their own.
const minutes = Number(values.minutes ?? (dbKills > 0 ? 0 : MINUTES))
if (!(minutes >= 0)) throw new RangeError('--minutes takes a number')

const from = performance.now()
const say = (line: string): void => {
  const seconds = ((performance.now() - from) / 1000).toFixed(0)
  process.stderr.write(`${seconds.padStart(5)} s  ${line}\n`)
}
say(`seed ${seed}`)
const report = await runChaos({ minutes, seed, dbKills, say })
process.stdout.write(`${JSON.stringify(report)}\n`)
process.exitCode = report.findings.length === 0 ? 0 : 1

function whole(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`--${name} takes a whole number`)
  return value
}
