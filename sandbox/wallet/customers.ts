// People who pay in the sandbox: their balance, cards, coupons and the codes on their phones.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Clock } from '../clock.ts'
import type { Journal } from '../journal.ts'
import type { Random } from '../random.ts'
import type { Settings } from '../settings.ts'

export const couponSchema = z.strictObject({
  /** Fen it takes off. */
  amount: z.int().positive(),
  /** COUPON is paid for by someone and settles to the merchant; DISCOUNT is the merchant's own. */
  type: z.enum(['COUPON', 'DISCOUNT']),
  name: z.string().optional(),
})
export type Coupon = z.infer<typeof couponSchema>

export const newCustomerSchema = z.strictObject({
  name: z.string().min(1).max(30).optional(),
  /** Fen in the balance (零钱). */
  balance: z.int().nonnegative().optional(),
  card: z
    .strictObject({
      bank: z.string().min(1),
      bankType: z.string().min(1),
      last4: z.string().regex(/^\d{4}$/),
      kind: z.enum(['储蓄卡', '信用卡']),
    })
    .optional(),
  payWith: z.enum(['balance', 'card']).optional(),
  /** Payments above this many fen ask for the password; 0 always, null never. */
  passwordAbove: z.int().nonnegative().nullable().optional(),
  /** Used up together on the next payment that is larger than all of them. */
  coupons: z.array(couponSchema).optional(),
})
export type NewCustomer = z.infer<typeof newCustomerSchema>

export type Card = NonNullable<NewCustomer['card']>
export type Customer = {
  readonly id: string
  readonly name: string
  readonly balance: number
  readonly card: Card
  readonly payWith: 'balance' | 'card'
  readonly passwordAbove: number | null
  readonly coupons: readonly Coupon[]
  /** Six digits; anything else typed is refused. */
  readonly password: string
}

export type CodeLookup =
  | { readonly kind: 'valid'; readonly customer: Customer }
  | { readonly kind: 'expired' }
  | { readonly kind: 'unknown' }

export type Customers = {
  readonly list: () => readonly Customer[]
  readonly get: (id: string) => Customer | undefined
  readonly create: (input?: NewCustomer) => Customer
  readonly change: (id: string, changes: Partial<Omit<Customer, 'id'>>) => Customer
  /** 18 digits, prefix 10–15, for one payment, short-lived (business time). */
  readonly paymentCode: (id: string) => { readonly code: string; readonly expiresAt: number }
  /** Whether a code has been shown and not been used up or lapsed since. */
  readonly isOpen: (code: string) => boolean
  /** Uses the code up when it is valid. */
  readonly redeemCode: (code: string) => CodeLookup
}

/** Above a thousand yuan the password is always asked for. */
const PASSWORD_ABOVE = 100_000

/** The same person looks different to each app. */
export const openidOf = (customerId: string, appid: string): string =>
  `o${createHash('sha256').update(`${appid}|${customerId}`).digest('base64url').slice(0, 27)}`

export const accountText = ({ payWith, card }: Customer): string =>
  payWith === 'balance'
    ? '支付用户零钱'
    : `${card.bank}${card.kind === '信用卡' ? '信用卡' : '借记卡'}${card.last4}`

export const createCustomers = (
  journal: Journal,
  clock: Clock,
  random: Random,
  settings: Settings,
): Customers => {
  const customers = new Map<string, Customer>()
  const codes = new Map<string, { customerId: string; expiresAt: number }>()
  for (const customer of journal.load<Customer>('customer')) customers.set(customer.id, customer)

  const save = (customer: Customer) => {
    customers.set(customer.id, customer)
    journal.put('customer', customer.id, customer)
    return customer
  }
  const freshCode = (): string => {
    const code = `1${Math.floor(random.next() * 6)}${random.digits(16)}`
    return codes.has(code) ? freshCode() : code
  }
  return {
    list: () => [...customers.values()],
    get: (id) => customers.get(id),
    create: (given = {}) => {
      const input = newCustomerSchema.parse(given)
      const number = customers.size + 1
      return save({
        id: `c${number}`,
        name: input.name ?? `顾客${number}`,
        balance: input.balance ?? 1_000_000,
        card: input.card ?? {
          bank: '招商银行',
          bankType: 'CMB_DEBIT',
          kind: '储蓄卡',
          last4: random.digits(4),
        },
        payWith: input.payWith ?? 'balance',
        passwordAbove: input.passwordAbove === undefined ? PASSWORD_ABOVE : input.passwordAbove,
        coupons: input.coupons ?? [],
        password: '123456',
      })
    },
    change: (id, changes) => {
      const customer = customers.get(id)
      if (customer === undefined) throw new RangeError(`no customer ${id}`)
      return save({ ...customer, ...changes })
    },
    paymentCode: (id) => {
      if (!customers.has(id)) throw new RangeError(`no customer ${id}`)
      const code = freshCode()
      const expiresAt = clock.now() + settings.paymentCodeLifeMs
      codes.set(code, { customerId: id, expiresAt })
      return { code, expiresAt }
    },
    isOpen: (code) => clock.now() <= (codes.get(code)?.expiresAt ?? -Infinity),
    redeemCode: (code) => {
      const found = codes.get(code)
      if (found === undefined) return { kind: 'unknown' }
      codes.delete(code)
      const customer = customers.get(found.customerId)
      if (customer === undefined) return { kind: 'unknown' }
      return clock.now() > found.expiresAt ? { kind: 'expired' } : { kind: 'valid', customer }
    },
  }
}
