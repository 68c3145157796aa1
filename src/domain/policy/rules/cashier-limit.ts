import type { Rule } from '../policy.ts'

/** Above the limit a second person decides, unless the one asking may decide. */
export const cashierLimit: Rule = {
  id: 'cashier_limit',
  version: 1,
  judge: (facts, params) =>
    facts.amount <= params.cashierLimitFen || facts.mayDecide || facts.seconded
      ? 'allow'
      : 'needs_approval',
}
