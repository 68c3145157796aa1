/** A shift from its opening to the next person, and the day that it was a part of. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ShiftShown } from '../src/api/contract-shifts.ts'
import { pass } from '../test/support/given.ts'
import { pay, wish } from '../test/support/till.ts'
import { ask } from '../test/support/walk.ts'
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

const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' })
const enter = async (page: Page, keys: string) => {
  for (const key of keys) await button(page, key).click()
}
const fact = (page: Page, name: string) =>
  page.locator('.facts > div', { hasText: name }).locator('dd').first()

describe.skipIf(CHROMIUM === null)('shifts', () => {
  test('opened, refunds counted as they stand, handed over short with one still open, on paper', async () => {
    const counter = await openCounter(browser, { channelTimeoutMs: 400, notified: false })
    const { page, signIn, till } = counter
    await signIn('zhang')
    await button(page, /还没有开班/).click()
    await look(counter, page, 'shift-open')
    await enter(page, '500')
    await button(page, '开班 备用金 ¥500.00').click()
    await fact(page, '备用金').getByText('500').waitFor()

    const payment = await pay(till, 12_800)
    await ask(till, wish(payment.no, { amount: 2_000 }))
    await pass(till, 2 * MINUTE)
    const cash = await ask(
      till,
      wish((await pay(till, 9_000)).no, { amount: 3_000, method: 'cash' }),
      'zhang',
      'li',
    )
    await till.call('POST', `/v1/refunds/${cash.no}/cash`, { answer: 'paid' })
    till.sandbox.faults.set({ on: 'refund', kind: 'executed_then_timeout', times: 1 })
    till.sandbox.faults.set({ on: 'refund_query', kind: 'lost' })
    await ask(till, wish((await pay(till, 6_000)).no, { amount: 1_500 }))
    await page.reload()
    await fact(page, '退款成功').getByText('50').waitFor()
    await fact(page, '退款结果待确认').getByText('15').waitFor()
    await fact(page, '已付现金退款').getByText('30').waitFor()
    await look(counter, page, 'shift')

    await button(page, '清点现金，交班').click()
    expect(await page.getByText('应有现金').count()).toBe(0)
    await enter(page, '465')
    await look(counter, page, 'shift-count')
    await enter(page, '465')
    await button(page, '下一步').click()
    await fact(page, '应有现金').getByText('470').waitFor()
    await fact(page, '短款').getByText('5').waitFor()
    await page.getByLabel('说明').fill('找零出错')
    await page.getByText('未完成的退款 1 笔').waitFor()
    await counter.shoot('shift-confirm-zh-360')
    await button(page, '确认交班 实点 ¥465.00').click()
    await page.getByRole('img', { name: '交接班单' }).waitFor()
    await look(counter, page, 'shift-slip')
    await button(page, '返回').click()
    await button(page, /张三 · 1号机.*短款/).waitFor()
    await look(counter, page, 'shifts')
    const { body } = await till.call('GET', '/v1/shifts')
    const [closed] = (body as { shifts: ShiftShown[] }).shifts
    expect(closed).toMatchObject({ countedCash: 46_500, expectedCash: 47_000, difference: -500 })
    expect(till.sandbox.book.refundedFen()).toBe(3_500)
  })

  test('an answer that gets lost makes no second shift and no second hand-over; leaving asks once', async () => {
    const counter = await openCounter(browser)
    const { page, signIn, till } = counter
    await signIn('zhang')
    await page.goto(`${till.url}/till/#/shift`)
    // It arrives, and its answer does not.
    await page.route('**/v1/shifts', async (route) => {
      await route.fetch()
      await route.abort()
    })
    await button(page, '开班 备用金 ¥0.00').click()
    await fact(page, '备用金').waitFor()
    await page.unroute('**/v1/shifts')
    await page.goto(`${till.url}/till/#/`)
    await button(page, '退出登录').click()
    await button(page, '先交班').click()
    await enter(page, '0')
    await button(page, '下一步').click()
    await page.route('**/close', async (route) => {
      await route.fetch()
      await route.abort()
    })
    await button(page, '确认交班 实点 ¥0.00').click()
    // The next look finds it closed, and its slip is there all the same.
    await page.getByRole('img', { name: '交接班单' }).waitFor()
    await page.unroute('**/close')
    await page.goto(`${till.url}/till/#/shifts`)
    await button(page, /张三 · 1号机.*相符/).waitFor()
    const { body } = await till.call('GET', '/v1/shifts')
    expect((body as { shifts: unknown[] }).shifts).toHaveLength(1)
  })

  test('a manager closes the day, and once more', async () => {
    const counter = await openCounter(browser)
    const { page, signIn, till } = counter
    const payment = await pay(till, 12_800)
    await ask(till, wish(payment.no, { amount: 2_000 }))
    await pass(till, 2 * MINUTE)
    await signIn('li')
    await button(page, '更多').click()
    await button(page, /^日结/).click()
    await fact(page, '收款').getByText('128').waitFor()
    await fact(page, '退款成功').getByText('20').waitFor()
    await look(counter, page, 'day')
    await button(page, '日结这一天').click()
    await page.getByRole('img', { name: '日结单' }).waitFor()
    await look(counter, page, 'day-slip')
    await button(page, '返回').click()
    await button(page, '再次日结（第 2 次）').click()
    await page.getByRole('img', { name: '日结单' }).waitFor()
    await button(page, '返回').click()
    await button(page, /第 2 次/)
      .first()
      .waitFor()
    expect(await page.locator('.row', { hasText: /第 \d 次/ }).count()).toBe(2)
  })
})
