/**
 * The port: all that the product knows of a payment channel. A channel is one folder that exports one `Channel`,
 * and one line in the registry. Shared code asks `can` and never a channel's name.
 */
import type { Capabilities } from '../domain/capabilities.ts'
import type { Fen } from '../domain/money.ts'
import type { Outcome, PayOutcome, Remedy } from '../domain/outcome.ts'
import type { ChannelHealth } from '../domain/self-check.ts'

export type Channel = {
  readonly id: string
  readonly can: Capabilities

  /** Throws ConfigFault naming the field when the account's settings or secrets are not usable. */
  checkSettings(account: Account): void

  /** The exact text every send of a payment or refund will carry; pure, so that it can be frozen before anything leaves. */
  freezePayment(brief: PaymentBrief, account: Account): string
  freezeRefund(brief: RefundBrief, account: Account): string
  freezeRemedy?(brief: RemedyBrief, account: Account): string

  /** Signs at once; nothing leaves before the returned function is called. That function never throws. */
  pay(payment: PaymentOnWire, line: Line): Send<PayOutcome>
  reversePayment(payment: PaymentOnWire, line: Line): Send<PayOutcome>
  closePayment(payment: PaymentOnWire, line: Line): Send<PayOutcome>
  refund(attempt: AttemptOnWire, line: Line): Send<Outcome>
  remedy?(attempt: AttemptOnWire, line: Line): Send<Outcome>

  /** Questions move no money and may be asked at any time. They never throw. */
  queryPayment(payment: PaymentOnWire, line: Line): Promise<PayOutcome>
  queryRefund(attempt: AttemptOnWire, line: Line): Promise<Outcome>
  findSale?(code: string, line: Line): Promise<Found>
  /** @param known the number of a payment the channel has, so that it answers signed; null: there is none yet. */
  check(line: Line, known: string | null): Promise<Health>

  /** Verifies and opens a notification; touches nothing but the key ring. */
  readNotice(raw: RawNotice, line: Line): Promise<Notice | Refused>
  /** What to answer the channel, by whether the notice was taken. */
  answerNotice(taken: boolean): {
    readonly status: number
    readonly body: string
    readonly contentType: string
  }
  /** Yields nothing for a day without trade. Throws StatementFault; lines before it came from a checked file all the same. */
  statement?(request: StatementRequest, line: Line): AsyncIterable<StatementLine>
}

/** A signed request that waits for leave to go. */
export type Send<T> = () => Promise<T>

export type Account = {
  readonly tenant: number
  readonly accountNo: string
  readonly channel: string
  /** The channel's own fields, checked by `checkSettings`. */
  readonly settings: Readonly<Record<string, unknown>>
  /** Opened secrets; never logged, never stored in the clear. */
  readonly secrets: Readonly<Record<string, string>>
  /** Where the channel sends its notifications, null when nothing can reach us. */
  readonly notifyUrl: string | null
}

/** How an exchange with a channel is made and recorded. */
export type Line = {
  readonly account: Account
  readonly timeoutMs: number
  readonly record: (exchange: Exchange) => void
}

/** One exchange as it is kept: secrets and payment codes are blanked by the channel before it is recorded. */
export type Exchange = {
  readonly act: string
  readonly method: string
  readonly url: string
  readonly requestBody: string
  readonly status: number | null
  readonly responseBody: string | null
  /** Headers worth keeping (serial, request id, signature), lower-case names. */
  readonly responseHeaders: Readonly<Record<string, string>>
  /** Signature of the answer: checked and good, checked and bad, or not signed at all. */
  readonly verified: 'good' | 'bad' | 'unsigned'
  readonly error: string | null
  readonly at: Date
  readonly tookMs: number
}

export type PaymentBrief = {
  readonly channelNumber: string
  readonly method: 'code' | 'qr'
  readonly amount: Fen
  readonly description: string
  readonly storeNo: string
  readonly terminalNo: string | null
  /** The customer's payment code, for `code`. */
  readonly paymentCode: string | null
  /** Until when a shown code may be paid, for `qr`. */
  readonly validUntil: Date | null
}

