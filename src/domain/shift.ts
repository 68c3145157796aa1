/**
 * What a shift or a day of a shop came to: payments taken, refunds by channel and by how they stand, cash that left the
 * drawer, and what the drawer should hold. Rows are gathered elsewhere; here they are only added up.
 */
import { mayDecide, type Actor } from './actor.ts'
import type { AttemptKind, AttemptState } from './attempt.ts'
import { addFen, subFen, ZERO, type Fen } from './money.ts'
import type { WaitReason } from './outcome.ts'
import { UNCLEAR_STATES, type PaymentState } from './payment.ts'
import type { RefundState } from './refund.ts'
import { shownWord, type ShownWord } from './shown.ts'

/** How refunds stand, coarser than their words: what a person who counts has to tell apart. */
export const REFUND_STANDINGS = [
  'succeeded',
  'onTheWay',
  'unknown',
  'waitingForFunds',
  'stuck',
  'owed',
  'cashUnanswered',
  'undecided',
] as const
export type RefundStanding = (typeof REFUND_STANDINGS)[number]

/** Null for those that ended without money: they are nobody's business any more. */
export function standingOf(word: ShownWord): RefundStanding | null {
  switch (word) {
    case 'succeeded':
    case 'stuck':
    case 'owed':
      return word
    case 'approved':
    case 'not_sent_yet':
    case 'waiting_for_channel':
    case 'processing':
      return 'onTheWay'
    case 'outcome_unknown':
      return 'unknown'
    case 'waiting_for_funds':
      return 'waitingForFunds'
    case 'cash_to_hand_out':
      return 'cashUnanswered'
    case 'requested':
    case 'awaiting_goods':
      return 'undecided'
    case 'closed':
    case 'rejected':
    case 'withdrawn':
      return null
  }
}

/** How many and, in fen, how much. */
export type Tally = { readonly count: number; readonly amount: Fen }
export type RefundTallies = Readonly<Record<RefundStanding, Tally>>

export type ChannelTotals = {
  /** The channel that was paid by; `cash` for refunds in cash. */
  readonly channel: string
  readonly payments: Tally
  readonly refunds: RefundTallies
}

export type Totals = {
  /** Paid; a later refund takes nothing away here. */
  readonly payments: Tally
  /** Begun, and nobody knows yet whether they were paid. */
  readonly paymentsUnclear: Tally
  readonly refunds: RefundTallies
  readonly channels: readonly ChannelTotals[]
  /** Out of the drawer, whenever the refund was asked for. */
  readonly cashHandedOut: Tally
}

/** A refund that somebody has to go on with. `since`: RFC 3339. */
export type Unfinished = {
  readonly no: string
  readonly amount: Fen
  readonly shows: ShownWord
  readonly since: string
}

/** What is handed over to the next person. */
export type Open = {
  /** `refunds`: the oldest ones, no more than anybody reads; `count`: all. */
  readonly unfinished: { readonly count: number; readonly refunds: readonly Unfinished[] }
  /** All whose cash was to be handed out, and nobody has said whether it was. */
  readonly cashNotAnswered: readonly Unfinished[]
}

export type ShiftTotals = Totals & Open

/** A shift that began on the day. `difference` is null while it is open. */
export type DayShift = {
  readonly no: string
  readonly terminal: string
  readonly staff: string
  readonly openedAt: string
  readonly closedAt: string | null
  readonly difference: Fen | null
}

export type DayTotals = Totals &
  Open & {
    /** Null: money that no terminal of ours moved, such as refunds made at the channel. */
    readonly terminals: readonly (Totals & { readonly terminal: string | null })[]
    readonly shifts: readonly DayShift[]
  }

/** Rows that are alike, counted together. */
type Group = { readonly terminal: string | null; readonly count: number; readonly fen: Fen }
export type PaymentGroup = Group & { readonly channel: string; readonly state: PaymentState }
export type RefundGroup = Group & {
  readonly channel: string
  readonly state: RefundState
  readonly open: OpenPart | null
}
export type CashGroup = Group

/** The attempt under way, as JSON has it. */
export type OpenPart = {
  readonly kind: AttemptKind
  readonly state: AttemptState
  readonly waiting: WaitReason | null
  readonly first_send_at: string | null
}

export type UnfinishedRow = {
  readonly no: string
  readonly payment: string
  readonly fen: Fen
  readonly state: RefundState
  readonly open: OpenPart | null
  readonly since: string
}

export type ReportRows = {
  readonly payments: readonly PaymentGroup[]
  readonly refunds: readonly RefundGroup[]
  readonly cash: readonly CashGroup[]
  /** Oldest first; `rows` may be fewer than `count`. */
  readonly unfinished: { readonly count: number; readonly rows: readonly UnfinishedRow[] }
  readonly cashNotAnswered: readonly UnfinishedRow[]
}

