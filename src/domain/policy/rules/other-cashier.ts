import type { Rule } from '../policy.ts'

/** A colleague's sale: some shops let only whoever took the money give it back. */
export const otherCashier: Rule = {
  id: 'other_cashier',
  version: 1,
  judge: (facts) =>
    !facts.otherCashier || facts.rights.otherCashier || facts.secondedBy !== null
      ? 'allow'
      : 'needs_approval',
}
