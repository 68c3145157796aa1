/** Figures of one measurement. */
export type Figures = {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** @param tookMs one latency for each refund that ended within the span */
export function summarise(tookMs: readonly number[], spanMs: number): Figures {
  const sorted = tookMs.toSorted((a, b) => a - b)
  return {
    perSecond: (tookMs.length * 1000) / spanMs,
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
  }
}

/** The smallest of `sorted` that at least this share of them does not exceed; 0 of none. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
}

export const median = (values: readonly number[]): number =>
  quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  )
