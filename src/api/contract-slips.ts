/** Slips over the wire: drawn, printed, checked; the conventions are those of `contract.ts`. */
import { z } from 'zod'
import { SHOWN_WORDS } from '../domain/shown.ts'
import { SLIP_ANSWERS, SLIP_DIFFERENCES } from '../domain/slip-check.ts'
import {
  PENDING_STATES,
  REQUEST_STATES,
  SLIP_CHANNELS,
  SLIP_COPIES,
  SLIP_KINDS,
} from '../domain/slip.ts'
import { ARRIVAL_TEXTS } from '../domain/capabilities.ts'
import { amount, currency, fenShown, text, textOrNull, time, timeOrNull } from './contract.ts'

const paper = z.enum(['58mm', '80mm'])
/** Of any slip; the papers of the shop for itself have no copies. */
export const paperQuery = z.strictObject({
  paper: paper.default('58mm'),
  format: z.enum(['svg', 'escpos', 'json']).default('svg'),
})
/** `printer`: the terminal's own one on the network. The other two are the caller's, who gets what to put on paper. */
const by = z.enum(['printer', 'device', 'browser'])
export const paperGiven = z.strictObject({
  paper,
  by: by.default('printer').describe('Whose printer; a print by the caller is counted just so'),
})
export const slipQuery = z.strictObject({
  copy: z.enum(SLIP_COPIES).default('customer'),
  ...paperQuery.shape,
})
export const printGiven = z.strictObject({ copy: z.enum(SLIP_COPIES), ...paperGiven.shape })

const slipState = z.enum(['paid', 'succeeded', ...PENDING_STATES, ...REQUEST_STATES])

export const storeOnSlip = z.strictObject({
  name: text,
  address: textOrNull,
  phone: textOrNull,
})

/** What stands on the paper, for a till that draws it itself. */
export const slipShown = z
  .strictObject({
    kind: z.enum(SLIP_KINDS),
    copy: z.enum(SLIP_COPIES),
    state: slipState,
    store: storeOnSlip,
    terminal: text,
    cashier: text,
    orderNo: text,
    channel: z.enum(SLIP_CHANNELS),
    paidAt: time,
    lines: z
      .array(z.strictObject({ name: text, quantity: z.int(), amount: fenShown }))
      .describe('What was sold, or what goes back'),
    amounts: z
      .strictObject({
        order: fenShown,
        discount: fenShown,
        paid: fenShown,
        refunded: fenShown.describe('By every refund so far'),
      })
      .describe('Of the whole payment'),
    currency,
    refund: z
      .strictObject({
        refundNo: text,
        amount: fenShown.describe('fen that go back'),
        feeKept: fenShown,
        payerAmount: fenShown.nullable().describe('fen the customer got'),
        payer: textOrNull.describe('Masked'),
        destination: textOrNull.describe("The channel's own words"),
        arrival: z.enum(ARRIVAL_TEXTS),
        reason: text.describe("In the reader's language"),
        requestedAt: timeOrNull.describe('Null once it is paid back'),
        refundedAt: timeOrNull,
      })
      .nullable()
      .describe('Null on the receipt of a sale'),
    reprint: z.int().describe('0 for the first print'),
    sandbox: z.boolean(),
    training: z.boolean(),
    printedAt: time,
    verification: text.describe('The check code (查验码)'),
    barcode: textOrNull.describe('Digits of the Code128'),
    qr: z.strictObject({ for: z.enum(['customer_page', 'till']), data: text }).nullable(),
  })
  .meta({ id: 'Slip' })
export type SlipShown = z.infer<typeof slipShown>

/** By `format`; `facts`: what stands on it, as json. */
export const drawnAs = <Facts extends z.ZodType>(facts: Facts) => ({
  description: 'The slip',
  content: {
    'image/svg+xml': { schema: z.string() },
    'application/octet-stream': { schema: z.unknown().describe('ESC/POS bytes') },
    'application/json': { schema: facts },
  },
})

export const printedShown = z.strictObject({
  result: z.enum([
    'printed',
    'no_paper',
    'bad_address',
    'unreachable',
    'interrupted',
    'busy',
    'no_printer',
    'handed_over',
  ]),
  confirmed: z.boolean().describe('The printer itself said so'),
  reprint: z.int().describe('0 for the first print'),
  escpos: textOrNull.describe('base64, by `device`'),
  svg: textOrNull.describe('By `browser`'),
})
export type PrintedShown = z.infer<typeof printedShown>

/** An address of a customer's page and what stands behind it. */
const SCANNED_MAX = 400
const TYPED_MAX = 40

export const slipCheckGiven = z.strictObject({
  code: z.string().min(1).max(SCANNED_MAX).describe('Scanned from the slip, or its number typed'),
  check: z
    .string()
    .min(1)
    .max(TYPED_MAX)
    .optional()
    .describe('The check code (查验码) as printed, when it was not in the scanned square'),
  amount: amount.optional().describe('fen: the large amount as it stands on the paper'),
})

export const slipChecked = z.strictObject({
  answer: z
    .enum(SLIP_ANSWERS)
    .describe(
      'match: its code vouches for it and the books agree. unproven: no check code was given.',
    ),
  differs: z.array(z.enum(SLIP_DIFFERENCES)),
  says: text.describe('The answer as a sentence'),
  claim: z
    .strictObject({
      copy: z.enum(SLIP_COPIES),
      state: text,
      amount: fenShown,
      printedAt: time,
    })
    .nullable()
    .describe('What the code vouches for: the paper has to say exactly this'),
  live: z
    .strictObject({
      sale: text,
      refund: textOrNull,
      shows: z.enum([...SHOWN_WORDS, 'paid', 'unpaid']),
      amount: fenShown,
    })
    .nullable()
    .describe('How it stands now; null when no slip of ours has this number'),
})
export type SlipChecked = z.infer<typeof slipChecked>
