// Acts that no client of a channel can do: those of customers, of the merchant's own hands, of time.
// Tests call them directly; the control routes and the wallet page call the same ones over HTTP.
import { z } from 'zod'
import type { Settings } from './settings.ts'
import { changeSettings } from './settings.ts'
import {
  couponSchema,
  type Customer,
  type Customers,
  type NewCustomer,
} from './wallet/customers.ts'
import { move } from './wechatpay/funds.ts'
import type { Order, Refund, Scope } from './wechatpay/ledger.ts'
import { expire } from './wechatpay/orders.ts'
import { bookPayment, completePayment } from './wechatpay/payments.ts'
import { payWaiting } from './wechatpay/refund-life.ts'
import { isPaid, refundInPortal } from './wechatpay/refunds.ts'
import type { World } from './world.ts'

export const orderRefSchema = z.strictObject({
  mchid: z.string(),
  subMchid: z.string().nullable().optional(),
  outTradeNo: z.string().optional(),
  transactionId: z.string().optional(),
})
export type OrderRef = z.infer<typeof orderRefSchema>

export const portalRefundSchema = orderRefSchema.extend({ amount: z.int().positive() })

export const paidOrderSchema = z.strictObject({
  mchid: z.string(),
  subMchid: z.string().nullable().optional(),
  outTradeNo: z.string().min(6).max(32),
  /** Fen. */
  total: z.int().positive(),
  /** Business time, ms; now when left out. */
  paidAt: z.number().optional(),
  customerId: z.string().optional(),
  coupons: z.array(couponSchema).optional(),
  tradeType: z.enum(['MICROPAY', 'NATIVE', 'JSAPI']).optional(),
  description: z.string().optional(),
})
export type PaidOrder = z.infer<typeof paidOrderSchema>

export type PayResult =
  | { readonly kind: 'paid'; readonly order: Order }
  | { readonly kind: 'password_wanted'; readonly order: Order }
  | {
      readonly kind: 'refused'
      readonly reason: 'unknown_code' | 'not_payable' | 'wrong_password' | 'short_of_money'
    }

export type Helpers = {
  readonly createCustomer: (input?: NewCustomer) => Customer
  readonly customerIds: () => readonly string[]
  readonly customer: (id: string) => Customer | undefined
  readonly changeCustomer: Customers['change']
  /** 18 digits for one payment. */
  readonly paymentCode: (customer: string | Pick<Customer, 'id'>) => string
  /** The customer scans a code_url (or is handed a prepay_id) and pays. */
  readonly scanAndPay: (
    codeUrl: string,
    customer: string | Pick<Customer, 'id'>,
    password?: string,
  ) => PayResult
  /** The customer types the password (right unless given) for an order that waits for it. */
  readonly enterPassword: (outTradeNo: string, scope: Scope, password?: string) => PayResult
  /** The customer walks away from the password: the order becomes PAYERROR. */
  readonly cancelPayment: (outTradeNo: string, scope: Scope) => boolean
  readonly setBalance: (mchid: string, fen: number) => void
  /** Adds to a merchant's funds; refunds that waited for them go on. */
  readonly topUp: (mchid: string, fen: number) => void
  readonly balance: (mchid: string) => number
  /** A refund made by hand in the merchant platform. Throws when the channel would refuse it. */
  readonly portalRefund: (input: OrderRef & { readonly amount: number }) => Refund
  /** Books a paid order that no client of ours took. */
  readonly paidOrder: (input: PaidOrder) => Order
  readonly findOrder: (ref: OrderRef) => Order | undefined
  readonly refundsOf: (order: Order) => readonly Refund[]
  readonly change: (settings: Partial<Settings>) => void
  /** Moves business time and runs everything that became due. */
  readonly advance: (ms: number) => Promise<void>
  /** Runs everything due now, notifications included. */
  readonly settle: () => Promise<void>
  /** Waits in real time until `check` is truthy. */
  readonly waitFor: <T>(check: () => T | undefined | null | false, timeoutMs?: number) => Promise<T>
}

const idOf = (customer: string | Pick<Customer, 'id'>) =>
  typeof customer === 'string' ? customer : customer.id

const POLL_MS = 10
const WAIT_MS = 5_000

