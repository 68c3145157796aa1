/** The end of a story: nothing goes wrong any more, and time passes until nobody has anything left to do. */
import { isOpen } from '../../src/domain/attempt.ts'
import type { Draw } from '../draw.ts'
import { bookOf } from '../judge.ts'
import { stop } from './acts.ts'
import { arrive, sweep, takeNotice, type Tale } from './tale.ts'
import { hear, LEASE_MS } from './turns.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

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

export async function mend(tale: Tale, draw: Draw): Promise<void> {
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
