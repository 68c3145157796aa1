// Each request a channel received and what it was answered: for tests of rate, limits and retries.

export type RequestRecord = {
  readonly seq: number
  /** Real time, ms. */
  readonly at: number
  readonly operation: string
  readonly method: string
  readonly url: string
  readonly mchid: string | null
  readonly outTradeNo: string | null
  readonly outRefundNo: string | null
  readonly signature: 'ok' | 'bad'
  /** HTTP status; null when the sandbox never answered or cut the connection. */
  readonly status: number | null
  /** Error code of the answer, when it had one. */
  readonly code: string | null
  readonly fault: string | null
  readonly body: string
}

export type RequestLog = {
  readonly add: (record: Omit<RequestRecord, 'seq'>) => void
  /** The latest requests, oldest first; `operation` narrows them. */
  readonly list: (operation?: string) => readonly RequestRecord[]
  readonly count: () => number
}

/** A benchmark sends millions of requests; only the latest are worth their memory. */
const KEPT_MAX = 20_000

export const createRequestLog = (): RequestLog => {
  let records: RequestRecord[] = []
  let seq = 0
  return {
    add: (record) => {
      records.push({ seq: ++seq, ...record })
      if (records.length >= 2 * KEPT_MAX) records = records.slice(-KEPT_MAX)
    },
    list: (operation) =>
      operation === undefined ? records : records.filter((one) => one.operation === operation),
    count: () => seq,
  }
}
