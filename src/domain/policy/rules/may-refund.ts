import type { Rule } from '../policy.ts'

/** Who may not refund does not refund on a colleague's yes either: the colleague signs in and does it. */
export const mayRefund: Rule = {
  id: 'may_refund',
  version: 1,
  judge: ({ rights }) => (rights.mayRefund ? 'allow' : 'deny'),
}
