/** Opens the next attempt of an approved or owed refund on the desk, if its payment and the channel's rules let it go now. */
import type { Tx } from '../db/connect.ts'
import type { Actor } from '../domain/actor.ts'
import { nextProbe } from '../domain/breaker.ts'
import { mayProbe, type Plan } from '../domain/plan.ts'
import { planOf, whyNoRefund, whyNotPlanned, type PaymentBooks } from '../domain/request.ts'
import type { Refusal } from '../domain/problems.ts'
import { insertAttempts } from '../store/attempts.ts'
import { readBooks } from '../store/books.ts'
import { takeProbe } from '../store/traffic.ts'
import { openAccounts } from './accounts.ts'
import type { Core } from './core.ts'
import { moveRefund, must, type Desk, type OpenRefund } from './desk.ts'
import { attemptFor } from './attempt-for.ts'
import { booksOf } from './payment-books.ts'
import type { Lease } from './send-attempts.ts'

export type Started =
  | { readonly kind: 'started'; readonly lease: Lease | null }
  | { readonly kind: 'later' }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

/** The payment is locked by the desk. The attempt is written here; the refund is saved with the desk. */
export async function startRefund(
  core: Core,
  tx: Tx,
  desk: Desk,
  open: OpenRefund,
  actor: Actor,
  method: 'original' | 'cash',
  now: Date,
): Promise<Started> {
  const row = must((await readBooks(tx, [open.row.payment_no]))[0])
  const books = booksOf(core, row)
  const standing = whyNoRefund(books)
  if (standing) return { kind: 'refused', refusal: standing }
  if (method === 'original') {
    const plan = await planNow(core, tx, row.account_no, books, open, now)
    if (plan.kind === 'no') return { kind: 'refused', refusal: whyNotPlanned(plan) }
    if (plan.kind === 'at') {
      open.row = { ...open.row, send_at: plan.at, send_reason: plan.reason }
      open.dirty = true
      return { kind: 'later' }
    }
  }
  const account = must(
    (await openAccounts(core, tx, actor.tenant, [row.account_no])).get(row.account_no),
  )
  const kind = method === 'cash' ? 'cash' : 'refund'
  const seq = open.row.attempts + 1
  const attempt = attemptFor(
    core,
    {
      tenant: actor.tenant,
      refundNo: open.row.refund_no,
      seq,
      kind,
      amount: open.row.amount_fen,
      reason: open.row.reason_code,
      payment: row,
      account,
    },
    now,
  )
  await insertAttempts(tx, [attempt])
  moveRefund(desk, open, 'sending', now)
  open.row = { ...open.row, attempts: seq, send_at: null, send_reason: null }
  open.events.push({
    subject: 'refund',
    no: open.row.refund_no,
    type: 'refund.sending',
    facts: { attempt: seq, kind, channel_number: attempt.channel_number },
  })
  if (kind === 'refund') countSend(desk, open, now)
  return {
    kind: 'started',
    lease: kind === 'refund' ? { refundNo: open.row.refund_no, seq, fence: 1 } : null,
  }
}

/** The plan, with the one send that tries whether a silent channel answers again taken for this refund. */
async function planNow(
  core: Core,
  tx: Tx,
  accountNo: string,
  books: PaymentBooks,
  open: OpenRefund,
  now: Date,
): Promise<Plan> {
  const plan = planOf(books, open.row.amount_fen, now)
  if (!mayProbe(plan, now)) return plan
  const next = nextProbe(core.settings.breaker, now)
  return (await takeProbe(tx, accountNo, now, next))
    ? { kind: 'now' }
    : { kind: 'at', at: next, reason: 'channel_down' }
}

function countSend(desk: Desk, open: OpenRefund, now: Date): void {
  const payment = must(desk.payments.get(open.row.payment_no))
  desk.payments.set(payment.payment_no, {
    ...payment,
    refund_count: payment.refund_count + 1,
    last_refund_sent_at: now,
  })
  desk.touchedPayments.add(payment.payment_no)
}
