/** People at the till over the wire; the conventions are those of `contract.ts`. */
import { z } from 'zod'
import { PIN_FORMAT } from '../domain/pin.ts'
import { amount, fenShown, text, textOrNull, time } from './contract.ts'

const NAME_MAX = 32
const CODE_TYPED_MAX = 40

const name = z.string().min(1).max(NAME_MAX)
const pin = z.string().regex(PIN_FORMAT).describe('4 to 8 digits')

export const enrolmentGiven = z.strictObject({ terminal: name })
export const enrolmentShown = z.strictObject({
  code: text.describe('For POST /v1/enrol, once: <tenant>-XXXX-XXXX'),
  expiresAt: time,
})
export const enrolGiven = z.strictObject({
  code: z.string().min(1).max(CODE_TYPED_MAX).describe('As typed or scanned'),
})
export const enrolled = z.strictObject({
  terminal: text,
  key: text.describe('Shown once; earlier keys of the terminal no longer work'),
})

const role = z.enum(['cashier', 'supervisor', 'owner'])
const limit = fenShown.nullable().describe('fen; null: no limit')
const personShown = z.strictObject({ no: text, name: text, role })
const staffShown = z
  .strictObject({
    no: text,
    name: text,
    role,
    rights: z.strictObject({
      mayRefund: z.boolean(),
      perRefundFen: limit,
      perDayFen: limit,
      otherStore: z.boolean(),
      earlierDay: z.boolean(),
      otherCashier: z.boolean(),
    }),
  })
  .meta({ id: 'Staff' })
export type StaffShown = z.infer<typeof staffShown>

export const tillShown = z
  .strictObject({
    merchant: z.strictObject({ name: text, phone: text }),
    store: z.strictObject({ no: text, name: text, address: text, phone: text }),
    terminal: z.strictObject({ no: text, name: text, hasPrinter: z.boolean() }),
    staff: staffShown.nullable().describe('Who is signed in'),
    people: z.array(personShown).describe('Who may sign in here by PIN'),
    sandbox: z.boolean().describe('The default account moves no real money'),
    time,
    publicUrl: textOrNull,
  })
  .meta({ id: 'Till' })

const named = { no: text, name: text, store: textOrNull.describe('null: of all stores') }
export const directoryShown = z
  .strictObject({
    stores: z.array(z.strictObject({ no: text, name: text })),
    terminals: z.array(z.strictObject({ ...named, store: text })),
    staff: z.array(
      z.strictObject({ ...named, role, left: z.boolean().describe('Acts here no longer') }),
    ),
  })
  .meta({ id: 'Directory' })
export type DirectoryShown = z.infer<typeof directoryShown>

export const sessionGiven = z.strictObject({ staff: name, pin })
export const sessionShown = z.strictObject({
  token: text.describe('For Yuanlu-Staff, beside the key of this terminal'),
  staff: staffShown,
  expiresAt: time,
})
export const pinGiven = z.strictObject({ pin, newPin: pin })

const claim = z.strictObject({
  act: z.literal('refund'),
  payment: name,
  amount: amount.positive().describe('fen: what is asked for, before a kept fee'),
  method: z.enum(['original', 'cash']),
})
const secondFor = z.union([
  claim,
  z.strictObject({ act: z.enum(['cash_not_paid', 'cash_instead', 'stop', 'close']), refund: name }),
])
export type SecondForGiven = z.infer<typeof secondFor>

export const secondGiven = z.union([
  z.strictObject({ for: secondFor, staff: name, pin }),
  z.strictObject({ for: secondFor, code: z.string().regex(/^\d{8}$/) }),
])
export const secondShown = z.strictObject({
  token: text.describe(
    'For Yuanlu-Second, with exactly this act of this person at this terminal, once',
  ),
  staff: z.strictObject({ no: text, name: text }),
  expiresAt: time,
})

export const approvalCodeGiven = z.strictObject({ for: claim })
export const approvalCodeShown = z.strictObject({
  code: text.describe('8 digits, to be read to the colleague; good once'),
  expiresAt: time,
})
