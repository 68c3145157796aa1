/** How far a second person reaches who showed themselves at the till, and the use of their yes. */
import type { Tx } from '../db/connect.ts'
import type { Actor } from '../domain/actor.ts'
import type { Fen } from '../domain/money.ts'
import { refuse, type Refusal } from '../domain/problems.ts'
import { grantBinding, type SecondFor } from '../domain/second.ts'
import { useGrant } from '../store/seconds.ts'
import type { Core } from './core.ts'

/** Null when a PIN or a code reaches so far. */
export function beyondTill(core: Core, amount: Fen): Refusal | null {
  const limit = core.settings.shop.params.secondAtTillFen
  return amount > limit ? refuse('second_beyond_till', { limit }) : null
}

/**
 * For the transaction of the act that a second person stands behind: uses a grant up. A key of their own is good for
 * any act. `act` null: one that nobody need stand behind. @returns null when the act may go on.
 */
export async function useSecond(
  tx: Tx,
  { second, staff, terminal }: Actor,
  act: SecondFor | null,
  now: Date,
): Promise<Refusal | null> {
  if (second === null || second.grant === null) return null
  const isForThis =
    act !== null &&
    staff !== null &&
    terminal !== null &&
    (await useGrant(tx, second.grant, grantBinding(act, { staff, terminal }), now))
  return isForThis ? null : refuse('second_not_for_this', {})
}
