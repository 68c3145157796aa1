/**
 * The campaign: tills work through three nodes while everything under them is killed, stopped, cut and slowed; then all
 * is mended, everything must end, and what was told, stored and executed is judged.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { drawFrom, type Draw } from '../sim/draw.ts'
import { readFacts, readOpen, readTrouble } from './facts.ts'
import {
  onChannel,
  onDatabase,
  onNode,
  onWires,
  type Gremlin,
  type Harm,
  type Wait,
} from './gremlins.ts'
import { newHistory } from './history.ts'
import { judge, type Verdict } from './judge.ts'
import { setStage, type Closing, type Stage } from './stage.ts'
import { decide, runSupervisor } from './supervisor.ts'
import { ask, openShop, runTill, type Shop } from './tills.ts'

export type Campaign = {
  readonly minutes: number
  readonly seed: number
  /** It also goes on until so many kills of a database server or one of its backends were survived. */
  readonly dbKills?: number
  readonly say: (line: string) => void
}

export type Report = Omit<Verdict, 'violations'> &
  Harm & {
    /** Stored, and executed at the channel. */
    readonly refunds: number
    readonly executed: number
    readonly acknowledged: number
    /** Requests that were answered by nobody, or by "ask again". */
    readonly unanswered: number
    readonly refusals: Readonly<Record<string, number>>
    /** Payments that several tills asked more of than they have. */
    readonly races: { readonly payments: number; readonly overRefunds: number }
    readonly findings: readonly string[]
  }

const NODES = 3
const TILLS = 16
const SAY_EVERY_MS = 10_000
/** How soon a wait sees that the campaign is over. */
const LOOK_EVERY_MS = 100
const MINUTE_MS = 60_000
/** Between two harms, ms: all alike, or mostly of the database; nodes that begin need one to begin with. */
const RESTS = { node: [2_000, 10_000], database: [8_000, 12_000] } as const
const RESTS_DATABASE = { node: [20_000, 100_000], database: [700, 1_050] } as const
/** The channel's minute between two refunds of a payment, questions to it, a breaker that tries again. */
const END_WITHIN_MS = 8 * MINUTE_MS
const ASK_EVERY_MS = 1_000
const ASK_AT_ONCE = 8
const FINDINGS_MAX = 50

/**
 * What is done and when is drawn from the seed. It is no replay: how far real processes have got by then is up to the
 * machine, so a run that finds something leaves its logs and its history behind.
 */
export async function runChaos({ minutes, seed, dbKills = 0, say }: Campaign): Promise<Report> {
  const closing: Closing = []
  let closed: Promise<void> | null = null
  const close = () => (closed ??= closeAll(closing))
  const interrupted = () => void close().finally(() => process.exit(130))
  // The first thing opened is the folder; what was found in it stays to be looked at.
  const keepFolder = () => {
    if (closing.length > 0) closing[0] = async () => say('its folder is kept for a look')
  }
  process.once('SIGINT', interrupted)
  process.once('SIGTERM', interrupted)
  try {
    const stage = await setStage(NODES, closing)
    say(`everything lies in ${stage.folder}`)
    const draw = drawFrom(seed)
    const shop = openShop(stage, newHistory())
    const harm: Harm = { nodeKills: 0, dbKills: 0, stops: 0, cuts: 0 }
    const telling = setInterval(() => say(progress(shop, harm)), SAY_EVERY_MS)
    closing.push(async () => clearInterval(telling))

    const until = performance.now() + minutes * MINUTE_MS
    const goesOn = () => performance.now() < until || harm.dbKills < dbKills
    const rests = dbKills > 0 ? RESTS_DATABASE : RESTS
    const gremlins = [
      ...stage.nodes.map((node) => onNode(node, rests.node)),
      onWires,
      onChannel,
      onDatabase(rests.database),
    ]
    const work = [
      ...Array.from({ length: TILLS }, (_, n) => runTill(shop, draw.fork(`till ${n}`), goesOn)),
      runSupervisor(shop, draw.fork('supervisor'), goesOn),
    ]
    const harming = Promise.all(
      gremlins.map((gremlin, n) => plague(stage, gremlin, draw.fork(`gremlin ${n}`), harm, goesOn)),
    )
    // Tills hear the last of their answers when nothing stands in the way any more.
    await Promise.all([harming.then(() => mend(stage)), ...work])
    say('all is mended, and every till has been answered')
    await waitForEnds(shop, draw.fork('end'), say)
    return await report(shop, harm, keepFolder)
  } catch (error) {
    keepFolder()
    throw error
  } finally {
    await close()
    process.off('SIGINT', interrupted)
    process.off('SIGTERM', interrupted)
  }
}

