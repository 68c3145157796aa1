/** What a story in memory is made of, and the single things that happen in it. */
import { readRefundAnswer } from '../../src/channels/wechatpay/refund.ts'
import { REFUND_QUERY_CODES } from '../../src/channels/wechatpay/errors.ts'
import { MCHID, openBank, type Bank, type SpokenRefund } from '../bank.ts'
import { drawFrom, type Draw } from '../draw.ts'
import type { Finding } from '../judge.ts'
import { openNetwork, type Network } from '../network.ts'
import { calmer } from '../shrink.ts'
import { FAMILIES, troubleOf, type Family, type Trouble } from '../swarm.ts'
import { storyTime } from '../time.ts'
import { startApproved } from './acts.ts'
import type { Counter, Done } from './counter.ts'
import { judgeStep } from './judge.ts'
import type { People } from './people.ts'
import { profileOf } from './profile.ts'
import { openQueue, type Queue } from './queue.ts'
import { openMemoryShop } from './shop.ts'
import { claimDue, hear, onWire, takeTurn, type Hold } from './turns.ts'

export type PureSize = { readonly acts: number; readonly families: readonly Family[] }

export const PURE_SIZE: PureSize = { acts: 10, families: FAMILIES }

export const smallerTale = (size: PureSize): PureSize[] => [
  ...(size.acts > 1 ? [{ ...size, acts: size.acts - 1 }] : []),
  ...calmer(size),
]

export type Tale = Counter &
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
const WISHES_MOST = 6

type Drawn = Pick<Trouble, 'network' | 'fate'>

/** What was executed is heard of late, and denied meanwhile. */
const UNTRUTHFUL = { requestLost: 0, requestLate: 0.1, answerLost: 0.9, hidden: 0.9 }
/** Little is heard of anything. */
const UNCLEAR = { requestLost: 0.2, requestLate: 0.4, answerLost: 0.6, hidden: 0.6 }

function troublesOf(drawn: Drawn, isHonest: boolean, isUnclear: boolean): Drawn {
  if (!isHonest) return { network: { ...drawn.network, ...UNTRUTHFUL }, fate: 0.2 }
  return isUnclear ? { network: { ...drawn.network, ...UNCLEAR }, fate: 0.5 } : drawn
}

/** @param tell gets every line as it happens; left out, nothing is worded but the story is the same. */
export function openTale(seed: number, size: PureSize, tell: (line: string) => void): Tale {
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

/** Where nothing was written, neither by the shop nor by the channel, all is as it was when it was last looked at. */
export function judgeIfChanged(tale: Tale): void {
  const { shop, bank } = tale
  const version = shop.writes + bank.world.book.entries().length
  if (version === tale.judged) return
  tale.judged = version
  tale.findings.push(...judgeStep(shop, bank, tale.isHonest))
}

/** What an act opened gets its first turn at once, by the same process. */
export async function begin(tale: Tale, done: Done): Promise<void> {
  if (done.hold) await turn(tale, done.hold)
}

const turn = (tale: Tale, hold: Hold): Promise<void> => {
  const who = `${hold.refundNo} attempt ${hold.seq} under ${hold.fence}`
  return tale.queue.begin(who, () => takeTurn(tale.shop, tale.channel, hold, tale.queue.gate))
}

export async function sweep(tale: Tale): Promise<number> {
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

export async function pass(tale: Tale, draw: Draw): Promise<void> {
  await tale.shop.time.advance(draw.pick(tale.waits))
  tale.tell(`it is ${tale.shop.time.now().toISOString()}`)
}

export async function arrive(tale: Tale, draw: Draw): Promise<void> {
  const underWay = tale.network.underWay()
  if (underWay.length === 0) return
  const late = draw.pick(underWay)
  tale.tell(`the late request ${late.number} arrives`)
  await late.arrive()
}

export function bounce({ bank, tell }: Tale, draw: Draw): void {
  const executed = bank.world.book.executedRefunds()
  if (executed.length === 0) return
  const { outRefundNo } = draw.pick(executed)
  if (bank.bounce(outRefundNo)) tell(`the bank sends ${outRefundNo} back`)
}

/** Anything the channel has ever said, again; now and then of another refund than it seems, or of other money. */
export async function deliver(tale: Tale, draw: Draw): Promise<void> {
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

export function takeNotice(tale: Tale, { number, said }: SpokenRefund): void {
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
