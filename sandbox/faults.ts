// Switches for what goes wrong between a channel and its client. A rule says where, what, how often
// and for which number; each one that matches is used up in the order the rules were set.
import { z } from 'zod'
import type { Random } from './random.ts'

export const OPERATIONS = [
  'pay',
  'query',
  'reverse',
  'close',
  'refund',
  'refund_query',
  'remedy',
  'certificates',
  'bill',
  'bill_download',
  'notify',
] as const
export type Operation = (typeof OPERATIONS)[number]

/** What happens to an exchange; each is possible for every operation a client calls. */
export const REPLY_FAULTS = [
  'executed_then_timeout',
  'lost',
  'error_500_executed',
  'error_500_not_executed',
  'error_429_executed',
  'error_429_not_executed',
  'drop_connection_executed',
  'drop_connection_not_executed',
  'bad_signature',
  'unknown_serial',
  'stale_timestamp',
  'signtest',
  'malformed_body',
  'truncated_body',
  'html_body',
  'slow',
  'wrong_amount',
] as const

/** Untrue answers of a query, only for `query` and `refund_query`. */
export const QUERY_FAULTS = ['not_found_although_executed', 'stale_processing'] as const

/** What becomes of a refund, only for `refund`. */
export const REFUND_FATES = [
  'abnormal',
  'closed',
  'not_enough',
  'user_account_abnormal',
  'returned_to_merchant',
  'request_blocked',
] as const

/** What happens to one delivery, only for `notify`. */
export const NOTIFY_FAULTS = [
  'duplicate',
  'early',
  'late',
  'never',
  'forged',
  'signtest',
  'other_merchant',
  'amount_changed',
] as const

/** Only for `reverse`, `pay` and `bill_download`. */
export const SPECIAL_FAULTS = ['user_paying', 'hash_mismatch'] as const

export type ReplyFault = (typeof REPLY_FAULTS)[number]
export type QueryFault = (typeof QUERY_FAULTS)[number]
export type RefundFate = (typeof REFUND_FATES)[number]
export type NotifyFault = (typeof NOTIFY_FAULTS)[number]
export type SpecialFault = (typeof SPECIAL_FAULTS)[number]
export type FaultKind = ReplyFault | QueryFault | RefundFate | NotifyFault | SpecialFault

/** Every kind once: `signtest` strikes answers and notifications alike. */
export const FAULT_KINDS: readonly FaultKind[] = [
  ...new Set([
    ...REPLY_FAULTS,
    ...QUERY_FAULTS,
    ...REFUND_FATES,
    ...NOTIFY_FAULTS,
    ...SPECIAL_FAULTS,
  ]),
]

const KINDS_OF: Record<Operation, readonly string[]> = {
  pay: [...REPLY_FAULTS, 'user_paying'],
  query: [...REPLY_FAULTS, ...QUERY_FAULTS],
  reverse: [...REPLY_FAULTS, 'user_paying'],
  close: REPLY_FAULTS,
  refund: [...REPLY_FAULTS, ...REFUND_FATES],
  refund_query: [...REPLY_FAULTS, ...QUERY_FAULTS],
  remedy: REPLY_FAULTS,
  certificates: REPLY_FAULTS,
  bill: REPLY_FAULTS,
  bill_download: [...REPLY_FAULTS, 'hash_mismatch'],
  notify: NOTIFY_FAULTS,
}

export const faultRuleSchema = z
  .strictObject({
    on: z.enum(OPERATIONS),
    kind: z.enum(FAULT_KINDS),
    /** How often it strikes; unlimited until cleared when left out. */
    times: z.int().positive().optional(),
    /** Chance per matching exchange, drawn from the sandbox's seed; 1 when left out. */
    probability: z.number().min(0).max(1).optional(),
    match: z
      .strictObject({
        outTradeNo: z.string().optional(),
        outRefundNo: z.string().optional(),
        mchid: z.string().optional(),
      })
      .optional(),
    /** Delay for `slow` (real ms) and `late` (business ms). */
    ms: z.int().nonnegative().optional(),
    /** Extra copies for `duplicate`. */
    n: z.int().positive().optional(),
    /** Fen to claim for `wrong_amount` and `amount_changed`; one fen more than true when left out. */
    amount: z.int().nonnegative().optional(),
  })
  .refine((rule) => KINDS_OF[rule.on].includes(rule.kind), {
    error: (issue) => {
      const { on, kind } = issue.input as { on: string; kind: string }
      return `${kind} means nothing on ${on}`
    },
  })

export type FaultRule = z.infer<typeof faultRuleSchema>

export type FaultSubject = {
  readonly mchid?: string | undefined
  readonly outTradeNo?: string | undefined
  readonly outRefundNo?: string | undefined
}

export type Faults = {
  /** Adds a rule; returns its id. Throws a ZodError for a rule that makes no sense. */
  readonly set: (rule: FaultRule) => number
  readonly clear: (id?: number) => void
  readonly list: () => readonly (FaultRule & { readonly id: number; readonly struck: number })[]
  /** Uses up one strike of the first rule among `kinds` that matches; undefined when none does. */
  readonly take: (
    on: Operation,
    kinds: readonly FaultKind[],
    subject: FaultSubject,
  ) => FaultRule | undefined
}

const matches = (rule: FaultRule, subject: FaultSubject) =>
  Object.entries(rule.match ?? {}).every(
    ([key, wanted]) => wanted === undefined || subject[key as keyof FaultSubject] === wanted,
  )

export const createFaults = (random: Random): Faults => {
  let rules: { id: number; rule: FaultRule; struck: number }[] = []
  let lastId = 0
  return {
    set: (input) => {
      const rule = faultRuleSchema.parse(input)
      rules.push({ id: ++lastId, rule, struck: 0 })
      return lastId
    },
    clear: (id) => {
      rules = id === undefined ? [] : rules.filter((one) => one.id !== id)
    },
    list: () => rules.map(({ id, rule, struck }) => ({ ...rule, id, struck })),
    take: (on, kinds, subject) => {
      const found = rules.find(
        ({ rule, struck }) =>
          rule.on === on &&
          kinds.includes(rule.kind) &&
          struck < (rule.times ?? Infinity) &&
          matches(rule, subject) &&
          (rule.probability === undefined || random.next() < rule.probability),
      )
      if (found === undefined) return undefined
      found.struck += 1
      return found.rule
    },
  }
}
