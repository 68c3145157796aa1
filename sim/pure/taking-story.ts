/** One story of payments in memory: a sale, its customers, and a till that takes, looks, and gives up. */
import { readOrderAnswer } from '../../src/channels/wechatpay/pay.ts'
import { fen, subFen } from '../../src/domain/money.ts'
import { makeNumber } from '../../src/domain/numbers.ts'
import { PAYMENT_MOVES } from '../../src/domain/payment.ts'
import { settingsOf, type SpokenOrder } from '../bank-orders.ts'
import { openBank, type Bank } from '../bank.ts'
import { drawFrom, type Draw } from '../draw.ts'
import type { Finding } from '../judge.ts'
import { judgePayments, judgePaymentsAtRest } from '../judge-payments.ts'
import { openNetwork, type Network } from '../network.ts'
import { STORY_DAY } from '../shop.ts'
import { hashOf, type Story } from '../story.ts'
import { troubleOf } from '../swarm.ts'
import { storyTime } from '../time.ts'
import { openQueue, type Queue } from './queue.ts'
import {
  claimPayments,
  drive,
  giveUp,
  hearPayment,
  makePaymentDue,
  onWire,
  SALE,
  take,
  type PayHold,
  type Till,
} from './takings.ts'
import type { PureSize } from './tale.ts'

const START_MS = Date.UTC(2026, 10, 26, 2)
const SECOND = 1_000
const MINUTE = 60 * SECOND
const ROUNDS_EACH = 16
const PART = fen(3_000)
const WAITS = [SECOND, 5 * SECOND, 16 * SECOND, 16 * SECOND, 31 * SECOND, MINUTE, 3 * MINUTE]
const MENDING = [...Array<number>(10).fill(31 * SECOND), ...Array<number>(20).fill(6 * MINUTE)]
const SWEEPS_MOST = 20
/** Little is heard of anything, and what was asked for comes late. */
const UNCLEAR = { requestLost: 0.1, requestLate: 0.4, answerLost: 0.4 }

type Counter = {
  readonly till: Till
  readonly bank: Bank
  readonly network: Network
  readonly queue: Queue
  readonly draw: Draw
  readonly findings: Finding[]
  readonly tell: (line: string) => void
  words: number
}

export async function playTaking(seed: number, size: PureSize): Promise<Story> {
  const lines: string[] = []
  const counter = openCounter(seed, size, (line) => void lines.push(line))
  const { till, bank, queue, findings } = counter
  const world = counter.draw.fork('world')
  for (let left = size.acts * ROUNDS_EACH; left > 0 && findings.length === 0; left -= 1) {
    await happen(counter, world)
    judge(counter)
  }
  if (findings.length === 0) await mend(counter, world)
  const payments = [...till.payments.values()]
  if (findings.length === 0) findings.push(...judgePaymentsAtRest(payments, new Set()))
  const end = payments.map((each) => [each.payment_no, each.state])
  return {
    seed,
    findings,
    hash: hashOf(lines, end),
    steps: queue.steps(),
    executed: bank.world.book.executedRefunds().length,
    lines,
  }
}

function openCounter(seed: number, { families }: PureSize, tell: (line: string) => void): Counter {
  const draw = drawFrom(seed, 'taking')
  const time = storyTime(START_MS)
  const findings: Finding[] = []
  const queue = openQueue(draw.fork('order'), tell, (who, error) => {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error)
    findings.push({ promise: 'no command breaks', what: `${who}: ${what}` })
  })
  const drawn = troubleOf(draw.fork('trouble'), families).network
  const faults = families.includes('network') && draw.chance(0.5) ? { ...drawn, ...UNCLEAR } : drawn
  const bank = openBank(time, draw.fork('bank'), 0)
  const parts = { bank, time, draw: draw.fork('network'), faults, gate: queue.gate, tell }
  const network = openNetwork(parts)
  const sale = makeNumber('sale', STORY_DAY, draw.digits(13))
  const till: Till = {
    time,
    channel: network.channel,
    orders: bank.orders,
    sale,
    payments: new Map(),
    moves: [],
  }
  return { till, bank, network, queue, draw, findings, tell, words: 0 }
}

