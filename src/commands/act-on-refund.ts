/** One person's act on one refund: opened under lock, judged, changed, saved; or refused with nothing changed. */
import { inTenant, type Tx } from '../db/connect.ts'
import { mayDecide, type Actor } from '../domain/actor.ts'
import { refuse, type Refusal } from '../domain/problems.ts'
import type { RefundState } from '../domain/refund.ts'
import type { Core } from './core.ts'
import { openDesk, saveDesk, type Desk, type OpenRefund } from './desk.ts'
import type { Lease } from './send-attempts.ts'

export type Acted =
  /** `lease`: an attempt was opened and waits for `sendAttempts` by this process. */
  | { readonly kind: 'done'; readonly lease: Lease | null }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

export const done = (lease: Lease | null = null): Acted => ({ kind: 'done', lease })
export const refusedWith = (refusal: Refusal): Acted => ({ kind: 'refused', refusal })

export type Act = (tx: Tx, desk: Desk, open: OpenRefund) => Promise<Acted> | Acted

export async function actOnRefund(
  core: Core,
  actor: Actor,
  refundNo: string,
  now: Date,
  act: Act,
): Promise<Acted> {
  const work = inTenant(core.db, actor.tenant, async (tx) => {
    const desk = await openDesk(tx, actor.tenant, [refundNo], core.clock.offsetMs())
    const open = desk.refunds.get(refundNo)
    if (!open) return refusedWith(refuse('not_found', { what: 'refund' }))
    const acted = await act(tx, desk, open)
    // Thrown, so that whatever the act had written before it was refused is undone with its transaction.
    if (acted.kind === 'refused') throw new Undone(acted)
    await saveDesk(tx, desk, actor, now)
    core.crashPoint('act.before_commit')
    return acted
  })
  const acted = await work.catch((error: unknown) => {
    if (error instanceof Undone) return error.acted
    throw error
  })
  core.crashPoint('act.after_commit')
  return acted
}

class Undone extends Error {
  readonly acted: Acted
  constructor(acted: Acted) {
    super('the act was refused')
    this.acted = acted
  }
}

/** Null when the act fits the state; else why not. */
export const wrongState = (open: OpenRefund, ...fits: RefundState[]): Refusal | null =>
  fits.includes(open.row.state) ? null : refuse('state_changed', { state: open.row.state })

/** Null when the person may decide on this refund: a decider, and not the one who asked for it. */
export function notTheirs(actor: Actor, open: OpenRefund): Refusal | null {
  if (!mayDecide(actor)) return refuse('supervisor_needed', {})
  if (actor.staff !== null && actor.staff === open.row.requested_by)
    return refuse('second_person_same', {})
  return null
}

export const noSecond = (actor: Actor): Refusal | null =>
  actor.second !== null && mayDecide(actor.second) ? null : refuse('second_person_needed', {})
