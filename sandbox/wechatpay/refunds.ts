// Refunds: accepted once per out_refund_no, then on their way to the customer.
import type { Account } from '../accounts.ts'
import { chinaTime } from '../clock.ts'
import type { RefundFate } from '../faults.ts'
import type { World } from '../world.ts'
import { subMerchant, type Fields } from './fields.ts'
import { costOf, payerTotalOf, payForRefund, settlementOf } from './funds.ts'
import { ownerOf, type Order, type Refund } from './ledger.ts'
import type { Answer } from './answer.ts'
import { invalidRequest, notFound, Refusal, tooFrequent } from './problem.ts'
import { bookRefund, scheduleRefund, succeed } from './refund-life.ts'
import { readRefund, type Asked } from './refund-request.ts'
import { shareOf } from './shares.ts'

const promotionDetail = ({ promotions }: Refund) =>
  promotions.map((promotion) => ({
    promotion_id: promotion.id,
    scope: 'GLOBAL',
    type: promotion.type,
    amount: promotion.amount,
    refund_amount: promotion.refundAmount,
  }))

/** The refund as creation, query and remedy all show it; JSON leaves out what is undefined. */
export const describeRefund = (refund: Refund): Fields => ({
  refund_id: refund.refundId,
  out_refund_no: refund.outRefundNo,
  transaction_id: refund.transactionId,
  out_trade_no: refund.outTradeNo,
  channel: refund.channel,
  user_received_account: refund.account,
  success_time:
    refund.state === 'SUCCESS' && refund.endedAt !== null ? chinaTime(refund.endedAt) : undefined,
  create_time: chinaTime(refund.createdAt),
  status: refund.state,
  funds_account: refund.fundsAccount,
  amount: {
    total: refund.total,
    refund: refund.amount,
    from: [],
    payer_total: refund.payerTotal,
    payer_refund: refund.payerRefund,
    settlement_refund: refund.settlementRefund,
    settlement_total: refund.settlementTotal,
    discount_refund: refund.amount - refund.payerRefund,
    currency: 'CNY',
    refund_fee: refund.fee,
  },
  promotion_detail: refund.promotions.length === 0 ? undefined : promotionDetail(refund),
})

const MINUTE_MS = 60_000

type PaidOrder = Order & { readonly paidAt: number }

export const isPaid = (order: Order): order is PaidOrder => order.paidAt !== null

const findOrder = (world: World, asked: Asked): PaidOrder => {
  const byId =
    asked.transactionId === null ? undefined : world.ledger.orderById(asked.transactionId)
  const byNumber =
    asked.outTradeNo === null ? undefined : world.ledger.order(asked.scope, asked.outTradeNo)
  const idFirst =
    asked.transactionId !== null && world.settings.bothOrderNumbers === 'transaction_id'
  const order = idFirst || asked.outTradeNo === null ? byId : byNumber
  const mine = order?.mchid === asked.scope.mchid && order.subMchid === asked.scope.subMchid
  if (order === undefined || !mine || !isPaid(order)) throw notFound('订单不存在或未支付')
  return order
}

/** The limits of one order; business time decides the window. */
const checkOrder = (world: World, order: PaidOrder, amount: number, total: number, now: number) => {
  const { settings } = world
  if (order.state === 'REVOKED') throw invalidRequest('订单已撤销，不能退款')
  if (total !== order.total) {
    const { status, code } = settings.totalMismatch
    throw new Refusal(status, code, '订单金额与原订单不一致')
  }
  if (now - order.paidAt > settings.refundWindowMs) {
    throw new Refusal(settings.tradeOverdueStatus, 'TRADE_OVERDUE', '订单已经超过退款期限')
  }
  if (order.refunded + amount > order.total)
    throw invalidRequest('申请退款金额大于订单剩余可退金额')
  if (order.refundCount >= settings.refundsPerOrder) throw invalidRequest('部分退款次数已达上限')
}

/** Old orders lie in slower stores, so the channel takes fewer of them. */
const checkAge = ({ rates, settings }: World, order: PaidOrder, now: number) => {
  if (now - order.paidAt <= settings.oldOrderMs) return
  if (!rates.allow(`refund_old|${order.mchid}`, settings.oldRefundsPerMinute, MINUTE_MS)) {
    throw tooFrequent()
  }
}

/** Holds for the interface only: the merchant platform refunds as fast as a person clicks. */
const checkSpacing = ({ settings }: World, order: Order, now: number) => {
  if (order.lastRefundAt !== null && now - order.lastRefundAt < settings.refundSpacingMs) {
    const { status, code } = settings.spacingRefusal
    throw new Refusal(status, code, '同一订单两次退款间隔不得少于1分钟')
  }
}

const REFUSED_FATES = ['not_enough', 'user_account_abnormal', 'request_blocked'] as const
const LATER_FATES = ['abnormal', 'closed', 'returned_to_merchant'] as const

const refuseByFate = (world: World, kind: RefundFate) => {
  if (kind === 'not_enough') throw notEnough()
  if (kind === 'user_account_abnormal') {
    throw new Refusal(403, 'USER_ACCOUNT_ABNORMAL', '用户账户异常或已注销')
  }
  if (kind === 'request_blocked') {
    throw new Refusal(world.settings.requestBlockedStatus, 'REQUEST_BLOCKED', '请求已被拦截')
  }
}

const notEnough = () => new Refusal(403, 'NOT_ENOUGH', '可用余额不足')

