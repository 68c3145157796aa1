/**
 * The decision on refund requests: who may have how much of which payment. A fold over the books in order, so that
 * several requests of one payment in one batch are judged one after the other, each on what the earlier ones left.
 */
import { mayDecide, type Actor } from './actor.ts'
import type { Capabilities } from './capabilities.ts'
import { feeFor, type FeeRule } from './fees.ts'
import { subFen, ZERO, type Fen } from './money.ts'
import { kindOf } from './numbers.ts'
import {
  moveCounters,
  roomOf,
  UNCLEAR_STATES,
  type Counters,
  type PaymentState,
} from './payment.ts'
import { planRefund, type Contract, type Plan } from './plan.ts'
import {
  judge,
  type Judgement,
  type PolicyFacts,
  type PolicyParams,
  type Rule,
} from './policy/policy.ts'
import { refuse, type Refusal } from './problems.ts'
import { NO_POSITION, positionOf, type RefundState } from './refund.ts'
import {
  moveItem,
  quantityLeft,
  takeItems,
  type Item,
  type ItemPart,
  type ItemTake,
  type RefundItem,
} from './sale.ts'
import { startOfDay } from './time.ts'

export type Ask =
  | { readonly kind: 'full' }
  | { readonly kind: 'amount'; readonly fen: Fen }
  | { readonly kind: 'items'; readonly items: readonly ItemTake[] }

/** What is wanted back, whether it is asked for or only looked at. */
export type RefundWish = {
  readonly paymentNo: string
  readonly ask: Ask
  readonly method: 'original' | 'cash'
  readonly reason: string
  readonly note: string
  /** The open request this one takes the place of; null: none. */
  readonly replaces: string | null
}

export type RefundRequest = RefundWish & { readonly no: string }

/** What the decision needs to know of one payment. */
export type PaymentBooks = {
  readonly paymentNo: string
  readonly saleNo: string
  readonly storeNo: string | null
  /** Who took the sale; null: nobody of ours. */
  readonly cashier: string | null
  readonly state: PaymentState
  readonly blocked: string | null
  readonly counters: Counters
  readonly items: readonly Item[]
  readonly paidAt: Date | null
  readonly broughtIn: boolean
  /** Another payment of the same sale may still take money. */
  readonly siblingUnclear: boolean
  readonly sentCount: number
  readonly lastSentAt: Date | null
  readonly inFlight: boolean
  /** A refund of this payment whose attempt came back without an answer; null: none. */
  readonly unclearRefund: string | null
  readonly can: Capabilities
  readonly contract: Contract
  readonly paused: boolean
  /** See `Health` of the account. */
  readonly probeAt: Date | null
}

/** A shop's settings that decide. */
export type ShopRules = {
  readonly rules: readonly Rule[]
  readonly params: PolicyParams
  readonly fee: FeeRule
}

export type AcceptedRefund<Wish extends RefundWish = RefundRequest> = {
  readonly request: Wish
  readonly saleNo: string
  readonly amount: Fen
  readonly feeKept: Fen
  readonly items: readonly RefundItem[]
  /** What the rules judged; with the shop's figures, enough to say why. */
  readonly facts: PolicyFacts
  readonly judgement: Judgement
  /** When it can go to the channel, from now on or from its approval on. */
  readonly plan: PossiblePlan
  readonly next: NextStep
}

export type PossiblePlan = Exclude<Plan, { readonly kind: 'no' }>

/** What an accepted refund does next. */
export type NextStep =
  | { readonly kind: 'wait_for_approval' }
  | { readonly kind: 'attempt'; readonly of: 'refund' | 'cash' }
  | { readonly kind: 'later'; readonly at: Date; readonly reason: string }

