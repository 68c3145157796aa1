/** Who was right about payments: the channel's record of each order against ours. An empty list is the only good answer. */
import type { Order } from '../sandbox/wechatpay/ledger.ts'
import { UNCLEAR_STATES } from '../src/domain/payment.ts'
import type { Finding } from './judge.ts'

type OrderOf = (number: string) => Pick<Order, 'state'> | undefined

export type JudgedPayment = {
  readonly payment_no: string
  readonly sale_no: string
  readonly state: string
  readonly paid_fen: number
  readonly channel_number: string
  /** What is to be paid of the whole sale. */
  readonly sale_fen: number
}

/** What must hold between any two steps: what is called clear is so at the channel. */
export const judgePayments = (payments: readonly JudgedPayment[], orderOf: OrderOf): Finding[] => [
  ...payments.flatMap((payment) => untruth(payment, orderOf(payment.channel_number))),
  ...paidTwice(payments, orderOf),
]

/** Once nothing goes wrong any more and everything had its time, each is clear. */
export const judgePaymentsAtRest = (
  payments: readonly JudgedPayment[],
  acknowledged: ReadonlySet<string>,
): Finding[] => [
  ...payments
    .filter(({ state }) => UNCLEAR_STATES.some((each) => each === state))
    .map((each) => finding('every payment ends', `${each.payment_no} is ${each.state}`)),
  ...[...acknowledged]
    .filter((no) => !payments.some((each) => each.payment_no === no))
    .map((no) => finding('no acknowledged payment is lost', no)),
]

/** The shop has the customer's money, whatever of it was refunded since. */
const isPaid = (order: ReturnType<OrderOf>): boolean =>
  order?.state === 'SUCCESS' || order?.state === 'REFUND'

function untruth(payment: JudgedPayment, order: ReturnType<OrderOf>): Finding[] {
  const what = `${payment.payment_no} is ${payment.state}, at the channel ${order?.state ?? 'not known'}`
  switch (payment.state) {
    case 'paid':
      return isPaid(order) ? [] : [finding('nothing is called taken that was not', what)]
    case 'closed':
    case 'reversed':
      return isPaid(order) ? [finding('nothing is called given up that was taken', what)] : []
    default:
      return []
  }
}

/** A customer pays no more than the sale, however many payments of it were begun. */
function paidTwice(payments: readonly JudgedPayment[], orderOf: OrderOf): Finding[] {
  const bySale = Map.groupBy(payments, (each) => each.sale_no)
  return [...bySale].flatMap(([sale, all]) => {
    const paid = all.filter((each) => isPaid(orderOf(each.channel_number)))
    const sum = paid.reduce((total, each) => total + each.paid_fen, 0)
    return sum > (all[0]?.sale_fen ?? 0)
      ? [finding('no sale is paid twice', `${sale}: ${sum} fen`)]
      : []
  })
}

const finding = (promise: string, what: string): Finding => ({ promise, what })