type NewRefund = Pick<Asked, 'outRefundNo' | 'amount' | 'reason' | 'notifyUrl' | 'fundsAccount'> &
  Pick<Refund, 'fingerprint' | 'source' | 'fate'>

/** Books an accepted refund: from here the merchant's money is on its way. */
const accept = (world: World, order: Order, asked: NewRefund, now: number): Refund => {
  const share = shareOf(order, asked.amount)
  const cost = costOf(share)
  const short = world.accounts.funds(ownerOf(order)) < cost
  if (short && world.settings.shortFunds === 'refuse') throw notEnough()
  const refund: Refund = {
    // First: a request names its order by one of its numbers, and its own empty one must not win.
    ...asked,
    ...share,
    mchid: order.mchid,
    subMchid: order.subMchid,
    outTradeNo: order.outTradeNo,
    transactionId: order.transactionId,
    refundId: world.ledger.newRefundId(),
    total: order.total,
    payerTotal: payerTotalOf(order),
    settlementTotal: settlementOf(order),
    createdAt: now,
    state: 'PROCESSING',
    funded: !short,
    channel: 'ORIGINAL',
    account: asked.fate === 'returned_to_merchant' ? '商户基本账户' : order.payerAccount,
    endedAt: null,
    abnormalAt: null,
    dueAt: null,
    remedy: null,
  }
  order.state = 'REFUND'
  order.refunded += refund.amount
  order.refundedPromotion += refund.amount - refund.payerRefund
  order.refundedFee += refund.fee
  order.refundCount += 1
  order.lastRefundAt = now
  world.ledger.addRefund(refund, order)
  bookRefund(world, refund, 'refund_accepted', now)
  if (!short) payForRefund(world, refund, now)
  return refund
}

const throttle = (world: World, account: Account) => {
  const { refundsPerSecond, refundErrorsPerSecond } = world.settings
  if (!world.rates.allow(`refund|${account.mchid}`, refundsPerSecond)) throw tooFrequent()
  if (!world.rates.below(`refund_error|${account.mchid}`, refundErrorsPerSecond)) {
    throw tooFrequent('错误请求频率超限，请检查后再试')
  }
}

/** 申请退款. The same number with the same parameters is the same refund, never a second one. */
export const createRefund = async (
  world: World,
  account: Account,
  body: Fields,
): Promise<Answer> => {
  throttle(world, account)
  try {
    return await acceptRefund(world, account, body)
  } catch (error) {
    if (error instanceof Refusal) world.rates.count(`refund_error|${account.mchid}`)
    throw error
  }
}

const acceptRefund = async (world: World, account: Account, body: Fields): Promise<Answer> => {
  const asked = readRefund(world, account, body)
  const known = world.ledger.refund(asked.scope, asked.outRefundNo)
  if (known !== undefined) {
    if (known.fingerprint !== asked.fingerprint) {
      throw invalidRequest('商户退款单号重复，且请求参数与原退款单不一致')
    }
    return { status: 200, body: describeRefund(known) }
  }
  const order = findOrder(world, asked)
  const now = world.clock.now()
  checkOrder(world, order, asked.amount, asked.total, now)
  checkSpacing(world, order, now)
  checkAge(world, order, now)
  const subject = {
    mchid: account.mchid,
    outTradeNo: order.outTradeNo,
    outRefundNo: asked.outRefundNo,
  }
  const fault = world.faults.take('refund', [...REFUSED_FATES, ...LATER_FATES], subject)
  if (fault !== undefined) refuseByFate(world, fault.kind as RefundFate)
  const fate = LATER_FATES.find((kind) => kind === fault?.kind) ?? 'arrive'
  const refund = accept(world, order, { ...asked, source: 'api', fate }, now)
  const arrives = refund.funded && (fate === 'arrive' || fate === 'returned_to_merchant')
  if (arrives && world.faults.take('notify', ['early'], subject) !== undefined) {
    const accepted = describeRefund(refund)
    await succeed(world, refund, order, now)
    return { status: 200, body: accepted }
  }
  scheduleRefund(world, refund, order, now)
  return { status: 200, body: describeRefund(refund) }
}

/** A refund made by hand in the merchant platform: no client asked for it. */
export const refundInPortal = (world: World, order: PaidOrder, amount: number): Refund => {
  const now = world.clock.now()
  checkOrder(world, order, amount, order.total, now)
  const outRefundNo = `P${world.random.digits(20)}`
  const refund = accept(
    world,
    order,
    {
      outRefundNo,
      amount,
      reason: '',
      notifyUrl: null,
      fundsAccount: 'UNSETTLED',
      fingerprint: '',
      source: 'portal',
      fate: 'arrive',
    },
    now,
  )
  scheduleRefund(world, refund, order, now)
  return refund
}

/** 查询退款; `hidden` pretends it was never accepted. */
export const queryRefund = (
  world: World,
  account: Account,
  outRefundNo: string,
  query: Fields,
  hidden: boolean,
): Answer => {
  if (!world.rates.allow(`refund_query|${account.mchid}`, world.settings.refundQueriesPerSecond)) {
    throw tooFrequent()
  }
  const refund = world.ledger.refund(subMerchant(query, account, 'query'), outRefundNo)
  const visible =
    refund !== undefined &&
    world.clock.now() - refund.createdAt >= world.settings.refundVisibleAfterMs
  if (!visible || hidden) throw notFound('退款单不存在')
  return { status: 200, body: describeRefund(refund) }
}
