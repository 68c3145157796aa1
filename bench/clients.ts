/** The load generator: tills that each send their next refund as soon as the last one is answered. */
import { randomInt } from 'node:crypto'
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
  const begin = performance.now() + load.spans.warmUpMs
  const end = begin + load.spans.measureMs

  const till = async () => {
    for (let from = performance.now(); from < end; from = performance.now()) {
      const payment = paymentOf(load.stock, used)
      used += 1
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
