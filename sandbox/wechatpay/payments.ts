// Orders: from the request to the paid, closed or reversed order. Customers act through the wallet.
import type { Account } from '../accounts.ts'
import { chinaTime } from '../clock.ts'
import { accountText, openidOf, type Customer } from '../wallet/customers.ts'
import type { World } from '../world.ts'
import type { BillFile } from './bills.ts'
import {
  canonical,
  currency,
  fen,
  namedApp,
  namedMerchant,
  notifyUrl,
  object,
  optionalObject,
  optionalText,
  OUT_TRADE_NO,
  text,
  type Fields,
} from './fields.ts'
import { payForReversal, payerTotalOf, settlementOf, takePayment } from './funds.ts'
import type { Order, OrderState, Promotion, Scope } from './ledger.ts'
import { notifyPaid } from './notifications.ts'
import { badField, invalidRequest, orderNotFound, Refusal } from './problem.ts'

/** `file` is the content of a bill, which is sent as it is and unsigned. */
export type Answer = {
  readonly status: number
  readonly body: Fields | null
  readonly file?: BillFile
}

const STATE_TEXT: Record<OrderState, string> = {
  NOTPAY: '订单未支付',
  USERPAYING: '用户支付中，需要输入密码',
  SUCCESS: '支付成功',
  REFUND: '订单发生过退款',
  REVOKED: '订单已撤销',
  CLOSED: '订单已关闭',
  PAYERROR: '支付失败，请重新下单支付',
}

const PAID = new Set<OrderState>(['SUCCESS', 'REFUND', 'REVOKED'])
const REUSED = {
  ORDERPAID: '该订单已支付',
  ORDERCLOSED: '该订单已关闭',
  ORDERREVERSED: '订单已撤销',
}

const parties = (order: Order) =>
  order.subMchid === null
    ? { appid: order.appid, mchid: order.mchid }
    : {
        ...{ sp_appid: order.appid, sp_mchid: order.mchid, sub_mchid: order.subMchid },
        ...(order.subAppid === null ? {} : { sub_appid: order.subAppid }),
      }

const payer = (order: Order) => {
  if (order.customerId === null) return {}
  const openid = openidOf(order.customerId, order.appid)
  return { payer: order.subMchid === null ? { openid } : { sp_openid: openid } }
}

const promotionDetail = ({ id, name, amount, type }: Promotion) => ({
  ...{ coupon_id: id, name, scope: 'GLOBAL', type: type === 'COUPON' ? 'CASH' : 'NOCASH', amount },
  ...{ wechatpay_contribute: 0, merchant_contribute: type === 'DISCOUNT' ? amount : 0 },
  ...{ other_contribute: type === 'COUPON' ? amount : 0, currency: 'CNY' },
})

/** The order as queries and payment notifications show it. */
export const describeOrder = (order: Order): Fields => {
  const common = {
    ...parties(order),
    out_trade_no: order.outTradeNo,
    trade_state: order.state,
    trade_state_desc: STATE_TEXT[order.state],
    trade_type: order.tradeType,
    ...(order.attach === '' ? {} : { attach: order.attach }),
  }
  if (order.paidAt === null || !PAID.has(order.state)) {
    return { ...common, amount: { total: order.total, currency: 'CNY' } }
  }
  return {
    ...common,
    transaction_id: order.transactionId,
    bank_type: order.bankType,
    success_time: chinaTime(order.paidAt),
    ...payer(order),
    amount: {
      ...{ total: order.total, payer_total: payerTotalOf(order) },
      ...{ currency: 'CNY', payer_currency: 'CNY' },
    },
    ...(order.promotions.length === 0
      ? {}
      : { promotion_detail: order.promotions.map(promotionDetail) }),
  }
}

