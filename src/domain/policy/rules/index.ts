import type { PolicyParams, Rule } from '../policy.ts'
import { fen } from '../../money.ts'
import { besideUnclear } from './beside-unclear.ts'
import { broughtIn } from './brought-in.ts'
import { cash } from './cash.ts'
import { cashierLimit } from './cashier-limit.ts'
import { otherStore } from './other-store.ts'

export const RULES: readonly Rule[] = [cashierLimit, cash, broughtIn, otherStore, besideUnclear]

export const DEFAULT_PARAMS: PolicyParams = {
  cashierLimitFen: fen(200_00),
  cashLimitFen: fen(200_00),
}
