import type { Rule } from '../policy.ts'

/**
 * Cash for a sale that was paid by scan is an exception: it opens the way to pay out money that the channel could
 * still be asked for, so it has a cap, wants a reason, and always a second person.
 */
export const cash: Rule = {
  id: 'cash',
  version: 1,
  judge: (facts, params) => {
    if (facts.method !== 'cash') return 'allow'
    if (facts.amount > params.cashLimitFen || !facts.reasonGiven) return 'deny'
    return facts.secondedBy !== null ? 'allow' : 'needs_approval'
  },
}