export const shiftTotals = (rows: ReportRows): ShiftTotals => ({
  ...totalsOf(rows),
  ...openOf(rows),
})

export function dayTotals(rows: ReportRows, shifts: readonly DayShift[]): DayTotals {
  const all = [...rows.payments, ...rows.refunds, ...rows.cash]
  const terminals = [...new Set(all.map((each) => each.terminal))].toSorted(byName)
  return {
    ...totalsOf(rows),
    ...openOf(rows),
    terminals: terminals.map((terminal) => {
      const here = (group: Group) => group.terminal === terminal
      return {
        terminal,
        ...totalsOf({
          payments: rows.payments.filter(here),
          refunds: rows.refunds.filter(here),
          cash: rows.cash.filter(here),
        }),
      }
    }),
    shifts,
  }
}

/** What the drawer should hold: sales in cash are not taken here, so only refunds take out of it. */
export const expectedCash = (opening: Fen, handedOut: Tally): Fen =>
  subFen(opening, handedOut.amount)

/** More than zero: over (长款). Less: short (短款). */
export const cashDifference = (counted: Fen, expected: Fen): Fen => subFen(counted, expected)

function totalsOf(rows: Pick<ReportRows, 'payments' | 'refunds' | 'cash'>): Totals {
  const channels = [...rows.payments, ...rows.refunds].map((each) => each.channel)
  const paid = rows.payments.filter((each) => each.state === 'paid')
  return {
    payments: tallyOf(paid),
    paymentsUnclear: tallyOf(rows.payments.filter((each) => UNCLEAR_STATES.includes(each.state))),
    refunds: refundTallies(rows.refunds),
    channels: [...new Set(channels)].toSorted().map((channel) => ({
      channel,
      payments: tallyOf(paid.filter((each) => each.channel === channel)),
      refunds: refundTallies(rows.refunds.filter((each) => each.channel === channel)),
    })),
    cashHandedOut: tallyOf(rows.cash),
  }
}

function refundTallies(groups: readonly RefundGroup[]): RefundTallies {
  const standing = groups.map((group) => ({ group, standing: standingOf(wordOf(group)) }))
  const of = (wanted: RefundStanding): Tally =>
    tallyOf(standing.filter((each) => each.standing === wanted).map((each) => each.group))
  return {
    succeeded: of('succeeded'),
    onTheWay: of('onTheWay'),
    unknown: of('unknown'),
    waitingForFunds: of('waitingForFunds'),
    stuck: of('stuck'),
    owed: of('owed'),
    cashUnanswered: of('cashUnanswered'),
    undecided: of('undecided'),
  }
}

const tallyOf = (groups: readonly Group[]): Tally => ({
  count: groups.reduce((sum, each) => sum + each.count, 0),
  amount: groups.length === 0 ? ZERO : addFen(...groups.map((each) => each.fen)),
})

const openOf = ({ unfinished, cashNotAnswered }: ReportRows): Open => ({
  unfinished: { count: unfinished.count, refunds: unfinished.rows.map(unfinishedOf) },
  cashNotAnswered: cashNotAnswered.map(unfinishedOf),
})

const unfinishedOf = (row: UnfinishedRow): Unfinished => ({
  no: row.no,
  amount: row.fen,
  shows: wordOf(row),
  since: new Date(row.since).toISOString(),
})

const wordOf = ({ state, open }: Pick<RefundGroup, 'state' | 'open'>): ShownWord =>
  shownWord(
    state,
    open === null
      ? []
      : [
          {
            ...open,
            reopened: false,
            firstSentAt: open.first_send_at === null ? null : new Date(open.first_send_at),
          },
        ],
  )

/** Those without a terminal last. */
const byName = (a: string | null, b: string | null): number =>
  a === b ? 0 : a === null ? 1 : b === null || a < b ? -1 : 1

type Place = { readonly store: string; readonly terminal: string; readonly staff: string }

/** May see and close what a store's people did: its supervisors, those of all stores, and the owner. */
export const mayOversee = (actor: Actor, store: string | null): boolean =>
  mayDecide(actor) &&
  (actor.roles.includes('owner') || actor.store === null || actor.store === store)

export const maySeeShift = (actor: Actor, shift: Place): boolean =>
  mayOversee(actor, shift.store) || actor.terminal === shift.terminal || actor.staff === shift.staff

/** Its own person at its own drawer; somebody who oversees the store, for one that was left open. */
export const mayCloseShift = (actor: Actor, shift: Place): boolean =>
  mayOversee(actor, shift.store) ||
  (actor.terminal === shift.terminal && actor.staff === shift.staff)
