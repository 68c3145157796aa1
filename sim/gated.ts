/**
 * One story on real PostgreSQL: tills and sweepers on several nodes run the real commands, one statement or one leg of an
 * exchange at a time, while nodes fall and sleep, connections end, commits are lost and the channel misbehaves. Then
 * everything is mended, and what is left is judged by the channel's book.
 */
import { inTenant } from '../src/db/connect.ts'
import { openBank } from './bank.ts'
import type { StoryDatabase } from './database.ts'
import { drawFrom, type Draw } from './draw.ts'
import { judgeAtRest, judgeAttempts, judgeNow, type Finding, type JudgedAttempt } from './judge.ts'
import { judgePayments, judgePaymentsAtRest, type JudgedPayment } from './judge-payments.ts'
import { openNetwork } from './network.ts'
import { openPlace, type Play } from './play.ts'
import { openStoryShop } from './shop.ts'
import { calmer } from './shrink.ts'
import { hashOf, type Story } from './story.ts'
import { openStage, type StepKind, type Verdict } from './stage.ts'
import { FAMILIES, troubleOf, type Family, type Trouble } from './swarm.ts'
import { workAtTill } from './tills.ts'
import { storyTime } from './time.ts'
import { happen, mend, sweep } from './world.ts'

/** What a story is made of; a smaller one is easier to read. */
export type Size = {
  readonly tills: number
  readonly actsEach: number
  readonly nodes: number
  readonly payments: number
  readonly families: readonly Family[]
}

export const FULL_SIZE: Size = { tills: 3, actsEach: 6, nodes: 2, payments: 2, families: FAMILIES }

export const smallerThan = (size: Size): Size[] => [
  ...(['tills', 'actsEach', 'nodes', 'payments'] as const)
    .filter((part) => size[part] > 1)
    .map((part) => ({ ...size, [part]: size[part] - 1 })),
  ...calmer(size),
]

const START_MS = Date.UTC(2026, 10, 26, 2)
const STEPS_MAX = 20_000
/** Looking at everything after each single step would cost more than the steps. */
const STEPS_JUDGED = 20

/** @param tenant a merchant that no other story of this database has. */
export async function playGated(
  database: StoryDatabase,
  seed: number,
  tenant: number,
  size: Size = FULL_SIZE,
): Promise<Story> {
  const draw = drawFrom(seed)
  const lines: string[] = []
  const play = openPlay(database, draw, tenant, size, (line) => void lines.push(line))
  try {
    await database.setTime(play.time.now())
    await database.lookAt(tenant)
    await openStoryShop(play, size.payments)
    const happenings = draw.fork('world')
    await trouble(play, size, happenings)
    // What follows runs freely, and what it tells comes in whatever order.
    const gated = [...lines]
    if (play.findings.length === 0) await mend(play, happenings)
    if (play.findings.length === 0) {
      const { payments } = await readStanding(play)
      play.findings.push(
        ...(await judgeAtRest(play)),
        ...judgePayments(payments, play.bank.orders.of),
        ...judgePaymentsAtRest(payments, play.taken),
      )
    }
    const end = await endOf(play)
    return {
      seed,
      findings: play.findings,
      hash: hashOf(gated, end),
      steps: play.stage.steps(),
      executed: play.bank.world.book.executedRefunds().length,
      lines,
    }
  } finally {
    await close(play)
  }
}

