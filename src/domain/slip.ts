/**
 * What goes on paper after a sale or a refund, as data: no widths, no markup, no language. The printer and the
 * preview draw the same value, and a till that scans the paper compares it with the same value.
 */
import type { ArrivalText } from './capabilities.ts'
import { maxFen, subFen, ZERO, type Fen } from './money.ts'

/** Receipt of a sale; proof of a refund; what is handed out before its end is known, or before it is decided. */
export const SLIP_KINDS = ['sale', 'refund', 'pending_refund', 'request'] as const

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

/** Asked for and not decided, or decided and waiting for the goods: nothing of it is a promise of money yet. */
export const REQUEST_STATES = ['requested', 'awaiting_goods'] as const
export type RequestState = (typeof REQUEST_STATES)[number]

export type SlipState = 'paid' | 'succeeded' | PendingState | RequestState

/** What a slip claims; its check code vouches for exactly this. `no`: the refund's number, else the sale's. */
export type SlipClaim = {
  readonly no: string
  readonly copy: SlipCopy
  readonly state: SlipState
  /** The headline. */
  readonly amount: Fen
  readonly printedAt: Date
}

/** The moment a slip is drawn, and who vouches for it. */
export type Stamp = {
  readonly at: Date
  readonly vouch: (claim: SlipClaim) => {
    /** The check code, as people read it. */
    readonly code: string
    /** The claim and its code for a till's scanner; null when the number is none that a till can read. */
    readonly scan: string | null
  }
}

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
  readonly printedAt: Date
  /** The check code: by it a slip is told from a forged one. */
  readonly verification: string
  /** Digits for Code128, always the order number; null when it cannot be printed 58 mm wide. */
  readonly barcode: string | null
  readonly qr: SlipQr | null
}

export type SlipRefund = {
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
export type RequestSlip = SlipCommon & {
  readonly kind: 'request'
  readonly state: RequestState
  readonly requestedAt: Date
  readonly refund: SlipRefund
}
export type RefundKindSlip = RefundSlip | PendingRefundSlip | RequestSlip
export type Slip = SaleSlip | RefundKindSlip

/**
 * The facts a command reads from its rows. `customerPage` is null while no public address is set or reachable:
 * a code that leads nowhere is worse than none. `refund.at` is the success when succeeded, else the request.
 */
export type SlipFacts = Omit<
  SlipCommon,
  'copy' | 'printedAt' | 'verification' | 'barcode' | 'qr'
> & { readonly customerPage: string | null }
export type RefundFacts = SlipRefund & {
  readonly state: 'succeeded' | PendingState | RequestState
  readonly at: Date
}

/** Longest numeric code whose bars fit 384 dots: 12 pairs in Code128-C take 374 of them with quiet zones. */
const BARCODE_DIGITS_MAX = 24

/** Longest address that stays one scannable square on 58 mm paper. */
const QR_CHARACTERS_MAX = 300

/** What a customer leaves the shop with after paying. */
export function saleSlip(facts: SlipFacts, copy: SlipCopy, stamp: Stamp): SaleSlip {
  const claim = {
    no: facts.orderNo,
    copy,
    state: 'paid',
    amount: facts.amounts.paid,
    printedAt: stamp.at,
  } as const
  return { ...common(facts, claim, stamp), kind: 'sale', state: 'paid' }
}

/**
 * A proof when the channel verifiably paid back, a request slip while nothing is decided, else a pending slip; the last
 * two never say that money was paid back. The kind follows from the state alone, so no caller can print a success for a
 * refund whose end is not known.
 */
export function refundSlip(
  facts: SlipFacts,
  refundFacts: RefundFacts,
  copy: SlipCopy,
  stamp: Stamp,
): RefundKindSlip {
  const { state, at, ...refund } = refundFacts
  const amount = refundHeadline(refund, state)
  const claim = { no: refund.refundNo, copy, state, amount, printedAt: stamp.at }
  const shared = { ...common(facts, claim, stamp), refund }
  switch (state) {
    case 'succeeded':
      return { ...shared, kind: 'refund', state, refundedAt: at }
    case 'requested':
    case 'awaiting_goods':
      return { ...shared, kind: 'request', state, requestedAt: at }
    case 'approved':
    case 'submitted':
    case 'waiting_funds':
    case 'processing':
    case 'stuck':
    case 'owed':
      return { ...shared, kind: 'pending_refund', state, requestedAt: at }
  }
}

/** The one amount a reader looks for: paid, really received back, or still to be given back. */
export const headlineFen = (slip: Slip): Fen =>
  slip.kind === 'sale' ? slip.amounts.paid : refundHeadline(slip.refund, slip.state)

const refundHeadline = (
  refund: Pick<SlipRefund, 'amount' | 'payerFen'>,
  state: RefundFacts['state'],
): Fen => (state === 'succeeded' ? (refund.payerFen ?? refund.amount) : refund.amount)

/** Other refunds of the same payment, so that a partial one is read as such; zero when there are none. */
export function refundedBefore(slip: RefundKindSlip): Fen {
  const own = slip.kind === 'refund' ? slip.refund.amount : ZERO
  return maxFen(ZERO, subFen(slip.amounts.refunded, own))
}

function common(facts: SlipFacts, claim: SlipClaim, stamp: Stamp): SlipCommon {
  const { customerPage, ...rest } = facts
  const { code, scan } = stamp.vouch(claim)
  return {
    ...rest,
    copy: claim.copy,
    printedAt: claim.printedAt,
    verification: code,
    barcode: isPrintable(facts.orderNo) ? facts.orderNo : null,
    qr: qrOf(claim.copy, customerPage, scan),
  }
}

const isPrintable = (orderNo: string): boolean =>
  orderNo.length <= BARCODE_DIGITS_MAX && /^\d+$/.test(orderNo)

// A customer's phone makes nothing of digits, so where there is a page of theirs their copy carries its address, with
// what a till wants behind a `#`, which phones never send. Otherwise the square is the till's, and says so beside it.
function qrOf(copy: SlipCopy, customerPage: string | null, scan: string | null): SlipQr | null {
  if (copy === 'customer' && customerPage !== null && WEB_ADDRESS.test(customerPage)) {
    const data = scan === null ? customerPage : `${customerPage}#${scan}`
    if (data.length <= QR_CHARACTERS_MAX) return { for: 'customer_page', data }
  }
  return scan === null ? null : { for: 'till', data: scan }
}

const WEB_ADDRESS = /^https?:\/\/[\x21\x22\x24-\x7e]+$/
