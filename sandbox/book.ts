// The sandbox's own record of what it did with money. Tests trust it as judge: it is append-only,
// written in the same step as the act, and knows nothing of what any client was told.
import type { Journal } from './journal.ts'
import { must } from './must.ts'

export type BookKind =
  | 'pay'
  | 'reverse'
  | 'close'
  | 'refund_accepted'
  | 'refund_remedied'
  | 'refund_succeeded'
  | 'refund_abnormal'
  | 'refund_closed'

export type BookEntry = {
  readonly seq: number
  /** Business time, ms. */
  readonly at: number
  readonly channel: 'wechatpay'
  readonly kind: BookKind
  /** The merchant that signed the request. */
  readonly mchid: string
  readonly subMchid: string | null
  readonly outTradeNo: string
  /** Null for a payment that never happened (reverse or close of an unpaid order). */
  readonly transactionId: string | null
  readonly outRefundNo: string | null
  readonly refundId: string | null
  /** Fen of the order (pay, reverse, close) or of the refund. */
  readonly amount: number
  /** Cash the customer paid or gets back, fen. */
  readonly payerAmount: number
  readonly source: 'api' | 'portal' | 'wallet' | 'given'
}

/** One refund as the book knows it: accepted exactly once, with its latest word. */
export type BookRefund = {
  readonly mchid: string
  readonly subMchid: string | null
  readonly outTradeNo: string
  readonly transactionId: string | null
  readonly outRefundNo: string
  readonly refundId: string
  readonly amount: number
  readonly payerAmount: number
  readonly acceptedAt: number
  readonly source: BookEntry['source']
  readonly status: 'processing' | 'abnormal' | 'succeeded' | 'closed'
}

export type Book = {
  readonly append: (entry: Omit<BookEntry, 'seq'>) => void
  readonly entries: () => readonly BookEntry[]
  /** Every refund ever accepted for an order, closed ones too. */
  readonly refundsOf: (outTradeNo: string) => readonly BookRefund[]
  /** Refunds whose money left the merchant: accepted and not closed, once per out_refund_no. */
  readonly executedRefunds: () => readonly BookRefund[]
  /** Σ amount of executed refunds, fen. */
  readonly refundedFen: (outTradeNo?: string) => number
}

const STATUS = {
  refund_accepted: 'processing',
  refund_remedied: 'processing',
  refund_succeeded: 'succeeded',
  refund_abnormal: 'abnormal',
  refund_closed: 'closed',
} as const

const isRefund = (kind: BookKind): kind is keyof typeof STATUS => kind in STATUS

const executed = (refund: BookRefund) => refund.status !== 'closed'

const sum = (refunds: readonly BookRefund[]) =>
  refunds.reduce((total, refund) => total + refund.amount, 0)

export const createBook = (journal: Journal): Book => {
  const entries: BookEntry[] = []
  const refunds = new Map<string, BookRefund>()
  const byOrder = new Map<string, string[]>()

  const fold = (entry: BookEntry) => {
    entries.push(entry)
    const { outRefundNo, refundId, kind } = entry
    if (!isRefund(kind) || outRefundNo === null || refundId === null) return
    const known = refunds.get(refundId)
    if (known !== undefined) {
      // A second acceptance is a defect of the sandbox itself and must never be folded away.
      if (kind === 'refund_accepted') throw new Error(`refund ${outRefundNo} was accepted twice`)
      refunds.set(refundId, { ...known, status: STATUS[kind] })
      return
    }
    const { mchid, subMchid, outTradeNo, transactionId, amount, payerAmount, source } = entry
    refunds.set(refundId, {
      mchid,
      subMchid,
      outTradeNo,
      transactionId,
      outRefundNo,
      refundId,
      amount,
      payerAmount,
      acceptedAt: entry.at,
      source,
      status: STATUS[kind],
    })
    const ofOrder = byOrder.get(outTradeNo)
    if (ofOrder === undefined) byOrder.set(outTradeNo, [refundId])
    else ofOrder.push(refundId)
  }
  for (const entry of journal.load<BookEntry>('book')) fold(entry)

  const refundsOf = (outTradeNo: string) =>
    (byOrder.get(outTradeNo) ?? []).map((id) => must(refunds.get(id), `refund ${id} of the book`))
  const executedRefunds = () => [...refunds.values()].filter(executed)
  return {
    append: (entry) => {
      const numbered = { seq: entries.length + 1, ...entry }
      fold(numbered)
      journal.put('book', String(numbered.seq), numbered)
    },
    entries: () => entries,
    refundsOf,
    executedRefunds,
    refundedFen: (outTradeNo) =>
      sum(outTradeNo === undefined ? executedRefunds() : refundsOf(outTradeNo).filter(executed)),
  }
}
