/**
 * What goes over the wire below `/v1`: the shapes of requests and replies, shared with the web apps.
 *
 * One convention everywhere. Money is a whole number of fen in a field named for what it is (`amount`, `paidAmount`,
 * `feeKept`), and each thing that carries money says `currency: "CNY"` once. Times are RFC 3339 in UTC. Numbers
 * (`no`) are decimal digits made by the caller before the act, so that an act can be repeated without harm: the same
 * number with the same content is answered 200 with what is stored, with other content 409. Unknown fields are
 * refused. What has no value is null and never left out.
 */
import { z } from 'zod'
import { WAYS } from '../domain/actor.ts'
import { ATTEMPT_KINDS, ATTEMPT_STATES } from '../domain/attempt.ts'
import { CURRENCY } from '../domain/money.ts'
import { kindOf, OWN_NUMBER, readScan, type NumberKind } from '../domain/numbers.ts'
import { PAYMENT_STATES } from '../domain/payment.ts'
import { PAYMENT_WORDS, RESTORED } from '../domain/payment-shown.ts'
import { REFUND_REASONS } from '../domain/reasons.ts'
import { REFUND_STATES } from '../domain/refund.ts'
import { SHOWN_WORDS } from '../domain/shown.ts'
import { SLIP_CHANNELS } from '../domain/slip.ts'
import type { IssueWord } from '../texts/issues.ts'

/** A hundred million yuan: a slip of the finger, in any shop. */
const AMOUNT_MAX = 10_000_000_000
const ITEMS_MAX = 200
const QUANTITY_MAX = 1_000_000
const NAME_MAX = 120
const DESCRIPTION_MAX = 120
const NOTE_MAX = 500
const CODE_MAX = 128

// requests

/** What a refinement says to a person, and the names that belong to it; read by `api/errors.ts`. */
export type Wrong = { readonly word: IssueWord; readonly names: readonly string[] }
const wrong = (word: IssueWord, names: readonly string[] = []) => ({
  params: { word, names } satisfies Wrong,
})

/** Below zero and zero are for the rules to refuse, in their own words. */
export const amount = z.int().min(-AMOUNT_MAX).max(AMOUNT_MAX).describe('fen')
export const currency = z.literal(CURRENCY)
const currencyGiven = currency.optional().describe('Checked when given')

/** A number as it stands in an address: whatever it is, it is looked up and found or not. */
export const numberParams = z.strictObject({ no: z.string().min(1).max(32) })

/** Could anybody find it again by scanning it, and is it not the number of another kind of thing? */
const isFree = (no: string, kind: NumberKind): boolean => {
  const scanned = readScan(no)
  return scanned.kind === 'number' || (scanned.kind === 'own' && kindOf(no) === kind)
}
export const newNumber = (kind: NumberKind) =>
  z
    .string()
    .regex(OWN_NUMBER, { abort: true })
    .refine((no) => isFree(no, kind), wrong('number_not_free'))
    .describe('16 to 24 digits, made by the caller; not in the shape of a payment code')

/** Becomes evidence, which must hold no personal data: a word of the shop's own list and never a sentence. */
const reasonCode = z
  .string()
  .regex(/^[a-z][a-z0-9_]{1,39}$/)
  .describe('A code, such as no_proof')

const itemGiven = z.strictObject({
  name: z.string().min(1).max(NAME_MAX),
  quantity: z.int().positive().max(QUANTITY_MAX),
  amount: z.int().nonnegative().max(AMOUNT_MAX).describe('fen: price times quantity'),
})
const saleGiven = z.strictObject({
  no: newNumber('sale'),
  orderAmount: amount,
  paidAmount: amount.describe('fen: what is to be paid; the rest of the order is the discount'),
  description: z.string().min(1).max(DESCRIPTION_MAX),
  items: z.array(itemGiven).max(ITEMS_MAX).default([]),
})
const accountNo = z.string().regex(/^[a-z0-9-]{1,32}$/)

