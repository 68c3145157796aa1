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
