/**
 * One story in memory: the rules of the product on rows of a shop that no database keeps, with the channel's logic behind
 * a network that loses, delays and garbles. Thousands of times as many of these can be played as of those on PostgreSQL;
 * they know nothing of locks and connections, and all the more of channels and of what may follow upon what.
 */
import type { Draw } from '../draw.ts'
import { hashOf, type Story } from '../story.ts'
import { playTaking } from './taking-story.ts'
import { believe } from './believe.ts'
import { judgeAtRest } from './judge.ts'
import { mend } from './mend.ts'
import { actOf } from './people.ts'
import {
  arrive,
  begin,
  bounce,
  deliver,
  judgeIfChanged,
  openTale,
  pass,
  PURE_SIZE,
  sweep,
  type PureSize,
  type Tale,
} from './tale.ts'

const ROUNDS_EACH = 14

/** One of so many is about payments. */
const TAKINGS = 5

/** What kind of story it is, its number says. */
export const playPure = (seed: number, size: PureSize = PURE_SIZE): Promise<Story> =>
  seed % TAKINGS === 0 ? playTaking(seed, size) : playRefunds(seed, size)

async function playRefunds(seed: number, size: PureSize): Promise<Story> {
  const lines: string[] = []
  const tale = openTale(seed, size, (line) => void lines.push(line))
  const happenings = tale.draw.fork('world')
  // What is to stay unclear is soon let alone: later it would be too late for a slow request to be taken.
  await trouble(tale, tale.isUnclear ? 1 : size.acts, happenings)
  if (tale.isUnclear || !tale.isHonest) {
    await believe(tale, happenings)
    if (tale.findings.length === 0) await trouble(tale, size.acts, happenings)
  }
  if (tale.findings.length === 0) await mend(tale, happenings)
  if (tale.findings.length === 0) {
    tale.findings.push(...judgeAtRest(tale.shop, tale.bank, tale.isHonest, tale.acknowledged))
  }
  const end = [...tale.shop.refunds.values()].map(({ row, attempts }) => [
    row.refund_no,
    row.state,
    ...attempts.map((each) => each.state),
  ])
  return {
    seed,
    findings: tale.findings,
    hash: hashOf(lines, end),
    steps: tale.queue.steps(),
    executed: tale.bank.world.book.executedRefunds().length,
    lines,
  }
}

/** People act, processes take turns, and everything else happens, all in the order the seed draws. */
async function trouble(tale: Tale, most: number, draw: Draw): Promise<void> {
  const { queue, findings } = tale
  const likely = happenings(tale, draw)
  let acts = most
  let left = most * ROUNDS_EACH
  while (left-- > 0) {
    if (acts > 0 && draw.chance(0.2)) {
      acts -= 1
      await begin(tale, actOf(tale, draw.fork(`act ${acts}`)))
    } else {
      const happens = likely.find((each) => draw.chance(each.chance))
      if (happens) await happens.act()
      else await queue.step()
    }
    judgeIfChanged(tale)
    if (findings.length > 0) return
  }
}

type Happening = { readonly chance: number; readonly act: () => unknown }

/** Each story has its own weather. */
function happenings(tale: Tale, draw: Draw): Happening[] {
  const rate = (most: number) => (draw.chance(0.8) ? (most * (1 + draw.below(100))) / 100 : 0)
  return [
    { chance: 0.02 + rate(0.2), act: () => pass(tale, draw) },
    { chance: 0.1 + rate(0.2), act: () => sweep(tale) },
    { chance: rate(tale.isHonest ? 0.2 : 0.02), act: () => deliver(tale, draw) },
    { chance: rate(tale.isUnclear ? 0.01 : 0.1), act: () => arrive(tale, draw) },
    { chance: rate(0.05), act: () => tale.queue.fall() },
    { chance: rate(0.02), act: () => bounce(tale, draw) },
  ]
}
