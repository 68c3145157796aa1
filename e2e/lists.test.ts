/** What a till lists: refunds that have not ended, bills of a day, sales found without a receipt. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pass } from '../test/support/given.ts'
import { pay, wish } from '../test/support/till.ts'
import { act, ask } from '../test/support/walk.ts'
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

describe.skipIf(CHROMIUM === null)('lists', () => {
  test('the home screen shows what has not ended here, what needs a person first, until it ends', async () => {
    const counter = await openCounter(browser)
    const { till, page, signIn } = counter
    const done = await pay(till, 2_000)
    await ask(till, wish(done.no, { amount: 100 }))
    const lost = await pay(till, 3_000)
    till.sandbox.faults.set({ on: 'refund', kind: 'returned_to_merchant', times: 1 })
    const owed = await ask(till, wish(lost.no, { amount: 1_500 }))
    await pass(till, 2 * MINUTE)
    const large = await pay(till, 90_000)
    const waits = await ask(till, wish(large.no, { amount: 30_000 }))
    for (const amount of [20_100, 20_200]) await ask(till, wish(large.no, { amount }))
    await signIn('zhang')

    const strips = page.locator('button.strip')
    await expect.poll(() => strips.count()).toBe(4)
    const texts = await strips.allInnerTexts()
    expect(texts[0]).toMatch(/应退未退.*¥15\.00.*请叫店长处理：李四、王五。/s)
    expect(texts[1]).toContain('待审核')
    expect(texts[3]).toContain('还有 1 笔没有完成')
    await look(counter, page, 'home-unfinished')

    await strips.nth(3).click()
    await expect.poll(() => page.locator('.list-card .row').count()).toBe(4)
    await page.goBack()
    await act(till, waits.no, 'reject', { reason: 'no_proof' }, 'li')
    await expect.poll(() => strips.count(), { timeout: 10_000 }).toBe(3)
    await strips.first().click()
    await page.getByRole('heading', { name: '应退未退' }).waitFor()
    expect(page.url()).toContain(owed.no)
    await page.getByText('请叫店长处理：李四、王五。').waitFor()
    await look(counter, page, 'result-owed-cashier')
  })

  test('bills of a day: whose, in which state, page by page, and a way to each', async () => {
    const counter = await openCounter(browser)
    const { till, page, signIn } = counter
    const payment = await pay(till, 90_000)
    for (let place = 0; place < 23; place += 1) {
      await ask(till, wish(payment.no, { amount: 100 + place }))
    }
    await pass(till, 2 * MINUTE)
    const cancelled = await ask(till, wish(payment.no, { amount: 40_000 }))
    await act(till, cancelled.no, 'withdraw')
    await signIn('zhang')
    await page.getByRole('button', { name: '账单', exact: true }).click()

    const rows = page.locator('.list-card .row')
    await expect.poll(() => rows.count()).toBe(20)
    await look(counter, page, 'bills-refunds')
    await page.getByRole('button', { name: '再看一页' }).click()
    await expect.poll(() => rows.count()).toBe(24)
    expect(await page.getByRole('button', { name: '再看一页' }).count()).toBe(0)
    await page.getByLabel('状态').selectOption('withdrawn')
    await expect.poll(() => rows.count()).toBe(1)
    await rows.first().click()
    await page.getByRole('heading', { name: '已撤回' }).waitFor()
    await page.goBack()
    // As it was left.
    await expect.poll(() => rows.count()).toBe(1)
    await page.getByText('我的', { exact: true }).click()
    await expect.poll(() => rows.count()).toBe(1)
    await page.getByRole('button', { name: '前一天' }).click()
    await page.getByText('没有退款记录').waitFor()
    await look(counter, page, 'bills-empty')

    await page.getByRole('button', { name: '后一天' }).click()
    await page.getByText('收款', { exact: true }).click()
    await page.getByText('本店', { exact: true }).click()
    await expect.poll(() => rows.count()).toBe(1)
    await look(counter, page, 'bills-sales')
    await rows.first().click()
    await page.getByRole('heading', { name: '退款记录' }).waitFor()
  })

  test('without a receipt: by amount, time and the last digits of a number', async () => {
    const counter = await openCounter(browser)
    const { till, page, signIn } = counter
    const wanted = await pay(till, 12_800)
    await pay(till, 12_800)
    await pay(
      till,
      1_234_500,
      {},
      till.sandbox.createCustomer({ balance: 9_000_000, passwordAbove: null }),
    )
    await signIn('zhang')
    await page.getByRole('button', { name: '无小票查找' }).click()
    const find = page.getByRole('button', { name: '查找', exact: true })
    expect(await find.isDisabled()).toBe(true)
    await page.getByLabel('付了多少钱（元）').fill('12.345')
    await page.getByText('金额要写成 12 或 12.50 的样子。').waitFor()
    await page.getByLabel('付了多少钱（元）').fill('128')
    await find.click()
    const rows = page.locator('.list-card .row')
    await expect.poll(() => rows.count()).toBe(2)
    await page.getByLabel('单号最后').fill((wanted.billNo ?? '').slice(-6))
    await find.click()
    await expect.poll(() => rows.count()).toBe(1)
    await rows.first().click()
    await page.getByRole('button', { name: '退款', exact: true }).waitFor()
    expect(page.url()).toContain(wanted.sale)

    await page.goBack()
    await look(counter, page, 'search')
    await look(counter, page, 'search-found', async ({ search, scan }) => {
      await page.getByLabel(search.amount).fill('12345')
      await page.getByText(search.spans.week).click()
      await page.getByRole('button', { name: scan.find, exact: true }).click()
      await rows.first().waitFor()
    })
    await look(counter, page, 'search-none', async ({ search, scan }) => {
      await page.getByLabel(search.amount).fill('7')
      await page.getByText(search.spans.day, { exact: true }).click()
      await page.getByRole('button', { name: scan.find, exact: true }).click()
      await page.getByText(search.none).waitFor()
    })
  })
})
