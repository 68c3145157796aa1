/** A refund at the counter, as a cashier does it, in three taps. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pay } from '../test/support/till.ts'
import { CHROMIUM, HOW_TO_INSTALL, launch } from './support/chromium.ts'
import { openCounter } from './support/counter.ts'

let browser: Browser
beforeAll(async () => {
  if (CHROMIUM === null) return console.warn(HOW_TO_INSTALL)
  browser = await launch()
})
afterAll(() => browser?.close())

describe.skipIf(CHROMIUM === null)('at the counter', () => {
  test('the number on the bill is scanned, an amount chosen, and the money goes back', async () => {
    const { till, page, signIn, scan, shoot } = await openCounter(browser)
    const payment = await pay(till, 12_800, {
      items: [
        { name: '宫保鸡丁', quantity: 2, amount: 7_600 },
        { name: '麻婆豆腐', quantity: 1, amount: 2_800 },
        { name: '米饭', quantity: 6, amount: 2_400 },
      ],
    })
    await shoot('sign-in')
    await signIn('zhang')
    await shoot('home')

    await scan(payment.billNo ?? '')
    await page.getByRole('button', { name: '退款', exact: true }).waitFor()
    await shoot('sale')
    await page.getByRole('button', { name: '退款', exact: true }).click()
    await page.getByText('按金额').click()
    for (const key of ['1', '2']) await page.getByRole('button', { name: key, exact: true }).click()
    await shoot('amount')
    await page.getByRole('button', { name: '下一步' }).click()
    const confirm = page.getByRole('button', { name: '确认退款 ¥12.00' })
    await confirm.waitFor()
    await shoot('confirm')
    await confirm.click()

    await page.getByRole('heading', { name: '退款成功' }).waitFor()
    await shoot('result')
    await page.getByRole('button', { name: '打印顾客联' }).click()
    await page.getByRole('img', { name: '凭证' }).waitFor()
    await shoot('slip')

    expect(till.sandbox.book.executedRefunds()).toHaveLength(1)
    expect(till.sandbox.book.refundedFen()).toBe(1_200)
  })
})
