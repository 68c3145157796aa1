/** Drives payments until they are clear: sends, asks, reverses what stays unclear, and writes down what came back. */
import type { Account, Exchange, Line, PaymentOnWire, Send } from '../channels/channel.ts'
import { inTenant, type Tx } from '../db/connect.ts'
import { systemOf, type Actor } from '../domain/actor.ts'
import type { Capabilities } from '../domain/capabilities.ts'
import { sealEvents, type EventDraft, type EventType } from '../domain/evidence.ts'
import type { PayOutcome } from '../domain/outcome.ts'
import {
  isPastReversal,
  mayStillChange,
  paymentFact,
  paymentTurn,
  UNCLEAR_STATES,
  type PayAct,
  type PaymentState,
} from '../domain/payment.ts'
import { nextPaymentLook, paymentUnclearSince } from '../domain/payment-look.ts'
import { refuse, type Refusal } from '../domain/problems.ts'
import { askedMs, quietMs } from '../domain/quiet.ts'
import { unclearChange } from '../domain/unclear.ts'
import { makeDue } from '../store/attempts.ts'
import { lockPayments } from '../store/books.ts'
import { insertCalls } from '../store/calls.ts'
import { insertEvents } from '../store/events.ts'
import { endIncidents, insertIncidents } from '../store/incidents.ts'
import {
  claimPayments,
  leasePayment,
  markPaymentSending,
  readPayments,
  savePayment,
  type PaymentRow,
} from '../store/payments.ts'
import { openRefundsOf } from '../store/refunds.ts'
import { openAccounts } from './accounts.ts'
import { apart } from './apart.ts'
import type { Core } from './core.ts'
import { must } from './desk.ts'
import { keepPersonal } from './personal.ts'
import { SWEEP_MOST } from './sweep-refunds.ts'

export type PaymentLease = { readonly paymentNo: string; readonly fence: number }

export async function sweepPayments(core: Core): Promise<number> {
  const claimed = await claimPayments(core.db, {
    most: SWEEP_MOST,
    leaseMs: core.settings.leaseMs,
    sendWithinMs: core.settings.sendWithinMs,
    offsetMs: core.clock.offsetMs(),
  })
  if (claimed.length > 0) core.crashPoint('sweep.after_claim')
  await Promise.all(
    claimed.map(({ tenant_id: tenant, payment_no: paymentNo, fence }) =>
      apart(core, { tenant, payment: paymentNo }, () =>
        drivePayment(core, tenant, { paymentNo, fence }),
      ),
    ),
  )
  return claimed.length
}

/** Takes the payment's next turn now, unless another process holds it. */
export async function askPayment(core: Core, tenant: number, paymentNo: string): Promise<void> {
  const { leaseMs, sendWithinMs } = core.settings
  const row = await inTenant(core.db, tenant, (tx) =>
    leasePayment(tx, paymentNo, leaseMs, sendWithinMs),
  )
  if (row) await drivePayment(core, tenant, { paymentNo, fence: row.fence })
}

/** One turn of a payment this process holds. */
export async function drivePayment(core: Core, tenant: number, lease: PaymentLease): Promise<void> {
  const now = core.clock.now()
  const { row, account } = await inTenant(core.db, tenant, async (tx) => {
    const found = must((await readPayments(tx, [lease.paymentNo], core.clock.offsetMs()))[0])
    const accounts = await openAccounts(core, tx, tenant, [found.account_no])
    return { row: found, account: must(accounts.get(found.account_no)) }
  })
  if (row.fence !== lease.fence) return
  const channel = core.channel(row.channel)
  const { can } = channel
  const turn = paymentTurn(
    {
      state: row.state,
      method: row.method,
      neverSent: row.first_send_at === null,
      pastReversal: pastReversal(can, row, now),
      submittedAt: submittedAt(row),
      validUntil: row.valid_until,
      tries: row.tries,
    },
    can.payment?.reverseAfterMs ?? 0,
    now,
  )
  const exchanges: Exchange[] = []
  const line: Line = {
    account,
    timeoutMs: core.settings.channelTimeoutMs,
    record: (each) => exchanges.push(each),
  }
  const wire = onWire(row)
  switch (turn) {
    case 'begin_reverse':
      await moveByUs(core, tenant, lease, 'reversing', 'unclear', now)
      return
    case 'abandon':
      await moveByUs(core, tenant, lease, 'closed', 'never_sent', now)
      return
    case 'query':
      await settlePayment(
        core,
        systemOf(tenant),
        lease,
        'query',
        await channel.queryPayment(wire, line),
      )
      break
    case 'pay':
      await send(core, tenant, lease, 'pay', channel.pay(wire, line))
      break
    case 'reverse':
      await send(core, tenant, lease, 'reverse', channel.reversePayment(wire, line))
      break
    case 'close':
      await send(core, tenant, lease, 'close', channel.closePayment(wire, line))
      break
  }
  await keepCalls(core, tenant, row, account, exchanges)
}

