/** The middle of some stories: little is known of anything, people end what stays unclear, and believe what is said to that. */
import type { Draw } from '../draw.ts'
import { NO_FAULTS } from '../network.ts'
import { makeDue, stop } from './acts.ts'
import { spend } from './people.ts'
import { arrive, begin, judgeIfChanged, sweep, type Tale } from './tale.ts'
import { LEASE_MS } from './turns.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const ROUNDS = 14
const WAITS = [10 * SECOND, 30 * SECOND, LEASE_MS + SECOND, MINUTE, 2 * MINUTE, 6 * MINUTE]
/** Questions come back with an answer, true or not. */
const ANSWERING = { ...NO_FAULTS, requestLate: 0.3, answerLost: 0.2, hidden: 0.6 }
const STEPS_MOST = 16

export async function believe(tale: Tale, draw: Draw): Promise<void> {
  const { shop, network, findings } = tale
  for (const { row } of shop.refunds.values()) {
    if (row.state === 'sending' && draw.chance(0.8)) stop(tale, row.refund_no)
  }
  network.become(ANSWERING)
  const weather = {
    asks: draw.pick([0.2, 0.5, 0.9]),
    sleeps: draw.pick([0.1, 0.5]),
    wakes: draw.pick([0.1, 0.4]),
    falls: draw.pick([0, 0, 0.3]),
    arrives: draw.pick([0.1, 0.4]),
    waits: draw.pick([WAITS, WAITS.slice(0, 4)]),
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    await shop.time.advance(draw.pick(weather.waits))
    if (draw.chance(weather.asks)) await ask(tale, draw)
    await work(tale, draw, weather)
    if (network.underWay().length > 0 && draw.chance(weather.arrives)) await arrive(tale, draw)
    judgeIfChanged(tale)
    if (findings.length > 0) return
  }
  // What seems free is given out.
  if (draw.chance(0.5)) await begin(tale, spend(tale, draw))
}

/** Somebody looks at a refund in the moment in which it is asked about anyway. */
async function ask(tale: Tale, draw: Draw): Promise<void> {
  for (const { row } of tale.shop.refunds.values()) {
    if (draw.chance(0.5)) makeDue(tale.shop, row.refund_no)
  }
  await sweep(tale)
}

/** Of a process: it has its answer, and has told nobody. */
const ANSWERED = 'writes down the answer'

/** Who sleeps brings an old answer; who falls, none. */
async function work(
  { queue }: Tale,
  draw: Draw,
  { sleeps, falls, wakes }: Record<'sleeps' | 'falls' | 'wakes', number>,
): Promise<void> {
  if (draw.chance(sleeps)) queue.sleep(ANSWERED)
  for (let steps = draw.below(STEPS_MOST); steps > 0 && (await queue.step()); steps -= 1);
  if (draw.chance(falls)) queue.fall()
  if (draw.chance(wakes)) queue.wake()
}
