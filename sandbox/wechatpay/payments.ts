// Taking payments: by payment code, by scanning, by JSAPI. Customers act through the wallet.
import type { Account } from '../accounts.ts'
import { accountText, type Customer } from '../wallet/customers.ts'
import type { World } from '../world.ts'
import type { Answer } from './answer.ts'
import { namedMerchant, object, optionalText, text, type Fields } from './fields.ts'
import { payerTotalOf, settlementOf, takePayment } from './funds.ts'
import type { Order, Promotion } from './ledger.ts'
import { notifyPaid } from './notifications.ts'
import { describeOrder, openOrder } from './orders.ts'
import { badField, invalidRequest, Refusal } from './problem.ts'

const REUSED = {
  ORDERPAID: '该订单已支付',
  ORDERCLOSED: '该订单已关闭',
  ORDERREVERSED: '订单已撤销',
}

const refuseReuse = (order: Order): never => {
  const code =
    order.state === 'CLOSED'
      ? 'ORDERCLOSED'
      : order.state === 'REVOKED'
        ? 'ORDERREVERSED'
        : 'ORDERPAID'
  throw new Refusal(400, code, REUSED[code])
}

const checkStore = (world: World, body: Fields) => {
  if (world.settings.storeInfo === 'not_checked') return
  const store = object(object(body, '/scene_info'), '/scene_info/store_info')
  const id = optionalText(store, '/scene_info/store_info/id', { max: 32 })
  const outId = optionalText(store, '/scene_info/store_info/out_id', { max: 32 })
  const wanted = { either: id ?? outId, id, out_id: outId }[world.settings.storeInfo]
  if (wanted === null) throw badField('/scene_info/store_info', null, '门店编号必填')
}

const refusePay = (world: World, code: string, message: string) =>
  new Refusal(world.settings.payRefusalStatus, code, message)

/** 付款码支付: answers 200 with the paid order or 202 while the customer types the password. */
export const payByCode = (
  world: World,
  account: Account,
  partner: boolean,
  body: Fields,
  askPassword: boolean,
): Answer => {
  const scope = namedMerchant(body, account, partner)
  const order = openOrder(world, account, scope, 'MICROPAY', body)
  checkStore(world, body)
  const code = text(object(body, '/payer'), '/payer/auth_code', { max: 32 })
  const known = world.ledger.order(scope, order.outTradeNo)
  if (known !== undefined) {
    if (known.state === 'USERPAYING' && known.fingerprint === order.fingerprint)
      return paying(world)
    if (known.state === 'PAYERROR' || known.fingerprint !== order.fingerprint) {
      throw new Refusal(400, 'OUT_TRADE_NO_USED', '商户订单号重复')
    }
    return refuseReuse(known)
  }
  if (!/^1[0-5]\d{16}$/.test(code)) {
    throw refusePay(world, 'AUTH_CODE_INVALID', '付款码无效，请扫描微信支付付款码')
  }
  const found = world.customers.redeemCode(code)
  if (found.kind === 'unknown') throw refusePay(world, 'AUTH_CODE_ERROR', '付款码错误或已使用')
  if (found.kind === 'expired') throw refusePay(world, 'AUTHCODEEXPIRE', '付款码已过期，请刷新')
  const { customer } = found
  order.customerId = customer.id
  world.ledger.addOrder(order)
  if (askPassword || (customer.passwordAbove !== null && order.total > customer.passwordAbove)) {
    order.state = 'USERPAYING'
    world.ledger.saveOrder(order)
    watchPassword(world, order)
    return paying(world)
  }
  if (!completePayment(world, order, customer, world.clock.now())) {
    order.state = 'PAYERROR'
    world.ledger.saveOrder(order)
    throw refusePay(world, 'NOTENOUGH', '用户账户余额不足')
  }
  return { status: 200, body: describeOrder(order) }
}

const paying = (world: World): Answer => ({
  status: world.settings.userPayingStatus,
  body: { trade_state: 'USERPAYING' },
})

/** A customer who never types the password does not keep the order open for ever. */
export const watchPassword = (world: World, order: Order): void => {
  world.clock.at(order.createdAt + world.settings.passwordWaitMs, (at) => {
    if (order.state !== 'USERPAYING') return
    order.state = 'PAYERROR'
    order.endedAt = at
    world.ledger.saveOrder(order)
  })
}

/** Native and JSAPI: an order that waits for its customer. */
export const prepay = (
  world: World,
  account: Account,
  partner: boolean,
  tradeType: 'NATIVE' | 'JSAPI',
  body: Fields,
): Answer => {
  const scope = namedMerchant(body, account, partner)
  const fresh = openOrder(world, account, scope, tradeType, body)
  if (tradeType === 'JSAPI') {
    const person = object(body, '/payer')
    const name = partner && person.openid === undefined ? 'sp_openid' : 'openid'
    text(person, `/payer/${name}`, { max: 128 })
  }
  const known = world.ledger.order(scope, fresh.outTradeNo)
  if (known !== undefined && known.state !== 'NOTPAY') return refuseReuse(known)
  if (known !== undefined && known.fingerprint !== fresh.fingerprint) {
    throw invalidRequest('商户订单号重复，且请求参数与原订单不一致')
  }
  const order = known ?? fresh
  if (known === undefined) world.ledger.addOrder(order)
  const body200 =
    tradeType === 'NATIVE' ? { code_url: order.codeUrl } : { prepay_id: order.prepayId }
  return { status: 200, body: body200 }
}

const takeCoupons = (world: World, customer: Customer, total: number): readonly Promotion[] => {
  const worth = customer.coupons.reduce((sum, coupon) => sum + coupon.amount, 0)
  if (worth === 0 || worth >= total) return []
  return customer.coupons.map(({ amount, type, name }) => ({
    id: world.random.digits(10),
    name: name ?? '优惠券',
    amount,
    type,
  }))
}

/** Takes the customer's money; false when there is too little of it. */
export const completePayment = (
  world: World,
  order: Order,
  customer: Customer,
  at: number,
): boolean => {
  const promotions = takeCoupons(world, customer, order.total)
  const cash = payerTotalOf({ ...order, promotions })
  const fromBalance = customer.payWith === 'balance'
  if (fromBalance && customer.balance < cash) return false
  world.customers.change(customer.id, {
    balance: fromBalance ? customer.balance - cash : customer.balance,
    coupons: promotions.length > 0 ? [] : customer.coupons,
  })
  order.customerId = customer.id
  order.promotions = promotions
  order.bankType = fromBalance ? 'OTHERS' : customer.card.bankType
  order.payerAccount = accountText(customer)
  order.toCard = !fromBalance
  bookPayment(world, order, at, order.tradeType === 'MICROPAY' ? 'api' : 'wallet')
  notifyPaid(world, order, at)
  return true
}

const FEE_SCALE = 10_000

/** Marks an order as paid and lets its money arrive. */
export const bookPayment = (
  world: World,
  order: Order,
  at: number,
  source: 'api' | 'wallet' | 'given',
): void => {
  order.state = 'SUCCESS'
  order.paidAt = at
  order.fee = Math.round((settlementOf(order) * order.feeBasisPoints) / FEE_SCALE)
  world.ledger.orderPaid(order)
  world.book.append({
    at,
    channel: 'wechatpay',
    kind: 'pay',
    mchid: order.mchid,
    subMchid: order.subMchid,
    outTradeNo: order.outTradeNo,
    transactionId: order.transactionId,
    outRefundNo: null,
    refundId: null,
    amount: order.total,
    payerAmount: payerTotalOf(order),
    source,
  })
  takePayment(world, order, at)
}