const openOrder = (
  world: World,
  account: Account,
  scope: Scope,
  tradeType: Order['tradeType'],
  body: Fields,
): Order => {
  const amount = object(body, '/amount')
  currency(amount, false)
  const now = world.clock.now()
  const scene = optionalObject(body, '/scene_info') ?? {}
  const handle = `${world.random.digits(12)}${now.toString(36)}`
  return {
    ...scope,
    appid: namedApp(body, account, scope.subMchid !== null),
    subAppid: optionalText(body, '/sub_appid', { max: 32 }),
    outTradeNo: text(body, '/out_trade_no', OUT_TRADE_NO),
    transactionId: world.ledger.newTransactionId(),
    tradeType,
    description: text(body, '/description', { max: 127 }),
    attach: optionalText(body, '/attach', { max: 128 }) ?? '',
    total: fen(amount, '/amount/total'),
    notifyUrl: tradeType === 'MICROPAY' ? null : notifyUrl(body, true),
    codeUrl: tradeType === 'NATIVE' ? `weixin://wxpay/bizpayurl?pr=${handle}` : null,
    prepayId: tradeType === 'JSAPI' ? `wx${handle}` : null,
    fingerprint: canonical(body),
    deviceId: optionalText(scene, '/scene_info/device_id', { max: 32 }) ?? '',
    createdAt: now,
    expiresAt: tradeType === 'MICROPAY' ? null : expiry(world, body, now),
    state: 'NOTPAY',
    ...{ customerId: null, paidAt: null, endedAt: null, bankType: 'OTHERS', payerAccount: '' },
    ...{ toCard: false, promotions: [], refunded: 0, refundedPromotion: 0, refundedFee: 0 },
    ...{ refundCount: 0, lastRefundAt: null, fee: 0, feeBasisPoints: account.feeBasisPoints },
  }
}

const expiry = (world: World, body: Fields, now: number): number => {
  const given = optionalText(body, '/time_expire', { max: 64 })
  if (given === null) return now + world.settings.nativeLifeMs
  const time = Date.parse(given)
  if (Number.isNaN(time) || time <= now) throw badField('/time_expire', given, '必须晚于当前时间')
  return time
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
    ...{ id: world.random.digits(10), name: name ?? '优惠券', amount, type },
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
    ...{ at, channel: 'wechatpay', kind: 'pay', mchid: order.mchid, subMchid: order.subMchid },
    ...{ outTradeNo: order.outTradeNo, transactionId: order.transactionId },
    ...{ outRefundNo: null, refundId: null, amount: order.total },
    ...{ payerAmount: payerTotalOf(order), source },
  })
  takePayment(world, order, at)
}

export const queryOrder = (
  world: World,
  account: Account,
  partner: boolean,
  query: Fields,
  find: (scope: Scope) => Order | undefined,
): Answer => {
  const scope = namedMerchant(query, account, partner, 'query')
  const order = find(scope)
  if (order === undefined || order.mchid !== scope.mchid || order.subMchid !== scope.subMchid) {
    throw orderNotFound()
  }
  expire(world, order)
  return { status: 200, body: describeOrder(order) }
}

/** Code orders lapse by themselves; looked at when somebody asks, so that no timer is needed. */
export const expire = (world: World, order: Order): void => {
  if (order.state !== 'NOTPAY' || order.expiresAt === null) return
  if (world.clock.now() <= order.expiresAt) return
  order.state = 'CLOSED'
  order.endedAt = order.expiresAt
  world.ledger.saveOrder(order)
}

const endUnpaid = (world: World, order: Order, state: 'REVOKED' | 'CLOSED', at: number) => {
  order.state = state
  order.endedAt = at
  world.ledger.saveOrder(order)
  world.book.append({
    ...{ at, channel: 'wechatpay', kind: state === 'CLOSED' ? 'close' : 'reverse', source: 'api' },
    ...{ mchid: order.mchid, subMchid: order.subMchid, outTradeNo: order.outTradeNo },
    ...{ transactionId: null, outRefundNo: null, refundId: null, amount: 0, payerAmount: 0 },
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
  const named = partner ? { sp_appid: appid, sp_mchid: scope.mchid } : { appid, mchid: scope.mchid }
  const sub = scope.subMchid === null ? {} : { sub_mchid: scope.subMchid }
  const answer = { status: 200, body: { ...named, ...sub, out_trade_no: outTradeNo } }
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
    ...{ at: now, channel: 'wechatpay', kind: 'reverse', mchid, subMchid, outTradeNo },
    ...{ transactionId, outRefundNo: null, refundId, amount: order.total },
    ...{ payerAmount: payerTotalOf(order), source: 'api' },
  })
  payForReversal(world, order, refundId, now)
  payCustomer(world, order, payerTotalOf(order))
}

/** Money reaches the customer; only the balance is kept count of, cards are somebody else's. */
export const payCustomer = (world: World, order: Order, fenBack: number): void => {
  const customer = order.customerId === null ? undefined : world.customers.get(order.customerId)
  if (customer === undefined || order.toCard) return
  world.customers.change(customer.id, { balance: customer.balance + fenBack })
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
  if (order.paidAt !== null) throw new Refusal(400, 'ORDERPAID', REUSED.ORDERPAID)
  const now = world.clock.now()
  if (now - order.createdAt < world.settings.closeMinAgeMs) throw invalidRequest('下单后不足5分钟')
  endUnpaid(world, order, 'CLOSED', now)
  return { status: 204, body: null }
}
