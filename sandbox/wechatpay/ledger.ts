// Orders, refunds and fund movements of WeChat Pay, with an index for each way they are asked for:
// a benchmark keeps hundreds of thousands of them, so nothing here walks a list.
import { chinaDate, type Clock } from '../clock.ts'
import type { Journal } from '../journal.ts'
import { must } from '../must.ts'
import type { Random } from '../random.ts'

export type Promotion = {
  readonly id: string
  readonly name: string
  readonly amount: number
  readonly type: 'COUPON' | 'DISCOUNT'
}

export type OrderState =
  'NOTPAY' | 'USERPAYING' | 'SUCCESS' | 'REFUND' | 'REVOKED' | 'CLOSED' | 'PAYERROR'

export type Order = {
  readonly mchid: string
  readonly subMchid: string | null
  readonly appid: string
  readonly subAppid: string | null
  readonly outTradeNo: string
  readonly transactionId: string
  readonly tradeType: 'MICROPAY' | 'NATIVE' | 'JSAPI'
  readonly description: string
  readonly attach: string
  /** Fen. */
  readonly total: number
  readonly notifyUrl: string | null
  readonly codeUrl: string | null
  readonly prepayId: string | null
  /** Canonical request, to tell a repeat from another order under the same number. */
  readonly fingerprint: string
  readonly deviceId: string
  readonly createdAt: number
  readonly expiresAt: number | null
  state: OrderState
  customerId: string | null
  paidAt: number | null
  endedAt: number | null
  bankType: string
  /** Where refunds land, as customers read it. */
  payerAccount: string
  toCard: boolean
  promotions: readonly Promotion[]
  /** Σ of refunds that are not closed, fen; the parts of it that coupons bear. */
  refunded: number
  refundedPromotion: number
  refundedFee: number
  refundCount: number
  lastRefundAt: number | null
  /** Commission taken when it was paid, fen. */
  fee: number
  feeBasisPoints: number
}

export type RefundState = 'PROCESSING' | 'SUCCESS' | 'CLOSED' | 'ABNORMAL'

export type RefundPromotion = Promotion & { readonly refundAmount: number }

export type Refund = {
  readonly mchid: string
  readonly subMchid: string | null
  readonly outRefundNo: string
  readonly refundId: string
  readonly outTradeNo: string
  readonly transactionId: string
  readonly amount: number
  readonly total: number
  readonly payerTotal: number
  readonly payerRefund: number
  readonly settlementTotal: number
  readonly settlementRefund: number
  readonly promotions: readonly RefundPromotion[]
  /** Commission given back, fen. */
  readonly fee: number
  readonly fingerprint: string
  readonly notifyUrl: string | null
  readonly reason: string
  readonly createdAt: number
  readonly source: 'api' | 'portal'
  readonly fate: 'arrive' | 'abnormal' | 'closed' | 'returned_to_merchant'
  state: RefundState
  /** False while an accepted refund waits for the merchant's funds. */
  funded: boolean
  channel: 'ORIGINAL' | 'BALANCE' | 'OTHER_BALANCE' | 'OTHER_BANKCARD'
  account: string
  fundsAccount: 'UNSETTLED' | 'AVAILABLE'
  endedAt: number | null
  abnormalAt: number | null
  /** When the next thing happens to it by itself, business time. */
  dueAt: number | null
  remedy: 'USER_BANK_CARD' | 'MERCHANT_BANK_CARD' | null
}

export type FundRow = {
  readonly at: number
  readonly owner: string
  readonly businessNo: string
  readonly flowNo: string
  readonly name: string
  readonly type: string
  /** Signed fen. */
  readonly amount: number
  readonly balance: number
  readonly by: string
  readonly note: string
  readonly voucher: string
}

export type Reversal = {
  readonly at: number
  readonly refundId: string
  readonly mchid: string
  readonly subMchid: string | null
  readonly outTradeNo: string
}

/** What one China calendar day of one merchant holds, for its bills. */
export type Day = { orders: Order[]; refunds: Set<Refund>; reversals: Reversal[]; funds: FundRow[] }

export type Scope = { readonly mchid: string; readonly subMchid: string | null }

/** The merchant whose money it is. */
export const ownerOf = ({ mchid, subMchid }: Scope): string => subMchid ?? mchid

const keyOf = (scope: Scope, number: string) => `${scope.mchid}|${scope.subMchid ?? ''}|${number}`

