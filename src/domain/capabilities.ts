/** What a channel declares about itself. Shared code reads these properties and never asks for a channel's name. */

/** `null` in windowDays, countMax or acquirerFee: fixed by the account's contract, read from there. */
export type Capabilities = {
  readonly payByCode: boolean
  readonly payByQr: boolean
  readonly partial: boolean
  readonly windowDays: number | null
  readonly countMax: number | null
  /** Least time between two refunds of one payment, in ms. */
  readonly spacingMs: number
  readonly amountMinFen: number
  readonly voidSameDay: null | { readonly clearingDayCutover: string }
  /** What makes "not executed" a fact on this channel. */
  readonly refusal: 'signed' | 'confirm_by_query' | 'statement_only'
  /** The same number sent again returns the same refund and never makes a second one. */
  readonly replaySafe: boolean
  readonly queryBy: 'request_no' | 'channel_no' | 'payment_only'
  /**
   * When "not found" proves that nothing was executed; null: never. `quietMs` counts from the last moment a request may
   * have been accepted; `apartMs` is the least time between two answers that count, however often somebody asks.
   */
  readonly notFound: null | {
    readonly quietMs: number
    readonly times: number
    readonly apartMs: number
  }
  /** After this many ms the channel refuses a signed request; null: never, so not-found proves nothing. */
  readonly requestToleranceMs: number | null
  readonly requestNo: {
    readonly alphabet: 'digits' | 'alnum' | 'alnum_-'
    readonly min: number
    readonly max: number
    readonly prefix?: 'account'
  }
  readonly serialisePer: 'payment' | 'payer' | 'account'
  /** Waiting times between questions about an open attempt, in ms; the last one repeats without end. */
  readonly querySchedule: readonly number[]
  readonly rate: { readonly perSecond: number; readonly errorsPerSecond?: number }
  readonly notifies: boolean
  /** Which sentence tells the customer when money arrives there (a key of texts). */
  readonly arrival: Readonly<Record<Destination, ArrivalText>>
  readonly acquirerFee: AcquirerFee | null
  readonly billNo: 'ours' | 'channel' | 'acquirer'
  /** How an unclear payment is ended; waits in ms. Null: this channel takes no payments. */
  readonly payment: null | {
    /** Waiting times between questions about a payment that is not clear yet, in ms; the last repeats. */
    readonly querySchedule: readonly number[]
    /** Taken by code: after this long without an answer the payment is reversed. */
    readonly reverseAfterMs: number
    /** Shown as a code: how long the code may be paid. */
    readonly qrValidMs: number
    /** Days after which a payment can no longer be reversed. */
    readonly reverseWithinDays: number
  }
}

/** What becomes of the acquirer's own fee when a payment is refunded: given back in proportion, or not at all. */
export const ACQUIRER_FEES = ['pro_rata', 'kept'] as const
export type AcquirerFee = (typeof ACQUIRER_FEES)[number]

export const DESTINATIONS = [
  'balance',
  'bank_card',
  'original',
  'merchant',
  'cash',
  'unknown',
] as const
export type Destination = (typeof DESTINATIONS)[number]

export const ARRIVAL_TEXTS = [
  'at_once',
  'minutes',
  'days_1_3',
  'days_1_7',
  'by_hand',
  'by_channel',
] as const
export type ArrivalText = (typeof ARRIVAL_TEXTS)[number]
