import type { Tx } from '../db/connect.ts'
import type { Actor } from '../domain/actor.ts'
import { sealEvents } from '../domain/evidence.ts'
import { insertEvents } from '../store/events.ts'
import { readHeads, saveHead } from '../store/payments.ts'

/** Payments that were just blocked say so in their own evidence. They are locked. @param blocked reasons by number */
export async function tellBlocked(
  tx: Tx,
  actor: Actor,
  blocked: ReadonlyMap<string, string>,
  now: Date,
): Promise<void> {
  if (blocked.size === 0) return
  for (const row of await readHeads(tx, [...blocked.keys()])) {
    const { payment_no: no } = row
    const facts = { reason: blocked.get(no) ?? null }
    const { events, head } = sealEvents(
      [{ subject: 'payment', no, type: 'payment.blocked', facts }],
      { seq: row.event_seq, hash: row.event_head },
      actor,
      now,
    )
    await saveHead(tx, { payment_no: no, event_seq: head.seq, event_head: head.hash })
    await insertEvents(tx, actor.tenant, events)
  }
}
