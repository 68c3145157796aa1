/** Builders and generators for the rules: one attempt, one refund's view, every kind of word a channel can say. */
import fc from 'fast-check'
import type { Attempt } from '../../src/domain/attempt.ts'
import type { Capabilities } from '../../src/domain/capabilities.ts'
import { ACCOUNTS, balanceOf, type Transfer } from '../../src/domain/ledger.ts'
import { fen, ZERO, type Fen } from '../../src/domain/money.ts'
import type { Outcome, Succeeded } from '../../src/domain/outcome.ts'
import type { Counters } from '../../src/domain/payment.ts'
import type { Item } from '../../src/domain/sale.ts'
import type { AttemptEntry, SettleView } from '../../src/domain/settle.ts'

/** At least this many runs of every property; a failing run prints its seed and path. */
export const RUNS = 1_000

const EPOCH_MS = Date.UTC(2026, 10, 22, 4)

/** An instant `seconds` after a fixed noon in Shanghai. */
export const instant = (seconds: number): Date => new Date(EPOCH_MS + seconds * 1000)

export const anAttempt = (change: Partial<Attempt> = {}): Attempt => ({
  kind: 'refund',
  state: 'submitted',
  inferred: false,
  reopened: false,
  stopped: false,
  remedySent: false,
  hint: null,
  notFoundCount: 0,
  firstSentAt: instant(0),
  channelTime: null,
  channelNo: null,
  waiting: null,
  tries: 0,
  ...change,
})

export const anEntry = (change: Partial<AttemptEntry> = {}): AttemptEntry => ({
  ...anAttempt(),
  seq: 1,
  amount: fen(1200),
  discount: ZERO,
  alarm: null,
  paidOut: null,
  ...change,
})

export const someCounters = (paid: number, change: Partial<Counters> = {}): Counters => ({
  paid: fen(paid),
  held: ZERO,
  refunded: ZERO,
  kept: ZERO,
  excess: ZERO,
  ...change,
})

/** A refund of 12.00 under way on a payment of 30.00, with its hold in place. */
export function aView(change: {
  amount?: number
  feeKept?: number
  paid?: number
  refund?: Partial<SettleView['refund']>
  attempts?: readonly AttemptEntry[]
  items?: readonly Item[]
}): SettleView {
  const amount = fen(change.amount ?? 1200)
  const feeKept = fen(change.feeKept ?? 0)
  return {
    payment: {
      no: '7226112200000000000001',
      state: 'paid',
      counters: someCounters(change.paid ?? 3000, { held: fen(amount + feeKept) }),
      blocked: null,
    },
    items: change.items ?? [],
    refund: {
      no: '7326112200000000000001',
      state: 'sending',
      amount,
      feeKept,
      endedAs: null,
      lines: [],
      ...change.refund,
    },
    attempts: change.attempts ?? [anEntry({ amount })],
  }
}

export const anItem = (
  line: number,
  quantity: number,
  paid: number,
  change: Partial<Item> = {},
): Item => ({
  line,
  quantity,
  heldQuantity: 0,
  refundedQuantity: 0,
  fen: fen(paid),
  heldFen: ZERO,
  refundedFen: ZERO,
  ...change,
})

export const success = (at: Date, change: Partial<Succeeded> = {}): Succeeded => ({
  kind: 'succeeded',
  at,
  channelNo: '50000000382019052709732678859',
  destination: 'balance',
  account: null,
  payerFen: fen(1200),
  settlementFen: fen(1200),
  discountFen: ZERO,
  feeReturnedFen: null,
  ...change,
})

export const comeBack = (at: Date): Outcome => ({
  kind: 'returned',
  at,
  code: 'BANK',
  channelNo: null,
})

export const refusal = (
  proof: 'signed' | 'statement' | 'person' | 'unsigned',
  final = false,
): Outcome => ({ kind: 'refused', code: 'NO', proof, final })

export const PROCESSING: Outcome = { kind: 'processing', channelNo: null }
export const STUCK: Outcome = { kind: 'stuck', code: 'ABNORMAL', channelNo: null, remedies: [] }
export const NOT_FOUND: Outcome = { kind: 'not_found' }
export const UNKNOWN: Outcome = { kind: 'unknown', cause: 'timeout', alarm: false }
export const WAIT: Outcome = { kind: 'wait', until: null, reason: 'funds', code: 'NOTENOUGH' }

/** One word of every kind a channel, a statement or a person can say. */
export const WORDS: readonly Outcome[] = [
  success(instant(10)),
  comeBack(instant(20)),
  success(instant(30)),
  PROCESSING,
  STUCK,
  refusal('signed'),
  refusal('statement'),
  refusal('person'),
  refusal('unsigned'),
  refusal('unsigned', true),
  NOT_FOUND,
  UNKNOWN,
  WAIT,
]

export type Can = Pick<Capabilities, 'refusal' | 'notFound' | 'replaySafe' | 'querySchedule'>

const REFUSALS = ['signed', 'confirm_by_query', 'statement_only'] as const
const NOT_FOUNDS = [
  null,
  { quietMs: 600_000, times: 2, apartMs: 60_000 },
  { quietMs: 10_000, times: 1, apartMs: 0 },
] as const

/** Every way a channel can be as to what makes "not executed" a fact. */
export const CANS: readonly Can[] = REFUSALS.flatMap((kind) =>
  NOT_FOUNDS.flatMap((notFound) =>
    [true, false].map((replaySafe) => ({
      refusal: kind,
      notFound,
      replaySafe,
      querySchedule: [10_000, 30_000, 60_000],
    })),
  ),
)

export const can = fc.constantFrom(...CANS)

/** A whole channel without limits; tests narrow what they are about. */
export const aChannel = (change: Partial<Capabilities> = {}): Capabilities => ({
  payByCode: true,
  payByQr: true,
  partial: true,
  windowDays: 365,
  countMax: 50,
  spacingMs: 60_000,
  amountMinFen: 1,
  voidSameDay: null,
  refusal: 'confirm_by_query',
  replaySafe: true,
  queryBy: 'request_no',
  notFound: { quietMs: 600_000, times: 2, apartMs: 60_000 },
  requestToleranceMs: 300_000,
  requestNo: { alphabet: 'alnum_-', min: 6, max: 32 },
  serialisePer: 'payment',
  querySchedule: [10_000, 30_000, 60_000],
  rate: { perSecond: 100 },
  notifies: true,
  arrival: {
    balance: 'minutes',
    bank_card: 'days_1_3',
    original: 'days_1_3',
    merchant: 'by_hand',
    cash: 'at_once',
    unknown: 'days_1_3',
  },
  acquirerFee: 'pro_rata',
  billNo: 'ours',
  payment: {
    querySchedule: [5_000],
    reverseAfterMs: 45_000,
    qrValidMs: 300_000,
    reverseWithinDays: 7,
    refusals: {},
  },
  ...change,
})

/** All accounts of the books, as one comparable value. */
export const balancesOf = (transfers: readonly Transfer[]): Readonly<Record<string, Fen>> =>
  Object.fromEntries(ACCOUNTS.map((account) => [account, balanceOf(transfers, account)]))
