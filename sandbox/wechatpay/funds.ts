// The merchant's money: what a payment brings, what a refund takes, one row of the fund bill each.
import type { World } from '../world.ts'
import { ownerOf, type Order, type Refund, type Scope } from './ledger.ts'

type Movement = {
  readonly at: number
  readonly scope: Scope
  readonly businessNo: string
  readonly name: string
  readonly type: string
  readonly amount: number
  readonly note: string
  readonly voucher: string
  readonly by?: string
}

const yuan = (fen: number) => (fen / 100).toFixed(2)

export const move = (world: World, movement: Movement): void => {
  const { at, scope, businessNo, name, type, amount, note, voucher } = movement
  const owner = ownerOf(scope)
  const balance = world.accounts.funds(owner) + amount
  world.accounts.setFunds(owner, balance)
  const by = movement.by ?? `${scope.mchid}API`
  const flowNo = world.ledger.newTransactionId()
  world.ledger.addFunds({
    at,
    owner,
    businessNo,
    flowNo,
    name,
    type,
    amount,
    balance,
    by,
    note,
    voucher,
  })
}

const discountOf = (order: Pick<Order, 'promotions'>): number =>
  order.promotions
    .filter((promotion) => promotion.type === 'DISCOUNT')
    .reduce((sum, promotion) => sum + promotion.amount, 0)

export const promotionOf = (order: Pick<Order, 'promotions'>): number =>
  order.promotions.reduce((sum, promotion) => sum + promotion.amount, 0)

/** What the merchant is owed for an order: all but its own discounts, fen. */
export const settlementOf = (order: Order): number => order.total - discountOf(order)

/** What the customer paid in cash, fen. */
export const payerTotalOf = (order: Order): number => order.total - promotionOf(order)

export const takePayment = (world: World, order: Order, at: number): void => {
  move(world, {
    at,
    scope: order,
    businessNo: order.transactionId,
    name: '交易',
    type: '交易',
    amount: settlementOf(order),
    note: '',
    voucher: order.outTradeNo,
    by: 'system',
  })
  if (order.fee === 0) return
  move(world, {
    at,
    scope: order,
    businessNo: order.transactionId,
    name: '扣除交易手续费',
    type: '交易手续费',
    amount: -order.fee,
    note: '',
    voucher: order.outTradeNo,
    by: 'system',
  })
}

/** Fen a refund takes out of the merchant's funds, net of the commission that comes back. */
export const costOf = (refund: Pick<Refund, 'settlementRefund' | 'fee'>): number =>
  refund.settlementRefund - refund.fee

export const payForRefund = (world: World, refund: Refund, at: number): void => {
  const note = `退款总金额${yuan(refund.settlementRefund)}元;含手续费${yuan(refund.fee)}元`
  const by = refund.source === 'api' ? `${refund.mchid}API` : `${refund.mchid}`
  move(world, {
    at,
    scope: refund,
    businessNo: refund.refundId,
    name: '退款',
    type: '退款',
    amount: -costOf(refund),
    note,
    voucher: refund.outRefundNo,
    by,
  })
}

export const returnRefund = (world: World, refund: Refund, at: number): void => {
  move(world, {
    at,
    scope: refund,
    businessNo: refund.refundId,
    name: '退款关闭',
    type: '退款退回',
    amount: costOf(refund),
    note: '',
    voucher: refund.outRefundNo,
    by: 'system',
  })
}

/** The customer could not be paid: their cash ends in the merchant's own account. */
export const keepRefund = (world: World, refund: Refund, at: number): void => {
  move(world, {
    at,
    scope: refund,
    businessNo: refund.refundId,
    name: '退款退回商户',
    type: '退款退回',
    amount: refund.payerRefund,
    note: '',
    voucher: refund.outRefundNo,
    by: 'system',
  })
}

export const payForReversal = (world: World, order: Order, refundId: string, at: number): void => {
  move(world, {
    at,
    scope: order,
    businessNo: refundId,
    name: '撤销',
    type: '退款',
    amount: order.fee - settlementOf(order),
    note: `退款总金额${yuan(settlementOf(order))}元;含手续费${yuan(order.fee)}元`,
    voucher: order.outTradeNo,
  })
}

/** Money reaches the customer; only the balance is kept count of, cards are somebody else's. */
export const payCustomer = (world: World, order: Order, fenBack: number): void => {
  const customer = order.customerId === null ? undefined : world.customers.get(order.customerId)
  if (customer === undefined || order.toCard) return
  world.customers.change(customer.id, { balance: customer.balance + fenBack })
}