export const paymentGiven = z.strictObject({
  no: newNumber('payment'),
  sale: saleGiven,
  amount: amount.describe("fen: this payment's part of the sale"),
  currency: currencyGiven,
  method: z.enum(['code', 'qr']),
  paymentCode: z
    .string()
    .max(CODE_MAX)
    .optional()
    .describe('Scanned from the customer, for `code`'),
  account: accountNo.optional().describe("The merchant's default account when left out"),
})

export const importGiven = z.strictObject({
  payment: newNumber('payment'),
  sale: saleGiven,
  currency: currencyGiven,
  account: accountNo,
  channelNumber: z
    .string()
    .regex(/^[0-9A-Za-z_\-*]{6,64}$/)
    .describe('商户单号 at the channel'),
})

export const codeGiven = z.strictObject({ code: z.string().min(1).max(CODE_MAX) })

/** What is wanted back, in a request and in its preview. */
export const refundWish = {
  payment: z.string().min(1).max(32),
  amount: amount.optional(),
  items: z
    .array(
      z.strictObject({
        line: z.int().positive().max(ITEMS_MAX),
        quantity: z.int().positive().max(QUANTITY_MAX),
      }),
    )
    .min(1)
    .max(ITEMS_MAX)
    .optional(),
  full: z.literal(true).optional().describe('All that is left'),
  currency: currencyGiven,
  method: z.enum(['original', 'cash']),
  reason: z.enum(REFUND_REASONS),
  note: z.string().max(NOTE_MAX).default(''),
  replaces: z
    .string()
    .min(1)
    .max(32)
    .optional()
    .describe('The open request it takes the place of (supervisor)'),
}
export type RefundWishGiven = z.output<z.ZodObject<typeof refundWish>>

export const ONE_MEASURE = 'Exactly one of amount, items and full'
export const hasOneMeasure = (given: Pick<RefundWishGiven, 'amount' | 'items' | 'full'>): boolean =>
  [given.amount, given.items, given.full].filter((each) => each !== undefined).length === 1

export const refundGiven = z
  .strictObject({
    no: newNumber('refund'),
    ...refundWish,
  })
  .refine(hasOneMeasure, wrong('exactly_one', ['amount', 'items', 'full']))
  .describe(ONE_MEASURE)

export const reasonGiven = z.strictObject({ reason: reasonCode })
export const lowerGiven = z.strictObject({ amount, currency: currencyGiven })
export const sendAgainGiven = z.strictObject({ method: z.enum(['original', 'cash']) })
export const cashGiven = z.strictObject({ answer: z.enum(['paid', 'not_paid']) })
export const remedyGiven = z.strictObject({
  remedy: z.enum(['to_bank_card', 'to_merchant']),
  card: z
    .strictObject({
      bank: z.string().regex(/^[A-Z0-9_]{2,32}$/),
      number: z.string().regex(/^\d{8,24}$/),
      holder: z.string().min(1).max(64),
    })
    .optional()
    .describe('For to_bank_card; sent to the channel encrypted'),
})

const LIMIT_MAX = 100
const LIMIT = 20
/** Queries come as text and are read strictly: `1e1` is no number here. */
const wholeText = (pattern: RegExp) => z.string().regex(pattern).transform(Number)
export const limitText = wholeText(/^([1-9]\d?|100)$/)
  .optional()
  .transform((limit) => limit ?? LIMIT)
  .describe(`1 to ${LIMIT_MAX}; ${LIMIT} when left out`)
/** The digits are those that the numbers of such things can have: a longer one is none of ours. */
const afterQuery = (digits: RegExp) =>
  z.strictObject({
    after: wholeText(digits)
      .optional()
      .transform((after) => after ?? 0)
      .describe('The last one seen'),
    limit: limitText,
  })
/** Steps of one refund or payment are counted from one, in a chain of its own. */
export const STEP = /^(0|[1-9]\d{0,8})$/