async function happen(counter: Counter, draw: Draw): Promise<void> {
  const { till, bank, network, queue, tell } = counter
  const known = [...till.payments.keys()]
  switch (draw.below(10)) {
    case 0: {
      const hold = take(till, draw.pick([SALE, PART, subFen(SALE, PART)]), draw)
      if (hold) await turn(counter, hold)
      return
    }
    case 1:
      await till.time.advance(draw.pick(WAITS))
      tell(`it is ${till.time.now().toISOString()}`)
      return void (await sweep(counter))
    case 2:
      return void (await sweep(counter))
    case 3: {
      const acted = bank.orders.someoneActs(draw)
      return acted === null ? undefined : tell(acted)
    }
    case 4:
      return known.length === 0 || !draw.chance(0.5) ? undefined : act(counter, draw, known)
    case 5:
      return deliver(counter, draw)
    case 6: {
      const late = network.underWay()
      if (late.length === 0 || !draw.chance(0.4)) return
      const one = draw.pick(late)
      tell(`the late request ${one.number} arrives`)
      return one.arrive()
    }
    case 7:
      return draw.chance(0.3) ? queue.fall() : undefined
    default:
      return void (await queue.step())
  }
}

function act({ till, tell }: Counter, draw: Draw, known: readonly string[]): void {
  const no = draw.pick(known)
  const isGivenUp = draw.chance(0.4)
  tell(`${no} is ${isGivenUp ? 'given up' : 'looked at'}`)
  if (isGivenUp) giveUp(till, no)
  else makePaymentDue(till, no)
}

const turn = ({ till, queue }: Counter, hold: PayHold): Promise<void> =>
  queue.begin(`${hold.no} under ${hold.fence}`, () => drive(till, hold, queue.gate))

async function sweep(counter: Counter): Promise<number> {
  const holds = claimPayments(counter.till)
  for (const hold of holds) await turn(counter, hold)
  return holds.length
}

async function deliver(counter: Counter, draw: Draw): Promise<void> {
  const { bank, queue } = counter
  const notices = bank.orders.notices()
  if (notices.length === 0) return
  const notice = draw.pick(notices)
  counter.words += 1
  await queue.begin(`notice ${counter.words} of ${notice.number}`, async () => {
    await queue.gate('arrives')
    hear(counter, notice)
  })
}

function hear({ till, bank }: Counter, { number, said }: SpokenOrder): void {
  const row = [...till.payments.values()].find((each) => each.channel_number === number)
  if (!row) return
  const settings = settingsOf(bank.merchant)
  const outcome = readOrderAnswer(
    { kind: 'signed', status: 200, json: said },
    onWire(row),
    settings,
  )
  hearPayment(till, { no: row.payment_no, fence: null }, 'notice', outcome)
  // As in the product: one that could not move the payment still means there is news.
  makePaymentDue(till, row.payment_no)
}

/** What must hold all along. */
function judge({ till, bank, findings }: Counter): void {
  findings.push(...judgePayments([...till.payments.values()], bank.orders.of))
  for (const [no, from, to] of till.moves.splice(0)) {
    if (PAYMENT_MOVES[from].includes(to)) continue
    findings.push({ promise: 'no state goes backwards', what: `${no} from ${from} to ${to}` })
  }
}

/** Nothing goes wrong any more, and time passes until nobody has anything left to do. */
async function mend(counter: Counter, draw: Draw): Promise<void> {
  const { till, network, queue } = counter
  network.heal()
  await queue.open()
  for (let [late] = network.underWay(); late; [late] = network.underWay()) await late.arrive()
  for (const wait of MENDING) {
    await till.time.advance(wait)
    if (draw.chance(0.1)) counter.bank.orders.someoneActs(draw)
    for (let sweeps = 0; sweeps < SWEEPS_MOST && (await sweep(counter)) > 0; sweeps += 1);
    judge(counter)
  }
}
