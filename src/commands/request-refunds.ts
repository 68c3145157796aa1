/**
 * Takes refund requests: one transaction in which each is judged on what the ones before it left, written down with
 * its hold, its books, its evidence, and, when nothing stands in the way, its first attempt, already held by this
 * process. After the commit a refund cannot be lost; nothing has been sent yet.
 */
import type { Account } from '../channels/channel.ts'
import { inTenant, type Tx } from '../db/connect.ts'
import type { Actor } from '../domain/actor.ts'
import { mayDecide } from '../domain/actor.ts'
import { bindingOf } from '../domain/approval.ts'
import { fingerprintOf, sealEvents, type EventDraft, type Json } from '../domain/evidence.ts'
import { transfersFor } from '../domain/ledger.ts'
import { addFen, ZERO, type Fen } from '../domain/money.ts'
import { refuse, type Refusal } from '../domain/problems.ts'
import { NO_POSITION, positionOf, type RefundState } from '../domain/refund.ts'
import {
  decideRequest,
  type AcceptedRefund,
  type PaymentBooks,
  type RefundRequest,
  whyNoPayment,
  whyNotReplaced,
  withoutHold,
} from '../domain/request.ts'
import type { SecondFor } from '../domain/second.ts'
import { insertAttempts, makeDue, type NewAttempt } from '../store/attempts.ts'
import { lockPayments, type BooksRow } from '../store/books.ts'
import { insertEvents } from '../store/events.ts'
import { insertTransfers, type TransferRow } from '../store/ledger.ts'
import { findNumbers, insertApproval, insertRefundItems, insertRefunds } from '../store/refunds.ts'
import { openAccounts } from './accounts.ts'
import { againAfterFault } from './again.ts'
import { askedBy, lockAskedToday } from './asked-today.ts'
import { attemptFor } from './attempt-for.ts'
import type { Core } from './core.ts'
import { moveRefund, must, openDesk, saveDesk, type Desk } from './desk.ts'
import { openBooks, saveBooks } from './payment-books.ts'
import { keepPersonal } from './personal.ts'
import type { Lease } from './send-attempts.ts'
import { useSecond } from './use-second.ts'

