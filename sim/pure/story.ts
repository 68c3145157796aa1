/**
 * One story in memory: the rules of the product on rows of a shop that no database keeps, with the channel's logic behind
 * a network that loses, delays and garbles. Thousands of times as many of these can be played as of those on PostgreSQL;
 * they know nothing of locks and connections, and all the more of channels and of what may follow upon what.
 */
import { createHash } from 'node:crypto'
import { readRefundAnswer } from '../../src/channels/wechatpay/refund.ts'
import { REFUND_QUERY_CODES } from '../../src/channels/wechatpay/errors.ts'
import { isOpen } from '../../src/domain/attempt.ts'
import { MCHID, openBank, type Bank, type SpokenRefund } from '../bank.ts'
import { drawFrom, type Draw } from '../draw.ts'
import { bookOf, type Finding } from '../judge.ts'
import { openNetwork, type Network } from '../network.ts'
import { calmer } from '../shrink.ts'
import { FAMILIES, troubleOf, type Family, type Trouble } from '../swarm.ts'
import { storyTime } from '../time.ts'
import { startApproved, stop, type Counter, type Done } from './acts.ts'
import { judgeAtRest, judgeStep } from './judge.ts'
import { actOf, type People } from './people.ts'
import { profileOf } from './profile.ts'
import { openQueue, type Queue } from './queue.ts'
import { openMemoryShop } from './shop.ts'
import { claimDue, hear, LEASE_MS, onWire, takeTurn, type Hold } from './turns.ts'

export type PureSize = { readonly acts: number; readonly families: readonly Family[] }

export const PURE_SIZE: PureSize = { acts: 10, families: FAMILIES }

export const smallerTale = (size: PureSize): PureSize[] => [
  ...(size.acts > 1 ? [{ ...size, acts: size.acts - 1 }] : []),
  ...calmer(size),
]

export type PureStory = {
  readonly seed: number
  readonly findings: readonly Finding[]
  readonly hash: string
  readonly steps: number
  readonly executed: number
  readonly lines: readonly string[]
}

type Tale = Counter &
  People & {
    readonly bank: Bank
    readonly network: Network
    readonly queue: Queue
    readonly draw: Draw
    readonly isHonest: boolean
    readonly isUnclear: boolean
    readonly waits: readonly number[]
    readonly findings: Finding[]
    words: number
    /** See `judgeIfChanged`. */
    judged: number
  }

const START_MS = Date.UTC(2026, 10, 26, 2)
const ROUNDS_EACH = 14
const WISHES_MOST = 6
type Drawn = Pick<Trouble, 'network' | 'fate'>

/** What was executed is heard of late, and denied meanwhile. */
const UNTRUTHFUL = { requestLost: 0, requestLate: 0.1, answerLost: 0.9, hidden: 0.9 }
/** Little is heard of anything. */
const UNCLEAR = { requestLost: 0.2, requestLate: 0.4, answerLost: 0.6, hidden: 0.4 }

function troublesOf(drawn: Drawn, isHonest: boolean, isUnclear: boolean): Drawn {
  if (!isHonest) return { network: { ...drawn.network, ...UNTRUTHFUL }, fate: 0.2 }
  return isUnclear ? { network: { ...drawn.network, ...UNCLEAR }, fate: 0.5 } : drawn
}
const HASH_CHARACTERS = 16
const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const BELIEVING = 12
const BELIEVING_WAITS = [10 * SECOND, LEASE_MS + SECOND, MINUTE, 2 * MINUTE, 6 * MINUTE]
const DAY = 24 * HOUR

/** @param told gets every line as it happens; left out, nothing is worded but the story is the same. */
export async function playPure(seed: number, size: PureSize = PURE_SIZE): Promise<PureStory> {
  const lines: string[] = []
  const tale = openTale(seed, size, (line) => void lines.push(line))
  const happenings = tale.draw.fork('world')
  await trouble(tale, size.acts, happenings)
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
    hash: createHash('sha256')
      .update(JSON.stringify([lines, end]))
      .digest('hex')
      .slice(0, HASH_CHARACTERS),
    steps: tale.queue.steps(),
    executed: tale.bank.world.book.executedRefunds().length,
    lines,
  }
}

