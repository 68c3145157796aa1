/**
 * From stored rows to the facts of a refund's slip: for the slip that an event leaves behind and for the one that is
 * asked for now. Reads nothing and knows no language.
 */
import { isOpen, type AttemptState } from './attempt.ts'
import type { ArrivalText, Destination } from './capabilities.ts'
import { ZERO, type Fen } from './money.ts'
import type { RefundState } from './refund.ts'
import { shownWord, slipState } from './shown.ts'
import {
  REQUEST_STATES,
  SLIP_CHANNELS,
  type RefundFacts,
  type RefundKindSlip,
  type SlipChannel,
  type SlipFacts,
} from './slip.ts'

export type SlipRows = {
  /** The refund's store, else the sale's; nulls when neither has one. */
  readonly place: {
    readonly merchant_name: string
    readonly merchant_phone: string
    readonly store_name: string | null
    readonly store_address: string | null
    readonly store_phone: string | null
    readonly sandbox: boolean
    readonly training: boolean
  }
  /** Names of the terminal and the person of the refund, else of the sale; null when unknown. */
  readonly terminal: string | null
  readonly cashier: string | null
  readonly sale: {
    readonly sale_no: string
    readonly order_fen: Fen
    readonly discount_fen: Fen
    readonly paid_fen: Fen
    readonly created_at: Date
  }
  readonly payment: {
    readonly channel: string
    readonly paid_fen: Fen
    readonly refunded_fen: Fen
    readonly payer_masked: string | null
    readonly paid_at: Date | null
  }
  readonly refund: {
    readonly refund_no: string
    readonly state: RefundState
    readonly amount_fen: Fen
    readonly fee_kept_fen: Fen
    readonly reason_code: string
    readonly created_at: Date
    readonly settled_at: Date | null
  }
  /** In order of their number. */
  readonly attempts: readonly SlipAttempt[]
  /** What goes back; empty for a refund by amount. */
  readonly lines: readonly { readonly name: string; readonly quantity: number; readonly fen: Fen }[]
}

export type SlipAttempt = {
  readonly kind: 'refund' | 'void' | 'cash' | 'transfer' | 'outside'
  readonly state: AttemptState
  readonly reopened: boolean
  readonly waiting: 'spacing' | 'funds' | 'rate' | 'account' | null
  readonly first_send_at: Date | null
  readonly channel_time: Date | null
  readonly settled_at: Date | null
  readonly destination: Destination | null
  readonly destination_text: string | null
  readonly payer_fen: Fen | null
}

/** What the rows do not hold. */
export type SlipSetting = {
  readonly arrival: Readonly<Record<Destination, ArrivalText>>
  /** The customer's page of this refund, null while none can be reached. */
  readonly customerPage: string | null
  readonly reprint: number
}

/** Stands where a sale or refund did not come from a till or a person of ours. */
export const NOBODY = '-'

export type RefundSlipFacts = { readonly facts: SlipFacts; readonly refund: RefundFacts }

/**
 * Null when there is nothing to put on paper: refused or ended refunds, and channels without a word.
 * `refund.reason` is the code; whoever draws the slip puts the words of its reader's language there.
 */
export function refundSlipFacts(rows: SlipRows, setting: SlipSetting): RefundSlipFacts | null {
  const attempt = speakingAttempt(rows.attempts)
  const state = slipState(shownWord(rows.refund.state, rows.attempts.map(asPart)))
  const channel = SLIP_CHANNELS.find((each): each is SlipChannel => each === rows.payment.channel)
  if (state === null || channel === undefined) return null
  const { place, sale, payment, refund } = rows
  // A payment that is a part of its sale has no order amount or discount of its own.
  const whole = payment.paid_fen === sale.paid_fen
  return {
    facts: {
      store: {
        name: place.store_name ?? place.merchant_name,
        address: place.store_address || null,
        phone: place.store_phone || place.merchant_phone || null,
      },
      terminal: rows.terminal ?? NOBODY,
      cashier: rows.cashier ?? NOBODY,
      orderNo: sale.sale_no,
      channel,
      paidAt: payment.paid_at ?? sale.created_at,
      lines: rows.lines,
      amounts: {
        order: whole ? sale.order_fen : payment.paid_fen,
        discount: whole ? sale.discount_fen : ZERO,
        paid: payment.paid_fen,
        refunded: payment.refunded_fen,
      },
      reprint: setting.reprint,
      sandbox: place.sandbox,
      training: place.training,
      customerPage: setting.customerPage,
    },
    refund: {
      state,
      at: state === 'succeeded' ? successAt(refund, attempt) : refund.created_at,
      refundNo: refund.refund_no,
      amount: refund.amount_fen,
      feeKept: refund.fee_kept_fen,
      payerFen: state === 'succeeded' ? (attempt?.payer_fen ?? null) : null,
      destination: attempt?.destination_text ?? null,
      payer: payment.payer_masked,
      arrival: arrivalOf(attempt, setting.arrival),
      reason: refund.reason_code,
    },
  }
}

