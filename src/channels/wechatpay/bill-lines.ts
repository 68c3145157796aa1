/** The rows of a trade bill and of a fund bill in our words. */
import { ZERO } from '../../domain/money.ts'
import type { StatementLine } from '../channel.ts'
import { column, fenOfFee, fenOfYuan, momentOf, type BillRow } from './bill-table.ts'

/** The bill has words of its own for a refund's state; CHANGE is its ABNORMAL and FAIL its CLOSED. */
const REFUND_STATES: Readonly<Record<string, StatementLine['state']>> = {
  SUCCESS: 'succeeded',
  PROCESSING: 'processing',
  CHANGE: 'stuck',
  FAIL: 'closed',
}

/** A refund's state is the one it had when the bill was made. A row with a state we do not know is `other`. */
export function tradeLine(row: BillRow): StatementLine {
  const state = column(row, '交易状态')
  const common = {
    at: momentOf(column(row, '交易时间')),
    paymentNumber: column(row, '商户订单号'),
    paymentChannelNo: column(row, '微信订单号'),
    feeFen: fenOfFee(column(row, '手续费')),
    raw: row,
  }
  if (state === 'SUCCESS') {
    return {
      ...common,
      kind: 'payment',
      refundNumber: null,
      refundChannelNo: null,
      amount: fenOfYuan(column(row, '订单金额', '总金额')),
      settlementFen: fenOfYuan(column(row, '应结订单金额', '总金额')),
      state: 'succeeded',
    }
  }
  const refund = {
    ...common,
    refundNumber: numberOrNull(column(row, '商户退款单号')),
    refundChannelNo: numberOrNull(column(row, '微信退款单号')),
    // What was asked for; 退款金额 is what is left of it after coupons.
    amount: fenOfYuan(column(row, '申请退款金额', '退款金额')),
    settlementFen: fenOfYuan(column(row, '退款金额')),
  }
  if (state === 'REVOKED') return { ...refund, kind: 'reversal', state: 'reversed' }
  const refundState = REFUND_STATES[column(row, '退款状态')]
  if (state !== 'REFUND' || refundState === undefined) {
    return { ...refund, kind: 'other', state: 'processing' }
  }
  return { ...refund, kind: 'refund', state: refundState }
}

/** `0` stands where a row has no refund. */
const numberOrNull = (text: string): string | null => (text === '0' || text === '' ? null : text)

/** 退款总金额0.01元;含手续费0.00元: the gross sum and the commission in it, both without a sign. */
const GROSS = /退款总金额(\d+\.\d{2})元(?:;含手续费(\d+\.\d{2})元)?/

/** Money that comes back is no refund, and money that leaves no payment, whatever the row calls itself. */
function fundKind(row: BillRow): StatementLine['kind'] {
  const business = column(row, '业务类型')
  const isSpent = column(row, '收支类型') === '支出'
  if (business === '交易' && !isSpent) return 'payment'
  if (business !== '退款' || !isSpent) return 'other'
  // A reversed payment has no refund number: its row carries the payment's.
  return column(row, '业务名称').includes('撤销') ? 'reversal' : 'refund'
}

/**
 * A movement of the merchant's money, which is the strongest proof that a refund was paid for. `settlementFen` is
 * what moved; `amount` adds the commission that was given back, which only the remark tells.
 */
export function fundLine(row: BillRow): StatementLine {
  const kind = fundKind(row)
  const isRefund = kind === 'refund'
  const isBack = isRefund || kind === 'reversal'
  const moved = fenOfYuan(column(row, '收支金额(元)'))
  const gross = GROSS.exec(column(row, '备注'))
  const channelNo = column(row, '微信支付业务单号')
  const number = column(row, '业务凭证号')
  return {
    kind,
    at: momentOf(column(row, '记账时间')),
    paymentNumber: isRefund ? '' : number,
    paymentChannelNo: isBack ? '' : channelNo,
    refundNumber: isRefund ? number : null,
    refundChannelNo: isBack ? channelNo : null,
    amount: isBack && gross?.[1] !== undefined ? fenOfYuan(gross[1]) : moved,
    settlementFen: moved,
    feeFen: isBack && gross?.[2] !== undefined ? fenOfYuan(gross[2]) : ZERO,
    state: kind === 'reversal' ? 'reversed' : 'succeeded',
    raw: row,
  }
}
