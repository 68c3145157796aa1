/** The file that `yuanlu shop` sets a merchant up from. People write it by hand; docs/shop.md describes it. */
import { z } from 'zod'
import { CHANNEL_IDS } from '../channels/index.ts'
import type { ShopInput } from '../commands/set-up-shop.ts'
import { ACQUIRER_FEES } from '../domain/capabilities.ts'
import { fen } from '../domain/money.ts'
import { isEasyPin, PIN_FORMAT } from '../domain/pin.ts'
import { readPrinterAddress } from '../notify/printer.ts'

/** One line a fault: the place in the file and what is wrong there. Never a value: the file holds secrets. */
export class ShopFileError extends Error {
  constructor(faults: readonly string[]) {
    super(`the shop file is not usable:\n${faults.map((fault) => `  ${fault}`).join('\n')}`)
    this.name = 'ShopFileError'
  }
}

/** Throws ShopFileError with every fault. */
export function readShopFile(text: string): ShopInput {
  const parsed = shopFile.safeParse(jsonOf(text))
  if (parsed.success) return parsed.data
  throw new ShopFileError(
    parsed.error.issues.map(({ path, message }) => [path.join('.'), message].join(' ').trim()),
  )
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    // The rest of the parser's message may quote the file.
    const place = / at position .*$/.exec((error as Error).message)?.[0] ?? ''
    throw new ShopFileError([
      `it is not JSON${place}; a key in PEM stands on one line, its line ends written as \\n`,
    ])
  }
}

const text = z.string().min(1).max(100)
/** As the log tells it and channels take it. */
const number = z
  .string()
  .regex(
    /^[A-Za-z0-9_-]{1,32}$/,
    'takes 1 to 32 letters, digits, _ and -; its name may be anything',
  )
const accountNumber = z
  .string()
  .regex(/^[a-z0-9-]{1,32}$/, 'takes 1 to 32 small letters, digits and -')
const printer = z.string().refine((address) => readPrinterAddress(address) !== null, {
  error: 'is not the address of a printer; set it like tcp://192.168.1.50:9100, or null',
})

const limitFen = z.int().nonnegative().max(10_000_000_000).transform(fen).nullable()
/** Left out: as the role has it. */
const rightsOfOne = z.strictObject({
  mayRefund: z.boolean().exactOptional(),
  perRefundFen: limitFen.exactOptional(),
  perDayFen: limitFen.exactOptional(),
  otherStore: z.boolean().exactOptional(),
  earlierDay: z.boolean().exactOptional(),
  otherCashier: z.boolean().exactOptional(),
})

const shopFile = z
  .strictObject({
    tenant: z.int().min(1).max(999_999),
    name: text,
    phone: z.string().max(40),
    stores: z
      .array(z.strictObject({ no: number, name: text, address: z.string(), phone: z.string() }))
      .min(1),
    terminals: z.array(
      z.strictObject({ no: number, store: number, name: text, printer: printer.nullable() }),
    ),
    staff: z
      .array(
        z.strictObject({
          no: number,
          store: number.nullable(),
          name: text,
          role: z.enum(['cashier', 'supervisor', 'owner']),
          pin: z
            .string()
            .regex(PIN_FORMAT, 'has 4 to 8 digits')
            .refine((digits) => !isEasyPin(digits), 'is too easy to guess')
            .exactOptional(),
          rights: rightsOfOne.exactOptional(),
        }),
      )
      .min(1),
    accounts: z.array(
      z.strictObject({
        no: accountNumber,
        channel: z.enum(CHANNEL_IDS),
        settings: z.record(z.string(), z.json()),
        secrets: z.record(z.string(), z.string()),
        contract: z.strictObject({
          windowDays: z.int().positive().nullable(),
          countMax: z.int().positive().nullable(),
          acquirerFee: z.enum(ACQUIRER_FEES).nullable().default(null),
          hotline: z
            .string()
            .regex(/^\+?[\d -]{3,20}$/)
            .nullable()
            .default(null),
        }),
      }),
    ),
  })
  .superRefine((shop, context) => {
    const stores = new Set(shop.stores.map(({ no }) => no))
    for (const list of ['stores', 'terminals', 'staff', 'accounts'] as const) {
      const seen = new Set<string>()
      for (const [place, each] of shop[list].entries()) {
        const fault = (field: string, message: string) =>
          context.addIssue({ code: 'custom', path: [list, place, field], message })
        if (seen.has(each.no)) fault('no', 'stands there twice')
        seen.add(each.no)
        const unknown = 'store' in each && each.store !== null && !stores.has(each.store)
        if (unknown) fault('store', 'is none of the stores')
      }
    }
  })