export type Decision<Wish extends RefundWish = RefundRequest> =
  | {
      readonly kind: 'accepted'
      readonly refund: AcceptedRefund<Wish>
      readonly books: PaymentBooks
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

/** Blanks, dots and dashes explain nothing. */
const SAYS_SOMETHING = /[\p{L}\p{N}]/u

type Refused = Extract<Decision, { readonly kind: 'refused' }>
const refused = (refusal: Refusal): Refused => ({ kind: 'refused', refusal })

/**
 * @param askedToday fen, see `PolicyFacts`
 * @returns the decision and, when accepted, the books as the next request of the same payment finds them.
 */
export function decideRequest<Wish extends RefundWish>(
  books: PaymentBooks,
  request: Wish,
  actor: Actor,
  askedToday: Fen,
  shop: ShopRules,
  now: Date,
): Decision<Wish> {
  const standing = whyNoRefund(books)
  if (standing) return refused(standing)
  const claim = claimOf(books, request.ask)
  if (claim.kind === 'refused') return claim
  const fee = feeFor(shop.fee, claim.fen, request.reason)
  const amount = subFen(claim.fen, fee)

  const facts: PolicyFacts = {
    method: request.method,
    amount,
    mayDecide: mayDecide(actor),
    rights: actor.rights,
    askedToday,
    secondedBy: actor.second !== null && mayDecide(actor.second) ? actor.second.way : null,
    broughtIn: books.broughtIn,
    otherStore: books.storeNo !== null && actor.store !== null && books.storeNo !== actor.store,
    earlierDay: books.paidAt !== null && books.paidAt < startOfDay(now),
    otherCashier: books.cashier !== null && books.cashier !== actor.staff,
    besideUnclear: books.unclearRefund !== null,
    reasonGiven: request.reason !== 'other' || SAYS_SOMETHING.test(request.note),
  }
  const judgement = judge(shop.rules, facts, shop.params)
  if (judgement.verdict === 'deny') {
    const rule = judgement.rules.find((each) => each.verdict === 'deny')?.id ?? ''
    if (rule === 'may_refund') return refused(refuse('not_allowed', { right: 'refund' }))
    if (rule === 'cash' && amount <= shop.params.cashLimitFen) {
      return refused(refuse('reason_needed', {}))
    }
    return refused(
      rule === 'cash'
        ? refuse('cash_not_allowed', { limit: shop.params.cashLimitFen })
        : refuse('policy_denied', { rule }),
    )
  }
  const plan: Plan = request.method === 'cash' ? { kind: 'now' } : planOf(books, amount, now)
  if (plan.kind === 'no') return refused(whyNotPlanned(plan))

  const refund: AcceptedRefund<Wish> = {
    request,
    saleNo: books.saleNo,
    amount,
    feeKept: fee,
    items: claim.items,
    facts,
    judgement,
    plan,
    next: nextStep(judgement, plan, request.method),
  }
  return { kind: 'accepted', refund, books: afterAccepting(books, refund, now) }
}

/** Why this payment gives no refunds at all now, whatever is asked; null when it may. */
export function whyNoRefund(
  books: Pick<PaymentBooks, 'state' | 'siblingUnclear' | 'blocked'>,
): Refusal | null {
  if (books.state === 'created') return refuse('payment_unpaid', {})
  if (UNCLEAR_STATES.includes(books.state) || books.siblingUnclear)
    return refuse('payment_unclear', {})
  if (books.state === 'closed' || books.state === 'reversed') return refuse('payment_cancelled', {})
  if (books.blocked !== null) return refuse('payment_blocked', { reason: books.blocked })
  return null
}

/** How soon to look again at a refund that waits for a payment to become clear, in ms. */
const UNCLEAR_WAIT_MS = 5_000

/** When an approved refund that found this in its way tries again by itself; null: not before a person has acted. */
export const nextTry = (refusal: Refusal, now: Date): Date | null =>
  refusal.code === 'payment_unclear' ? new Date(now.getTime() + UNCLEAR_WAIT_MS) : null

type Claim = { readonly kind: 'claim'; readonly fen: Fen; readonly items: readonly RefundItem[] }

function claimOf(books: PaymentBooks, ask: Ask): Claim | Refused {
  const { counters } = books
  const room = roomOf(books.state, counters)
  const standing = { refunded: counters.refunded, held: counters.held }
  const no = (refusal: Refusal) => ({ kind: 'refused' as const, refusal })
  switch (ask.kind) {
    case 'full':
      return room === 0
        ? no(refuse('nothing_left', standing))
        : { kind: 'claim', fen: room, items: allLeft(books.items, room) }
    case 'amount':
      if (ask.fen <= 0) return no(refuse('amount_not_positive', {}))
      if (ask.fen > room) return no(refuse('over_room', { room, ...standing }))
      return { kind: 'claim', fen: ask.fen, items: [] }
    case 'items': {
      const taken = takeItems(books.items, ask.items)
      if (taken.kind === 'no_such_line') return no(refuse('no_such_item', { line: taken.line }))
      if (taken.kind === 'too_many') {
        return no(refuse('items_taken', { line: taken.line, left: taken.left, held: taken.held }))
      }
      if (taken.fen === 0) return no(refuse('amount_not_positive', {}))
      if (taken.fen > room) return no(refuse('over_room', { room, ...standing }))
      return { kind: 'claim', fen: taken.fen, items: taken.parts.map(asLine) }
    }
  }
}

/** A full refund takes every piece that is left, where the pieces left are worth just what is left of the payment. */
function allLeft(items: readonly Item[], room: Fen): RefundItem[] {
  const takes = items
    .map((item) => ({ line: item.line, quantity: quantityLeft(item) }))
    .filter((take) => take.quantity > 0)
  const taken = takeItems(items, takes)
  return taken.kind === 'taken' && taken.fen === room ? taken.parts.map(asLine) : []
}

const asLine = (part: ItemPart): RefundItem => ({
  ...part,
  standing: 'none',
  letGo: false,
  countedQuantity: 0,
  countedFen: ZERO,
})

/** When so much of this payment may go, by the channel's rules and what is under way. */
export const planOf = (books: PaymentBooks, amount: Fen, now: Date): Plan =>
  planRefund(
    books.can,
    books.contract,
    {
      paidAt: books.paidAt ?? now,
      amount,
      paid: books.counters.paid,
      count: books.sentCount,
      lastSentAt: books.lastSentAt,
      inFlight: books.inFlight,
      paused: books.paused,
      probeAt: books.probeAt,
    },
    now,
  )

export function whyNotPlanned(plan: Extract<Plan, { kind: 'no' }>): Refusal {
  switch (plan.reason) {
    case 'window_over':
      return refuse('window_over', { days: plan.limit })
    case 'count_used_up':
      return refuse('count_used_up', { limit: plan.limit })
    case 'partial_not_possible':
      return refuse('partial_not_possible', { paid: plan.limit as Fen })
    case 'amount_too_small':
      return refuse('amount_too_small', { least: plan.limit as Fen })
  }
}

function nextStep(judgement: Judgement, plan: PossiblePlan, method: 'original' | 'cash'): NextStep {
  if (judgement.verdict === 'needs_approval') return { kind: 'wait_for_approval' }
  if (method === 'cash') return { kind: 'attempt', of: 'cash' }
  return plan.kind === 'now'
    ? { kind: 'attempt', of: 'refund' }
    : { kind: 'later', at: plan.at, reason: plan.reason }
}

function afterAccepting(
  books: PaymentBooks,
  refund: Omit<AcceptedRefund, 'request'>,
  now: Date,
): PaymentBooks {
  const position = positionOf(
    { amount: refund.amount, feeKept: refund.feeKept, state: 'approved' },
    [],
  )
  const held = holdItems(books.items, refund.items)
  const sends = refund.next.kind === 'attempt' && refund.next.of === 'refund'
  return {
    ...books,
    counters: moveCounters(books.counters, NO_POSITION, position),
    items: held.items,
    sentCount: books.sentCount + (sends ? 1 : 0),
    lastSentAt: sends ? now : books.lastSentAt,
    inFlight: books.inFlight || sends,
  }
}

/** Why a refund can no longer give way to another one; null while nobody has decided on it. */
export const whyNotReplaced = (state: RefundState): Refusal | null =>
  state === 'requested' || state === 'awaiting_goods' ? null : refuse('state_changed', { state })

/** The books once an open request is out of the way: its hold is room again, and its pieces may be asked for. */
export function withoutHold(
  books: PaymentBooks,
  open: { readonly amount: Fen; readonly feeKept: Fen; readonly lines: readonly RefundItem[] },
): PaymentBooks {
  const position = positionOf({ ...open, state: 'requested' }, [])
  const lines = new Map(open.lines.map((line) => [line.line, line]))
  return {
    ...books,
    counters: moveCounters(books.counters, position, NO_POSITION),
    items: books.items.map((item) => {
      const line = lines.get(item.line)
      return line ? moveItem(item, line, 'none').item : item
    }),
  }
}

/** Puts a refund's lines on hold; returns both the items and the lines with what they count. */
function holdItems(
  items: readonly Item[],
  lines: readonly RefundItem[],
): { readonly items: readonly Item[]; readonly lines: readonly RefundItem[] } {
  const byLine = new Map(items.map((item) => [item.line, item]))
  const held = lines.map((line) => {
    const item = byLine.get(line.line)
    if (!item) throw new Error(`the refund names line ${line.line}, which the sale does not have`)
    const moved = moveItem(item, line, 'held')
    byLine.set(line.line, moved.item)
    return moved.line
  })
  return { items: [...byLine.values()], lines: held }
}

/** Why a number has no books: nobody knows it, or somebody wants to refund a refund. */
export const whyNoPayment = (no: string): Refusal =>
  kindOf(no) === 'refund'
    ? refuse('refund_of_refund', { refund: no })
    : refuse('not_found', { what: 'payment' })