export type PaymentOnWire = {
  readonly channelNumber: string
  readonly channelNo: string | null
  readonly method: 'code' | 'qr' | 'outside'
  readonly body: string
  readonly paid: Fen
}

export type RefundBrief = {
  readonly channelNumber: string
  readonly payment: PaymentOnWire
  readonly amount: Fen
  /** Shown to the customer by the channel; already a sentence in the shop's language. */
  readonly reason: string
}

export type AttemptOnWire = {
  readonly channelNumber: string
  readonly channelNo: string | null
  readonly body: string
  readonly amount: Fen
  readonly payment: PaymentOnWire
  /** The frozen body of the remedy, when one was decided. */
  readonly remedyBody: string | null
}

export type RemedyBrief = {
  readonly channelNumber: string
  readonly remedy: Remedy
  /** Bank code, card number and holder's name in the clear: the channel's folder encrypts them for the channel. */
  readonly card: { readonly bank: string; readonly number: string; readonly holder: string } | null
}

export type RawNotice = {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** A notification whose signature, age, account and number are checked; amounts are compared by the caller. */
export type Notice =
  | {
      readonly kind: 'payment'
      readonly id: string
      readonly channelNumber: string
      readonly outcome: PayOutcome
    }
  | {
      readonly kind: 'refund'
      readonly id: string
      readonly channelNumber: string
      readonly channelRefundNo: string
      /** The number of the payment it refunds, for refunds we did not ask for. */
      readonly paymentNumber: string
      readonly amount: Fen
      readonly paid: Fen
      readonly outcome: Outcome
    }

export type Refused = {
  readonly kind: 'refused'
  readonly cause: string
  /** The channel verifiably signed it, and yet it is not for us or not understood. */
  readonly signed: boolean
}

export type Found =
  | {
      readonly kind: 'found'
      readonly channelNumber: string
      readonly channelNo: string
      readonly method: 'code' | 'qr' | 'outside'
      readonly outcome: PayOutcome
    }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'unknown'; readonly cause: string }

export type StatementRequest = { readonly day: string; readonly kind: 'trade' | 'fund' }

/** One line of a channel's statement, in our words; amounts in fen. */
export type StatementLine = {
  readonly kind: 'payment' | 'refund' | 'reversal' | 'other'
  readonly at: Date
  readonly paymentNumber: string
  readonly paymentChannelNo: string
  readonly refundNumber: string | null
  readonly refundChannelNo: string | null
  /** What was asked of the channel. */
  readonly amount: Fen
  readonly settlementFen: Fen
  readonly feeFen: Fen
  readonly state: 'succeeded' | 'processing' | 'stuck' | 'closed' | 'reversed'
  /** The line as the channel wrote it, by its own column names. */
  readonly raw: Readonly<Record<string, string>>
}

export type Health =
  /** `signed`: its answer was, and the signature is good; otherwise only ours is known to be. */
  | { readonly kind: 'well'; readonly signed: boolean }
  | {
      readonly kind: 'ill'
      readonly what: Exclude<ChannelHealth, 'well' | 'reached'>
      readonly detail: string
    }

/** The account cannot be used as it is set up; `field` names what to mend. */
export class ConfigFault extends Error {
  readonly field: string
  constructor(field: string, message: string, options?: ErrorOptions) {
    super(`${field}: ${message}`, options)
    this.name = 'ConfigFault'
    this.field = field
  }
}

export type StatementTrouble = 'not_ready' | 'unreachable' | 'refused' | 'broken'

/** A statement cannot be had: later (`not_ready`, `unreachable`), not at all (`refused`), or not be trusted (`broken`). */
export class StatementFault extends Error {
  readonly trouble: StatementTrouble
  constructor(trouble: StatementTrouble, message: string, options?: ErrorOptions) {
    super(`${trouble}: ${message}`, options)
    this.name = 'StatementFault'
    this.trouble = trouble
  }
}