/** The attempt whose word counts: the one that paid, else the open one, else the last. */
const speakingAttempt = (attempts: readonly SlipAttempt[]): SlipAttempt | null =>
  attempts.findLast((each) => each.state === 'succeeded') ??
  attempts.findLast((each) => isOpen(each)) ??
  attempts.at(-1) ??
  null

const asPart = ({ first_send_at, ...part }: SlipAttempt) => ({
  ...part,
  firstSentAt: first_send_at,
})

/** The channel's own time of the success is what the customer's bill shows. */
const successAt = (refund: SlipRows['refund'], attempt: SlipAttempt | null): Date =>
  attempt?.channel_time ?? attempt?.settled_at ?? refund.settled_at ?? refund.created_at

const arrivalOf = (attempt: SlipAttempt | null, arrival: SlipSetting['arrival']): ArrivalText =>
  attempt?.kind === 'cash' ? 'by_hand' : arrival[attempt?.destination ?? 'unknown']

/**
 * Which events leave a slip behind, and the states it may then show. An event is told a moment after it happened; when
 * the refund has moved on by then, its next event has the slip. A return leads to *owed*, which has its own.
 */
const SLIP_EVENTS: Readonly<Record<string, readonly RefundFacts['state'][]>> = {
  'refund.requested': ['requested', 'awaiting_goods'],
  'refund.succeeded': ['succeeded'],
  'refund.processing': ['processing'],
  'refund.waiting': ['waiting_funds', 'submitted'],
  'refund.stuck': ['stuck'],
  'refund.owed': ['owed'],
}

/** @param facts of the event: a request that needs nobody's decision moves on at once and leaves no request slip. */
export const isSlipEvent = (type: string, facts: { readonly verdict?: unknown }): boolean =>
  Object.hasOwn(SLIP_EVENTS, type) && (type !== 'refund.requested' || facts.verdict !== 'allow')

/** Which document a refund in this state is worth. */
export function slipKindOf(state: RefundFacts['state']): RefundKindSlip['kind'] {
  if (state === 'succeeded') return 'refund'
  return REQUEST_STATES.some((each) => each === state) ? 'request' : 'pending_refund'
}

/** True when the event of this type is still what the refund has to say. */
export const slipFits = (type: string, state: RefundFacts['state']): boolean =>
  SLIP_EVENTS[type]?.includes(state) ?? false

/** The facts as they are kept: JSON, with times as RFC 3339 texts, and without who paid, which is personal. */
export type StoredSlipFacts = {
  readonly facts: Omit<SlipFacts, 'paidAt'> & { readonly paidAt: string }
  readonly refund: Omit<RefundFacts, 'at' | keyof SlipPayer> & { readonly at: string }
}

/** Who gets the money and where, as the stored rows have it; left out of kept slips so that it can be forgotten. */
export type SlipPayer = Pick<RefundFacts, 'payer' | 'destination'>

export function storeSlipFacts(of: RefundSlipFacts): StoredSlipFacts {
  const { payer: _payer, destination: _destination, ...refund } = of.refund
  return {
    facts: { ...of.facts, paidAt: of.facts.paidAt.toISOString() },
    refund: { ...refund, at: refund.at.toISOString() },
  }
}

export const readSlipFacts = (stored: StoredSlipFacts, payer: SlipPayer): RefundSlipFacts => ({
  facts: { ...stored.facts, paidAt: new Date(stored.facts.paidAt) },
  refund: { ...stored.refund, ...payer, at: new Date(stored.refund.at) },
})
