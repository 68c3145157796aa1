/**
 * The shop in memory against the channel's book, and against itself: its counters are counted again from the refunds,
 * by other arithmetic than the product's.
 */
import { balanceOf } from '../../src/domain/ledger.ts'
import type { Bank } from '../bank.ts'
import { bookOf, endOf, paidTwice, untruth, type Finding } from '../judge.ts'
import type { KeptAttempt, KeptRefund, MemoryShop, Move } from './shop.ts'

const finding = (promise: string, what: string): Finding => ({ promise, what })

/**
 * What must hold between any two steps.
 * @param isHonest the channel never denies for longer than it says what it has. Otherwise a decline that we inferred from
 *   its word may be untrue, and what follows from that as well; the books must be right all the same.
 */
export function judgeStep(shop: MemoryShop, bank: Bank, isHonest: boolean): Finding[] {
  const attempts = [...shop.refunds.values()].flatMap((each) => each.attempts)
  const mayBeUntrue = (each: KeptAttempt) =>
    !isHonest &&
    each.state === 'declined' &&
    each.inferred &&
    !shop.accepted.has(each.channel_number)
  return [
    ...attempts
      .filter((each) => !mayBeUntrue(each))
      .flatMap((attempt) => untruth(attempt, bookOf(bank, attempt.channel_number))),
    ...(isHonest ? [...paidTwice(attempts, bank), ...overpaid(shop, bank)] : []),
    ...[...shop.payments.keys()].flatMap((no) => miscounted(shop, no)),
    ...miscountedItems(shop),
    ...[...shop.refunds.values()].flatMap(misstated),
    ...attempts.flatMap((attempt) => mistold(attempt, bank)),
    ...attempts
      .filter((each) => each.sends > (shop.stopped.get(each.channel_number) ?? each.sends))
      .map((each) => finding('nothing is sent once it was stopped', each.channel_number)),
  ]
}

/** What must hold besides once everything is mended and had its time. */
export function judgeAtRest(
  shop: MemoryShop,
  bank: Bank,
  isHonest: boolean,
  acknowledged: ReadonlySet<string>,
): Finding[] {
  const refunds = [...shop.refunds.values()]
  const attempts = refunds.flatMap((each) => each.attempts)
  const known = new Set(attempts.map((each) => each.channel_number))
  return [
    ...judgeStep(shop, bank, isHonest),
    ...shop.moves.flatMap((move, place) => backwards(move, shop.moves.slice(0, place))),
    ...[...acknowledged]
      .filter((no) => !shop.refunds.has(no))
      .map((no) => finding('no acknowledged refund is lost', no)),
    ...attempts.flatMap((attempt) => {
      const want = endOf(bookOf(bank, attempt.channel_number))
      return attempt.kind !== 'refund' || want.includes(attempt.state)
        ? []
        : [
            finding(
              'every attempt ends as at the channel',
              `${attempt.channel_number} is ${attempt.state}, not ${want.join(' or ')}`,
            ),
          ]
    }),
    ...refunds
      .filter((each) => !hasEnded(each))
      .map(({ row }) => finding('every refund ends', `${row.refund_no} is ${row.state}`)),
    ...bank.world.book
      .executedRefunds()
      .filter((each) => !known.has(each.outRefundNo))
      .map((each) => finding('nothing is paid that we do not know of', each.outRefundNo)),
  ]
}

/** A person's turn is an end as well: a stuck one, one that cannot go by itself, cash that nobody has answered for. */
function hasEnded({ row, attempts }: KeptRefund): boolean {
  if (row.state === 'approved') return row.send_at === null
  if (row.state !== 'sending') return true
  return attempts.some((each) => each.state === 'stuck' || each.kind === 'cash')
}

/** By nature: money that is with the customer can only come back, and here none that came back goes out again by itself. */
const AFTER: Readonly<Record<string, readonly string[]>> = {
  succeeded: ['returned'],
  returned: [],
}

function backwards({ from, to, attempt, wasProven }: Move, before: readonly Move[]): Finding[] {
  const isFirst = !before.some((each) => each.attempt === attempt)
  const last = before.findLast((each) => each.attempt === attempt)?.to ?? 'submitted'
  const opens = from === 'declined' && (to === 'processing' || to === 'stuck')
  const may = (AFTER[from]?.includes(to) ?? to !== 'submitted') && !(opens && wasProven)
  return may && from === last && (from !== 'submitted' || isFirst)
    ? []
    : [finding('no state goes backwards', `${attempt} from ${from} to ${to}`)]
}

const ENDED = ['closed', 'rejected', 'withdrawn']

/** What the customer is told to get is what the channel pays. */
function mistold(attempt: KeptAttempt, bank: Bank): Finding[] {
  if (attempt.kind !== 'refund' || attempt.state !== 'succeeded') return []
  const { refund } = bookOf(bank, attempt.channel_number)
  return refund === undefined || refund.payerRefund === attempt.payer_fen
    ? []
    : [finding('the customer is told what the channel pays', attempt.channel_number)]
}

