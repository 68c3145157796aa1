import type { Tx } from '../db/connect.ts'
import type { Actor } from '../domain/actor.ts'
import { ZERO, type Fen } from '../domain/money.ts'
import { startOfDay } from '../domain/time.ts'
import { askedSince, lockPerson } from '../store/people.ts'

/** fen that the person asked for today; without a limit of theirs that counts it nothing is read. */
export async function seeAskedToday(tx: Tx, actor: Actor, now: Date): Promise<Fen> {
  if (actor.staff === null || actor.rights.perDayFen === null) return ZERO
  return askedSince(tx, actor.staff, startOfDay(now))
}

/**
 * The same to judge a request by: where a limit counts it, the person's row is locked until the end of the transaction,
 * after payments and refunds, so that requests at two terminals at once cannot both fit under it.
 */
export async function lockAskedToday(tx: Tx, actor: Actor, now: Date): Promise<Fen> {
  if (actor.staff !== null && actor.rights.perDayFen !== null) await lockPerson(tx, actor.staff)
  return seeAskedToday(tx, actor, now)
}
