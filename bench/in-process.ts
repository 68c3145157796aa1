/** The core without HTTP: refunds requested, sent and settled batch after batch by commands alone. */
import { randomInt } from 'node:crypto'
import type { Core } from '../src/commands/core.ts'
import { requestRefunds } from '../src/commands/request-refunds.ts'
import { sendAttempts } from '../src/commands/send-attempts.ts'
import type { RefundRequest } from '../src/domain/request.ts'
import { paymentOf, refundNumber, type Spans, type Stock } from './load.ts'
import { summarise, type Figures } from './figures.ts'
import type { Shop } from './shop.ts'

export type InProcess = {
  readonly batch: number
  readonly stock: Stock
  readonly spans: Spans
}

/** @returns the figures, and how many refunds were acknowledged, those of the warm-up too. */
export async function driveCommands(
  core: Core,
  shop: Shop,
  work: InProcess,
): Promise<{ readonly figures: Figures; readonly acknowledged: number }> {
  const tookMs: number[] = []
  const begin = performance.now() + work.spans.warmUpMs
  const end = begin + work.spans.measureMs
  let used = 0
  for (let from = performance.now(); from < end; from = performance.now()) {
    const first = used
    await refundBatch(
      core,
      shop,
      Array.from({ length: work.batch }, (_, place) =>
        requestFor(paymentOf(work.stock, first + place)),
      ),
    )
    used += work.batch
    const now = performance.now()
    if (now >= begin && now <= end) for (let n = 0; n < work.batch; n += 1) tookMs.push(now - from)
  }
  return { figures: summarise(tookMs, work.spans.measureMs), acknowledged: used }
}

const requestFor = (paymentNo: string): RefundRequest => ({
  no: refundNumber(randomInt),
  paymentNo,
  ask: { kind: 'items', items: [{ line: 1, quantity: 1 }] },
  method: 'original',
  reason: 'quality',
  note: '',
  replaces: null,
})

async function refundBatch(core: Core, shop: Shop, requests: readonly RefundRequest[]) {
  const results = await requestRefunds(core, shop.actor, requests, core.clock.now())
  const leases = results.map((result) => {
    if (result.kind === 'stored' && result.lease) return result.lease
    throw new Error(`a refund was not sent at once: ${JSON.stringify(result)}`)
  })
  await sendAttempts(core, shop.tenant, leases)
}