async function send(
  core: Core,
  tenant: number,
  lease: PaymentLease,
  act: 'pay' | 'reverse' | 'close',
  go: Send<PayOutcome>,
): Promise<void> {
  core.crashPoint('pay.before_mark')
  const leave = await inTenant(core.db, tenant, (tx) =>
    markPaymentSending(
      tx,
      { payment_no: lease.paymentNo, fence: lease.fence, act },
      core.clock.offsetMs(),
    ),
  )
  core.crashPoint('pay.after_mark')
  if (!leave) return
  const outcome = await go()
  core.crashPoint('pay.after_answer')
  await settlePayment(core, systemOf(tenant), lease, act, outcome)
}

async function keepCalls(
  core: Core,
  tenant: number,
  row: PaymentRow,
  account: Account,
  exchanges: Exchange[],
) {
  if (exchanges.length === 0) return
  await inTenant(core.db, tenant, (tx) =>
    insertCalls(tx, tenant, [
      {
        accountNo: account.accountNo,
        refundNo: null,
        seq: null,
        paymentNo: row.payment_no,
        exchanges,
      },
    ]),
  )
}

const onWire = (row: PaymentRow): PaymentOnWire => ({
  channelNumber: row.channel_number,
  channelNo: row.channel_no,
  method: row.method,
  body: row.body,
  paid: row.paid_fen,
})

/** The one door for what is said of a payment; the counterpart of `settleAttempts`. */
export async function settlePayment(
  core: Core,
  actor: Actor,
  of: { readonly paymentNo: string; readonly fence: number | null },
  act: PayAct,
  outcome: PayOutcome,
): Promise<void> {
  const now = core.clock.now()
  await inTenant(core.db, actor.tenant, async (tx) => {
    await lockPayments(tx, [of.paymentNo])
    const row = must((await readPayments(tx, [of.paymentNo], core.clock.offsetMs()))[0])
    const { can } = core.channel(row.channel)
    const quiet = quietWhenAsked(core, can.requestToleranceMs, row, of.fence)
    const fact = paymentFact(
      {
        state: row.state,
        outside: row.method === 'outside',
        pastReversal: pastReversal(can, row, now),
        requestMayArrive: mayStillChange(quiet, row.act, outcome),
        asked: row.paid_fen,
      },
      outcome,
      act,
    )
    const to = fact.kind === 'move' ? fact.to : row.state
    const learned = await learn(core, tx, actor.tenant, row, outcome, to, now)
    const drafts =
      fact.kind === 'move' ? [moveEvent(row, to, outcome)] : alarmEvents(row, fact.alarm)
    await writePayment(core, tx, actor, { ...row, ...learned }, to, drafts, of.fence, now)
    if (fact.kind === 'stay' && fact.alarm !== null) {
      await insertIncidents(tx, actor.tenant, [incident(row, fact.alarm)], now)
    }
    if (row.state === 'paid' && to === 'reversed') await afterLateReversal(tx, actor, row, now)
    if (row.state === 'closed' && to === 'paid') {
      await insertIncidents(tx, actor.tenant, [incident(row, 'paid_after_closing')], now)
    }
    core.crashPoint('pay.before_settled')
  })
  core.crashPoint('pay.after_settled')
}

/**
 * The quiet time before the question that this word answers was asked; null, as where there is none, if somebody else has
 * taken the payment since.
 */
