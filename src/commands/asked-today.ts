import type { Tx } from '../db/connect.ts'
import type { Actor } from '../domain/actor.ts'
import { ZERO, type Fen } from '../domain/money.ts'
import { startOfDay } from '../domain/time.ts'
import { askedSince, lockPeople } from '../store/people.ts'

/** fen that each person asked for today, by who they are. Of whom no limit counts it, nothing is read. */
export type AskedToday = ReadonlyMap<string, Fen>

export async function seeAskedToday(
  tx: Tx,
  actors: readonly Actor[],
  now: Date,
): Promise<AskedToday> {
  const people = limitedOf(actors)
  return people.length === 0 ? new Map() : askedSince(tx, people, startOfDay(now))
}

/**
 * The same to judge requests by: where a limit counts it, the people's rows are locked until the end of the transaction,
 * after payments and refunds and all at once, so that requests at two terminals at once cannot both fit under it.
 */
export async function lockAskedToday(
  tx: Tx,
  actors: readonly Actor[],
  now: Date,
): Promise<AskedToday> {
  const people = limitedOf(actors)
  if (people.length > 0) await lockPeople(tx, people)
  return seeAskedToday(tx, actors, now)
}

/** What this actor asked for; nobody in person: nothing. */
export const askedBy = (asked: AskedToday, { staff }: Actor): Fen =>
  (staff === null ? null : asked.get(staff)) ?? ZERO

const limitedOf = (actors: readonly Actor[]): string[] => [
  ...new Set(
    actors.flatMap(({ staff, rights }) =>
      staff === null || rights.perDayFen === null ? [] : [staff],
    ),
  ),
]