async function plague(
  stage: Stage,
  { rest, strike }: Gremlin,
  draw: Draw,
  harm: Harm,
  goesOn: () => boolean,
): Promise<void> {
  const wait: Wait = async (leastMs, mostMs) => {
    const until = performance.now() + leastMs + draw.below(mostMs - leastMs + 1)
    for (
      let left = until - performance.now();
      left > 0 && goesOn();
      left = until - performance.now()
    )
      await delay(Math.min(left, LOOK_EVERY_MS))
  }
  for (;;) {
    await wait(...rest)
    if (!goesOn()) return
    await strike({ stage, draw, harm, wait })
  }
}

async function mend({ nodes, channel, front, sandbox }: Stage): Promise<void> {
  sandbox.faults.clear()
  for (const wire of [channel, front, ...nodes.map(({ database }) => database)]) wire.mend()
  for (const { program } of nodes) program.signal('SIGCONT')
  await Promise.all(nodes.map(({ program }) => program.begin()))
}

/** People decide what waits for them, and ask about what is under way; nothing else is done to make it end. */
async function waitForEnds(shop: Shop, draw: Draw, say: (line: string) => void): Promise<void> {
  const until = performance.now() + END_WITHIN_MS
  let told = 0
  while (performance.now() < until) {
    const open = await readOpen(shop.stage)
    if (open.length === 0) return
    if (open.length !== told) say(`${open.length} refunds have not ended`)
    told = open.length
    const asked = open.filter(({ state }) => state !== 'approved').values()
    await Promise.all(
      Array.from({ length: ASK_AT_ONCE }, async () => {
        for (const { no, state } of asked) {
          if (state === 'requested') await decide(shop, draw, no)
          else await ask(shop, draw, 'zhang', 'POST', `/v1/refunds/${no}/query`)
        }
      }),
    )
    await delay(ASK_EVERY_MS)
  }
}

async function report(shop: Shop, harm: Harm, keepFolder: () => void): Promise<Report> {
  const { stage, history } = shop
  const facts = await readFacts(stage, history)
  const { violations, ...counts } = judge(facts)
  const trouble = [
    ...violations.map(({ promise, what }) => `${promise}: ${what}`),
    ...(await readTrouble(stage)),
    // Nothing else is wrong with what tills ask for.
    ...history.refused
      .filter(({ code }) => code !== '409 over_room')
      .map(({ no, code }) => `${no} was refused: ${code}`),
    ...stage.nodes.flatMap(({ program }, n) =>
      program.ownEnds().map((how) => `node ${n} ended by itself: ${how}`),
    ),
  ]
  if (trouble.length > 0) {
    await writeFile(join(stage.folder, 'facts.json'), JSON.stringify({ trouble, facts }, null, 1))
    keepFolder()
  }
  const raced = facts.payments.filter(({ no }) => shop.raced.has(no))
  return {
    refunds: facts.refunds.length,
    executed: facts.executed.length,
    acknowledged: new Set(history.acks.map(({ no }) => no)).size,
    unanswered: history.unanswered,
    ...harm,
    ...counts,
    races: {
      payments: raced.length,
      overRefunds: judge({ ...facts, payments: raced }).overRefunds,
    },
    refusals: Object.fromEntries(history.refusals),
    findings: trouble.slice(0, FINDINGS_MAX),
  }
}

const progress = ({ stage, history }: Shop, harm: Harm): string =>
  `${history.acks.length} acknowledged, ${stage.sandbox.book.executedRefunds().length} executed; ` +
  `killed: ${harm.nodeKills} nodes, ${harm.dbKills} databases; ${harm.stops} stops, ${harm.cuts} cuts`

async function closeAll(closing: Closing): Promise<void> {
  for (let close = closing.pop(); close; close = closing.pop()) {
    await close().catch((error: unknown) => process.stderr.write(`${String(error)}\n`))
  }
}
