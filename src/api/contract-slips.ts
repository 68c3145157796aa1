/** Slips over the wire: drawn, printed, checked; the conventions are those of `contract.ts`. */
import { z } from 'zod'
import { SHOWN_WORDS } from '../domain/shown.ts'
import { SLIP_ANSWERS, SLIP_DIFFERENCES } from '../domain/slip-check.ts'
import { SLIP_COPIES } from '../domain/slip.ts'
import { amount, fenShown, text, textOrNull, time } from './contract.ts'

const paper = z.enum(['58mm', '80mm'])
/** Of any slip; the papers of the shop for itself have no copies. */
export const paperQuery = z.strictObject({
  paper: paper.default('58mm'),
  format: z.enum(['svg', 'escpos', 'json']).default('svg'),
})
export const paperGiven = z.strictObject({ paper })
export const slipQuery = z.strictObject({
  copy: z.enum(SLIP_COPIES).default('customer'),
  ...paperQuery.shape,
})
export const printGiven = z.strictObject({ copy: z.enum(SLIP_COPIES), ...paperGiven.shape })
export const printedShown = z.strictObject({
  result: z.enum([
    'printed',
    'no_paper',
    'bad_address',
    'unreachable',
    'interrupted',
    'busy',
    'no_printer',
  ]),
  confirmed: z.boolean().describe('The printer itself said so'),
  reprint: z.int().describe('0 for the first print'),
})

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
