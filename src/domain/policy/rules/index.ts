import type { PolicyParams, Rule } from '../policy.ts'
import { fen } from '../../money.ts'
import { besideUnclear } from './beside-unclear.ts'
import { broughtIn } from './brought-in.ts'
import { cash } from './cash.ts'
import { earlierDay } from './earlier-day.ts'
import { mayRefund } from './may-refund.ts'
import { otherCashier } from './other-cashier.ts'
import { otherStore } from './other-store.ts'
import { perDay } from './per-day.ts'
import { perRefund } from './per-refund.ts'
import { secondAtTill } from './second-at-till.ts'

export const RULES: readonly Rule[] = [
  mayRefund,
  perRefund,
  perDay,
  cash,
  broughtIn,
  otherStore,
  earlierDay,
  otherCashier,
  besideUnclear,
  secondAtTill,
]

export const DEFAULT_PARAMS: PolicyParams = {
  cashLimitFen: fen(200_00),
  secondAtTillFen: fen(2_000_00),
}
