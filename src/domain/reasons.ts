/** Why a refund is asked for: codes, so that they can be counted and put into evidence; the words are in `texts/`. */
export const REFUND_REASONS = [
  'quality',
  'wrong_item',
  'not_made',
  'wrong_amount',
  'double_payment',
  'changed_mind',
  'goodwill',
  'other',
] as const
export type RefundReason = (typeof REFUND_REASONS)[number]

/** Why somebody decided against a refund, or ended it: each act offers those that fit it. */
export const REJECT_REASONS = [
  'no_proof',
  'wrong_sale',
  'claim_too_high',
  'against_policy',
  'suspicious',
  'not_agreed',
] as const
export const STOP_REASONS = [
  'wrong_sale',
  'claim_too_high',
  'customer_withdrew',
  'paid_otherwise',
  'suspicious',
] as const
export const CLOSE_REASONS = [
  'paid_otherwise',
  'exchanged',
  'customer_withdrew',
  'wrong_sale',
] as const
export type DecisionReason =
  (typeof REJECT_REASONS)[number] | (typeof STOP_REASONS)[number] | (typeof CLOSE_REASONS)[number]
