import type { Rule } from '../policy.ts'

/** The takings of an earlier day are counted and closed; what is given back of them is looked at by somebody else. */
export const earlierDay: Rule = {
  id: 'earlier_day',
  version: 1,
  judge: (facts) =>
    !facts.earlierDay || facts.rights.earlierDay || facts.secondedBy !== null
      ? 'allow'
      : 'needs_approval',
}