function quietWhenAsked(
  core: Core,
  toleranceMs: number | null,
  row: PaymentRow,
  fence: number | null,
): number | null {
  if (fence !== null && fence !== row.fence) return null
  const { since_send_by_ms: since, past_send_by_ms: past } = row
  const asked = askedMs(fence, past, core.settings.sendWithinMs)
  return quietMs(toleranceMs, since === null ? null : since - asked)
}

const pastReversal = ({ payment }: Pick<Capabilities, 'payment'>, row: PaymentRow, now: Date) =>
  payment !== null && isPastReversal(submittedAt(row), payment.reverseWithinDays, now)

const incident = (row: PaymentRow, kind: string) => ({
  kind,
  payment_no: row.payment_no,
  refund_no: null,
  detail: { state: row.state },
})

/** Money that was refundable is gone: nothing new may be sent, and what is open is asked about at once. */
async function afterLateReversal(tx: Tx, actor: Actor, row: PaymentRow, now: Date): Promise<void> {
  await insertIncidents(tx, actor.tenant, [incident(row, 'reversed_after_paid')], now)
  await makeDue(tx, await openRefundsOf(tx, row.payment_no))
}

/** What the channel's word adds to what we know of the payment. */
async function learn(
  core: Core,
  tx: Tx,
  tenant: number,
  row: PaymentRow,
  outcome: PayOutcome,
  to: PaymentState,
  now: Date,
): Promise<Partial<PaymentRow>> {
  if (outcome.kind === 'waiting' && outcome.codeUrl !== null) return { code_url: outcome.codeUrl }
  const { can } = core.channel(row.channel)
  if (outcome.kind === 'refused') {
    return { refusal: can.payment?.refusals[outcome.code] ?? outcome.code }
  }
  if (row.state === 'paid' && to === 'reversed') return { blocked: row.blocked ?? 'reversed' }
  if (outcome.kind !== 'paid' || to !== 'paid' || row.state === 'paid') return {}
  const subject =
    outcome.payer === null ? null : core.vault.blindIndex(outcome.payer.id, `payer/${tenant}`)
  const [kept] =
    outcome.payer === null || subject === null
      ? [null]
      : await keepPersonal(
          core,
          tx,
          tenant,
          [{ subject: `payer/${subject}`, kind: 'payer', value: outcome.payer.id }],
          now,
        )
  return {
    channel_no: outcome.channelNo,
    bill_no:
      can.billNo === 'ours'
        ? row.channel_number
        : can.billNo === 'channel'
          ? outcome.channelNo
          : row.bill_no,
    payer_total_fen: outcome.payerFen,
    payer_masked: outcome.payer?.masked ?? null,
    payer_ref: kept?.ref ?? null,
    payer_subject: subject,
    paid_at: outcome.at,
    imported_with_refunds:
      row.imported_with_refunds || (outcome.refunded && row.refund_count === 0),
    refusal: null,
  }
}

const EVENT_OF: Readonly<Record<PaymentState, EventType>> = {
  created: 'payment.submitted',
  submitted: 'payment.submitted',
  waiting: 'payment.waiting',
  paid: 'payment.paid',
  reversing: 'payment.reversing',
  reversed: 'payment.reversed',
  closed: 'payment.closed',
}

const moveEvent = (row: PaymentRow, to: PaymentState, outcome: PayOutcome): EventDraft => ({
  subject: 'payment',
  no: row.payment_no,
  type: row.state === 'closed' && to === 'paid' ? 'payment.restored' : EVENT_OF[to],
  facts: {
    from: row.state,
    outcome: outcome.kind,
    ...(outcome.kind === 'paid'
      ? {
          channel_no: outcome.channelNo,
          paid_fen: outcome.paidFen,
          payer_fen: outcome.payerFen,
          at: outcome.at.toISOString(),
        }
      : {}),
    ...('code' in outcome ? { code: outcome.code } : {}),
  },
})

const alarmEvents = (row: PaymentRow, alarm: string | null): EventDraft[] =>
  alarm === null
    ? []
    : [{ subject: 'payment', no: row.payment_no, type: 'payment.alarm', facts: { cause: alarm } }]

