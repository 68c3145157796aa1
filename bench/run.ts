/**
 * `npm run bench [-- --json] [--seconds N] [--past N]`: refunds per second through HTTP with a channel that costs nothing and
 * with the sandbox, and through the commands alone, each beside the floor of the same run. Every measurement ends
 * with the audit: a figure under which anything was lost or unbalanced is not shown.
 */
import { parseArgs } from 'node:util'
import { checkBooks, countRefunds, waitUntilSettled } from './checks.ts'
import { median, summarise, type Figures } from './figures.ts'
import { measureFloor, prepareFloor } from './floor.ts'
import { driveCommands } from './in-process.ts'
import type { Load, Loaded, Spans } from './load.ts'
import { asJson, asTable, describeMachine, type Run } from './report.ts'
import { PIECES } from './shop.ts'
import { setStage, type Stage } from './stage.ts'

const SECONDS = 8
const SECONDS_MAX = 600
/** Refunds that lie in the tables before anything is measured. */
const PAST = 20_000
const PAST_MAX = 100_000_000
const WARM_UP_MS = 2_000
const BATCHES = [1, 16, 64]
const CLIENTS = [1, 32, 128]
/** At the null channel refunds of one payment may follow each other; enough that they never overlap. */
const NULL_PAYMENTS = 5_000
/** WeChat Pay wants a minute between two refunds of one payment: one each, and more than are used up. */
const SANDBOX_PAYMENTS_PER_SECOND = 400

type Measured = Figures & {
  readonly name: string
  readonly clients: number
  readonly drainMs: number
}

async function measureAll(
  stage: Stage,
  spans: Spans,
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
  await prepareFloor(stage.pool)
  await floor()
  for (const batch of BATCHES) add(await measureCommands(stage, batch, spans))
  for (const clients of CLIENTS) add(await measureHttp(stage, 'null-channel', clients, spans))
  await floor()
  for (const clients of CLIENTS) add(await measureHttp(stage, 'sandbox', clients, spans))
  await floor()
  return { floors, runs }
}

async function measureCommands(stage: Stage, batch: number, spans: Spans): Promise<Measured> {
  const shop = stage.shops.null
  const { core } = stage.yuanlu
  const stock = await stage.newStock(shop, NULL_PAYMENTS, PIECES)
  const before = await countRefunds(core.db, shop.tenant)
  const { figures, acknowledged } = await driveCommands(core, shop, { batch, stock, spans })
  const drainMs = await waitUntilSettled(core.db, shop.tenant)
  await checkBooks(core.db, shop.tenant, before, acknowledged)
  return { name: 'commands-in-process', clients: batch, ...figures, drainMs }
}

async function measureHttp(
  stage: Stage,
  name: 'null-channel' | 'sandbox',
  clients: number,
  spans: Spans,
): Promise<Measured> {
  const shop = name === 'sandbox' ? stage.shops.sandbox : stage.shops.null
  const { url, core } = stage.yuanlu
  const stock =
    name === 'sandbox'
      ? await stage.newStock(shop, sandboxPayments(spans), 1)
      : await stage.newStock(shop, NULL_PAYMENTS, PIECES)
  const before = await countRefunds(core.db, shop.tenant)
  const executedBefore = await stage.executedAtSandbox()
  const load: Load = { url, headers: shop.headers, clients, stock, spans }
  const loaded = await stage.clients.ask<Loaded>(load)
  const [fault] = Object.entries(loaded.refused)
  if (fault) {
    const [status, { count, body }] = fault
    throw new Error(`${name}: ${count} requests were answered ${status}: ${body}`)
  }
  const drainMs = await waitUntilSettled(core.db, shop.tenant)
  await checkBooks(core.db, shop.tenant, before, loaded.acknowledged)
  const executed = (await stage.executedAtSandbox()) - executedBefore
  const expected = name === 'sandbox' ? loaded.acknowledged : 0
  if (executed !== expected) {
    throw new Error(`${expected} refunds belong in the sandbox's book, ${executed} are there`)
  }
  return { name, clients, ...summarise(loaded.tookMs, spans.measureMs), drainMs }
}

const sandboxPayments = (spans: Spans): number =>
  Math.ceil((SANDBOX_PAYMENTS_PER_SECOND * (spans.warmUpMs + spans.measureMs)) / 1000)

/** Progress goes to standard error: the last line of standard output is the result. */
const tell = (text: string): void => void process.stderr.write(`${text}\n`)

type Arguments = { readonly json: boolean; readonly spans: Spans; readonly past: number }

function readArguments(): Arguments {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      seconds: { type: 'string', default: String(SECONDS) },
      past: { type: 'string', default: String(PAST) },
    },
  })
  const seconds = wholeNumber('--seconds', values.seconds, SECONDS_MAX)
  return {
    json: values.json,
    spans: { warmUpMs: WARM_UP_MS, measureMs: seconds * 1000 },
    past: wholeNumber('--past', values.past, PAST_MAX),
  }
}

function wholeNumber(name: string, text: string, most: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1 && value <= most) return value
  throw new RangeError(`${name} takes a whole number from 1 to ${most}`)
}

async function main(): Promise<void> {
  const { json, spans, past } = readArguments()
  const closing: (() => Promise<unknown>)[] = []
  const closeAll = async () => {
    for (let close = closing.pop(); close; close = closing.pop()) await close()
  }
  process.once('SIGINT', () => void closeAll().finally(() => process.exit(130)))
  try {
    const stage = await setStage(past, closing, tell)
    const { floors, runs } = await measureAll(stage, spans)
    const { rows } = await stage.pool.query<{ server_version: string }>('show server_version')
    const floorPerSecond = median(floors)
    const report = {
      floorPerSecond,
      floors,
      machine: describeMachine(rows[0]?.server_version ?? 'unknown'),
      runs: runs.map((run): Run => ({ ...run, ratioToFloor: run.perSecond / floorPerSecond })),
    }
    console.log(asTable(report))
    if (json) console.log(asJson(report))
  } finally {
    await closeAll()
  }
}

await main()
