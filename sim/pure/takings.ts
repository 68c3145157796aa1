/** Payments of one sale in memory: begun, driven turn by turn, and settled by what came back, by the product's rules. */
import type { Channel, PaymentOnWire } from '../../src/channels/channel.ts'
import { must } from '../../src/commands/desk.ts'
import { fen, type Fen } from '../../src/domain/money.ts'
import { channelNumber, makeNumber } from '../../src/domain/numbers.ts'
import type { PayOutcome } from '../../src/domain/outcome.ts'
import {
  isPastReversal,
  mayStillChange,
  paymentFact,
  paymentTurn,
  UNCLEAR_STATES,
  type PayAct,
  type PaymentState,
  type PaymentTurn,
} from '../../src/domain/payment.ts'
import { nextPaymentLook, whyNoMorePayment } from '../../src/domain/payment-look.ts'
import { askedMs, quietMs } from '../../src/domain/quiet.ts'
import type { Orders } from '../bank-orders.ts'
import type { Draw } from '../draw.ts'
import type { JudgedPayment } from '../judge-payments.ts'
import { STORY_DAY } from '../shop.ts'
import type { StoryTime } from '../time.ts'
import { LEASE_MS, SEND_WITHIN_MS } from './turns.ts'

/** A payment with what the database keeps of it; times in ms. */
export type KeptPayment = JudgedPayment & {
  readonly state: PaymentState
  readonly paid_fen: Fen
  readonly method: 'code' | 'qr'
  readonly act: 'pay' | 'reverse' | 'close'
  readonly body: string
  readonly submittedAt: Date
  readonly validUntil: Date | null
  readonly isSent: boolean
  readonly tries: number
  readonly fence: number
  readonly dueAt: number | null
  readonly leaseUntil: number | null
  readonly sendBy: number | null
  readonly lastSendBy: number | null
}

export type Till = {
  readonly time: StoryTime
  readonly channel: Channel
  readonly orders: Orders
  readonly sale: string
  readonly payments: Map<string, KeptPayment>
  /** States of each payment, in the order in which it came to them. */
  readonly moves: (readonly [number: string, from: PaymentState, to: PaymentState])[]
}

export const SALE = fen(8_000)

/** As in the product: held under a fence. */
export type PayHold = { readonly no: string; readonly fence: number }

/** @returns what is to be driven at once; null: it was refused. */
export function take(till: Till, amount: Fen, draw: Draw): PayHold | null {
  const { time, channel, orders, sale, payments } = till
  if (whyNoMorePayment(SALE, [...payments.values()], amount)) return null
  const now = time.now()
  const no = makeNumber('payment', STORY_DAY, draw.digits(13))
  const number = channelNumber(no, 0, channel.can.requestNo)
  const method = draw.chance(0.6) ? 'code' : 'qr'
  const validMs = channel.can.payment?.qrValidMs ?? 0
  const validUntil = method === 'qr' ? new Date(now.getTime() + validMs) : null
  const body = channel.freezePayment(
    {
      channelNumber: number,
      method,
      amount,
      description: 'story',
      storeNo: 's1',
      terminalNo: null,
      paymentCode: method === 'code' ? orders.paymentCode(draw) : null,
      validUntil,
    },
    undefined as never,
  )
  payments.set(no, {
    payment_no: no,
    sale_no: sale,
    sale_fen: SALE,
    state: 'submitted',
    paid_fen: amount,
    channel_number: number,
    method,
    act: 'pay',
    body,
    submittedAt: now,
    validUntil,
    isSent: false,
    tries: 0,
    fence: 1,
    dueAt: now.getTime(),
    leaseUntil: now.getTime() + LEASE_MS,
    sendBy: now.getTime() + SEND_WITHIN_MS,
    lastSendBy: null,
  })
  return { no, fence: 1 }
}

const patch = ({ payments }: Till, no: string, change: Partial<KeptPayment>): void =>
  void payments.set(no, { ...must(payments.get(no)), ...change })

/** Every payment whose time has come and that nobody holds, taken by whoever asks. */
export function claimPayments(till: Till): PayHold[] {
  const now = till.time.now().getTime()
  return [...till.payments.values()]
    .filter(
      ({ dueAt, leaseUntil: held }) => dueAt !== null && dueAt <= now && !(held && held >= now),
    )
    .map((row) => {
      const hold = { no: row.payment_no, fence: row.fence + 1 }
      patch(till, hold.no, {
        fence: hold.fence,
        leaseUntil: now + LEASE_MS,
        sendBy: now + SEND_WITHIN_MS,
      })
      return hold
    })
}

