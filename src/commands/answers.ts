/** What channels say, put down list by list: first the truth, then the dialogue that brought it. */
import type { Exchange } from '../channels/channel.ts'
import { inTenant } from '../db/connect.ts'
import { systemOf } from '../domain/actor.ts'
import { insertCalls } from '../store/calls.ts'
import { openLane, type Lane } from './coalesce.ts'
import type { Core } from './core.ts'
import { settleAttempts, type Word } from './settle-attempts.ts'
import { watchChannel } from './watch-channel.ts'

/** What was said about one attempt at an account. */
export type Dialogue = {
  readonly refundNo: string
  readonly seq: number
  readonly accountNo: string
  /** See `Shared`. */
  readonly well: boolean
  readonly exchanges: readonly Exchange[]
}

export type Answers = {
  readonly settle: Lane<Word, null>
  readonly keep: Lane<Dialogue, null>
}

/**
 * Whatever waits here stands for a turn that was let in before, so few are ever refused. One that is loses no truth: its
 * attempt stays unclear, and the channel is asked again.
 */
const WAITING_MAX = 10_000

export const openAnswers = (core: Core): Answers => ({
  settle: openLane(async (tenant, words) => {
    await settleAttempts(core, systemOf(tenant), words, core.clock.now())
    return words.map(() => null)
  }, WAITING_MAX),
  keep: openLane(async (tenant, dialogues) => {
    await keepDialogues(core, tenant, dialogues)
    return dialogues.map(() => null)
  }, WAITING_MAX),
})

/** Kept after the truth it brought: losing a line of it must never lose the truth. */
function keepDialogues(core: Core, tenant: number, dialogues: readonly Dialogue[]): Promise<void> {
  return inTenant(core.db, tenant, async (tx) => {
    await insertCalls(
      tx,
      tenant,
      dialogues.map((each) => ({ ...each, paymentNo: null })),
    )
    for (const accountNo of [...new Set(dialogues.map((each) => each.accountNo))].toSorted()) {
      const own = dialogues.filter((each) => each.accountNo === accountNo)
      const well = own.every((each) => each.well)
      const exchanges = own.flatMap((each) => each.exchanges)
      await watchChannel(core, tx, { tenant, accountNo, well }, exchanges, core.clock.now())
    }
  })
}