function openTale(seed: number, size: PureSize, tell: (line: string) => void): Tale {
  const draw = drawFrom(seed, 'pure')
  const time = storyTime(START_MS)
  const { habits, fee, isUnclear, waits } = profileOf(draw.fork('profile'))
  const findings: Finding[] = []
  const queue = openQueue(draw.fork('order'), tell, (who, error) => {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error)
    findings.push({ promise: 'no command breaks', what: `${who}: ${what}` })
  })
  const drawn = troubleOf(draw.fork('trouble'), size.families)
  const { network: faults, fate } = troublesOf(drawn, habits.isHonest, isUnclear)
  const bank = openBank(time, draw.fork('bank'), fate, habits)
  const network = openNetwork({
    bank,
    time,
    draw: draw.fork('network'),
    faults,
    gate: queue.gate,
    tell,
    habits,
  })
  const shop = openMemoryShop(time, draw.fork('shop'), habits.can)
  for (const payment of shop.payments.values()) {
    bank.helpers.paidOrder({
      mchid: MCHID,
      outTradeNo: payment.channel_number,
      total: payment.paid_fen,
    })
  }
  return {
    shop,
    channel: network.channel,
    fee,
    bank,
    network,
    queue,
    draw,
    isHonest: habits.isHonest,
    isUnclear,
    findings,
    tell,
    waits,
    wishes: [],
    wishesMost: isUnclear ? 1 + draw.below(2) : WISHES_MOST,
    acknowledged: new Set(),
    words: 0,
    judged: 0,
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

/** People end what stays unclear, and what the channel says to that is asked for and believed. */
async function believe(tale: Tale, draw: Draw): Promise<void> {
  const { shop, queue, network } = tale
  for (const { row } of shop.refunds.values()) {
    if (row.state === 'sending' && draw.chance(0.8)) stop(tale, row.refund_no)
  }
  for (let round = 0; round < BELIEVING && tale.findings.length === 0; round += 1) {
    await shop.time.advance(draw.pick(BELIEVING_WAITS))
    await sweep(tale)
    // Who is slower than that brings an old answer.
    for (let steps = draw.below(12); steps > 0 && (await queue.step()); steps -= 1);
    if (network.underWay().length > 0 && draw.chance(0.2)) await arrive(tale, draw)
    judgeIfChanged(tale)
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
    { chance: rate(0.1), act: () => arrive(tale, draw) },
    { chance: rate(0.05), act: () => tale.queue.fall() },
    { chance: rate(0.02), act: () => bounce(tale, draw) },
  ]
}

/** Where nothing was written, neither by the shop nor by the channel, all is as it was when it was last looked at. */
function judgeIfChanged(tale: Tale): void {
  const { shop, bank } = tale
  const version = shop.writes + bank.world.book.entries().length
  if (version === tale.judged) return
  tale.judged = version
  tale.findings.push(...judgeStep(shop, bank, tale.isHonest))
}

/** What an act opened gets its first turn at once, by the same process. */
async function begin(tale: Tale, done: Done): Promise<void> {
  if (done.hold) await turn(tale, done.hold)
}

const turn = (tale: Tale, hold: Hold): Promise<void> => {
  const who = `${hold.refundNo} attempt ${hold.seq} under ${hold.fence}`
  return tale.queue.begin(who, () => takeTurn(tale.shop, tale.channel, hold, tale.queue.gate))
}

async function sweep(tale: Tale): Promise<number> {
  const { shop } = tale
  const now = shop.time.now().getTime()
  const holds = claimDue(shop)
  for (const hold of holds) await turn(tale, hold)
  const due = [...shop.refunds.values()].filter(
    ({ row }) => row.state === 'approved' && row.send_at !== null && row.send_at.getTime() <= now,
  )
  for (const { row } of due) await begin(tale, startApproved(tale, row.refund_no))
  return holds.length + due.length
}

async function pass(tale: Tale, draw: Draw): Promise<void> {
  await tale.shop.time.advance(draw.pick(tale.waits))
  tale.tell(`it is ${tale.shop.time.now().toISOString()}`)
}

async function arrive(tale: Tale, draw: Draw): Promise<void> {
  const underWay = tale.network.underWay()
  if (underWay.length === 0) return
  const late = draw.pick(underWay)
  tale.tell(`the late request ${late.number} arrives`)
  await late.arrive()
}

function bounce({ bank, tell }: Tale, draw: Draw): void {
  const executed = bank.world.book.executedRefunds()
  if (executed.length === 0) return
  const { outRefundNo } = draw.pick(executed)
  if (bank.bounce(outRefundNo)) tell(`the bank sends ${outRefundNo} back`)
}

/** Anything the channel has ever said, again; now and then of another refund than it seems, or of other money. */
async function deliver(tale: Tale, draw: Draw): Promise<void> {
  const notices = tale.bank.notices()
  if (notices.length === 0) return
  const spoken = draw.pick(notices)
  const notice = draw.chance(0.1) ? altered(spoken, draw.pick(notices), draw) : spoken
  tale.words += 1
  await tale.queue.begin(`notice ${tale.words} of ${notice.number}`, async () => {
    await tale.queue.gate('arrives')
    takeNotice(tale, notice)
  })
}

function altered(notice: SpokenRefund, other: SpokenRefund, draw: Draw): SpokenRefund {
  if (draw.chance(0.5)) return { number: notice.number, said: other.said }
  const fen = 1 + draw.below(9_999)
  const amount = { ...(notice.said['amount'] as object), refund: fen, payer_refund: fen }
  return { number: notice.number, said: { ...notice.said, amount } }
}

function takeNotice(tale: Tale, { number, said }: SpokenRefund): void {
  const { shop } = tale
  const attempt = [...shop.refunds.values()]
    .flatMap((each) => each.attempts)
    .find((each) => each.channel_number === number)
  if (!attempt) return
  const outcome = readRefundAnswer(
    { kind: 'signed', status: 200, json: said },
    { ...onWire(shop, attempt.payment_no, attempt), channelNo: null },
    REFUND_QUERY_CODES,
  )
  hear(shop, { refundNo: attempt.refund_no, seq: attempt.seq }, null, outcome)
}

/** Short waits first, then what the channel's slowest answers take. */
const MENDING = [
  ...Array<number>(6).fill(LEASE_MS + SECOND),
  ...Array<number>(6).fill(2 * MINUTE),
  ...Array<number>(6).fill(15 * MINUTE),
  ...Array<number>(8).fill(HOUR),
  ...Array<number>(4).fill(6 * HOUR),
  2 * DAY,
  4 * HOUR,
]
const ROUNDS_MAX = 20
const AFTER_STOPPING = Array<number>(8).fill(30 * MINUTE)

/** Nothing goes wrong any more, and time passes until nobody has anything left to do. */
async function mend(tale: Tale, draw: Draw): Promise<void> {
  const { queue, bank, network, shop } = tale
  network.heal()
  await queue.open()
  while (network.underWay().length > 0) await arrive(tale, draw)
  await wait(tale, MENDING)
  // Of money that came back nobody would ask; and who was told untruths is told once more.
  for (const notice of bank.notices()) {
    if (!tale.isHonest || bank.bounced.has(notice.number)) takeNotice(tale, notice)
  }
  stopUnclear(tale)
  await wait(tale, AFTER_STOPPING)
  const { refusal, notFound, requestToleranceMs } = shop.can
  const asksInVain = notFound === null || requestToleranceMs === null
  if (refusal === 'statement_only' || asksInVain) readStatement(tale)
}

async function wait(tale: Tale, waits: readonly number[]): Promise<void> {
  for (const each of waits) {
    await tale.shop.time.advance(each)
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      if ((await sweep(tale)) === 0) break
    }
  }
}

/**
 * Where the same number must not be sent again, or nothing more of a payment, or of a refund that may be paid already, a
 * lost request is only ever asked about, until somebody finds it on the list of what is unclear for long, and ends it.
 */
function stopUnclear(tale: Tale): void {
  const { can, refunds, payments } = tale.shop
  for (const { row, attempts } of refunds.values()) {
    const isSentAgain =
      can.replaySafe && payments.get(row.payment_no)?.blocked === null && attempts.length === 1
    if (!isSentAgain && attempts.some((each) => each.state === 'submitted')) {
      stop(tale, row.refund_no)
    }
  }
}

/** For channels at which nothing else proves that a refund was not executed. */
function readStatement({ shop, bank }: Tale): void {
  for (const { row, attempts } of shop.refunds.values()) {
    for (const each of attempts) {
      const isExecuted = bookOf(bank, each.channel_number).inBook !== undefined
      if (each.kind !== 'refund' || !isOpen(each) || isExecuted) continue
      hear(shop, { refundNo: row.refund_no, seq: each.seq }, null, {
        kind: 'refused',
        code: 'not_in_statement',
        proof: 'statement',
        final: true,
      })
    }
  }
}