function openPlay(
  database: StoryDatabase,
  draw: Draw,
  tenant: number,
  size: Size,
  tell: (line: string) => void,
): Play {
  const time = storyTime(START_MS)
  const trouble = troubleOf(draw.fork('trouble'), size.families)
  const faults = draw.fork('faults')
  const stage = openStage({
    draw: draw.fork('order'),
    verdict: (kind) => verdictOf(kind, faults, trouble),
    blocked: database.blocked,
    tell,
  })
  const leg = async (what: string): Promise<void> => void (await stage.gate('step', what))
  const bank = openBank(time, draw.fork('bank'), trouble.fate)
  const network = openNetwork({
    bank,
    time,
    draw: draw.fork('network'),
    faults: trouble.network,
    gate: leg,
    tell,
  })
  const parts = { database, stage, bank, network, time, draw }
  return {
    ...parts,
    tenant,
    trouble,
    tell,
    places: Array.from({ length: size.nodes }, (_, at) => openPlace(parts, `node ${at + 1}`)),
    aside: openPlace(parts, 'aside'),
    payments: [],
    wishes: [],
    acknowledged: new Set(),
    takings: [],
    taken: new Set(),
    findings: [],
    tillsLeft: size.tills,
    notices: 0,
    noticesUnderWay: 0,
  }
}

function verdictOf(kind: StepKind, draw: Draw, trouble: Trouble): Verdict {
  if (kind === 'step') return 'go'
  const lost = kind === 'commit' ? trouble.commitLost : trouble.cut
  if (draw.chance(lost)) return draw.chance(0.5) ? 'cut_before' : 'cut_after'
  return kind === 'statement' && draw.chance(trouble.fail) ? 'fail' : 'go'
}

/** Everything at once, until the tills have done what they came for. */
async function trouble(play: Play, size: Size, happenings: Draw): Promise<void> {
  const { stage, places } = play
  const tills = Array.from({ length: size.tills }, (_, at) =>
    workAtTill(play, `till ${at + 1}`, size.actsEach),
  )
  for (const place of places) void sweep(play, place)
  while (play.tillsLeft > 0 && stage.steps() < STEPS_MAX) {
    await stage.step()
    if (stage.steps() % STEPS_JUDGED === 0) {
      play.findings.push(...(await judgeBetween(play)))
      if (play.findings.length > 0) break
    }
    await happen(play, happenings)
  }
  if (stage.steps() >= STEPS_MAX) {
    play.findings.push({ promise: 'every story ends', what: `not after ${STEPS_MAX} steps` })
  }
  if (play.findings.length > 0) return
  // What nodes had under way when the tills went home runs to its end, still one step at a time.
  while (await stage.step());
  await Promise.all(tills)
  play.findings.push(...(await judgeNow(play)))
}

/** One look at both, as the owner and in one statement: it is done so often that its round trips would be most of a story. */
const STANDING = `
  select (select coalesce(json_agg(a order by refund_no, seq), '[]') from attempt a
           where tenant_id = $1) as attempts,
         (select coalesce(json_agg(p order by payment_no), '[]')
            from (select p.*, s.paid_fen as sale_fen from payment p join sale s using (tenant_id, sale_no)
                   where tenant_id = $1) p) as payments`

type Standing = {
  readonly attempts: readonly JudgedAttempt[]
  readonly payments: readonly JudgedPayment[]
}

async function readStanding({ database, tenant }: Play): Promise<Standing> {
  const { rows } = await database.control.query<Standing>(STANDING, [tenant])
  return rows[0] ?? { attempts: [], payments: [] }
}

async function judgeBetween(play: Play): Promise<Finding[]> {
  const { bank } = play
  const { attempts, payments } = await readStanding(play)
  return [...judgeAttempts(attempts, bank), ...judgePayments(payments, bank.orders.of)]
}

const endOf = (play: Play) =>
  inTenant(play.aside.core.db, play.tenant, (tx) =>
    tx
      .selectFrom('attempt')
      .select(['channel_number', 'state', 'amount_fen'])
      .orderBy('channel_number')
      .execute(),
  )

/** What still would be due would be found by the sweepers of the next story. */
async function close(play: Play): Promise<void> {
  play.stage.open()
  for (const place of [...play.places, play.aside]) {
    play.stage.kill(place.node)
    await place.database.cut()
  }
  for (const [table, column] of [
    ['attempt', 'due_at'],
    ['refund', 'send_at'],
    ['payment', 'due_at'],
  ]) {
    await play.database.control.query(`update ${table} set ${column} = null where tenant_id = $1`, [
      play.tenant,
    ])
  }
}
