import type { Rule } from '../policy.ts'

/**
 * A PIN is seen over a shoulder and a code is heard over the phone: above a limit, whoever stands behind the refund
 * decides on a device of their own, where the whole of it is in front of them.
 */
export const secondAtTill: Rule = {
  id: 'second_at_till',
  version: 1,
  judge: ({ amount, secondedBy }, params) =>
    secondedBy === null || secondedBy === 'key' || amount <= params.secondAtTillFen
      ? 'allow'
      : 'needs_approval',
}
