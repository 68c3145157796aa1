/**
 * Every refusal a caller can receive: a stable code and its parameters. The words are in `texts/`, the HTTP
 * statuses in `api/`; both are exhaustive over this table, so a code cannot be added without them.
 */
import type { Fen } from './money.ts'
import type { WrongCode } from './numbers.ts'

export type ProblemParams = {
  // the request itself
  body_invalid: { readonly issues: readonly { readonly path: string; readonly message: string }[] }
  body_too_large: { readonly limitBytes: number }
  body_too_deep: { readonly limit: number }
  body_not_json: Empty
  key_twice: { readonly key: string }
  media_type: Empty
  /** Sent in the clear over a network to a server that speaks HTTPS. */
  https_needed: Empty
  not_signed_in: Empty
  staff_needed: Empty
  not_allowed: { readonly right: string }
  second_person_needed: Empty
  second_person_same: Empty
  /** A grant for another act, person or terminal, or one that was used or is too old. */
  second_not_for_this: Empty
  /** By PIN or one-time code nobody stands behind, or decides, more than this. */
  second_beyond_till: { readonly limit: Fen }
  approval_code_wrong: Empty
  terminal_needed: Empty
  /** `left`: tries before it is locked. */
  pin_wrong: { readonly left: number }
  pin_locked: { readonly until: string }
  pin_too_easy: Empty
  enrolment_unknown: Empty
  not_found: { readonly what: string }
  busy: Empty
  internal: Empty
  // codes that were scanned
  code_is_payment_code: Empty
  code_is_goods_code: Empty
  code_is_shop_plate: Empty
  code_is_delivery_slip: Empty
  code_is_web_address: Empty
  code_unreadable: Empty
  code_unknown: { readonly code: string }
  /** In the form of our numbers, and neither our books nor our channels know it. */
  code_of_another_shop: { readonly code: string }
  /** A channel could not be asked, so nobody can say whether the code is known. */
  channel_silent: { readonly cause: string }
  // numbers
  number_taken: { readonly number: string; readonly stored: unknown }
  // payments
  payment_unpaid: Empty
  payment_unclear: Empty
  payment_cancelled: Empty
  payment_blocked: { readonly reason: string }
  sale_has_open_payment: { readonly payment: string }
  sale_paid: { readonly payment: string }
  payment_code_wrong: Empty
  channel_cannot: { readonly act: string }
  amount_wrong: Empty
  // refunds
  over_room: { readonly room: Fen; readonly refunded: Fen; readonly held: Fen }
  nothing_left: { readonly refunded: Fen; readonly held: Fen }
  amount_not_positive: Empty
  refund_of_refund: { readonly refund: string }
  items_taken: { readonly line: number; readonly left: number; readonly held: number }
  no_such_item: { readonly line: number }
  window_over: { readonly days: number }
  count_used_up: { readonly limit: number }
  partial_not_possible: { readonly paid: Fen }
  amount_too_small: { readonly least: Fen }
  beside_unclear: { readonly refund: string }
  policy_denied: { readonly rule: string }
  cash_not_allowed: { readonly limit: Fen }
  reason_needed: Empty
  supervisor_needed: Empty
  /** The act does not fit the state the thing is in now. */
  state_changed: { readonly state: string }
  try_later: { readonly at: string }
  cannot_raise: { readonly amount: Fen }
  not_stuck: Empty
  remedy_invalid: Empty
  remedy_unanswered: Empty
}
type Empty = Readonly<Record<string, never>>

export type ProblemCode = keyof ProblemParams

/** A refusal as a value: what a command returns when it did nothing. */
export type Refusal = {
  readonly [Code in ProblemCode]: { readonly code: Code; readonly params: ProblemParams[Code] }
}[ProblemCode]

/** `refuse('over_room', { room, … })`. */
export function refuse<Code extends ProblemCode>(code: Code, params: ProblemParams[Code]): Refusal {
  return { code, params } as Refusal
}

export const refuseCode = (kind: WrongCode): Refusal =>
  kind === 'unreadable' ? refuse('code_unreadable', {}) : refuse(`code_is_${kind}`, {})
