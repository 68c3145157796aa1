// How orders end without or against a payment: reversed or closed.
import type { Account } from '../accounts.ts'
import type { World } from '../world.ts'
import type { Answer } from './answer.ts'
import { namedApp, namedMerchant, type Fields } from './fields.ts'
import { payCustomer, payForReversal, payerTotalOf } from './funds.ts'
import type { Order } from './ledger.ts'
import { expire } from './orders.ts'
import { invalidRequest, orderNotFound, Refusal } from './problem.ts'

const endUnpaid = (world: World, order: Order, state: 'REVOKED' | 'CLOSED', at: number) => {
  order.state = state
  order.endedAt = at
  world.ledger.saveOrder(order)
  world.book.append({
    at,
    channel: 'wechatpay',
    kind: state === 'CLOSED' ? 'close' : 'reverse',
    source: 'api',
    mchid: order.mchid,
    subMchid: order.subMchid,
    outTradeNo: order.outTradeNo,
    transactionId: null,
    outRefundNo: null,
    refundId: null,
    amount: 0,
    payerAmount: 0,
  })
}

/** 撤销: unpaid orders are closed, paid ones paid back in full; repeating it changes nothing. */
export const reverseOrder = (
  world: World,
  account: Account,
  partner: boolean,
  outTradeNo: string,
  body: Fields,
): Answer => {
  const scope = namedMerchant(body, account, partner)
  const appid = namedApp(body, account, partner)
  const order = world.ledger.order(scope, outTradeNo)
  if (order === undefined) {
    const { status, code } = world.settings.reverseUnknownOrder
    throw new Refusal(status, code, '订单不存在')
  }
  const { mchid, subMchid } = scope
  const answer = {
    status: 200,
    body: {
      appid: partner ? undefined : appid,
      mchid: partner ? undefined : mchid,
      sp_appid: partner ? appid : undefined,
      sp_mchid: partner ? mchid : undefined,
      sub_mchid: subMchid ?? undefined,
      out_trade_no: outTradeNo,
    },
  }
  if (order.tradeType !== 'MICROPAY') throw invalidRequest('仅付款码支付订单可以撤销')
  if (order.state === 'REVOKED') return answer
  const now = world.clock.now()
  if (now - order.createdAt > world.settings.reverseWindowMs) {
    throw invalidRequest('订单已超过可撤销期限，请使用退款')
  }
  if (order.refundCount > 0) throw invalidRequest('订单已发生退款，不能撤销')
  if (order.paidAt === null) {
    endUnpaid(world, order, 'REVOKED', now)
    return answer
  }
  givePaymentBack(world, order, now)
  return answer
}

const givePaymentBack = (world: World, order: Order, now: number) => {
  const refundId = world.ledger.newRefundId()
  order.state = 'REVOKED'
  order.endedAt = now
  world.ledger.saveOrder(order)
  const { mchid, subMchid, outTradeNo, transactionId } = order
  world.ledger.addReversal({ at: now, refundId, mchid, subMchid, outTradeNo })
  world.book.append({
    at: now,
    channel: 'wechatpay',
    kind: 'reverse',
    mchid,
    subMchid,
    outTradeNo,
    transactionId,
    outRefundNo: null,
    refundId,
    amount: order.total,
    payerAmount: payerTotalOf(order),
    source: 'api',
  })
  payForReversal(world, order, refundId, now)
  payCustomer(world, order, payerTotalOf(order))
}

/** 关单: 204, may be repeated, never for payment-code orders. */
export const closeOrder = (
  world: World,
  account: Account,
  partner: boolean,
  outTradeNo: string,
  body: Fields,
): Answer => {
  const scope = namedMerchant(body, account, partner)
  const order = world.ledger.order(scope, outTradeNo)
  if (order === undefined) throw orderNotFound()
  if (order.tradeType === 'MICROPAY') throw invalidRequest('付款码支付订单请使用撤销')
  expire(world, order)
  if (order.state === 'CLOSED') return { status: 204, body: null }
  if (order.paidAt !== null) throw new Refusal(400, 'ORDERPAID', '该订单已支付')
  const now = world.clock.now()
  if (now - order.createdAt < world.settings.closeMinAgeMs) throw invalidRequest('下单后不足5分钟')
  endUnpaid(world, order, 'CLOSED', now)
  return { status: 204, body: null }
}
