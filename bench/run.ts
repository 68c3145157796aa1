/**
 * `npm run bench [-- --json] [--seconds N] [--past N] [--rate N] [--only NAME]`: refunds per second through HTTP with a
 * channel that costs nothing and with the sandbox, and through the commands alone, each beside the floor of the same run;
 * and how long an answer takes at a fixed load. Every measurement ends with the audit: a figure under which anything was
 * lost or unbalanced is not shown.
 *
 * `--past`: refunds that lie in the tables before. `--rate`: the fixed load in refunds per second, else half the floor.
 * `--only`: the runs of this name.
 */
import { parseArgs } from 'node:util'
import { median } from './figures.ts'
import { measureFloor, prepareFloor } from './floor.ts'
import type { Spans } from './load.ts'
import { measureCommands, measureHttp, type Measured } from './measure.ts'
import { asJson, asTable, describeMachine, type Run } from './report.ts'
import { measureSigning } from './signing.ts'
import { setStage, type Stage } from './stage.ts'

const SECONDS = 8
const SECONDS_MAX = 600
/** Refunds that lie in the tables before anything is measured. */
const PAST = 20_000
const PAST_MAX = 100_000_000
const RATE_MAX = 100_000
const WARM_UP_MS = 2_000
const BATCHES = [1, 16, 64]
const CLIENTS = [1, 32, 64, 128]
/** Of the floor, for the fixed load. */
const FIXED_SHARE = 0.5

const NAMES = ['commands-in-process', 'null-channel', 'fixed-load', 'sandbox'] as const
type Name = (typeof NAMES)[number]

type Arguments = {
  readonly json: boolean
  readonly spans: Spans
  readonly past: number
  /** Refunds per second; null: a share of the floor. */
  readonly rate: number | null
  readonly names: readonly Name[]
}

async function measureAll(
  stage: Stage,
  { spans, rate, names }: Arguments,
): Promise<{ floors: number[]; runs: Measured[] }> {
  const floors: number[] = []
  const runs: Measured[] = []
  const floor = async () => {
    const figures = await measureFloor(stage.pool, spans)
    floors.push(figures.perSecond)
    tell(`floor: ${figures.perSecond.toFixed(0)} refunds/s`)
  }
  const add = (run: Measured) => {
    runs.push(run)
    tell(`${run.name} ${run.clients}: ${run.perSecond.toFixed(0)} refunds/s`)
  }
  const closed = async (name: 'null-channel' | 'sandbox') => {
    if (!names.includes(name)) return
    for (const clients of CLIENTS)
      add(await measureHttp(stage, { name, clients, ratePerSecond: null }, spans))
  }
  await prepareFloor(stage.pool)
  await floor()
  if (names.includes('commands-in-process')) {
    for (const batch of BATCHES) add(await measureCommands(stage, batch, spans))
  }
  await closed('null-channel')
  await floor()
  if (names.includes('fixed-load')) {
    const ratePerSecond = rate ?? Math.max(1, Math.round(median(floors) * FIXED_SHARE))
    const clients = Math.max(...CLIENTS)
    add(await measureHttp(stage, { name: 'null-channel', clients, ratePerSecond }, spans))
  }
  await closed('sandbox')
  await floor()
  return { floors, runs }
}

/** Progress goes to standard error: the last line of standard output is the result. */
const tell = (text: string): void => void process.stderr.write(`${text}\n`)

function readArguments(): Arguments {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      seconds: { type: 'string', default: String(SECONDS) },
      past: { type: 'string', default: String(PAST) },
      rate: { type: 'string' },
      only: { type: 'string' },
    },
  })
  const seconds = wholeNumber('--seconds', values.seconds, SECONDS_MAX)
  const { only } = values
  const names = only === undefined ? NAMES : NAMES.filter((name) => name === only)
  if (names.length === 0) throw new RangeError(`--only takes one of ${NAMES.join(', ')}`)
  return {
    json: values.json,
    spans: { warmUpMs: WARM_UP_MS, measureMs: seconds * 1000 },
    past: wholeNumber('--past', values.past, PAST_MAX),
    rate: values.rate === undefined ? null : wholeNumber('--rate', values.rate, RATE_MAX),
    names,
  }
}

function wholeNumber(name: string, text: string, most: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1 && value <= most) return value
  throw new RangeError(`${name} takes a whole number from 1 to ${most}`)
}

async function main(): Promise<void> {
  const given = readArguments()
  const closing: (() => Promise<unknown>)[] = []
  const closeAll = async () => {
    for (let close = closing.pop(); close; close = closing.pop()) await close()
  }
  process.once('SIGINT', () => void closeAll().finally(() => process.exit(130)))
  try {
    const stage = await setStage(given.past, closing, tell)
    const signaturesPerSecond = measureSigning()
    const { floors, runs } = await measureAll(stage, given)
    const { rows } = await stage.pool.query<{ server_version: string }>('show server_version')
    const floorPerSecond = median(floors)
    const report = {
      floorPerSecond,
      floors,
      past: given.past,
      signaturesPerSecond,
      machine: describeMachine(rows[0]?.server_version ?? 'unknown'),
      runs: runs.map((run): Run => ({ ...run, ratioToFloor: run.perSecond / floorPerSecond })),
    }
    console.log(asTable(report))
    if (given.json) console.log(asJson(report))
  } finally {
    await closeAll()
  }
}

await main()
