// What becomes of an accepted refund as business time passes: arrival, closing, abnormality, remedy.
import type { BookKind } from '../book.ts'
import type { World } from '../world.ts'
import { costOf, keepRefund, payCustomer, payForRefund, returnRefund } from './funds.ts'
import { ownerOf, type Order, type Refund } from './ledger.ts'
import { notifyRefund } from './notifications.ts'

export const bookRefund = (world: World, refund: Refund, kind: BookKind, at: number): void => {
  const { mchid, subMchid, outTradeNo, transactionId, outRefundNo, refundId } = refund
  world.book.append({
    at,
    channel: 'wechatpay',
    kind,
    mchid,
    subMchid,
    outTradeNo,
    transactionId,
    outRefundNo,
    refundId,
    amount: refund.amount,
    payerAmount: refund.payerRefund,
    source: refund.source,
  })
}

export const succeed = (world: World, refund: Refund, order: Order, at: number): Promise<void> => {
  if (refund.state !== 'PROCESSING' && refund.state !== 'ABNORMAL') return Promise.resolve()
  refund.state = 'SUCCESS'
  refund.endedAt = at
  refund.dueAt = null
  world.ledger.saveRefund(refund)
  bookRefund(world, refund, 'refund_succeeded', at)
  if (refund.fate === 'returned_to_merchant') keepRefund(world, refund, at)
  else if (refund.remedy === null) payCustomer(world, order, refund.payerRefund)
  return notifyRefund(world, refund, order, 'SUCCESS', at)
}

const close = (world: World, refund: Refund, order: Order, at: number) => {
  if (refund.state !== 'PROCESSING') return
  refund.state = 'CLOSED'
  refund.endedAt = at
  refund.dueAt = null
  order.refunded -= refund.amount
  order.refundedPromotion -= refund.amount - refund.payerRefund
  order.refundedFee -= refund.fee
  if (refund.funded) returnRefund(world, refund, at)
  world.ledger.saveOrder(order)
  world.ledger.saveRefund(refund)
  bookRefund(world, refund, 'refund_closed', at)
  void notifyRefund(world, refund, order, 'CLOSED', at)
}

const turnAbnormal = (world: World, refund: Refund, order: Order, at: number) => {
  if (refund.state !== 'PROCESSING') return
  refund.state = 'ABNORMAL'
  refund.abnormalAt = at
  refund.dueAt = null
  world.ledger.saveRefund(refund)
  bookRefund(world, refund, 'refund_abnormal', at)
  void notifyRefund(world, refund, order, 'ABNORMAL', at)
}

const travelMs = (world: World, refund: Refund, order: Order): number => {
  const { arrivalToBalanceMs, arrivalToCardMs, failureAfterMs, fundsWaitMs } = world.settings
  if (!refund.funded) return fundsWaitMs
  if (refund.remedy !== null) return arrivalToCardMs
  if (refund.fate === 'abnormal' || refund.fate === 'closed') return failureAfterMs
  return order.toCard ? arrivalToCardMs : arrivalToBalanceMs
}

/** Lets business time carry on with a refund; `from` is when its present leg began. */
export const scheduleRefund = (world: World, refund: Refund, order: Order, from: number): void => {
  refund.dueAt = from + travelMs(world, refund, order)
  world.ledger.saveRefund(refund)
  waitForDue(world, refund, order)
}

const waitForDue = (world: World, refund: Refund, order: Order) => {
  const expected = refund.dueAt
  if (expected === null) return
  world.clock.at(expected, (at) => {
    // A top-up or a remedy gives the refund a new due time; the old appointment then means nothing.
    if (refund.dueAt !== expected) return
    if (!refund.funded || refund.fate === 'closed') close(world, refund, order, at)
    else if (refund.fate === 'abnormal' && refund.remedy === null) {
      turnAbnormal(world, refund, order, at)
    } else void succeed(world, refund, order, at)
  })
}

/** After a restart every refund on its way gets its appointment back. */
export const resumeRefunds = (world: World): void => {
  for (const refund of world.ledger.allRefunds()) {
    if (refund.dueAt === null) continue
    const order = world.ledger.order(refund, refund.outTradeNo)
    if (order !== undefined) waitForDue(world, refund, order)
  }
}

/** Sends accepted refunds that waited for funds, oldest first, as far as the funds reach. */
export const payWaiting = (world: World, owner: string): void => {
  const now = world.clock.now()
  for (const refund of world.ledger.waiting(owner)) {
    if (world.accounts.funds(ownerOf(refund)) < costOf(refund)) return
    const order = world.ledger.order(refund, refund.outTradeNo)
    if (order === undefined) continue
    refund.funded = true
    payForRefund(world, refund, now)
    scheduleRefund(world, refund, order, now)
  }
}
