import type { Rule } from '../policy.ts'

/** For a sale brought in from the channel the room is only "at most": somebody who may decide looks at it. */
export const broughtIn: Rule = {
  id: 'brought_in',
  version: 1,
  judge: (facts) =>
    !facts.broughtIn || facts.mayDecide || facts.secondedBy !== null ? 'allow' : 'needs_approval',
}
