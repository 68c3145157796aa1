/**
 * A channel's rules as people are told them: one list for every channel, made of what the channel declares and the
 * account's contract says, the very figures `planRefund` goes by. The words are in `texts/channel-rules.ts`.
 */
import {
  DESTINATIONS,
  type AcquirerFee,
  type ArrivalText,
  type Capabilities,
  type Destination,
} from './capabilities.ts'
import { fen, type Fen } from './money.ts'
import { limitsOf, type Contract } from './plan.ts'

/** What is agreed for one account. Null: the channel's own word holds, or nobody has told us. */
export type Terms = Contract & {
  readonly acquirerFee: AcquirerFee | null
  /** The number customers call about their money, as the shop has learnt it. */
  readonly hotline: string | null
}

/** Of terms as they are stored: what was left out is not agreed. */
export const termsOf = (stored: Partial<Terms>): Terms => ({
  windowDays: stored.windowDays ?? null,
  countMax: stored.countMax ?? null,
  acquirerFee: stored.acquirerFee ?? null,
  hotline: stored.hotline ?? null,
})

/** Null in a figure: there is no fixed one, the channel decides. */
export type ChannelRuleParams = {
  readonly window: { readonly days: number | null }
  readonly count: { readonly most: number | null }
  readonly spacing: { readonly ms: number }
  readonly serial: { readonly per: Capabilities['serialisePer'] }
  readonly partial: { readonly possible: boolean }
  readonly least_amount: { readonly fen: Fen }
  readonly same_day_void: { readonly until: string | null }
  readonly acquirer_fee: { readonly fee: AcquirerFee | null }
  readonly unknown_outcome: {
    /** The same number sent again cannot make a second refund. */
    readonly replaySafe: boolean
    /** The channel tells by itself; otherwise only asking finds out. */
    readonly notifies: boolean
    readonly proof: Capabilities['refusal']
    /** "Not found" counts after this long without a request on its way; null: it never proves anything. */
    readonly quietMs: number | null
  }
}

export type ChannelRuleKey = keyof ChannelRuleParams
export type ChannelRule = {
  readonly [Key in ChannelRuleKey]: { readonly key: Key; readonly params: ChannelRuleParams[Key] }
}[ChannelRuleKey]

/** Every rule once, in the order of a reader's questions. */
export function channelRules(can: Capabilities, terms: Terms): readonly ChannelRule[] {
  const limits = limitsOf(can, terms)
  return [
    { key: 'window', params: { days: limits.windowDays } },
    { key: 'count', params: { most: limits.countMax } },
    { key: 'spacing', params: { ms: limits.spacingMs } },
    { key: 'serial', params: { per: can.serialisePer } },
    { key: 'partial', params: { possible: limits.partial } },
    { key: 'least_amount', params: { fen: fen(limits.amountMinFen) } },
    { key: 'same_day_void', params: { until: can.voidSameDay?.clearingDayCutover ?? null } },
    { key: 'acquirer_fee', params: { fee: terms.acquirerFee ?? can.acquirerFee } },
    {
      key: 'unknown_outcome',
      params: {
        replaySafe: can.replaySafe,
        notifies: can.notifies,
        proof: can.refusal,
        quietMs: can.notFound === null ? null : can.notFound.quietMs,
      },
    },
  ]
}

/** Where money of a channel may go; cash is nobody's channel, and `unknown` is no place. */
export type ChannelDestination = Exclude<Destination, 'cash' | 'unknown'>
export const CHANNEL_DESTINATIONS: readonly ChannelDestination[] = DESTINATIONS.filter(
  (each): each is ChannelDestination => each !== 'cash' && each !== 'unknown',
)

/** When money is there once it was refunded, by where it goes. */
export const arrivals = (
  can: Pick<Capabilities, 'arrival'>,
): readonly { readonly destination: ChannelDestination; readonly when: ArrivalText }[] =>
  CHANNEL_DESTINATIONS.map((destination) => ({ destination, when: can.arrival[destination] }))
