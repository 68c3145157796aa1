/**
 * What would become of a refund if it were asked for now. The decision is the request's own, `decideRequest`; here it
 * is only read: nothing is held, and a moment later the answer may be another one.
 */
import type { Actor, Second } from './actor.ts'
import type { ArrivalText, Capabilities } from './capabilities.ts'
import { shareOut, subFen, ZERO, type Fen } from './money.ts'
import { roomOf } from './payment.ts'
import type { Judgement, PolicyFacts, PolicyParams, RuleId, Verdict } from './policy/policy.ts'
import {
  decideRequest,
  type Decision,
  type PaymentBooks,
  type PossiblePlan,
  type RefundWish,
  type ShopRules,
} from './request.ts'
import type { Refusal } from './problems.ts'

/** Whether a second person is wanted, and whether one at this till is enough. */
export const SECONDS = ['none', 'pin_or_code', 'elsewhere'] as const
export type SecondWanted = (typeof SECONDS)[number]

export type Preview = {
  /** What goes back, after the fee. */
  readonly amount: Fen
  readonly feeKept: Fen
  readonly refundableAfter: Fen
  readonly kind: 'refund' | 'cash'
  readonly plan: PossiblePlan
  readonly verdict: Exclude<Verdict, 'deny'>
  /** Each rule that wants more than this person's word, or more than two people's at this till, and what it judged. */
  readonly why: readonly RuleId[]
  readonly facts: PolicyFacts
  readonly params: PolicyParams
  readonly second: SecondWanted
}

export type Previewed =
  | { readonly kind: 'previewed'; readonly preview: Preview }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

export function previewRefund(
  books: PaymentBooks,
  wish: RefundWish,
  actor: Actor,
  /** fen, see `PolicyFacts`. */
  askedToday: Fen,
  shop: ShopRules,
  now: Date,
): Previewed {
  const decision = decideRequest(books, wish, actor, askedToday, shop, now)
  if (decision.kind === 'refused') return decision
  const { refund } = decision
  const { verdict } = refund.judgement
  if (verdict === 'deny') throw new Error('a refund was accepted that a rule denies')
  const beside = decideRequest(books, wish, { ...actor, second: ANOTHER }, askedToday, shop, now)
  const besideRules = beside.kind === 'accepted' ? needingApproval(beside.refund.judgement) : []
  return {
    kind: 'previewed',
    preview: {
      amount: refund.amount,
      feeKept: refund.feeKept,
      refundableAfter: roomOf(books.state, decision.books.counters),
      kind: wish.method === 'cash' ? 'cash' : 'refund',
      plan: refund.plan,
      verdict,
      why:
        verdict === 'allow'
          ? []
          : [...new Set([...needingApproval(refund.judgement), ...besideRules])],
      facts: refund.facts,
      params: shop.params,
      second: secondWanted(verdict, beside),
    },
  }
}

/** Somebody who may decide and is not the one asking: no name is needed to see what would be said to both. */
const ANOTHER: Second = { staff: '', roles: ['supervisor'], way: 'pin', grant: null }

function secondWanted(verdict: Verdict, beside: Decision<RefundWish>): SecondWanted {
  if (verdict === 'allow') return 'none'
  const enough = beside.kind === 'accepted' && beside.refund.judgement.verdict === 'allow'
  return enough ? 'pin_or_code' : 'elsewhere'
}

const needingApproval = ({ rules }: Judgement): readonly RuleId[] =>
  rules.filter((rule) => rule.verdict === 'needs_approval').map((rule) => rule.id)

/** What a customer should know of discounts before part of the money goes back; null: there were none. */
export type Discounts = {
  /** The shop's own, of the whole order; null where the payment is only a part of it, or there was none. */
  readonly ofShop: null | { readonly order: Fen; readonly discount: Fen; readonly paid: Fen }
  /**
   * The channel's coupon: what left the customer's purse, and what of the refund goes back there. `exact` when all of
   * the payment goes back at once; of a part the channel has the last word on the rounding.
   */
  readonly ofChannel: null | {
    readonly paid: Fen
    readonly payer: Fen
    readonly back: Fen
    readonly exact: boolean
  }
}

export function discountsOf(
  sale: { readonly order: Fen; readonly discount: Fen; readonly paid: Fen },
  payment: { readonly paid: Fen; readonly payer: Fen | null },
  amount: Fen,
): Discounts | null {
  const ofShop = sale.discount > ZERO && payment.paid === sale.paid ? sale : null
  const { paid, payer } = payment
  const ofChannel =
    payer === null || payer >= paid
      ? null
      : { paid, payer, back: backToPurse(amount, paid, payer), exact: amount === paid }
  return ofShop === null && ofChannel === null ? null : { ofShop, ofChannel }
}

/** The purse's part of a refund, in proportion: coupons are not given out again. */
const backToPurse = (amount: Fen, paid: Fen, payer: Fen): Fen =>
  shareOut(amount, [payer, subFen(paid, payer)])[0] ?? ZERO

/** When money sent by the original route is there, by where it may land: nobody knows before the channel has said. */
export type ArrivalAhead = {
  readonly key: ArrivalText
  readonly toBalance: ArrivalText
  readonly toCard: ArrivalText
}

export const arrivalAhead = (can: Capabilities): ArrivalAhead => ({
  key: can.arrival.unknown,
  toBalance: can.arrival.balance,
  toCard: can.arrival.bank_card,
})
