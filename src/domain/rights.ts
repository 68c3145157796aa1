/** What one person may do by themselves at the till. Beyond it somebody else decides, or stands second. */
import { fen, type Fen } from './money.ts'
import type { Role } from './roles.ts'

export type Rights = {
  /** Without it a refund is refused, whoever stands behind it. */
  readonly mayRefund: boolean
  /** fen at once; null: no limit. */
  readonly perRefundFen: Fen | null
  /** fen in one calendar day of the shop, all that was asked for and did not end without money; null: no limit. */
  readonly perDayFen: Fen | null
  /** Of sales of other stores. */
  readonly otherStore: boolean
  /** Of sales paid on an earlier calendar day. */
  readonly earlierDay: boolean
  /** Of sales that a colleague took. */
  readonly otherCashier: boolean
}

const CASHIER: Rights = {
  mayRefund: true,
  perRefundFen: fen(200_00),
  perDayFen: fen(1_000_00),
  otherStore: false,
  earlierDay: false,
  otherCashier: true,
}
const DECIDER: Rights = {
  mayRefund: true,
  perRefundFen: null,
  perDayFen: null,
  otherStore: true,
  earlierDay: true,
  otherCashier: true,
}
const DEFAULTS: Readonly<Record<Role, Rights>> = {
  cashier: CASHIER,
  supervisor: DECIDER,
  owner: DECIDER,
  system: DECIDER,
}

/** Of a terminal where nobody has signed in. */
export const NO_RIGHTS: Rights = {
  mayRefund: false,
  perRefundFen: fen(0),
  perDayFen: fen(0),
  otherStore: false,
  earlierDay: false,
  otherCashier: false,
}

/** A role's rights, with what is set for the person in their place. */
export const rightsOf = (role: Role, own: Partial<Rights> = {}): Rights => ({
  ...DEFAULTS[role],
  ...own,
})
