import type { Tx } from '../db/connect.ts'
import type { Actor } from '../domain/actor.ts'
import { ZERO, type Fen } from '../domain/money.ts'
import { startOfDay } from '../domain/time.ts'
import { askedSince, lockPerson } from '../store/people.ts'

/**
 * fen that the person asked for today. Where a limit of theirs counts it, the person's row is locked until the end of
 * the transaction, after payments and refunds, so that requests at two terminals at once cannot both fit under it;
 * without a limit nothing is read and nobody waits.
 */
export async function askedTodayBy(tx: Tx, actor: Actor, now: Date): Promise<Fen> {
  if (actor.staff === null || actor.rights.perDayFen === null) return ZERO
  await lockPerson(tx, actor.staff)
  return askedSince(tx, actor.staff, startOfDay(now))
}
