// The text of bills, byte for byte: BOM, CRLF, a backtick before every value, yuan with two
// decimals, fees with five, a summary at the end.
import { chinaDate, chinaStamp } from '../clock.ts'
import { openidOf } from '../wallet/customers.ts'
import { must } from '../must.ts'
import type { World } from '../world.ts'
import { promotionOf, settlementOf } from './funds.ts'
import type { FundRow, Order, Refund, Reversal } from './ledger.ts'

export type TradeBillType = 'ALL' | 'SUCCESS' | 'REFUND'

const BOM = '\ufeff'
const HEAD =
  '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额'
const REFUND_COLUMNS = '微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态'
const HEADERS: Record<TradeBillType, string> = {
  ALL: `${HEAD},${REFUND_COLUMNS},商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注`,
  SUCCESS: `${HEAD},商品名称,商户数据包,手续费,费率,订单金额,费率备注`,
  REFUND: `${HEAD},退款申请时间,退款成功时间,${REFUND_COLUMNS},商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注`,
}
const SUMMARY =
  '总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额'
const FUND_HEADER =
  '记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号'
const FUND_SUMMARY = '资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额'

/** Integer arithmetic: a bill must not inherit the rounding of binary fractions. */
const yuan = (fen: number): string => {
  const digits = String(Math.abs(fen)).padStart(3, '0')
  return `${fen < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}
const feeYuan = (fen: number) => `${yuan(fen)}000`
const rate = (basisPoints: number) => `${yuan(basisPoints)}%`

/** Commas separate columns and nothing is quoted, so values lose theirs. */
const row = (values: readonly string[]) =>
  values.map((value) => `\`${value.replace(/[,\r\n]/g, ' ')}`).join(',')

const lines = (...rows: readonly string[]) => `${BOM}${rows.join('\r\n')}\r\n`

const couponOf = (order: Order) => promotionOf(order) - (order.total - settlementOf(order))

type Line = {
  readonly at: number
  readonly order: Order
  readonly state: 'SUCCESS' | 'REFUND' | 'REVOKED'
  readonly settlement: number
  readonly coupon: number
  readonly total: number
  readonly fee: number
  readonly refund: {
    readonly refundId: string
    readonly outRefundNo: string
    readonly appliedAt: number
    readonly succeededAt: number | null
    readonly settlement: number
    readonly coupon: number
    readonly asked: number
    readonly type: string
    readonly status: string
  } | null
}

const paymentLine = (order: Order): Line => ({
  at: order.paidAt ?? 0,
  order,
  state: 'SUCCESS',
  settlement: settlementOf(order),
  coupon: couponOf(order),
  total: order.total,
  fee: order.fee,
  refund: null,
})

/** The bill's own words for how a refund stood at `asOf`; they are not those of the API. */
const statusAt = (refund: Refund, asOf: number): string => {
  if (refund.endedAt !== null && refund.endedAt <= asOf) {
    return refund.state === 'SUCCESS' ? 'SUCCESS' : 'FAIL'
  }
  return refund.abnormalAt !== null && refund.abnormalAt <= asOf ? 'CHANGE' : 'PROCESSING'
}

const refundLine = (refund: Refund, order: Order, asOf: number): Line => {
  const status = statusAt(refund, asOf)
  const coupon = refund.promotions
    .filter((promotion) => promotion.type === 'COUPON')
    .reduce((sum, promotion) => sum + promotion.refundAmount, 0)
  return {
    at: refund.createdAt,
    order,
    state: 'REFUND',
    settlement: 0,
    coupon: 0,
    total: 0,
    fee: -refund.fee,
    refund: {
      refundId: refund.refundId,
      outRefundNo: refund.outRefundNo,
      coupon,
      appliedAt: refund.createdAt,
      succeededAt: status === 'SUCCESS' ? refund.endedAt : null,
      settlement: refund.settlementRefund,
      asked: refund.amount,
      type: refund.channel,
      status,
    },
  }
}

const reversalLine = (reversal: Reversal, order: Order): Line => ({
  at: reversal.at,
  order,
  state: 'REVOKED',
  settlement: 0,
  coupon: 0,
  total: 0,
  fee: -order.fee,
  refund: {
    refundId: reversal.refundId,
    outRefundNo: order.outTradeNo,
    appliedAt: reversal.at,
    succeededAt: reversal.at,
    settlement: settlementOf(order),
    coupon: couponOf(order),
    asked: order.total,
    type: 'ORIGINAL',
    status: 'SUCCESS',
  },
})

