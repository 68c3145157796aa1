/** Two tills at one sale, and a till that dies in the middle. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inTenant } from '../src/db/connect.ts'
import { pass } from '../test/support/given.ts'
import { TENANT } from '../test/support/shop.ts'
import { pay } from '../test/support/till.ts'
import { startVirtualPrinter } from '../test/support/virtual-printer.ts'
import { CHROMIUM, HOW_TO_INSTALL, launch } from './support/chromium.ts'
import { openCounter } from './support/counter.ts'
import { look } from './support/looks.ts'

const MINUTE = 60_000

let browser: Browser
beforeAll(async () => {
  if (CHROMIUM === null) return console.warn(HOW_TO_INSTALL)
  browser = await launch()
})
afterAll(() => browser?.close())

describe.skipIf(CHROMIUM === null)('two tills', () => {
  test('the second sees who is at it, goes on with the refund of the first that died, and prints its slip', async () => {
    const counter = await openCounter(browser, { channelTimeoutMs: 400, notified: false })
    const { till, page, context, signIn, scan, another } = counter
    await using printer = await startVirtualPrinter()
    await inTenant(till.core.db, TENANT, (tx) =>
      tx
        .updateTable('terminal')
        .set({ store_no: 's1', printer: printer.address })
        .where('terminal_no', '=', 't2')
        .execute(),
    )
    const payment = await pay(till, 12_800)
    till.sandbox.faults.set({ on: 'refund', kind: 'executed_then_timeout', times: 1 })
    till.sandbox.faults.set({ on: 'refund_query', kind: 'lost' })

    await signIn('zhang')
    await scan(payment.billNo ?? '')
    await page.getByRole('button', { name: '退款', exact: true }).click()
    await page.getByText('按金额').click()
    for (const key of '12') await page.getByRole('button', { name: key, exact: true }).click()
    await page.getByRole('button', { name: '下一步' }).click()
    await page.getByRole('button', { name: '确认退款 ¥12.00' }).click()
    await page.getByRole('heading', { name: '结果待确认' }).waitFor()
    // Its battery is empty.
    await context.close()

    const second = await another('t2')
    await signIn('li', second)
    await scan(payment.billNo ?? '', second)
    const atWork = second.getByRole('button', { name: /1号机 张三 今天 \d\d:\d\d 正在退 ¥12\.00/ })
    await atWork.waitFor()
    await look(counter, second, 'sale-at-work')
    await atWork.click()
    await second.getByRole('heading', { name: '结果待确认' }).waitFor()
    till.sandbox.faults.clear()
    await second.getByRole('button', { name: /^继续查询/ }).click()
    await pass(till, MINUTE)
    await second.getByRole('heading', { name: '退款成功' }).waitFor()

    await second.getByRole('button', { name: '打印顾客联' }).click()
    await second.getByRole('img', { name: '凭证' }).waitFor()
    await second.getByRole('button', { name: '打印', exact: true }).click()
    await second.getByText('已送打印机。').waitFor()
    await expect.poll(() => printer.jobs.length).toBeGreaterThan(0)
    expect(till.sandbox.book.executedRefunds()).toHaveLength(1)
    expect(till.sandbox.book.refundedFen()).toBe(1_200)
  })

  test('what two tills begin at the same sale is one refund each, and never more than was paid', async () => {
    const { till, page, signIn, another } = await openCounter(browser)
    await inTenant(till.core.db, TENANT, (tx) =>
      tx.updateTable('terminal').set({ store_no: 's1' }).where('terminal_no', '=', 't2').execute(),
    )
    const payment = await pay(till, 10_000)
    const second = await another('t2')
    await signIn('zhang')
    await signIn('li', second)
    for (const each of [page, second]) {
      await each.goto(`${till.url}/till/#/sale/${payment.sale}`)
      await each.getByRole('button', { name: '退款', exact: true }).click()
      await each.getByRole('button', { name: '下一步' }).click()
      await each.getByRole('button', { name: '确认退款 ¥100.00' }).waitFor()
    }
    await page.getByRole('button', { name: '确认退款 ¥100.00' }).click()
    await page.getByRole('heading', { name: '退款成功' }).waitFor()
    await second.getByRole('button', { name: '确认退款 ¥100.00' }).click()
    await second.getByText(/没有可退的金额了/).waitFor()
    expect(till.sandbox.book.refundedFen()).toBe(10_000)
  })
})