/** One turn of a held payment, with a stop wherever another process may come in between. */
export async function drive(
  till: Till,
  hold: PayHold,
  gate: (what: string) => Promise<void>,
): Promise<void> {
  await gate('reads the payment')
  const { channel, payments, time } = till
  const row = must(payments.get(hold.no))
  if (row.fence !== hold.fence) return
  const turn = turnOf(till, row)
  if (turn === 'begin_reverse' || turn === 'abandon') {
    await gate('moves it')
    const now = must(payments.get(hold.no))
    if (now.fence === hold.fence && UNCLEAR_STATES.includes(now.state)) {
      write(till, now, turn === 'abandon' ? 'closed' : 'reversing', hold.fence, time.now())
    }
    return
  }
  const wire = onWire(row)
  const line = undefined as never
  const go = {
    pay: () => channel.pay(wire, line),
    reverse: () => channel.reversePayment(wire, line),
    close: () => channel.closePayment(wire, line),
    query: () => () => channel.queryPayment(wire, line),
  }[turn]()
  await gate(turn === 'query' ? 'asks' : 'asks leave to send')
  if (turn !== 'query' && !getLeave(till, hold, turn)) return
  const outcome = await go()
  await gate('writes down the answer')
  hearPayment(till, hold, turn, outcome)
}

const pastReversal = ({ channel, time }: Till, row: KeptPayment): boolean =>
  isPastReversal(row.submittedAt, channel.can.payment?.reverseWithinDays ?? 0, time.now())

const turnOf = (till: Till, row: KeptPayment): PaymentTurn =>
  paymentTurn(
    {
      state: row.state,
      method: row.method,
      neverSent: !row.isSent,
      pastReversal: pastReversal(till, row),
      submittedAt: row.submittedAt,
      validUntil: row.validUntil,
      tries: row.tries,
    },
    till.channel.can.payment?.reverseAfterMs ?? 0,
    till.time.now(),
  )

/** Still held, still in time, and still to be done: written down before the first byte leaves. */
function getLeave(till: Till, { no, fence }: PayHold, act: 'pay' | 'reverse' | 'close'): boolean {
  const row = must(till.payments.get(no))
  const isHeld = row.fence === fence && (row.sendBy ?? 0) > till.time.now().getTime()
  const isWanted =
    row.act === act &&
    (act === 'pay' ? row.state === 'submitted' && !row.isSent : row.state === 'reversing')
  if (!isHeld || !isWanted) return false
  patch(till, no, { isSent: row.isSent || act === 'pay', lastSendBy: row.sendBy })
  return true
}

/** @param fence null: the word came by itself. */
export function hearPayment(
  till: Till,
  { no, fence }: { readonly no: string; readonly fence: number | null },
  act: PayAct,
  outcome: PayOutcome,
): void {
  const row = must(till.payments.get(no))
  const quiet = quietWhenAsked(till, row, fence)
  const fact = paymentFact(
    {
      state: row.state,
      outside: false,
      pastReversal: pastReversal(till, row),
      requestMayArrive: mayStillChange(quiet, row.act, outcome),
      asked: row.paid_fen,
    },
    outcome,
    act,
  )
  write(till, row, fact.kind === 'move' ? fact.to : row.state, fence, till.time.now())
}

function quietWhenAsked(
  { channel, time }: Till,
  row: KeptPayment,
  fence: number | null,
): number | null {
  if (fence !== null && fence !== row.fence) return null
  const now = time.now().getTime()
  const past = row.sendBy === null ? null : now - row.sendBy
  const since = row.lastSendBy === null ? null : now - row.lastSendBy
  const asked = askedMs(fence, past, SEND_WITHIN_MS)
  return quietMs(channel.can.requestToleranceMs, since === null ? null : since - asked)
}

/** Who holds a payment says when it is looked at next; a truth is anybody's. */
function write(
  till: Till,
  row: KeptPayment,
  to: PaymentState,
  fence: number | null,
  now: Date,
): void {
  const moved = to !== row.state
  const tries = moved ? 0 : row.tries + 1
  const isHolder = fence === row.fence
  const look = nextPaymentLook(
    { to, moved, tries, neverSent: !row.isSent, submittedAt: row.submittedAt },
    till.channel.can.payment?.querySchedule ?? [],
    now,
  )
  if (moved) till.moves.push([row.payment_no, row.state, to])
  patch(till, row.payment_no, {
    state: to,
    act: to === 'reversing' ? (row.method === 'qr' ? 'close' : 'reverse') : row.act,
    ...(moved || isHolder ? { tries, dueAt: look?.getTime() ?? null } : {}),
    ...(isHolder ? { leaseUntil: null } : {}),
  })
}

/** The cashier gives up on what is not clear. */
export function giveUp(till: Till, no: string): void {
  const row = must(till.payments.get(no))
  if (row.state === 'submitted' || row.state === 'waiting') {
    write(till, row, 'reversing', null, till.time.now())
  }
}

/** Somebody looks. */
export const makePaymentDue = (till: Till, no: string): void => patch(till, no, { dueAt: 0 })

export const onWire = (row: KeptPayment): PaymentOnWire => ({
  channelNumber: row.channel_number,
  channelNo: null,
  method: row.method,
  body: row.body,
  paid: row.paid_fen,
})
