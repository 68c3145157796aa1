import type { Rule } from '../policy.ts'

/** A sale of another store belongs to that store's takings and staff. */
export const otherStore: Rule = {
  id: 'other_store',
  version: 2,
  judge: (facts) =>
    !facts.otherStore || facts.rights.otherStore || facts.secondedBy !== null
      ? 'allow'
      : 'needs_approval',
}
