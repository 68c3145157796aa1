// How a refund is shared between the customer's cash and the coupons of the order, in whole fen.
import { payerTotalOf, promotionOf } from './funds.ts'
import type { Order, Refund, RefundPromotion } from './ledger.ts'

export type Share = Pick<Refund, 'payerRefund' | 'settlementRefund' | 'promotions' | 'fee'>

const clamp = (value: number, least: number, most: number) => Math.min(Math.max(value, least), most)

/**
 * Shares follow the running total, so that all refunds of an order add up to exactly what was paid:
 * after refunding R of T, coupons bear ⌊R·C/T⌋ and cash the rest, never more cash than was paid.
 */
export const shareOf = (order: Order, amount: number): Share => {
  const coupons = promotionOf(order)
  const after = order.refunded + amount
  const cashLeft = payerTotalOf(order) - (order.refunded - order.refundedPromotion)
  const fromCoupons = clamp(
    Math.floor((coupons * after) / order.total) - order.refundedPromotion,
    Math.max(0, amount - cashLeft),
    Math.min(amount, coupons - order.refundedPromotion),
  )
  const promotions = spread(order, fromCoupons)
  const discount = promotions
    .filter((one) => one.type === 'DISCOUNT')
    .reduce((sum, one) => sum + one.refundAmount, 0)
  const settlementRefund = amount - discount
  const fee = clamp(
    Math.floor((order.fee * after) / order.total) - order.refundedFee,
    0,
    Math.min(order.fee - order.refundedFee, settlementRefund),
  )
  return { payerRefund: amount - fromCoupons, settlementRefund, promotions, fee }
}

/** Between several coupons the part each has left decides; the last one takes the remainder. */
const spread = (order: Order, fromCoupons: number): readonly RefundPromotion[] => {
  const coupons = promotionOf(order)
  if (coupons === 0) return []
  const doneBefore = order.refundedPromotion
  let given = 0
  let sum = 0
  return order.promotions.map((promotion) => {
    sum += promotion.amount
    const upTo = (done: number) => Math.floor((sum * done) / coupons)
    const refundAmount = upTo(doneBefore + fromCoupons) - upTo(doneBefore) - given
    given += refundAmount
    return { ...promotion, refundAmount }
  })
}
