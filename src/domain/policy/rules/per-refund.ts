import type { Rule } from '../policy.ts'

/** Above what the person may refund at once, somebody else stands behind it. */
export const perRefund: Rule = {
  id: 'per_refund',
  version: 1,
  judge: ({ amount, rights, secondedBy }) =>
    rights.perRefundFen === null || amount <= rights.perRefundFen || secondedBy !== null
      ? 'allow'
      : 'needs_approval',
}
