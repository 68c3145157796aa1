/** What a load is, for the process that makes it and the one that measures. */
import { makeNumber } from '../src/domain/numbers.ts'

/** What is answered in the warm-up, or after the end, is checked like all else, but not counted. */
export type Spans = { readonly warmUpMs: number; readonly measureMs: number }

export type Load = {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly clients: number
  /** Null: each client sends its next request when the last one is answered. */
  readonly ratePerSecond: number | null
  readonly stock: Stock
  readonly spans: Spans
}

/** Payments to refund, one piece of one item at a time. */
export type Stock = {
  /** The place of the first one; the others follow. */
  readonly from: number
  readonly payments: number
  /** How often each may be refunded: a channel may want time between two refunds of one payment. */
  readonly timesEach: number
}

/**
 * A prime. Customers do not come back in the order they paid, and rows that were written side by side would all be changed
 * in one place.
 */
const STRIDE = 7_919

/** The payment of the n-th refund: all of them in turn, so that refunds of one payment never meet. */
export function paymentOf(stock: Stock, n: number): string {
  if (n >= stock.payments * stock.timesEach)
    throw new Error('there were too few payments to refund')
  const stride = stock.payments % STRIDE === 0 ? 1 : STRIDE
  return paymentNumber(stock.from + ((n * stride) % stock.payments))
}

/** What came of a load; `tookMs` has one latency for each answer that was counted. */
export type Loaded = {
  readonly tookMs: readonly number[]
  /** Requests answered with a 2xx, those of the warm-up too. */
  readonly acknowledged: number
  /** Answers that were none, by status, with the first body of each. */
  readonly refused: Readonly<Record<string, { readonly count: number; readonly body: string }>>
}

const DAY = '260101'

/** The number of the benchmark's n-th payment. */
export const paymentNumber = (n: number): string =>
  makeNumber('payment', DAY, String(n).padStart(13, '0'))

/** A fresh number as a till makes it. */
export const refundNumber = (randomInt: (below: number) => number): string =>
  makeNumber(
    'refund',
    DAY,
    String(randomInt(1_000_000)).padStart(6, '0') + String(randomInt(10_000_000)).padStart(7, '0'),
  )