export type Requested =
  /** `fresh`: made by this call. `lease`: its attempt waits for `sendAttempts` by this process. */
  | {
      readonly kind: 'stored'
      readonly refundNo: string
      readonly fresh: boolean
      readonly lease: Lease | null
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** Only among several: this one met a fault. Nothing is known of it; the same number asked again tells. */
  | { readonly kind: 'faulted'; readonly error: unknown }

type Accepted = {
  readonly actor: Actor
  readonly refund: AcceptedRefund
  readonly books: BooksRow
  readonly fingerprint: Buffer
}

/** A request and who makes it. */
export type Asked = { readonly actor: Actor; readonly input: RefundRequest }

/** What one person asks for. */
export const requestRefunds = (
  core: Core,
  actor: Actor,
  inputs: readonly RefundRequest[],
  now: Date,
): Promise<Requested[]> =>
  takeRequests(
    core,
    actor.tenant,
    inputs.map((input) => ({ actor, input })),
    now,
  )

/**
 * @param asked by people of this merchant
 * @returns one result for each request, in order; a number given twice is a repetition of the first. A request that
 * replaces another comes alone: it changes the books by two refunds at once. A fault of one of several leaves the
 * others alone; the fault of a single one is thrown.
 */
export async function takeRequests(
  core: Core,
  tenant: number,
  asked: readonly Asked[],
  now: Date,
): Promise<Requested[]> {
  if (asked.length > 1 && asked.some(({ input }) => input.replaces !== null)) {
    throw new Error('a request that replaces another comes alone')
  }
  const together = () => requestTogether(core, tenant, asked, now)
  const results =
    asked.length === 1
      ? await againAfterFault(together)
      : await together().catch(() => requestApart(core, tenant, asked, now))
  core.crashPoint('request.after_commit')
  return results
}

function requestTogether(
  core: Core,
  tenant: number,
  asked: readonly Asked[],
  now: Date,
): Promise<Requested[]> {
  return inTenant(core.db, tenant, async (tx) => {
    const answered = await judgeAll(core, tx, asked, now)
    await writeAccepted(core, tx, tenant, [...answered.accepted.values()], now)
    core.crashPoint('request.before_commit')
    return answered.results
  })
}

/** One request's fault must not be another's: a number taken in the same moment, an account that cannot sign. */
async function requestApart(
  core: Core,
  tenant: number,
  asked: readonly Asked[],
  now: Date,
): Promise<Requested[]> {
  const results: Requested[] = []
  for (const each of asked) {
    const one = againAfterFault(() => requestTogether(core, tenant, [each], now))
    results.push(...(await one.catch((error: unknown) => [{ kind: 'faulted' as const, error }])))
  }
  return results
}

async function judgeAll(core: Core, tx: Tx, asked: readonly Asked[], now: Date) {
  const paymentNos = asked.map(({ input }) => input.paymentNo)
  await lockPayments(tx, paymentNos)
  const stored = await findNumbers(
    tx,
    asked.map(({ input }) => input.no),
  )
  const storedBy = new Map(stored.map((row) => [row.refund_no, row]))
  const opened = await openBooks(core, tx, paymentNos)
  const books = new Map([...opened].map(([no, { books: each }]) => [no, each]))

  const results: Requested[] = []
  const accepted = new Map<string, Accepted>()
  let askedToday: Map<string, Fen> | null = null
  for (const { actor, input } of asked) {
    const fingerprint = fingerprintOf(fingerprinted(input))
    const known = storedBy.get(input.no)?.fingerprint ?? accepted.get(input.no)?.fingerprint
    if (known) {
      // The first one's lease is not given twice: two holders of one lease would send twice.
      results.push(known.equals(fingerprint) ? repeated(input.no) : numberTaken(input.no))
      continue
    }
    const state = books.get(input.paymentNo)
    const row = opened.get(input.paymentNo)?.row
    if (!state || !row) {
      results.push({ kind: 'refused', refusal: whyNoPayment(input.paymentNo) })
      continue
    }
    const replaced = await withoutReplaced(core, tx, actor, input, state, now)
    if (replaced.kind === 'refused') {
      results.push(replaced)
      continue
    }
    // Everybody's at the first one that needs it: taken one after the other, two lists could wait for each other.
    askedToday ??= new Map(
      await lockAskedToday(
        tx,
        asked.map((each) => each.actor),
        now,
      ),
    )
    const before = askedBy(askedToday, actor)
    const { shop } = core.settings
    const decision = decideRequest(replaced.books, input, actor, before, shop, now)
    if (state.unclearRefund) await makeDue(tx, [state.unclearRefund])
    if (decision.kind === 'refused') {
      results.push(decision)
      continue
    }
    const notTheirs = await useSecond(tx, actor, claimOf(decision.refund), now)
    if (notTheirs) {
      results.push({ kind: 'refused', refusal: notTheirs })
      continue
    }
    if (actor.staff !== null) askedToday.set(actor.staff, addFen(before, decision.refund.amount))
    if (replaced.desk) await saveDesk(tx, replaced.desk, actor, now)
    carryOver(books, decision.books)
    accepted.set(input.no, { actor, refund: decision.refund, books: row, fingerprint })
    results.push({
      kind: 'stored',
      refundNo: input.no,
      fresh: true,
      lease: leaseOf(decision.refund),
    })
  }
  await saveBooks(tx, changedBooks([...accepted.values()], books))
  return { results, accepted }
}

/** What a second person would have stood behind. */
const claimOf = ({ request, amount, feeKept }: AcceptedRefund): SecondFor => ({
  act: 'refund',
  payment: request.paymentNo,
  amount: addFen(amount, feeKept),
  method: request.method,
})

/** What the next request finds. Pieces are the sale's, whichever of its payments they are refunded of. */
function carryOver(books: Map<string, PaymentBooks>, after: PaymentBooks): void {
  for (const [no, each] of books) {
    if (each.saleNo === after.saleNo) books.set(no, { ...each, items: after.items })
  }
  books.set(after.paymentNo, after)
}

/** The first attempt is born held by this process under fence 1. */
const leaseOf = (refund: AcceptedRefund): Lease | null =>
  refund.next.kind === 'attempt' && refund.next.of === 'refund'
    ? { refundNo: refund.request.no, seq: 1, fence: 1 }
    : null

const repeated = (no: string): Requested => ({
  kind: 'stored',
  refundNo: no,
  fresh: false,
  lease: null,
})

const numberTaken = (no: string): Requested => ({
  kind: 'refused',
  refusal: refuse('number_taken', { number: no, stored: { refund: no } }),
})

/** What makes a repeated request the same one; who asks does not matter, a colleague may continue it. */
const fingerprinted = (input: RefundRequest): Json => ({
  payment: input.paymentNo,
  ask:
    input.ask.kind === 'items'
      ? { items: input.ask.items.map((take) => ({ line: take.line, quantity: take.quantity })) }
      : input.ask.kind === 'amount'
        ? { amount: input.ask.fen }
        : 'full',
  method: input.method,
  reason: input.reason,
  note: input.note,
  replaces: input.replaces,
})

type Replaced =
  | { readonly kind: 'ready'; readonly books: PaymentBooks; readonly desk: Desk | null }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

/** The books as they are once the request that this one replaces is out of the way. */
async function withoutReplaced(
  core: Core,
  tx: Tx,
  actor: Actor,
  input: RefundRequest,
  books: PaymentBooks,
  now: Date,
): Promise<Replaced> {
  if (input.replaces === null) return { kind: 'ready', books, desk: null }
  if (!mayDecide(actor)) return { kind: 'refused', refusal: refuse('supervisor_needed', {}) }
  // Looked at before it is locked: another payment's refund would be locked after this payment, out of order.
  const [named] = await findNumbers(tx, [input.replaces])
  if (named?.payment_no !== input.paymentNo) {
    return { kind: 'refused', refusal: refuse('not_found', { what: 'refund' }) }
  }
  const desk = await openDesk(tx, actor.tenant, [input.replaces], core.clock.offsetMs())
  const open = must(desk.refunds.get(input.replaces))
  const decided = whyNotReplaced(open.row.state)
  if (decided) return { kind: 'refused', refusal: decided }
  const freed = withoutHold(books, {
    amount: open.row.amount_fen,
    feeKept: open.row.fee_kept_fen,
    lines: open.lines,
  })
  moveRefund(desk, open, 'rejected', now)
  open.row = { ...open.row, ended_reason: 'replaced' }
  open.events.push({
    subject: 'refund',
    no: open.row.refund_no,
    type: 'refund.rejected',
    facts: { reason: 'replaced', by: input.no },
  })
  return { kind: 'ready', desk, books: freed }
}

/** The books of each payment that took a refund, once, as the last one left them. */
function changedBooks(accepted: readonly Accepted[], books: ReadonlyMap<string, PaymentBooks>) {
  const itemsMoved = new Set(
    accepted.filter((each) => each.refund.items.length > 0).map((each) => each.books.payment_no),
  )
  return [...new Set(accepted.map((each) => each.books.payment_no))].map((no) => ({
    books: must(books.get(no)),
    itemsMoved: itemsMoved.has(no),
  }))
}

async function writeAccepted(
  core: Core,
  tx: Tx,
  tenant: number,
  accepted: readonly Accepted[],
  now: Date,
) {
  if (accepted.length === 0) return
  const accounts = await openAccounts(
    core,
    tx,
    tenant,
    accepted.map((each) => each.books.account_no),
  )
  const notes = await keepPersonal(
    core,
    tx,
    tenant,
    accepted.map(({ refund }) => ({
      subject: `refund/${refund.request.no}`,
      kind: 'note',
      value: refund.request.note,
    })),
    now,
  )
  const sealed = accepted.map((each, place) => ({
    ...each,
    note: notes[place] ?? null,
    attempt: firstAttempt(core, each, must(accounts.get(each.books.account_no)), now),
  }))
  const chains = sealed.map((each) =>
    sealEvents(
      eventsOf(each.refund, each.attempt, each.note?.commitment ?? null),
      { seq: 0, hash: null },
      each.actor,
      now,
    ),
  )
  await insertRefunds(
    tx,
    sealed.map((each, place) => ({
      tenant_id: tenant,
      refund_no: each.refund.request.no,
      payment_no: each.books.payment_no,
      sale_no: each.refund.saleNo,
      state: stateOf(each.refund),
      method: each.refund.request.method,
      amount_fen: each.refund.amount,
      fee_kept_fen: each.refund.feeKept,
      reason_code: each.refund.request.reason,
      note_ref: each.note?.ref ?? null,
      store_no: each.actor.store,
      terminal_no: each.actor.terminal,
      requested_by: each.actor.staff,
      judgement: each.refund.judgement,
      send_at: each.refund.next.kind === 'later' ? each.refund.next.at : null,
      send_reason: each.refund.next.kind === 'later' ? each.refund.next.reason : null,
      replaces: each.refund.request.replaces,
      outside: false,
      attempts: each.attempt ? 1 : 0,
      fingerprint: each.fingerprint,
      event_seq: must(chains[place]).head.seq,
      event_head: must(must(chains[place]).head.hash ?? undefined),
      created_at: now,
      settled_at: null,
    })),
  )
  await insertRefundItems(
    tx,
    sealed.flatMap(({ refund }) =>
      holdItemsOf(refund).map((line) => ({
        tenant_id: tenant,
        refund_no: refund.request.no,
        sale_no: refund.saleNo,
        line: line.line,
        quantity: line.quantity,
        fen: line.fen,
        standing: line.standing,
        let_go: line.letGo,
        counted_quantity: line.countedQuantity,
        counted_fen: line.countedFen,
      })),
    ),
  )
  await insertAttempts(
    tx,
    sealed.flatMap(({ attempt }) => (attempt ? [attempt] : [])),
  )
  await insertTransfers(
    tx,
    tenant,
    sealed.flatMap(({ refund, books }) => holdOf(refund, books)),
    now,
  )
  await insertEvents(
    tx,
    tenant,
    chains.flatMap(({ events }) => events),
  )
  for (const { actor, refund } of sealed) await keepSecond(tx, actor, refund, now)
}

/** The lines as they stand once held: a request takes no more than is left, so each counts in full. */
const holdItemsOf = (refund: AcceptedRefund) =>
  refund.items.map((line) => ({
    ...line,
    standing: 'held' as const,
    countedQuantity: line.quantity,
    countedFen: line.fen,
  }))

function stateOf(refund: AcceptedRefund): RefundState {
  switch (refund.next.kind) {
    case 'attempt':
      return 'sending'
    case 'later':
      return 'approved'
    case 'wait_for_approval':
      return 'requested'
  }
}

function firstAttempt(
  core: Core,
  { actor, refund, books }: Accepted,
  account: Account,
  now: Date,
): NewAttempt | null {
  if (refund.next.kind !== 'attempt') return null
  return attemptFor(
    core,
    {
      tenant: actor.tenant,
      refundNo: refund.request.no,
      seq: 1,
      kind: refund.next.of,
      amount: refund.amount,
      reason: refund.request.reason,
      payment: books,
      account,
    },
    now,
  )
}

function eventsOf(
  refund: AcceptedRefund,
  attempt: NewAttempt | null,
  note: Buffer | null,
): EventDraft[] {
  const { request } = refund
  const requested: EventDraft = {
    subject: 'refund',
    no: request.no,
    type: 'refund.requested',
    facts: {
      payment: request.paymentNo,
      sale: refund.saleNo,
      amount: refund.amount,
      fee_kept: refund.feeKept,
      method: request.method,
      reason: request.reason,
      note: note?.toString('hex') ?? null,
      items: refund.items.map((line) => ({
        line: line.line,
        quantity: line.quantity,
        fen: line.fen,
      })),
      replaces: request.replaces,
      verdict: refund.judgement.verdict,
      rules: refund.judgement.rules.map((rule) => ({ ...rule })),
    },
  }
  if (attempt === null) return [requested]
  const sending: EventDraft = {
    subject: 'refund',
    no: request.no,
    type: 'refund.sending',
    facts: { attempt: attempt.seq, kind: attempt.kind, channel_number: attempt.channel_number },
  }
  return [requested, sending]
}

function holdOf(refund: AcceptedRefund, books: BooksRow): TransferRow[] {
  const after = positionOf(
    { amount: refund.amount, feeKept: refund.feeKept, state: 'approved' },
    [],
  )
  return transfersFor({
    before: NO_POSITION,
    after,
    split: null,
    excessBefore: ZERO,
    excessAfter: ZERO,
    feeReturned: ZERO,
  }).map((each) => ({ ...each, payment_no: books.payment_no, refund_no: refund.request.no }))
}

async function keepSecond(tx: Tx, actor: Actor, refund: AcceptedRefund, now: Date): Promise<void> {
  if (actor.second === null) return
  await insertApproval(tx, {
    tenant_id: actor.tenant,
    refund_no: refund.request.no,
    staff_no: actor.second.staff,
    decision: 'second',
    way: actor.second.way,
    binding: bindingOf({
      no: refund.request.no,
      payment: refund.request.paymentNo,
      amount: refund.amount,
      method: refund.request.method,
      requestedBy: actor.staff,
    }),
    at: now,
  })
}