/** A move of our own making, with no word from the channel: begin the reversal, or give up what was never sent. */
async function moveByUs(
  core: Core,
  tenant: number,
  lease: PaymentLease,
  to: 'reversing' | 'closed',
  reason: string,
  now: Date,
): Promise<void> {
  await inTenant(core.db, tenant, async (tx) => {
    await lockPayments(tx, [lease.paymentNo])
    const row = must((await readPayments(tx, [lease.paymentNo], 0))[0])
    if (row.fence !== lease.fence || !UNCLEAR_STATES.includes(row.state)) return
    const draft: EventDraft = {
      subject: 'payment',
      no: row.payment_no,
      type: EVENT_OF[to],
      facts: { from: row.state, reason },
    }
    const refusal = to === 'closed' ? reason : row.refusal
    await writePayment(
      core,
      tx,
      systemOf(tenant),
      { ...row, refusal },
      to,
      [draft],
      lease.fence,
      now,
    )
  })
}

async function writePayment(
  core: Core,
  tx: Tx,
  actor: Actor,
  row: PaymentRow,
  to: PaymentState,
  drafts: readonly EventDraft[],
  fence: number | null,
  now: Date,
): Promise<void> {
  const { events, head } = sealEvents(
    drafts,
    { seq: row.event_seq, hash: row.event_head },
    actor,
    now,
  )
  const moved = to !== row.state
  const tries = moved ? 0 : row.tries + 1
  const saved = await savePayment(
    tx,
    {
      ...row,
      state: to,
      act: to === 'reversing' ? (row.method === 'qr' ? 'close' : 'reverse') : row.act,
      event_seq: head.seq,
      event_head: head.hash,
      tries,
      due_at: nextPaymentLook(
        {
          to,
          moved,
          tries,
          neverSent: row.first_send_at === null,
          submittedAt: submittedAt(row),
        },
        core.channel(row.channel).can.payment?.querySchedule ?? [],
        now,
      ),
    },
    row.state,
    fence,
  )
  if (!saved) throw new Error('a payment moved while it was locked')
  await insertEvents(tx, actor.tenant, events)
  await noteUnclear(tx, actor.tenant, row, to, now)
}

const submittedAt = (row: PaymentRow): Date => row.submitted_at ?? row.created_at

async function noteUnclear(
  tx: Tx,
  tenant: number,
  row: PaymentRow,
  to: PaymentState,
  now: Date,
): Promise<void> {
  const change = unclearChange(
    paymentUnclearSince(row.state, submittedAt(row)),
    paymentUnclearSince(to, submittedAt(row)),
    now,
  )
  if (change === 'long') {
    await insertIncidents(tx, tenant, [incident({ ...row, state: to }, 'unclear_long')], now)
  }
  if (change === 'over') {
    await endIncidents(tx, [{ kind: 'unclear_long', payment_no: row.payment_no }], now)
  }
}

export type ReverseAnswer =
  { readonly kind: 'done' } | { readonly kind: 'refused'; readonly refusal: Refusal }

/** The cashier gives up on a payment that is not clear: it is reversed, whatever became of it. */
export async function reversePayment(
  core: Core,
  actor: Actor,
  paymentNo: string,
  now: Date,
): Promise<ReverseAnswer> {
  const answer = await inTenant(core.db, actor.tenant, async (tx): Promise<ReverseAnswer> => {
    await lockPayments(tx, [paymentNo])
    const [row] = await readPayments(tx, [paymentNo], 0)
    if (!row) return { kind: 'refused', refusal: refuse('not_found', { what: 'payment' }) }
    if (row.state === 'reversing') return { kind: 'done' }
    if ((row.state !== 'submitted' && row.state !== 'waiting') || row.method === 'outside') {
      return { kind: 'refused', refusal: refuse('state_changed', { state: row.state }) }
    }
    const draft: EventDraft = {
      subject: 'payment',
      no: paymentNo,
      type: 'payment.reversing',
      facts: { from: row.state, reason: 'asked' },
    }
    await writePayment(core, tx, actor, row, 'reversing', [draft], null, now)
    core.crashPoint('reverse.before_commit')
    return { kind: 'done' }
  })
  core.crashPoint('reverse.after_commit')
  return answer
}
