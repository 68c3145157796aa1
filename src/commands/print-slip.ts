/**
 * Counts what is put on paper. A print is counted before it is sent, so that two tills cannot both print an original;
 * it is taken back when certainly nothing came out, and becomes evidence otherwise.
 */
import { inTenant } from '../db/connect.ts'
import type { Actor } from '../domain/actor.ts'
import type { AnySlip, SlipKey } from '../domain/any-slip.ts'
import { sealEvents, type EventDraft } from '../domain/evidence.ts'
import { lockPayments } from '../store/books.ts'
import { insertEvents } from '../store/events.ts'
import { paymentsOfSales } from '../store/payment-reads.ts'
import { readPayments, savePayment } from '../store/payments.ts'
import { countPrint, uncountPrint } from '../store/slips.ts'
import { actOnRefund, done } from './act-on-refund.ts'
import type { Core } from './core.ts'

/** @param facts what the paper says. @returns the number of this reprint, 0 for the first print. */
export const beginPrint = (
  core: Core,
  actor: Actor,
  key: SlipKey,
  facts: AnySlip,
  now: Date,
): Promise<number> =>
  inTenant(core.db, actor.tenant, (tx) => countPrint(tx, actor.tenant, key, facts, now))

export const takeBackPrint = (core: Core, actor: Actor, key: SlipKey): Promise<void> =>
  inTenant(core.db, actor.tenant, (tx) => uncountPrint(tx, key))

export type Printed = { readonly reprint: number; readonly paper: string; readonly result: string }

/**
 * Evidence of a print: in the chain of the refund, or of the payment that a sale's slip is the receipt of. Shifts and
 * closed days have no chain: their prints are counted and that is all.
 */
export async function recordPrint(
  core: Core,
  actor: Actor,
  key: SlipKey,
  printed: Printed,
  now: Date,
): Promise<void> {
  const facts = { ...printed, kind: key.kind, copy: key.copy }
  if (key.kind === 'hand_over' || key.kind === 'day_close') return
  if (key.kind === 'sale') return recordOnPayment(core, actor, key.subjectNo, facts, now)
  await actOnRefund(core, actor, key.subjectNo, now, (_tx, _desk, open) => {
    const no = key.subjectNo
    open.events.push({ subject: 'refund', no, type: 'refund.slip_printed', facts })
    return done()
  })
}

async function recordOnPayment(
  core: Core,
  actor: Actor,
  saleNo: string,
  facts: EventDraft['facts'],
  now: Date,
): Promise<void> {
  await inTenant(core.db, actor.tenant, async (tx) => {
    const all = await paymentsOfSales(tx, [saleNo])
    const no = (all.find((each) => each.state === 'paid') ?? all[0])?.payment_no
    if (no === undefined) throw new Error('a sale without a payment was printed')
    await lockPayments(tx, [no])
    const [row] = await readPayments(tx, [no], core.clock.offsetMs())
    if (!row) throw new Error('a payment that was just read is not there')
    const { events, head } = sealEvents(
      [{ subject: 'payment', no, type: 'payment.slip_printed', facts }],
      { seq: row.event_seq, hash: row.event_head },
      actor,
      now,
    )
    const next = { ...row, event_seq: head.seq, event_head: head.hash }
    if (!(await savePayment(tx, next, row.state, null)))
      throw new Error('a payment moved while it was locked')
    await insertEvents(tx, actor.tenant, events)
  })
}
