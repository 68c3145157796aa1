/** Help, and what a cashier finds out with it: is all well, is this slip ours, where is the money. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pass } from '../test/support/given.ts'
import { pay, wish } from '../test/support/till.ts'
import { ask } from '../test/support/walk.ts'
import { CHROMIUM, HOW_TO_INSTALL, launch } from './support/chromium.ts'
import { openCounter, type Counter } from './support/counter.ts'
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

/** A refund that has been paid back. */
async function paidBack({ till }: Counter, fen: number) {
  const payment = await pay(till, 12_800)
  const refund = await ask(till, wish(payment.no, { amount: fen }))
  await pass(till, 2 * MINUTE)
  return { payment, refund }
}

describe.skipIf(CHROMIUM === null)('help', () => {
  test('lies over the screen it is about and keeps what was typed; the rest is one tap away', async () => {
    const counter = await openCounter(browser)
    const { page, signIn, till } = counter
    const payment = await pay(till, 12_800)
    await button(page, '帮助').click()
    await page.getByRole('heading', { name: '帮助：登录' }).waitFor()
    await page.goBack()
    await signIn('zhang')
    await page.goto(`${till.url}/till/#/sale/${payment.sale}`)
    await button(page, '退款').click()
    await page.getByText('按金额').click()
    for (const key of '12') await button(page, key).click()
    await button(page, '帮助').click()
    await page.getByRole('heading', { name: '帮助：退多少' }).waitFor()
    await look(counter, page, 'help-over')
    await page.goBack()
    expect(await page.locator('.amount-huge').innerText()).toContain('12')
    await button(page, '帮助').click()
    await button(page, '全部帮助').click()
    await page.getByRole('heading', { name: '帮助', exact: true }).waitFor()
    await look(counter, page, 'help')
    await button(page, '凭证').click()
    await page.getByText('缺纸、卡纸：退款不受影响。').waitFor()
  })

  test('what each channel lets a refund do is said in its own figures', async () => {
    const counter = await openCounter(browser)
    const { page, signIn, till } = counter
    await signIn('zhang')
    await page.goto(`${till.url}/till/#/rules`)
    await page.getByText(/365 天/).waitFor()
    await look(counter, page, 'rules')
    await page.getByText(/365/).first().waitFor()
    expect(await page.getByText(/50/).count()).toBeGreaterThan(0)
  })
})

describe.skipIf(CHROMIUM === null)('self-check', () => {
  test('says what works, what does not and what to do, before anybody signs in; any code tries the gun', async () => {
    const counter = await openCounter(browser)
    const { page, scan, till } = counter
    await page.goto(`${till.url}/till/#/self-check`)
    const server = page.locator('.finding', { hasText: '服务器' }).first()
    await server.getByText(/连得上，\d+ 毫秒答复/).waitFor()
    await page.locator('.finding-good', { hasText: '微信支付' }).waitFor()
    await page.locator('.finding-wait', { hasText: '扫码键' }).waitFor()
    await scan('134567890123456789')
    await page.getByText('读到了：顾客的付款码（没有收款），18 位。').waitFor()
    expect(till.sandbox.book.entries().filter(({ kind }) => kind === 'pay')).toHaveLength(0)
    await button(page, '放一声').click()
    await page.getByText('放出了提示音').waitFor()
    await look(counter, page, 'self-check', async ({ selfCheck }) => {
      await page.getByText(selfCheck.copy).waitFor()
    })
  })

  test('a server that does not answer is the first thing said', async () => {
    const counter = await openCounter(browser)
    const { page, till, context } = counter
    await page.goto(`${till.url}/till/#/self-check`)
    await page.locator('.finding-good', { hasText: '服务器' }).first().waitFor()
    await context.setOffline(true)
    await button(page, '再查一遍').click()
    await page
      .locator('.finding-fault', { hasText: '服务器' })
      .getByText('连不上服务器。')
      .waitFor()
    await counter.shoot('self-check-offline')
    expect(await page.locator('.finding-fault').count()).toBe(1)
  })
})

describe.skipIf(CHROMIUM === null)('checking a slip', () => {
  test('its square is 一致; another amount on the paper is 不一致; a number alone proves nothing', async () => {
    const counter = await openCounter(browser)
    const { page, signIn, scan, till } = counter
    const { refund } = await paidBack(counter, 2_000)
    const slip = (await till.call('GET', `/v1/refunds/${refund.no}/slip?format=json`)).body as {
      verification: string
      qr: { data: string }
    }
    await signIn('zhang')
    await page.goto(`${till.url}/till/#/slip-check`)
    await page.getByLabel('凭证上的单号').waitFor()
    await look(counter, page, 'slip-check')
    await page.evaluate(`localStorage.setItem('yuanlu.language', 'zh')`)
    await page.reload()
    await page.getByLabel('凭证上的单号').waitFor()
    await scan(slip.qr.data)
    await page.getByRole('heading', { name: '一致', exact: true }).waitFor()
    await counter.shoot('slip-check-match')
    await page.getByLabel('凭证上的金额（元）').fill('200')
    await button(page, '查验').click()
    await page.getByRole('heading', { name: '不一致' }).waitFor()
    await page.getByText('金额不对：与本店记录不同。').waitFor()
    await counter.shoot('slip-check-mismatch')
    await button(page, '查下一张').click()
    await page.getByLabel('凭证上的单号').fill(refund.no)
    await button(page, '查验').click()
    await page.getByRole('heading', { name: '未证实' }).waitFor()
    await button(page, '打开这笔退款').click()
    await page.getByRole('heading', { name: '退款成功' }).waitFor()
    expect(till.sandbox.book.refundedFen()).toBe(2_000)
  })
})

describe.skipIf(CHROMIUM === null)('not arrived', () => {
  test('where it went, by when, where to look, whom to call; and all of it as a text', async () => {
    const counter = await openCounter(browser)
    const { page, signIn, scan, till } = counter
    const { payment, refund } = await paidBack(counter, 2_000)
    await signIn('zhang')
    await page.goto(`${till.url}/till/#/not-arrived`)
    await page.getByText('扫退款凭证，或输入退款单号、订单号。').waitFor()
    await scan(payment.billNo ?? '')
    await page.getByText('① 退到了哪里').waitFor()
    await page.getByText('支付用户零钱').waitFor()
    await look(counter, page, 'not-arrived')
    await button(page, '问题摘要').click()
    const text = page.locator('.case-text')
    await text.getByText(refund.no).waitFor()
    expect(await text.innerText()).toContain(payment.billNo ?? '?')
    await look(counter, page, 'case')
  })

  test('what has not been paid back is not blamed on the customer, and never called failed', async () => {
    const counter = await openCounter(browser, { channelTimeoutMs: 400, notified: false })
    const { page, signIn, till } = counter
    const payment = await pay(till, 12_800)
    till.sandbox.faults.set({ on: 'refund', kind: 'executed_then_timeout', times: 1 })
    till.sandbox.faults.set({ on: 'refund_query', kind: 'lost' })
    const refund = await ask(till, wish(payment.no, { amount: 2_000 }))
    await signIn('zhang')
    await page.goto(`${till.url}/till/#/not-arrived/${refund.no}`)
    await page.getByText('这笔钱还没有退出去').waitFor()
    await counter.shoot('not-arrived-unknown')
    expect(await page.getByText('失败').count()).toBe(0)
  })
})
