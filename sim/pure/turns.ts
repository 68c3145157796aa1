/** How an attempt gets on in a story: claimed, given its turn, sent or asked about, and settled by what came back. */
import type { AttemptOnWire, Channel } from '../../src/channels/channel.ts'
import { applySettlement, entryOf, must, viewOf } from '../../src/commands/desk.ts'
import { turnOf } from '../../src/domain/attempt.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import { takesSends } from '../../src/domain/payment.ts'
import { askedMs, countableMs, isOutOfDate } from '../../src/domain/quiet.ts'
import { paidOtherwise } from '../../src/domain/refund.ts'
import { whyNoRemedy, wordOnRemedy } from '../../src/domain/remedy.ts'
import { settleAttempt } from '../../src/domain/settle.ts'
import { layOut, patchAttempt, putBack, type KeptAttempt, type MemoryShop } from './shop.ts'

export const LEASE_MS = 30_000
export const SEND_WITHIN_MS = 20_000

/** As in the product: an attempt held under a fence. */
export type Hold = { readonly refundNo: string; readonly seq: number; readonly fence: number }

/** What a word means is decided here and nowhere else. @param fence null: the word came by itself. */
export function hear(
  shop: MemoryShop,
  of: Pick<Hold, 'refundNo' | 'seq'>,
  fence: number | null,
  outcome: Outcome,
): void {
  const { desk, open } = layOut(shop, of.refundNo)
  const row = must(open.attempts.find((each) => each.seq === of.seq))
  if (isOutOfDate(outcome, fence, row.fence)) return
  const settlement = settleAttempt(
    viewOf(desk, open),
    of.seq,
    outcome,
    shop.can,
    countableMs(shop.can, {
      sendByMs: row.since_send_by_ms,
      notFoundMs: row.since_not_found_ms,
      askedMs: askedMs(fence, row.past_send_by_ms, SEND_WITHIN_MS),
    }),
    row.tries,
  )
  applySettlement(desk, open, of.seq, settlement, { fence, now: shop.time.now() })
  putBack(shop, desk, open)
  const isProof =
    outcome.kind === 'refused' &&
    (outcome.proof === 'statement' ||
      (outcome.proof === 'signed' && shop.can.refusal !== 'statement_only'))
  if (isProof) shop.proven.add(row.channel_number)
  if (OPENED.includes(outcome.kind)) shop.accepted.add(row.channel_number)
}

const OPENED: readonly Outcome['kind'][] = ['processing', 'stuck', 'succeeded', 'returned']

/** Every attempt whose time has come and that nobody holds, taken by whoever asks. */
export function claimDue(shop: MemoryShop): Hold[] {
  const now = shop.time.now().getTime()
  return [...shop.refunds.values()].flatMap(({ row, attempts }) =>
    attempts
      .filter((each) => each.due_at !== null && each.due_at.getTime() <= now && isFree(each, now))
      .map((each) => claim(shop, row.refund_no, each)),
  )
}

const isFree = (attempt: KeptAttempt, now: number): boolean =>
  attempt.leaseUntil === null || attempt.leaseUntil < now

function claim(shop: MemoryShop, refundNo: string, attempt: KeptAttempt): Hold {
  const now = shop.time.now().getTime()
  const fence = attempt.fence + 1
  patchAttempt(shop, refundNo, attempt.seq, {
    fence,
    leaseUntil: now + LEASE_MS,
    sendBy: now + SEND_WITHIN_MS,
  })
  return { refundNo, seq: attempt.seq, fence }
}

/** An attempt is born held. */
export const bornHeld = (now: Date) => ({
  fence: 1,
  leaseUntil: now.getTime() + LEASE_MS,
  sendBy: now.getTime() + SEND_WITHIN_MS,
})

/** One turn of a held attempt, with a stop wherever another process may come in between. */
export async function takeTurn(
  shop: MemoryShop,
  channel: Channel,
  hold: Hold,
  gate: (what: string) => Promise<void>,
): Promise<void> {
  await gate('reads the attempt')
  const { row, attempt } = find(shop, hold)
  if (attempt.fence !== hold.fence) return
  const wire = onWire(shop, row.payment_no, attempt)
  const leave = leaveOf(shop, hold)
  const line = undefined as never
  const go =
    leave === 'remedy'
      ? must(channel.remedy?.(wire, line))
      : leave === 'send'
        ? channel.refund(wire, line)
        : () => channel.queryRefund(wire, line)
  await gate(leave === 'ask' ? 'asks' : 'asks leave to send')
  if (leave !== 'ask' && !getLeave(shop, hold, leave, attempt)) return
  const said = await go()
  const outcome = leave === 'remedy' ? wordOnRemedy(said) : said
  await gate('writes down the answer')
  hear(shop, hold, hold.fence, outcome)
}

type Leave = 'send' | 'remedy' | 'ask'

const find = (shop: MemoryShop, of: Pick<Hold, 'refundNo' | 'seq'>) => {
  const kept = must(shop.refunds.get(of.refundNo))
  return { ...kept, attempt: must(kept.attempts.find((each) => each.seq === of.seq)) }
}

function leaveOf(shop: MemoryShop, of: Pick<Hold, 'refundNo' | 'seq'>): Leave {
  const { row, attempts, attempt } = find(shop, of)
  const payment = must(shop.payments.get(row.payment_no))
  const paidBackOtherwise = row.state !== 'sending' || paidOtherwise(attempts.map(entryOf), of.seq)
  if (attempt.state === 'stuck' && attempt.remedy !== null && !attempt.remedy_first_send_at) {
    return whyNoRemedy(attempt.remedy, { paidBackOtherwise, payment }) === null ? 'remedy' : 'ask'
  }
  return turnOf(entryOf(attempt), {
    sendAgain: attempt.send_again,
    replaySafe: shop.can.replaySafe,
    paidBackOtherwise,
    blocked: !takesSends(payment),
  })
}

/** Still held, still in time, and still to be sent by what is known now: written down before the first byte leaves. */
function getLeave(shop: MemoryShop, hold: Hold, leave: Leave, signed: KeptAttempt): boolean {
  const { attempt } = find(shop, hold)
  const now = shop.time.now()
  const isHeld =
    attempt.fence === hold.fence && attempt.sendBy !== null && attempt.sendBy > now.getTime()
  if (!isHeld || leaveOf(shop, hold) !== leave) return false
  if (leave === 'remedy') {
    if (attempt.remedy_body !== signed.remedy_body) return false
    patchAttempt(shop, hold.refundNo, hold.seq, {
      remedy_first_send_at: now,
      lastSendBy: attempt.sendBy,
      sends: attempt.sends + 1,
    })
    return true
  }
  patchAttempt(shop, hold.refundNo, hold.seq, {
    first_send_at: attempt.first_send_at ?? now,
    lastSendBy: attempt.sendBy,
    waiting: attempt.first_send_at === null ? null : attempt.waiting,
    sends: attempt.sends + 1,
    not_found_count: 0,
    send_again: false,
  })
  return true
}

export const onWire = (
  shop: MemoryShop,
  paymentNo: string,
  attempt: KeptAttempt,
): AttemptOnWire => {
  const payment = must(shop.payments.get(paymentNo))
  return {
    channelNumber: attempt.channel_number,
    channelNo: attempt.channel_no,
    body: attempt.body,
    amount: attempt.amount_fen,
    remedyBody: attempt.remedy_body,
    payment: {
      channelNumber: payment.channel_number,
      channelNo: null,
      method: 'code',
      body: '',
      paid: payment.paid_fen,
    },
  }
}
