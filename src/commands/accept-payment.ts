/** Somebody keeps money that the channel had and our books had not (补单): said once, by name, in the payment's chain. */
import { inTenant } from '../db/connect.ts'
import type { Actor } from '../domain/actor.ts'
import { sealEvents } from '../domain/evidence.ts'
import { restoredOf } from '../domain/payment-shown.ts'
import { refuse, type Refusal } from '../domain/problems.ts'
import { lockPayments } from '../store/books.ts'
import { insertEvents } from '../store/events.ts'
import { closeIncident } from '../store/incidents.ts'
import { findPayment } from '../store/payment-reads.ts'
import { readPayments, savePayment } from '../store/payments.ts'
import { readSale } from '../store/sales.ts'
import type { Core } from './core.ts'
import { must } from './desk.ts'

export type Accepted =
  { readonly kind: 'done' } | { readonly kind: 'refused'; readonly refusal: Refusal }

/** Nothing moves: the money is in the books since it was found. Saying it twice is saying it once. */
export async function acceptPayment(
  core: Core,
  actor: Actor,
  paymentNo: string,
  now: Date,
): Promise<Accepted> {
  return inTenant(core.db, actor.tenant, async (tx): Promise<Accepted> => {
    await lockPayments(tx, [paymentNo])
    const facts = await findPayment(tx, paymentNo)
    if (!facts) return { kind: 'refused', refusal: refuse('not_found', { what: 'payment' }) }
    const { source } = must((await readSale(tx, facts.sale_no)) ?? undefined)
    const restored = restoredOf({ ...facts, source })
    if (restored === 'accepted') return { kind: 'done' }
    if (restored === null) {
      return { kind: 'refused', refusal: refuse('state_changed', { state: facts.state }) }
    }
    const row = must((await readPayments(tx, [paymentNo], core.clock.offsetMs()))[0])
    const { events, head } = sealEvents(
      [
        {
          subject: 'payment',
          no: paymentNo,
          type: 'payment.accepted',
          facts: { amount: row.paid_fen },
        },
      ],
      { seq: row.event_seq, hash: row.event_head },
      actor,
      now,
    )
    const next = { ...row, event_seq: head.seq, event_head: head.hash }
    if (!(await savePayment(tx, next, row.state, null)))
      throw new Error('a payment moved while it was locked')
    await insertEvents(tx, actor.tenant, events)
    const incident = { kind: 'paid_after_closing' as const, payment_no: paymentNo }
    await closeIncident(tx, incident, actor.staff ?? 'system', now)
    return { kind: 'done' }
  })
}