export const salesQuery = z.strictObject({
  code: z.string().min(1).max(CODE_MAX).optional().describe('Scanned or typed; comes alone'),
  from: z.iso.datetime({ offset: true }).optional().describe('When it was paid'),
  to: z.iso.datetime({ offset: true }).optional().describe('31 days after `from` at most'),
  amount: wholeText(/^[1-9]\d{0,10}$/)
    .optional()
    .describe('fen'),
  store: z.string().min(1).max(32).optional(),
  terminal: z.string().min(1).max(32).optional(),
  staff: z.string().min(1).max(32).optional().describe('Who took it'),
  channel: z.enum(SLIP_CHANNELS).optional(),
  last: z
    .string()
    .regex(/^\d{4,6}$/)
    .optional()
    .describe("The last four to six digits of our number or of one on the customer's bill"),
  cursor: z.string().min(1).max(100).optional(),
  limit: wholeText(/^([1-9]|1\d|20)$/)
    .optional()
    .describe('1 to 20; 20 when left out'),
})

const placeNo = z.string().min(1).max(32)
export const refundsQuery = z.strictObject({
  state: z.enum(REFUND_STATES).optional(),
  unfinished: z
    .literal('true')
    .optional()
    .describe('Not ended yet: somebody has to go on with it, or the customer is still owed'),
  terminal: placeNo.optional().describe('Where it was asked for'),
  staff: placeNo.optional().describe('Who asked for it'),
  store: placeNo.optional().describe('Where it was asked for'),
  from: z.iso.datetime({ offset: true }).optional().describe('When it was asked for; inclusive'),
  to: z.iso.datetime({ offset: true }).optional().describe('Inclusive'),
  cursor: z.string().min(1).max(100).optional(),
  limit: limitText,
})
export const incidentsQuery = z.strictObject({
  open: z.enum(['true', 'false']).optional(),
  cursor: z.string().min(1).max(100).optional(),
  limit: limitText,
})
export const eventsQuery = afterQuery(STEP)
export const callsQuery = afterQuery(/^(0|[1-9]\d{0,14})$/)

// replies

export const fenShown = z.int().describe('fen')
export const time = z.iso.datetime()
export const timeOrNull = time.nullable()
export const text = z.string()
export const textOrNull = text.nullable()

export const paymentShown = z
  .strictObject({
    no: text,
    sale: text,
    state: z.enum(PAYMENT_STATES),
    shows: z.enum(PAYMENT_WORDS).describe('The one word for people'),
    amount: fenShown,
    currency,
    payerAmount: fenShown.nullable().describe("fen that left the customer's purse"),
    refundable: fenShown.describe('What may still be asked for'),
    refundableAtMost: z.boolean().describe('Refunds may have been made where we did not see them'),
    held: fenShown,
    refunded: fenShown,
    feeKept: fenShown,
    method: z.enum(['code', 'qr', 'outside']),
    account: text,
    channel: text,
    sandbox: z.boolean(),
    payer: textOrNull.describe('Masked'),
    billNo: textOrNull.describe("The number on the customer's bill"),
    channelNumber: text.describe('The number the channel knows it by'),
    channelNo: textOrNull.describe("The channel's own number"),
    codeUrl: textOrNull.describe('To be shown as a QR code while it waits'),
    codeValidUntil: timeOrNull,
    blocked: textOrNull,
    refusal: textOrNull.describe("Why no money was taken: a word of ours, else the channel's code"),
    restored: z
      .enum(RESTORED)
      .nullable()
      .describe(
        'The channel had the money and our books had not (掉单); undecided: keep or refund',
      ),
    paidAt: timeOrNull,
    createdAt: time,
  })
  .meta({ id: 'Payment' })
export type PaymentShown = z.infer<typeof paymentShown>

const attemptShown = z.strictObject({
  seq: z.int(),
  kind: z.enum(ATTEMPT_KINDS),
  state: z.enum(ATTEMPT_STATES),
  waiting: z.enum(['spacing', 'funds', 'rate', 'account']).nullable(),
  stopped: z.boolean(),
  amount: fenShown,
  payerAmount: fenShown.nullable().describe('fen the customer got'),
  destination: textOrNull,
  destinationText: textOrNull.describe("The channel's own words"),
  channelNumber: text,
  channelNo: textOrNull,
  remedy: z.enum(['to_bank_card', 'to_merchant']).nullable(),
  code: textOrNull.describe("The channel's last code"),
  createdAt: time,
  firstSentAt: timeOrNull,
  settledAt: timeOrNull,
})

