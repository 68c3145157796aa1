/** What the channel of one story is like: what it declares, and how it behaves where it is not at its best. */
import type { Capabilities } from '../../src/domain/capabilities.ts'
import type { FeeRule } from '../../src/domain/fees.ts'
import { NO_FEE } from '../../src/domain/fees.ts'
import { fen } from '../../src/domain/money.ts'
import { WECHAT_HABITS, type Habits } from '../bank.ts'
import type { Draw } from '../draw.ts'

const MINUTE = 60_000

export type Profile = {
  readonly habits: Habits
  readonly fee: FeeRule
  /** Few refunds, of which little is heard and much is done; otherwise many of all kinds. */
  readonly isUnclear: boolean
  /** How long nothing may happen, in ms. */
  readonly waits: readonly number[]
}

const SECOND = 1_000
const HOUR = 60 * MINUTE
const LEASE_OVER = 31 * SECOND
const PACES: readonly (readonly number[])[] = [
  [SECOND, 10 * SECOND, LEASE_OVER],
  [10 * SECOND, LEASE_OVER, MINUTE, 2 * MINUTE],
  [LEASE_OVER, MINUTE, 5 * MINUTE, 16 * MINUTE],
  [SECOND, LEASE_OVER, 10 * MINUTE, HOUR, 24 * HOUR],
]

const FEE: FeeRule = { permille: 50, maxFen: fen(200), freeReasons: ['quality'] }

/** In which somebody comes to believe what such a channel says. */
const SLOW_PACES = PACES.slice(2)
/** After which a slow request is still taken. */
const QUICK_PACES = PACES.slice(0, 2)

/** Half of the stories are played at a channel like WeChat Pay; the other ones at any that could be declared. */
export function profileOf(draw: Draw): Profile {
  const isHonest = draw.chance(0.7)
  const isUnclear = draw.chance(0.5)
  const common = {
    fee: draw.chance(0.3) ? FEE : NO_FEE,
    isUnclear,
    waits: draw.pick(!isHonest ? SLOW_PACES : isUnclear ? QUICK_PACES : PACES),
  }
  const { can } = WECHAT_HABITS
  if (draw.chance(0.5)) return { habits: { ...WECHAT_HABITS, isHonest }, ...common }
  const replaySafe = draw.chance(0.6)
  const habits = {
    can: { ...can, ...proofs(draw), replaySafe, ...limits(draw) },
    forgetsNumbers: !replaySafe,
    isHonest,
  }
  return { habits, ...common }
}

/** What makes "not executed" a fact. */
function proofs(draw: Draw): Pick<Capabilities, 'refusal' | 'notFound' | 'requestToleranceMs'> {
  const requestToleranceMs = draw.pick([null, MINUTE, MINUTE, 5 * MINUTE])
  const proof = { quietMs: 2 * MINUTE, times: 1 + draw.below(2), apartMs: MINUTE }
  return {
    refusal: draw.pick(['signed', 'confirm_by_query', 'statement_only']),
    notFound: draw.pick([null, proof, proof]),
    requestToleranceMs,
  }
}

const limits = (
  draw: Draw,
): Pick<Capabilities, 'spacingMs' | 'countMax' | 'amountMinFen' | 'partial'> => ({
  spacingMs: draw.pick([0, MINUTE]),
  countMax: draw.pick([null, 3]),
  amountMinFen: draw.pick([1, 100]),
  partial: draw.chance(0.85),
})
