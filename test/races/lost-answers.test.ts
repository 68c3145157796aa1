/** Every answer to every refund is lost, a thousand times over. */
import { expect, test } from 'vitest'
import { registry } from '../../src/channels/index.ts'
import { wechatpay } from '../../src/channels/wechatpay/wechatpay.ts'
import type { Core } from '../../src/commands/core.ts'
import { requestRefunds } from '../../src/commands/request-refunds.ts'
import { sendAttempts } from '../../src/commands/send-attempts.ts'
import { inTenant } from '../../src/db/connect.ts'
import { testDatabase } from '../support/database.ts'
import { paidSale, pass, request } from '../support/given.ts'
import { cashier, openShop, TENANT, testClock, testCore, testSandbox } from '../support/shop.ts'

const REFUNDS = 1_000
const TILLS = 20
const MINUTE = 60_000

test(
  'a thousand refunds whose answers never came are executed once each, and known to be',
  { timeout: 400_000 },
  async () => {
    const database = await testDatabase()
    // The channel's own rate limits are off: what is looked at is what lost answers do.
    const sandbox = await testSandbox({
      settings: {
        refundsPerSecond: null,
        refundErrorsPerSecond: null,
        refundQueriesPerSecond: null,
      },
    })
    const clock = testClock()
    // And so are our own: the budget of a second, and the breaker, which would keep most of them from being sent.
    const rate = { perSecond: 1_000_000 }
    const channel = registry([{ ...wechatpay, can: { ...wechatpay.can, rate } }])
    const breaker = { failures: 1_000_000, windowMs: MINUTE, pauseMs: MINUTE }
    const settings = { breaker }
    const patient: Core = { ...testCore(database.db, { clock, settings }), channel }
    const core: Core = {
      ...testCore(database.db, { clock, settings, channelTimeoutMs: 500 }),
      channel,
    }
    await openShop(core, sandbox)
    sandbox.setBalance(sandbox.merchant.mchid, 1_000_000_000)

    const payments: string[] = []
    while (payments.length < REFUNDS) {
      payments.push(
        ...(await Promise.all(
          Array.from({ length: TILLS }, () => paidSale(patient, sandbox, { order: 1_000 })),
        )),
      )
    }
    sandbox.faults.set({ on: 'refund', kind: 'executed_then_timeout' })

    const wishes = payments.map((payment) => request(payment))
    for (let at = 0; at < wishes.length; at += 100) {
      const results = await requestRefunds(core, cashier, wishes.slice(at, at + 100), clock.now())
      const leases = results.flatMap((each) =>
        each.kind === 'stored' && each.lease ? [each.lease] : [],
      )
      expect(leases).toHaveLength(100)
      await sendAttempts(core, TENANT, leases)
    }
    const states = () =>
      inTenant(core.db, TENANT, (tx) =>
        tx
          .selectFrom('refund')
          .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
          .groupBy('state')
          .execute(),
      )
    expect(await states()).toEqual([{ state: 'sending', count: REFUNDS }])

    await pass({ core: patient, clock, sandbox }, MINUTE)
    await pass({ core: patient, clock, sandbox }, 2 * MINUTE)
    expect(await states()).toEqual([{ state: 'succeeded', count: REFUNDS }])
    expect(sandbox.book.executedRefunds()).toHaveLength(REFUNDS)
    expect(new Set(sandbox.book.executedRefunds().map((each) => each.outTradeNo)).size).toBe(
      REFUNDS,
    )
    expect(sandbox.book.refundedFen()).toBe(REFUNDS * 1_000)
  },
)
