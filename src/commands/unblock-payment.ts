/** Opens a payment again that was blocked because a truth did not fit: somebody has looked, and a second person too. */
import { inTenant } from '../db/connect.ts'
import { mayDecide, type Actor } from '../domain/actor.ts'
import { sealEvents } from '../domain/evidence.ts'
import { refuse, type Refusal } from '../domain/problems.ts'
import { lockPayments } from '../store/books.ts'
import { insertEvents } from '../store/events.ts'
import { closeIncidents } from '../store/incidents.ts'
import { readPayments, savePayment } from '../store/payments.ts'
import { sendHeldBack } from '../store/refunds.ts'
import { noSecond } from './act-on-refund.ts'
import type { Core } from './core.ts'

export type Unblocked =
  { readonly kind: 'done' } | { readonly kind: 'refused'; readonly refusal: Refusal }

/**
 * @param reason a code. The payment's open incidents are closed with it, and approved refunds that could not go try
 * again; the books are left as truth has made them.
 */
export async function unblockPayment(
  core: Core,
  actor: Actor,
  paymentNo: string,
  reason: string,
  now: Date,
): Promise<Unblocked> {
  return inTenant(core.db, actor.tenant, async (tx): Promise<Unblocked> => {
    await lockPayments(tx, [paymentNo])
    const [row] = await readPayments(tx, [paymentNo], core.clock.offsetMs())
    if (!row) return { kind: 'refused', refusal: refuse('not_found', { what: 'payment' }) }
    const no = mayDecide(actor) ? noSecond(actor) : refuse('supervisor_needed', {})
    if (no) return { kind: 'refused', refusal: no }
    if (row.blocked === null) {
      return { kind: 'refused', refusal: refuse('state_changed', { state: row.state }) }
    }
    const { events, head } = sealEvents(
      [
        {
          subject: 'payment',
          no: paymentNo,
          type: 'payment.unblocked',
          facts: { was: row.blocked, reason },
        },
      ],
      { seq: row.event_seq, hash: row.event_head },
      actor,
      now,
    )
    const saved = await savePayment(
      tx,
      { ...row, blocked: null, event_seq: head.seq, event_head: head.hash },
      row.state,
      null,
    )
    if (!saved) throw new Error('a payment moved while it was locked')
    await insertEvents(tx, actor.tenant, events)
    await sendHeldBack(tx, paymentNo, now)
    await closeIncidents(tx, paymentNo, actor.staff ?? 'system', now)
    return { kind: 'done' }
  })
}
