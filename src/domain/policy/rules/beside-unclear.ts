import type { Rule } from '../policy.ts'

/** A second refund beside one whose outcome nobody knows is how customers are paid twice. */
export const besideUnclear: Rule = {
  id: 'beside_unclear',
  version: 1,
  judge: (facts) =>
    !facts.besideUnclear || facts.mayDecide || facts.secondedBy !== null
      ? 'allow'
      : 'needs_approval',
}
