/**
 * The load generator: tills that each send their next refund as soon as the last one is answered, or together so many a
 * second. Then the time of an answer counts from when its request was due, so that a server that falls behind cannot
 * hide it by being asked later.
 */
import { randomInt } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { Pool } from 'undici'
import { answering } from './child.ts'
import { paymentOf, refundNumber, type Load, type Loaded } from './load.ts'

/** Beyond the server's own patience with a channel. */
const ANSWER_TIMEOUT_MS = 30_000

async function drive(load: Load): Promise<Loaded> {
  const pool = new Pool(load.url, {
    connections: load.clients,
    pipelining: 1,
    headersTimeout: ANSWER_TIMEOUT_MS,
    bodyTimeout: ANSWER_TIMEOUT_MS,
  })
  const headers = { ...load.headers, 'content-type': 'application/json' }
  const tookMs: number[] = []
  const refused: Record<string, { count: number; body: string }> = {}
  let acknowledged = 0
  let used = 0
  const start = performance.now()
  const begin = start + load.spans.warmUpMs
  const end = begin + load.spans.measureMs

  const dueAt = (n: number): number =>
    load.ratePerSecond === null ? performance.now() : start + (n * 1000) / load.ratePerSecond

  const till = async () => {
    for (let from = dueAt(used); from < end; from = dueAt(used)) {
      const payment = paymentOf(load.stock, used)
      used += 1
      const early = from - performance.now()
      if (early > 0) await delay(early)
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: '/v1/refunds',
        headers,
        body: JSON.stringify({
          no: refundNumber(randomInt),
          payment,
          items: [{ line: 1, quantity: 1 }],
          method: 'original',
          reason: 'quality',
        }),
      })
      const text = await body.text()
      const now = performance.now()
      if (statusCode >= 200 && statusCode < 300) {
        acknowledged += 1
        if (now >= begin && now <= end) tookMs.push(now - from)
      } else {
        refused[statusCode] ??= { count: 0, body: text }
        refused[statusCode].count += 1
      }
    }
  }
  try {
    await Promise.all(Array.from({ length: load.clients }, till))
  } finally {
    await pool.destroy()
  }
  return { tookMs, acknowledged, refused }
}

answering(drive)
