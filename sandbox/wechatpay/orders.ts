// Orders as they are asked for and as they are shown.
import type { Account } from '../accounts.ts'
import { chinaTime } from '../clock.ts'
import { openidOf } from '../wallet/customers.ts'
import type { World } from '../world.ts'
import type { Answer } from './answer.ts'
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
import { payerTotalOf } from './funds.ts'
import type { Order, OrderState, Promotion, Scope } from './ledger.ts'
import { badField, orderNotFound } from './problem.ts'

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

const parties = (order: Order) =>
  order.subMchid === null
    ? { appid: order.appid, mchid: order.mchid }
    : {
        sp_appid: order.appid,
        sp_mchid: order.mchid,
        sub_mchid: order.subMchid,
        sub_appid: order.subAppid ?? undefined,
      }

const payer = (order: Order) => {
  if (order.customerId === null) return undefined
  const openid = openidOf(order.customerId, order.appid)
  return order.subMchid === null ? { openid } : { sp_openid: openid }
}

const promotionDetail = ({ id, name, amount, type }: Promotion) => ({
  coupon_id: id,
  name,
  scope: 'GLOBAL',
  type: type === 'COUPON' ? 'CASH' : 'NOCASH',
  amount,
  wechatpay_contribute: 0,
  merchant_contribute: type === 'DISCOUNT' ? amount : 0,
  other_contribute: type === 'COUPON' ? amount : 0,
  currency: 'CNY',
})

/** The order as queries and payment notifications show it; JSON leaves out what is undefined. */
export const describeOrder = (order: Order): Fields => {
  const common = {
    ...parties(order),
    out_trade_no: order.outTradeNo,
    trade_state: order.state,
    trade_state_desc: STATE_TEXT[order.state],
    trade_type: order.tradeType,
    attach: order.attach === '' ? undefined : order.attach,
  }
  if (order.paidAt === null || !PAID.has(order.state)) {
    return { ...common, amount: { total: order.total, currency: 'CNY' } }
  }
  return {
    ...common,
    transaction_id: order.transactionId,
    bank_type: order.bankType,
    success_time: chinaTime(order.paidAt),
    payer: payer(order),
    amount: {
      total: order.total,
      payer_total: payerTotalOf(order),
      currency: 'CNY',
      payer_currency: 'CNY',
    },
    promotion_detail:
      order.promotions.length === 0 ? undefined : order.promotions.map(promotionDetail),
  }
}

/** An order as the request describes it; not yet known to the ledger. */
export const openOrder = (
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
    customerId: null,
    paidAt: null,
    endedAt: null,
    bankType: 'OTHERS',
    payerAccount: '',
    toCard: false,
    promotions: [],
    refunded: 0,
    refundedPromotion: 0,
    refundedFee: 0,
    refundCount: 0,
    lastRefundAt: null,
    fee: 0,
    feeBasisPoints: account.feeBasisPoints,
  }
}

const expiry = (world: World, body: Fields, now: number): number => {
  const given = optionalText(body, '/time_expire', { max: 64 })
  if (given === null) return now + world.settings.nativeLifeMs
  const time = Date.parse(given)
  if (Number.isNaN(time) || time <= now) throw badField('/time_expire', given, '必须晚于当前时间')
  return time
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
