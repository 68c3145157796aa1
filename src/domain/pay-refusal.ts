/** Why a payment was refused, in words that no channel has for itself. `never_sent` is our own doing. */
export const PAY_REFUSALS = [
  'code_expired',
  'code_wrong',
  'funds_short',
  'card_not_supported',
  'over_limit',
  'never_sent',
] as const
export type PayRefusal = (typeof PAY_REFUSALS)[number]
