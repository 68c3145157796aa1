/**
 * The one door by which outcomes come in: reply, query, notification, statement line or a person's act, in whatever
 * order and however often. One transaction carries attempt, refund, counters, items, books and evidence along.
 */
import { inTenant, type Tx } from '../db/connect.ts'
import type { Actor } from '../domain/actor.ts'
import type { Outcome } from '../domain/outcome.ts'
import { askedMs, countableMs, isOutOfDate } from '../domain/quiet.ts'
import { settleAttempt } from '../domain/settle.ts'
import { findByChannelRefundNo } from '../store/attempts.ts'
import { isChannelNoTaken } from '../store/faults.ts'
import type { Core } from './core.ts'
import {
  applySettlement,
  must,
  openDesk,
  paymentOf,
  saveDesk,
  viewOf,
  type Desk,
  type OpenRefund,
} from './desk.ts'

export type Word = {
  readonly refundNo: string
  readonly seq: number
  readonly outcome: Outcome
  /** The fence of the process that asked or sent; null when the word came by itself. */
  readonly fence: number | null
}

export async function settleAttempts(
  core: Core,
  actor: Actor,
  words: readonly Word[],
  now: Date,
): Promise<void> {
  if (words.length === 0) return
  try {
    await settleTogether(core, actor, words, now)
  } catch (error) {
    if (!isChannelNoTaken(error)) throw error
    const [only, ...others] = words
    if (only && others.length === 0) return settleTaken(core, actor, only, now)
    for (const word of words) await settleAttempts(core, actor, [word], now)
  }
}

async function settleTogether(
  core: Core,
  actor: Actor,
  words: readonly Word[],
  now: Date,
): Promise<void> {
  await inTenant(core.db, actor.tenant, async (tx) => {
    const refundNos = [...new Set(words.map((word) => word.refundNo))]
    const desk = await openDesk(tx, actor.tenant, refundNos, core.clock.offsetMs())
    for (const word of words) settleOne(core, desk, word, now)
    await saveOpened(core, tx, desk, actor, now)
    core.crashPoint('settle.before_commit')
  })
  core.crashPoint('settle.after_commit')
}

/**
 * The word names a refund of the channel's that another attempt already stands for: after our books came from a backup,
 * one that we sent may have been learned as made elsewhere. To count it again would be wrong, and which of the two it is
 * no rule can say. The attempt stays unclear and held, and a person is called.
 */
async function settleTaken(core: Core, actor: Actor, word: Word, now: Date): Promise<void> {
  const { outcome } = word
  const channelNo = 'channelNo' in outcome ? outcome.channelNo : null
  await inTenant(core.db, actor.tenant, async (tx) => {
    const desk = await openDesk(tx, actor.tenant, [word.refundNo], core.clock.offsetMs())
    const open = must(desk.refunds.get(word.refundNo))
    const { account_no } = paymentOf(desk, open)
    const holder = channelNo && (await findByChannelRefundNo(tx, account_no, channelNo))
    settleOne(core, desk, { ...word, outcome: TAKEN }, now)
    open.incidents.push({
      kind: 'channel_no_taken',
      detail: {
        attempt: word.seq,
        channel_no: channelNo,
        said: outcome.kind,
        by: holder ? holder.refund_no : null,
      },
    })
    await saveOpened(core, tx, desk, actor, now)
  })
}

const TAKEN: Outcome = { kind: 'unknown', cause: 'channel_no_taken', alarm: false }

function settleOne(core: Core, desk: Desk, word: Word, now: Date): void {
  const open = must(desk.refunds.get(word.refundNo))
  const row = must(open.attempts.find((each) => each.seq === word.seq))
  if (isOutOfDate(word.outcome, word.fence, row.fence)) return
  const channel = core.channel(must(desk.payments.get(open.row.payment_no)).channel)
  const settlement = settleAttempt(
    viewOf(desk, open),
    word.seq,
    word.outcome,
    channel.can,
    countableMs(channel.can, {
      sendByMs: row.since_send_by_ms,
      notFoundMs: row.since_not_found_ms,
      askedMs: askedMs(word.fence, row.past_send_by_ms, core.settings.sendWithinMs),
    }),
    row.tries,
  )
  applySettlement(desk, open, word.seq, settlement, { fence: word.fence, now })
  logMove(core, desk, open, word, settlement.moved)
}

async function saveOpened(core: Core, tx: Tx, desk: Desk, actor: Actor, now: Date): Promise<void> {
  for (const { kind, refund_no } of await saveDesk(tx, desk, actor, now)) {
    core.log.error({ tenant: actor.tenant, refund: refund_no, incident: kind }, 'incident.opened')
  }
}

function logMove(core: Core, desk: Desk, open: OpenRefund, word: Word, moved: boolean): void {
  core.log.info(
    {
      tenant: desk.tenant,
      refund: word.refundNo,
      attempt: word.seq,
      outcome: word.outcome.kind,
      state: open.row.state,
      moved,
    },
    'attempt.word',
  )
}