const tradeRow = (line: Line, type: TradeBillType): string => {
  const { order, refund } = line
  const head = [
    chinaStamp(line.at),
    order.appid,
    order.mchid,
    order.subMchid ?? '0',
    order.deviceId,
    order.transactionId,
    order.outTradeNo,
    order.customerId === null ? '' : openidOf(order.customerId, order.appid),
    order.tradeType,
    line.state,
    order.bankType,
    'CNY',
    yuan(line.settlement),
    yuan(line.coupon),
  ]
  const times =
    refund === null
      ? ['', '']
      : [
          chinaStamp(refund.appliedAt),
          refund.succeededAt === null ? '' : chinaStamp(refund.succeededAt),
        ]
  const columns =
    refund === null
      ? ['0', '0', '0.00', '0.00', '', '']
      : [
          refund.refundId,
          refund.outRefundNo,
          yuan(refund.settlement),
          yuan(refund.coupon),
          refund.type,
          refund.status,
        ]
  const goods = [order.description, order.attach, feeYuan(line.fee), rate(order.feeBasisPoints)]
  const asked = yuan(refund?.asked ?? 0)
  switch (type) {
    case 'ALL':
      return row([...head, ...columns, ...goods, yuan(line.total), asked, ''])
    case 'SUCCESS':
      return row([...head, ...goods, yuan(line.total), ''])
    case 'REFUND':
      return row([...head, ...times, ...columns, ...goods, yuan(line.total), asked, ''])
  }
}

/** A bill of type REFUND also lists refunds of earlier days that succeeded on this one. */
const belongs = (line: Line, type: TradeBillType, date: string): boolean => {
  const today = chinaDate(line.at) === date
  switch (type) {
    case 'ALL':
      return today
    case 'SUCCESS':
      return today && line.refund === null
    case 'REFUND': {
      const succeededAt = line.refund?.succeededAt ?? null
      return (
        line.refund !== null && (today || (succeededAt !== null && chinaDate(succeededAt) === date))
      )
    }
  }
}

const linesOf = (world: World, owner: string, date: string, asOf: number): readonly Line[] => {
  const day = world.ledger.day(owner, date)
  if (day === undefined) return []
  const orderOf = (part: Refund | Reversal) =>
    must(world.ledger.order(part, part.outTradeNo), `order ${part.outTradeNo}`)
  return [
    ...day.orders.map(paymentLine),
    ...[...day.refunds].map((refund) => refundLine(refund, orderOf(refund), asOf)),
    ...day.reversals.map((reversal) => reversalLine(reversal, orderOf(reversal))),
  ]
}

/** Null when nothing happened that day. `asOf` is when the bill was made. */
export const tradeBill = (
  world: World,
  owners: readonly string[],
  date: string,
  asOf: number,
  type: TradeBillType,
): string | null => {
  const all = owners
    .flatMap((owner) => linesOf(world, owner, date, asOf))
    .filter((line) => belongs(line, type, date))
    .toSorted((a, b) => a.at - b.at)
  if (all.length === 0) return null
  const sum = (pick: (line: Line) => number) => all.reduce((total, line) => total + pick(line), 0)
  const summary = [
    String(all.length),
    yuan(sum((line) => line.settlement)),
    yuan(sum((line) => line.refund?.settlement ?? 0)),
    yuan(sum((line) => line.refund?.coupon ?? 0)),
    feeYuan(sum((line) => line.fee)),
    yuan(sum((line) => line.total)),
    yuan(sum((line) => line.refund?.asked ?? 0)),
  ]
  const rows = all.map((line) => tradeRow(line, type))
  return lines(HEADERS[type], ...rows, SUMMARY, row(summary))
}

const fundRow = (entry: FundRow): string =>
  row([
    chinaStamp(entry.at),
    entry.businessNo,
    entry.flowNo,
    entry.name,
    entry.type,
    entry.amount < 0 ? '支出' : '收入',
    yuan(Math.abs(entry.amount)),
    yuan(entry.balance),
    entry.by,
    entry.note,
    entry.voucher,
  ])

/** Null when no money moved that day. */
export const fundBill = (world: World, owner: string, date: string): string | null => {
  const entries = world.ledger.day(owner, date)?.funds ?? []
  if (entries.length === 0) return null
  const income = entries.filter((entry) => entry.amount >= 0)
  const spent = entries.filter((entry) => entry.amount < 0)
  const sum = (part: readonly FundRow[]) =>
    yuan(part.reduce((total, entry) => total + Math.abs(entry.amount), 0))
  const summary = [
    String(entries.length),
    String(income.length),
    sum(income),
    String(spent.length),
    sum(spent),
  ]
  return lines(FUND_HEADER, ...entries.map(fundRow), FUND_SUMMARY, row(summary))
}