const waitFor = async <T>(
  check: () => T | undefined | null | false,
  timeoutMs = WAIT_MS,
): Promise<T> => {
  const until = Date.now() + timeoutMs
  for (;;) {
    const found = check()
    if (found) return found
    if (Date.now() > until) throw new Error(`nothing after ${timeoutMs} ms: ${check.toString()}`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

const pay = (world: World, order: Order, customer: Customer): PayResult =>
  completePayment(world, order, customer, world.clock.now())
    ? { kind: 'paid', order }
    : { kind: 'refused', reason: 'short_of_money' }

const scanAndPay = (
  world: World,
  codeUrl: string,
  customerId: string,
  password: string | undefined,
): PayResult => {
  const order = world.ledger.orderByHandle(codeUrl)
  const customer = world.customers.get(customerId)
  if (order === undefined || customer === undefined)
    return { kind: 'refused', reason: 'unknown_code' }
  expire(world, order)
  if (order.state !== 'NOTPAY') return { kind: 'refused', reason: 'not_payable' }
  const wanted = customer.passwordAbove !== null && order.total > customer.passwordAbove
  if (wanted && password === undefined) return { kind: 'password_wanted', order }
  if (password !== undefined && password !== customer.password) {
    return { kind: 'refused', reason: 'wrong_password' }
  }
  return pay(world, order, customer)
}

const waitingOrder = (world: World, outTradeNo: string, scope: Scope) => {
  const order = world.ledger.order(scope, outTradeNo)
  return order?.state === 'USERPAYING' ? order : undefined
}

const enterPassword = (
  world: World,
  outTradeNo: string,
  scope: Scope,
  password: string | undefined,
): PayResult => {
  const order = waitingOrder(world, outTradeNo, scope)
  const customer = world.customers.get(order?.customerId ?? '')
  if (order === undefined || customer === undefined)
    return { kind: 'refused', reason: 'not_payable' }
  if (password !== undefined && password !== customer.password) {
    return { kind: 'refused', reason: 'wrong_password' }
  }
  const result = pay(world, order, customer)
  if (result.kind === 'refused') endWaiting(world, order)
  return result
}

const endWaiting = (world: World, order: Order) => {
  order.state = 'PAYERROR'
  order.endedAt = world.clock.now()
  world.ledger.saveOrder(order)
}

const bookPaidOrder = (world: World, input: PaidOrder): Order => {
  const given = paidOrderSchema.parse(input)
  const account = world.accounts.get(given.mchid)
  if (account === undefined) throw new RangeError(`no merchant ${given.mchid}`)
  const scope = { mchid: given.mchid, subMchid: given.subMchid ?? account.subMchids[0] ?? null }
  if (world.ledger.order(scope, given.outTradeNo)) {
    throw new RangeError(`order ${given.outTradeNo} exists already`)
  }
  const at = given.paidAt ?? world.clock.now()
  const order: Order = {
    ...scope,
    appid: account.appid,
    subAppid: null,
    outTradeNo: given.outTradeNo,
    transactionId: world.ledger.newTransactionId(),
    tradeType: given.tradeType ?? 'MICROPAY',
    description: given.description ?? '餐饮消费',
    attach: '',
    total: given.total,
    notifyUrl: null,
    codeUrl: null,
    prepayId: null,
    fingerprint: '',
    deviceId: '',
    createdAt: at,
    expiresAt: null,
    state: 'SUCCESS',
    customerId: given.customerId ?? null,
    paidAt: null,
    endedAt: null,
    bankType: 'OTHERS',
    payerAccount: '支付用户零钱',
    toCard: false,
    promotions: (given.coupons ?? []).map(({ amount, type, name }) => ({
      id: world.random.digits(10),
      name: name ?? '优惠券',
      amount,
      type,
    })),
    refunded: 0,
    refundedPromotion: 0,
    refundedFee: 0,
    refundCount: 0,
    lastRefundAt: null,
    fee: 0,
    feeBasisPoints: account.feeBasisPoints,
  }
  world.ledger.addOrder(order)
  bookPayment(world, order, at, 'given')
  return order
}

const findOrder = (world: World, ref: OrderRef): Order | undefined => {
  if (ref.transactionId !== undefined) {
    const order = world.ledger.orderById(ref.transactionId)
    return order?.mchid === ref.mchid ? order : undefined
  }
  const subs = world.accounts.get(ref.mchid)?.subMchids ?? []
  const scopes = ref.subMchid === undefined ? [null, ...subs] : [ref.subMchid]
  return scopes
    .map((subMchid) => world.ledger.order({ mchid: ref.mchid, subMchid }, ref.outTradeNo ?? ''))
    .find((order) => order !== undefined)
}

const topUp = (world: World, mchid: string, amount: number) => {
  const partner = world.accounts.list().find((account) => account.subMchids.includes(mchid))
  const scope =
    partner === undefined ? { mchid, subMchid: null } : { mchid: partner.mchid, subMchid: mchid }
  const number = world.ledger.newTransactionId()
  move(world, {
    at: world.clock.now(),
    scope,
    businessNo: number,
    name: '充值',
    type: '充值',
    amount,
    note: '',
    voucher: number,
    by: mchid,
  })
  payWaiting(world, mchid)
}

export const createHelpers = (world: World): Helpers => ({
  createCustomer: world.customers.create,
  customerIds: () => world.customers.list().map((customer) => customer.id),
  customer: world.customers.get,
  changeCustomer: world.customers.change,
  paymentCode: (customer) => world.customers.paymentCode(idOf(customer)).code,
  scanAndPay: (codeUrl, customer, password) => scanAndPay(world, codeUrl, idOf(customer), password),
  enterPassword: (outTradeNo, scope, password) => enterPassword(world, outTradeNo, scope, password),
  cancelPayment: (outTradeNo, scope) => {
    const order = waitingOrder(world, outTradeNo, scope)
    if (order !== undefined) endWaiting(world, order)
    return order !== undefined
  },
  setBalance: (mchid, fen) => {
    world.accounts.setFunds(mchid, fen)
    payWaiting(world, mchid)
  },
  topUp: (mchid, fen) => topUp(world, mchid, fen),
  balance: world.accounts.funds,
  portalRefund: ({ amount, ...ref }) => {
    const order = findOrder(world, ref)
    if (order === undefined || !isPaid(order)) throw new RangeError('no such paid order')
    return refundInPortal(world, order, amount)
  },
  paidOrder: (input) => bookPaidOrder(world, input),
  findOrder: (ref) => findOrder(world, ref),
  refundsOf: world.ledger.refundsOf,
  change: (settings) => changeSettings(world.settings, settings),
  advance: world.clock.advance,
  settle: world.clock.settle,
  waitFor,
})
