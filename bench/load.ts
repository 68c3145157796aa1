/** What a load is, for the process that makes it and the one that measures. */
import { makeNumber } from '../src/domain/numbers.ts'

/** Requests that begin in the warm-up are sent and checked like all others, but not counted. */
export type Spans = { readonly warmUpMs: number; readonly measureMs: number }

export type Load = {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly clients: number
  /** The first payment to refund, and how many there are. */
  readonly from: number
  readonly payments: number
  readonly spans: Spans
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
