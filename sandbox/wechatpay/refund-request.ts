// A refund request, field by field.
import type { Account } from '../accounts.ts'
import type { World } from '../world.ts'
import {
  canonical,
  currency,
  fen,
  notifyUrl,
  object,
  optionalList,
  optionalText,
  OUT_REFUND_NO,
  OUT_TRADE_NO,
  subMerchant,
  text,
  type Fields,
} from './fields.ts'
import type { Refund, Scope } from './ledger.ts'
import { badField } from './problem.ts'

export type Asked = {
  readonly scope: Scope
  readonly outRefundNo: string
  readonly transactionId: string | null
  readonly outTradeNo: string | null
  readonly amount: number
  readonly total: number
  readonly reason: string
  readonly notifyUrl: string | null
  readonly fundsAccount: Refund['fundsAccount']
  readonly fingerprint: string
}

const REASON_MAX = 80

const checkGoods = (body: Fields) => {
  for (const [index, goods] of (optionalList(body, '/goods_detail') ?? []).entries()) {
    const at = `/goods_detail/${index}`
    text(goods, `${at}/merchant_goods_id`, { max: 32 })
    for (const name of ['unit_price', 'refund_amount', 'refund_quantity'])
      fen(goods, `${at}/${name}`)
  }
}

const checkFrom = (amount: Fields, refund: number) => {
  const from = optionalList(amount, '/amount/from')
  if (from === null) return
  const sum = from.reduce(
    (total, one, index) => total + fen(one, `/amount/from/${index}/amount`),
    0,
  )
  const accounts = from.map((one) => one.account)
  const known = accounts.every((one) => one === 'AVAILABLE' || one === 'UNAVAILABLE')
  if (!known || new Set(accounts).size !== accounts.length || sum !== refund) {
    throw badField('/amount/from', null, '账户须互不相同且金额之和等于退款金额')
  }
}

export const readRefund = (world: World, account: Account, body: Fields): Asked => {
  const scope = subMerchant(body, account)
  const transactionId = optionalText(body, '/transaction_id', { max: 32 })
  const outTradeNo = optionalText(body, '/out_trade_no', OUT_TRADE_NO)
  if (transactionId === null && outTradeNo === null) {
    throw badField('/out_trade_no', null, 'transaction_id和out_trade_no必须填写一个')
  }
  if (
    transactionId !== null &&
    outTradeNo !== null &&
    world.settings.bothOrderNumbers === 'refuse'
  ) {
    throw badField('/out_trade_no', outTradeNo, 'transaction_id和out_trade_no只能填写一个')
  }
  const outRefundNo = text(body, '/out_refund_no', OUT_REFUND_NO)
  const reason = optionalText(body, '/reason', { max: REASON_MAX }) ?? ''
  const fundsAccount = optionalText(body, '/funds_account', { max: 32 }) ?? 'UNSETTLED'
  if (fundsAccount !== 'UNSETTLED' && fundsAccount !== 'AVAILABLE') {
    throw badField('/funds_account', fundsAccount, '取值不合法')
  }
  const amount = object(body, '/amount')
  currency(amount, true)
  const refund = fen(amount, '/amount/refund')
  const total = fen(amount, '/amount/total')
  checkFrom(amount, refund)
  checkGoods(body)
  const money = { transactionId, outTradeNo, refund, total }
  return {
    scope,
    outRefundNo,
    transactionId,
    outTradeNo,
    amount: refund,
    total,
    reason,
    notifyUrl: notifyUrl(body, false),
    fundsAccount,
    fingerprint: canonical(world.settings.sameParams === 'body' ? body : money),
  }
}
