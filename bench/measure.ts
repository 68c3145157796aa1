/** One measurement each: a load, and after it the proof that nothing was lost or unbalanced. */
import { checkBooks, countRefunds, waitUntilSettled } from './checks.ts'
import { summarise, type Figures } from './figures.ts'
import { driveCommands } from './in-process.ts'
import type { Load, Loaded, Spans } from './load.ts'
import { PIECES } from './shop.ts'
import type { Stage } from './stage.ts'

/** At the null channel refunds of one payment may follow each other; enough that they never overlap. */
const NULL_PAYMENTS = 5_000
/** WeChat Pay wants a minute between two refunds of one payment: one each, and more than are used up. */
const SANDBOX_PAYMENTS_PER_SECOND = 1_000

export type Measured = Figures & {
  readonly name: string
  readonly clients: number
  /** Requests per second that were begun whatever became of those before; null: each till waited for its answer. */
  readonly ratePerSecond: number | null
  readonly drainMs: number
}

export async function measureCommands(
  stage: Stage,
  batch: number,
  spans: Spans,
): Promise<Measured> {
  const shop = stage.shops.null
  const { core } = stage.yuanlu
  const stock = await stage.newStock(shop, NULL_PAYMENTS, PIECES)
  const before = await countRefunds(core.db, shop.tenant)
  const { figures, acknowledged } = await driveCommands(core, shop, { batch, stock, spans })
  const drainMs = await waitUntilSettled(core.db, shop.tenant)
  await checkBooks(core, shop.tenant, before, acknowledged)
  return { name: 'commands-in-process', clients: batch, ratePerSecond: null, ...figures, drainMs }
}

export async function measureHttp(
  stage: Stage,
  of: {
    readonly name: 'null-channel' | 'sandbox'
    readonly clients: number
    readonly ratePerSecond: number | null
  },
  spans: Spans,
): Promise<Measured> {
  const { name, clients, ratePerSecond } = of
  const shop = name === 'sandbox' ? stage.shops.sandbox : stage.shops.null
  const { url, core } = stage.yuanlu
  const stock =
    name === 'sandbox'
      ? await stage.newStock(shop, sandboxPayments(spans), 1)
      : await stage.newStock(shop, NULL_PAYMENTS, PIECES)
  const before = await countRefunds(core.db, shop.tenant)
  const executedBefore = await stage.executedAtSandbox()
  const load: Load = { url, headers: shop.headers, clients, ratePerSecond, stock, spans }
  const loaded = await stage.clients.ask<Loaded>(load)
  const [fault] = Object.entries(loaded.refused)
  if (fault) {
    const [status, { count, body }] = fault
    throw new Error(`${name}: ${count} requests were answered ${status}: ${body}`)
  }
  const drainMs = await waitUntilSettled(core.db, shop.tenant)
  await checkBooks(core, shop.tenant, before, loaded.acknowledged)
  const executed = (await stage.executedAtSandbox()) - executedBefore
  const expected = name === 'sandbox' ? loaded.acknowledged : 0
  if (executed !== expected) {
    throw new Error(`${expected} refunds belong in the sandbox's book, ${executed} are there`)
  }
  return { ...of, ...summarise(loaded.tookMs, spans.measureMs), drainMs }
}

const sandboxPayments = (spans: Spans): number =>
  Math.ceil((SANDBOX_PAYMENTS_PER_SECOND * (spans.warmUpMs + spans.measureMs)) / 1000)
