/**
 * What goes on paper after a sale or a refund, as data: no widths, no markup, no language. The printer and the
 * preview draw the same value, and a till that scans the paper compares it with the same value.
 */
import type { ArrivalText } from './capabilities.ts'
import { maxFen, subFen, ZERO, type Fen } from './money.ts'

export const SLIP_COPIES = ['merchant', 'customer'] as const
export type SlipCopy = (typeof SLIP_COPIES)[number]

/** How the sale was paid, in the customer's own word for it. */
export const SLIP_CHANNELS = [
  'wechatpay',
  'alipay',
  'unionpay',
  'chinaums',
  'lakala',
  'cash',
] as const
export type SlipChannel = (typeof SLIP_CHANNELS)[number]

/**
 * Where a refund without its end stands: the word of its open attempt, else its own. `submitted` is an unknown
 * outcome, `waiting_funds` the same with an empty merchant account, `owed` money still due with nothing under way.
 */
export const PENDING_STATES = [
  'approved',
  'submitted',
  'waiting_funds',
  'processing',
  'stuck',
  'owed',
] as const
export type PendingState = (typeof PENDING_STATES)[number]
export type SlipState = 'paid' | 'succeeded' | PendingState

export type SlipStore = {
  readonly name: string
  readonly address: string | null
  readonly phone: string | null
}

export type SlipLine = { readonly name: string; readonly quantity: number; readonly fen: Fen }

/** The money of the whole payment; `refunded` counts every refund so far, this one included when it succeeded. */
export type SlipAmounts = {
  readonly order: Fen
  readonly discount: Fen
  readonly paid: Fen
  readonly refunded: Fen
}

/** Which code the paper carries besides the bars, and who is meant to scan it. */
export type SlipQr = { readonly for: 'customer_page' | 'till'; readonly data: string }

type SlipCommon = {
  readonly copy: SlipCopy
  readonly store: SlipStore
  readonly terminal: string
  readonly cashier: string
  readonly orderNo: string
  readonly channel: SlipChannel
  readonly paidAt: Date
  /** What was sold, on a refund what goes back; empty for a refund by amount. */
  readonly lines: readonly SlipLine[]
  readonly amounts: SlipAmounts
  /** 0 is the first print, n the n-th reprint. */
  readonly reprint: number
  readonly sandbox: boolean
  readonly training: boolean
  /** Short code by which the slip can be checked to be genuine. */
  readonly verification: string | null
  /** Digits for Code128, always the order number; null when it cannot be printed 58 mm wide. */
  readonly barcode: string | null
  readonly qr: SlipQr | null
}

type SlipRefund = {
  readonly refundNo: string
  /** Fen sent back through the channel. */
  readonly amount: Fen
  readonly feeKept: Fen
  /** Fen the customer gets as the channel reports it; null while it has not. */
  readonly payerFen: Fen | null
  /** Account of the customer in the channel's words: 招商银行(0403). */
  readonly destination: string | null
  /** Who paid and therefore gets it, masked by the caller: 微信 张*. */
  readonly payer: string | null
  readonly arrival: ArrivalText
  readonly reason: string
}

export type SaleSlip = SlipCommon & { readonly kind: 'sale'; readonly state: 'paid' }
export type RefundSlip = SlipCommon & {
  readonly kind: 'refund'
  readonly state: 'succeeded'
  readonly refundedAt: Date
  readonly refund: SlipRefund
}
export type PendingRefundSlip = SlipCommon & {
  readonly kind: 'pending_refund'
  readonly state: PendingState
  readonly requestedAt: Date
  readonly refund: SlipRefund
}
export type Slip = SaleSlip | RefundSlip | PendingRefundSlip

/**
 * The facts a command reads from its rows. `customerPage` is null while no public address is set or reachable:
 * a code that leads nowhere is worse than none. `refund.at` is the success when succeeded, else the request.
 */
export type SlipFacts = Omit<SlipCommon, 'copy' | 'barcode' | 'qr'> & {
  readonly customerPage: string | null
}
export type RefundFacts = SlipRefund & {
  readonly state: 'succeeded' | PendingState
  readonly at: Date
}

/** Longest numeric code whose bars fit 384 dots: 12 pairs in Code128-C take 374 of them with quiet zones. */
const BARCODE_DIGITS_MAX = 24

/** Longest address that stays one scannable square on 58 mm paper. */
const QR_CHARACTERS_MAX = 300

/** What a customer leaves the shop with after paying. */
export function saleSlip(facts: SlipFacts, copy: SlipCopy): SaleSlip {
  return { ...common(facts, copy), kind: 'sale', state: 'paid' }
}

/**
 * A proof when the channel verifiably paid back, else a pending slip that never says so. The kind follows from the
 * state alone, so no caller can print a success for a refund whose end is not known.
 */
export function refundSlip(
  facts: SlipFacts,
  refundFacts: RefundFacts,
  copy: SlipCopy,
): RefundSlip | PendingRefundSlip {
  const { state, at, ...refund } = refundFacts
  return state === 'succeeded'
    ? { ...common(facts, copy), kind: 'refund', state, refundedAt: at, refund }
    : { ...common(facts, copy), kind: 'pending_refund', state, requestedAt: at, refund }
}

/** The one amount a reader looks for: paid, really received back, or still to be given back. */
export function headlineFen(slip: Slip): Fen {
  switch (slip.kind) {
    case 'sale':
      return slip.amounts.paid
    case 'refund':
      return slip.refund.payerFen ?? slip.refund.amount
    case 'pending_refund':
      return slip.refund.amount
  }
}

/** Other refunds of the same payment, so that a partial one is read as such; zero when there are none. */
export function refundedBefore(slip: RefundSlip | PendingRefundSlip): Fen {
  const own = slip.kind === 'refund' ? slip.refund.amount : ZERO
  return maxFen(ZERO, subFen(slip.amounts.refunded, own))
}

function common(facts: SlipFacts, copy: SlipCopy): SlipCommon {
  const { customerPage, ...rest } = facts
  const barcode = isPrintable(facts.orderNo) ? facts.orderNo : null
  return { ...rest, copy, barcode, qr: qrOf(copy, customerPage, barcode) }
}

const isPrintable = (orderNo: string): boolean =>
  orderNo.length <= BARCODE_DIGITS_MAX && /^\d+$/.test(orderNo)

// A bare number in a square would make a customer's phone show digits without meaning, so their copy carries an
// address or nothing; the shop's own copy carries the number for tills that read squares better than bars.
function qrOf(copy: SlipCopy, customerPage: string | null, barcode: string | null): SlipQr | null {
  if (copy === 'merchant') return barcode === null ? null : { for: 'till', data: barcode }
  if (customerPage === null || customerPage.length > QR_CHARACTERS_MAX) return null
  return /^https?:\/\/[\x21-\x7e]+$/.test(customerPage)
    ? { for: 'customer_page', data: customerPage }
    : null
}