/** What a refund is called must follow from its attempts. */
function misstated({ row, attempts }: KeptRefund): Finding[] {
  const has = (...states: string[]) => attempts.some((each) => states.includes(each.state))
  const isRight = has('succeeded')
    ? row.state === 'succeeded'
    : ENDED.includes(row.state) || attempts.length === 0
      ? row.state !== 'succeeded' && row.state !== 'owed'
      : row.state === (has('submitted', 'processing', 'stuck') ? 'sending' : 'owed')
  return isRight ? [] : [finding('a refund is called what its attempts are', row.refund_no)]
}

/** Counted from the refunds: what is held, paid out and kept of one payment, and what its transfers say of the same. */
function miscounted(shop: MemoryShop, paymentNo: string): Finding[] {
  const payment = shop.payments.get(paymentNo)
  if (!payment) return []
  let [held, refunded, kept] = [0, 0, 0]
  for (const { row, attempts } of shop.refunds.values()) {
    if (row.payment_no !== paymentNo) continue
    const successes = attempts.filter((each) => each.state === 'succeeded').length
    if (successes > 0) {
      refunded += successes * row.amount_fen
      kept += row.fee_kept_fen
    } else if (!ENDED.includes(row.state)) held += row.amount_fen + row.fee_kept_fen
  }
  const excess = Math.max(0, held + refunded + kept - payment.paid_fen)
  const counted = { held, refunded, kept, excess }
  const booked = {
    held: payment.held_fen,
    refunded: payment.refunded_fen,
    kept: payment.kept_fen,
    excess: payment.excess_fen,
  }
  const own = shop.transfers.filter((each) => each.payment === paymentNo)
  const paidOut = (['channel', 'channel_discount', 'cash'] as const).map((account) =>
    Number(balanceOf(own, account)),
  )
  const transferred = {
    held: Number(balanceOf(own, 'held')),
    refunded: paidOut.reduce((sum, each) => sum + each, 0),
    kept: Number(balanceOf(own, 'fee_kept')),
    excess: -Number(balanceOf(own, 'excess')),
  }
  const handedOut = [...shop.refunds.values()]
    .filter((each) => each.row.payment_no === paymentNo)
    .flatMap((each) => each.attempts)
    .filter((each) => each.kind === 'cash' && each.state === 'succeeded')
    .reduce((sum, each) => sum + each.amount_fen, 0)
  const isCashRight = Number(balanceOf(own, 'cash')) === handedOut
  const isWatched = excess === 0 || payment.blocked !== null
  const [want, ...others] = [counted, booked, transferred].map((each) => JSON.stringify(each))
  return isCashRight && isWatched && others.every((each) => each === want)
    ? []
    : [finding('the books are right', `counted ${want}, booked ${others.join(', transferred ')}`)]
}

/** Pieces that are held or were given back, counted from the refunds' lines; never more than there are. */
function miscountedItems(shop: MemoryShop): Finding[] {
  const lines = [...shop.refunds.values()].flatMap((each) => each.lines)
  const worth = shop.items.reduce((sum, item) => sum + item.fen, 0)
  const paid = [...shop.payments.values()].reduce((sum, each) => sum + each.paid_fen, 0)
  if (worth !== paid) return [finding('the books are right', `items of ${worth}, paid ${paid}`)]
  return shop.items.flatMap((item) => {
    const of = (standing: string) =>
      lines.filter((line) => line.line === item.line && line.standing === standing)
    const sum = (standing: string, part: 'countedQuantity' | 'countedFen') =>
      of(standing).reduce((total, line) => total + line[part], 0)
    const isRight =
      sum('held', 'countedQuantity') === item.heldQuantity &&
      sum('refunded', 'countedQuantity') === item.refundedQuantity &&
      sum('held', 'countedFen') === item.heldFen &&
      sum('refunded', 'countedFen') === item.refundedFen &&
      item.heldQuantity + item.refundedQuantity <= item.quantity &&
      item.heldFen + item.refundedFen <= item.fen
    return isRight ? [] : [finding('the books are right', `line ${item.line}`)]
  })
}

/** Only what the channel did by itself may ever go beyond a payment; in these stories it never does. */
function overpaid(shop: MemoryShop, bank: Bank): Finding[] {
  const executed = bank.world.book.executedRefunds()
  return [...shop.payments.values()].flatMap((payment) => {
    const out = executed
      .filter((each) => each.outTradeNo === payment.channel_number)
      .reduce((sum, each) => sum + each.amount, 0)
    return out > payment.paid_fen || payment.excess_fen > 0
      ? [finding('no payment is refunded beyond what was paid', payment.payment_no)]
      : []
  })
}