export const refundShown = z
  .strictObject({
    no: text,
    payment: text,
    sale: text,
    state: z.enum(REFUND_STATES),
    shows: z.enum(SHOWN_WORDS).describe('The one word for people'),
    amount: fenShown.describe('fen that go back'),
    feeKept: fenShown,
    currency,
    method: z.enum(['original', 'cash']),
    reason: text,
    note: textOrNull.describe(
      'What was written beside the reason; null when nothing was, or it was forgotten',
    ),
    items: z.array(
      z.strictObject({ line: z.int(), name: text, quantity: z.int(), amount: fenShown }),
    ),
    requestedBy: textOrNull,
    store: textOrNull,
    terminal: textOrNull,
    sendAt: timeOrNull,
    sendReason: textOrNull,
    endedReason: textOrNull,
    replaces: textOrNull,
    outside: z.boolean().describe('Made at the channel and not by us'),
    attempts: z.array(attemptShown),
    createdAt: time,
    settledAt: timeOrNull,
  })
  .meta({ id: 'Refund' })
export type RefundShown = z.infer<typeof refundShown>

export const refundPage = z.strictObject({ refunds: z.array(refundShown), next: textOrNull })

const portion = z.strictObject({ quantity: z.int(), amount: fenShown })
export const saleShown = z
  .strictObject({
    no: text,
    source: z.enum(['till', 'import', 'channel']),
    store: textOrNull,
    terminal: textOrNull,
    staff: textOrNull,
    description: text,
    orderAmount: fenShown,
    discountAmount: fenShown,
    paidAmount: fenShown,
    currency,
    createdAt: time,
    items: z.array(
      z.strictObject({
        line: z.int(),
        name: text,
        quantity: z.int(),
        price: fenShown.describe('fen before the discount'),
        amount: fenShown.describe('fen: its share of what was paid'),
        held: portion,
        refunded: portion,
      }),
    ),
    payments: z.array(paymentShown),
    refunds: z.array(refundShown),
    atWork: z
      .array(z.strictObject({ refund: text, by: textOrNull, terminal: textOrNull, since: time }))
      .describe('Refunds under way, and who has them on their till'),
  })
  .meta({ id: 'Sale' })
export type SaleShown = z.infer<typeof saleShown>

export const salesShown = z.strictObject({
  sales: z.array(saleShown),
  refund: textOrNull.describe('The refund whose number was scanned'),
  next: textOrNull.describe('The cursor of the next page'),
})

export const eventShown = z
  .strictObject({
    seq: z.int(),
    type: text.describe('refund.… or payment.…'),
    at: time,
    by: z.strictObject({
      store: textOrNull,
      terminal: textOrNull,
      staff: textOrNull,
      staffWay: z.enum(['key', 'pin']).nullable().describe('How they signed in'),
      second: textOrNull,
      secondWay: z.enum(WAYS).nullable().describe('How they confirmed'),
    }),
    facts: z.record(z.string(), z.unknown()),
    hash: text,
    prev: textOrNull,
  })
  .meta({ id: 'Event' })
export type EventShown = z.infer<typeof eventShown>
export const eventPage = z.strictObject({
  events: z.array(eventShown),
  next: z.int().describe('Where to go on from'),
})

export const callPage = z.strictObject({
  calls: z.array(
    z.strictObject({
      id: z.int(),
      attempt: z.int().nullable(),
      act: text,
      method: text,
      url: text,
      requestBody: text,
      status: z.int().nullable(),
      responseBody: textOrNull,
      verified: text,
      error: textOrNull,
      at: time,
      tookMs: z.int(),
    }),
  ),
  next: z.int(),
})

export const incidentPage = z.strictObject({
  incidents: z.array(
    z.strictObject({
      id: z.int(),
      kind: text,
      payment: textOrNull,
      refund: textOrNull,
      account: textOrNull,
      detail: z.unknown(),
      at: time,
      closedAt: timeOrNull,
      closedBy: textOrNull,
    }),
  ),
  next: textOrNull,
})
