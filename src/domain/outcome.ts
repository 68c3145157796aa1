/**
 * What a channel's word means, whatever way it came: reply, query, notification, statement line or a person's act.
 * These are all the kinds there are; a transport error, an unlisted code or a broken body is `unknown`.
 */
import type { Destination } from './capabilities.ts'
import type { Fen } from './money.ts'

export type Succeeded = {
  readonly kind: 'succeeded'
  /** The channel's own time of the success. */
  readonly at: Date
  readonly channelNo: string
  readonly destination: Destination
  /** What the channel calls the destination, shown to the customer as it is: 招商银行信用卡0403. */
  readonly account: string | null
  /** What the customer gets. */
  readonly payerFen: Fen
  /** What the merchant pays: the amount less coupons that others paid for. */
  readonly settlementFen: Fen
  readonly discountFen: Fen
  /** Commission the channel gives back, null when it does not say. */
  readonly feeReturnedFen: Fen | null
}

/** `signed` and `statement` and `person` are proofs; `unsigned` is a hint that a query must confirm. */
export type RefusalProof = 'signed' | 'statement' | 'person' | 'unsigned'

export type Outcome =
  | Succeeded
  | { readonly kind: 'processing'; readonly channelNo: string | null }
  | {
      readonly kind: 'stuck'
      readonly code: string
      readonly channelNo: string | null
      readonly remedies: readonly Remedy[]
    }
  | {
      readonly kind: 'returned'
      readonly at: Date
      readonly code: string
      readonly channelNo: string | null
    }
  | {
      readonly kind: 'refused'
      readonly code: string
      readonly proof: RefusalProof
      /** The channel's fact sheet lists the code as final for this request. */
      readonly final: boolean
    }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'unknown'; readonly cause: string; readonly alarm: boolean }
  | {
      readonly kind: 'wait'
      readonly until: Date | null
      readonly reason: WaitReason
      readonly code: string
    }

export type WaitReason = 'spacing' | 'funds' | 'rate' | 'account'

/** What an operator may do about money that left the merchant and cannot reach the customer. */
export type Remedy = 'to_bank_card' | 'to_merchant'

export type PayOutcome =
  | {
      readonly kind: 'paid'
      readonly at: Date
      readonly channelNo: string
      /** The channel's order total: what refunds are counted against. */
      readonly paidFen: Fen
      /** What left the customer's purse. */
      readonly payerFen: Fen
      readonly payer: Payer | null
      /** The channel says that some of it has been refunded already; it never says how much. */
      readonly refunded: boolean
      readonly bankType: string | null
    }
  | {
      readonly kind: 'waiting'
      readonly reason: 'password' | 'scan'
      readonly codeUrl: string | null
    }
  | { readonly kind: 'unpaid' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'reversed' }
  | { readonly kind: 'refused'; readonly code: string; readonly final: boolean }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'unknown'; readonly cause: string; readonly alarm: boolean }

/** Who paid. The id is personal data: it is stored encrypted, and elsewhere only as a commitment. */
export type Payer = { readonly id: string; readonly masked: string }