export const createLedger = (journal: Journal, clock: Clock, random: Random) => {
  const orders = new Map<string, Order>()
  const ordersById = new Map<string, Order>()
  const ordersByPrepay = new Map<string, Order>()
  const refunds = new Map<string, Refund>()
  const refundsById = new Map<string, Refund>()
  const refundsOfOrder = new Map<Order, Refund[]>()
  const refundsOfCustomer = new Map<string, Refund[]>()
  const shownCodes = new Set<Order>()
  const ordersOfCustomer = new Map<string, Order[]>()
  const atPassword = new Map<string, Set<Order>>()
  const waitingForFunds = new Map<string, Set<Refund>>()
  const days = new Map<string, Day>()

  const dayOf = (owner: string, at: number): Day => {
    const key = `${owner}|${chinaDate(at)}`
    const known = days.get(key)
    if (known !== undefined) return known
    const fresh: Day = { orders: [], refunds: new Set(), reversals: [], funds: [] }
    days.set(key, fresh)
    return fresh
  }
  const push = <K, V>(lists: Map<K, V[]>, key: K, value: V) => {
    const list = lists.get(key)
    if (list === undefined) lists.set(key, [value])
    else list.push(value)
  }
  const indexOrder = (order: Order) => {
    orders.set(keyOf(order, order.outTradeNo), order)
    ordersById.set(order.transactionId, order)
    const handle = order.codeUrl ?? order.prepayId
    if (handle !== null) ordersByPrepay.set(handle, order)
  }
  const indexPaid = (order: Order) => {
    if (order.paidAt === null) return
    dayOf(ownerOf(order), order.paidAt).orders.push(order)
    if (order.customerId !== null) push(ordersOfCustomer, order.customerId, order)
  }
  const indexRefund = (refund: Refund, order: Order) => {
    refunds.set(keyOf(refund, refund.outRefundNo), refund)
    refundsById.set(refund.refundId, refund)
    push(refundsOfOrder, order, refund)
    if (order.customerId !== null) push(refundsOfCustomer, order.customerId, refund)
    dayOf(ownerOf(refund), refund.createdAt).refunds.add(refund)
  }
  const indexEnd = (refund: Refund) => {
    if (refund.endedAt !== null) dayOf(ownerOf(refund), refund.endedAt).refunds.add(refund)
  }
  const indexWaiting = (refund: Refund) => {
    const owner = ownerOf(refund)
    const waiting = waitingForFunds.get(owner) ?? new Set<Refund>()
    waitingForFunds.set(owner, waiting)
    if (!refund.funded && refund.state === 'PROCESSING') waiting.add(refund)
    else waiting.delete(refund)
  }

  const indexPassword = (order: Order) => {
    if (order.customerId === null) return
    const waiting = atPassword.get(order.customerId)
    if (order.state !== 'USERPAYING') waiting?.delete(order)
    else if (waiting !== undefined) waiting.add(order)
    else atPassword.set(order.customerId, new Set([order]))
  }
  const indexCode = (order: Order) => {
    if (order.codeUrl !== null && order.state === 'NOTPAY') shownCodes.add(order)
    else shownCodes.delete(order)
  }

  for (const order of journal.load<Order>('order')) {
    indexOrder(order)
    indexPassword(order)
    indexCode(order)
    indexPaid(order)
  }
  for (const refund of journal.load<Refund>('refund')) {
    const order = orders.get(keyOf(refund, refund.outTradeNo))
    indexRefund(refund, must(order, `the order of refund ${refund.refundId}`))
    indexEnd(refund)
    indexWaiting(refund)
  }
  for (const reversal of journal.load<Reversal>('reversal')) {
    dayOf(ownerOf(reversal), reversal.at).reversals.push(reversal)
  }
  let fundRows = 0
  for (const row of journal.load<FundRow>('fund')) {
    dayOf(row.owner, row.at).funds.push(row)
    fundRows += 1
  }

  const saveOrder = (order: Order) => {
    indexPassword(order)
    indexCode(order)
    journal.put('order', keyOf(order, order.outTradeNo), order)
  }
  const saveRefund = (refund: Refund) => journal.put('refund', refund.refundId, refund)

  /** 28 digits beginning like WeChat's own; the day is part of it, the rest is drawn. */
  const number = (prefix: string, taken: (candidate: string) => boolean): string => {
    const day = chinaDate(clock.now()).replaceAll('-', '')
    const candidate = `${prefix}${day}${random.digits(28 - prefix.length - day.length)}`
    return taken(candidate) ? number(prefix, taken) : candidate
  }
  return {
    order: (scope: Scope, outTradeNo: string) => orders.get(keyOf(scope, outTradeNo)),
    orderById: (transactionId: string) => ordersById.get(transactionId),
    orderByHandle: (codeUrlOrPrepayId: string) => ordersByPrepay.get(codeUrlOrPrepayId),
    refund: (scope: Scope, outRefundNo: string) => refunds.get(keyOf(scope, outRefundNo)),
    refundById: (refundId: string) => refundsById.get(refundId),
    refundsOf: (order: Order): readonly Refund[] => refundsOfOrder.get(order) ?? [],
    /** Orders of a customer that wait for the password. */
    waitingOrders: (customerId: string): readonly Order[] => [
      ...(atPassword.get(customerId) ?? []),
    ],
    /** Native orders that nobody has paid yet, oldest first; some may have lapsed unnoticed. */
    shownCodes: (): readonly Order[] => [...shownCodes],
    refundsOfCustomer: (customerId: string): readonly Refund[] =>
      refundsOfCustomer.get(customerId) ?? [],
    ordersOf: (customerId: string): readonly Order[] => ordersOfCustomer.get(customerId) ?? [],
    allRefunds: () => refunds.values(),
    allOrders: () => orders.values(),
    waiting: (owner: string): readonly Refund[] => [...(waitingForFunds.get(owner) ?? [])],
    day: (owner: string, date: string): Day | undefined => days.get(`${owner}|${date}`),
    newTransactionId: () => number('4200000', (one) => ordersById.has(one)),
    newRefundId: () => number('5030000', (one) => refundsById.has(one)),
    addOrder: (order: Order) => {
      indexOrder(order)
      saveOrder(order)
    },
    saveOrder,
    /** To be called once, when the order has just been paid. */
    orderPaid: (order: Order) => {
      indexPaid(order)
      saveOrder(order)
    },
    addRefund: (refund: Refund, order: Order) => {
      indexRefund(refund, order)
      indexWaiting(refund)
      saveRefund(refund)
      saveOrder(order)
    },
    saveRefund: (refund: Refund) => {
      indexEnd(refund)
      indexWaiting(refund)
      saveRefund(refund)
    },
    addReversal: (reversal: Reversal) => {
      dayOf(ownerOf(reversal), reversal.at).reversals.push(reversal)
      journal.put('reversal', reversal.refundId, reversal)
    },
    addFunds: (row: FundRow) => {
      dayOf(row.owner, row.at).funds.push(row)
      journal.put('fund', String(++fundRows), row)
    },
  }
}

export type Ledger = ReturnType<typeof createLedger>
