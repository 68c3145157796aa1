/**
 * Counts what is put on paper. A print is counted before it is sent, so that two tills cannot both print an original;
 * it is taken back when certainly nothing came out, and becomes evidence otherwise.
 */
import { inTenant } from '../db/connect.ts'
import type { Actor } from '../domain/actor.ts'
import type { SlipKey } from '../store/slips.ts'
import { countPrint, uncountPrint } from '../store/slips.ts'
import { actOnRefund, done } from './act-on-refund.ts'
import type { Core } from './core.ts'

/** @param facts what the paper says. @returns the number of this reprint, 0 for the first print. */
export const beginPrint = (
  core: Core,
  actor: Actor,
  key: SlipKey,
  facts: unknown,
  now: Date,
): Promise<number> =>
  inTenant(core.db, actor.tenant, (tx) => countPrint(tx, actor.tenant, key, facts, now))

export const takeBackPrint = (core: Core, actor: Actor, key: SlipKey): Promise<void> =>
  inTenant(core.db, actor.tenant, (tx) => uncountPrint(tx, key))

export async function recordPrint(
  core: Core,
  actor: Actor,
  key: SlipKey,
  facts: { readonly reprint: number; readonly paper: string; readonly result: string },
  now: Date,
): Promise<void> {
  await actOnRefund(core, actor, key.refundNo, now, (_tx, _desk, open) => {
    open.events.push({
      subject: 'refund',
      no: key.refundNo,
      type: 'refund.slip_printed',
      facts: { ...facts, kind: key.kind, copy: key.copy },
    })
    return done()
  })
}
