import { addFen } from '../../money.ts'
import type { Rule } from '../policy.ts'

/** Many small refunds are one large one: what the person asked for today counts together. */
export const perDay: Rule = {
  id: 'per_day',
  version: 1,
  judge: ({ amount, askedToday, rights, secondedBy }) =>
    rights.perDayFen === null ||
    addFen(askedToday, amount) <= rights.perDayFen ||
    secondedBy !== null
      ? 'allow'
      : 'needs_approval',
}
