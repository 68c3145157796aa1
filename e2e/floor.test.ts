/** The till in the oldest browser it promises to run in: a refund from signing in to the slip. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { pay } from '../test/support/till.ts'
import { seriousFindings } from './support/axe.ts'
import { CHROMIUM, launch } from './support/chromium.ts'
import { openShopWithPins, PINS } from './support/counter.ts'
import { SHOP_DAY } from './support/day.ts'
import { HAS_OLD_CHROMIUM, launchOld, type OldChromium } from './support/old-chromium.ts'

const SLIP_IS_DRAWN = `[].some.call(document.images, function (each) { return each.complete && each.width > 100 })`

let browser: OldChromium
beforeAll(async () => {
  if (HAS_OLD_CHROMIUM) browser = await launchOld()
})
afterAll(() => browser?.close())

describe.skipIf(!HAS_OLD_CHROMIUM)('in Chromium 69', () => {
  test('a refund is made and its slip shown', async () => {
    const till = await openShopWithPins()
    const payment = await pay(till, 12_800, {
      items: [
        { name: '宫保鸡丁', quantity: 2, amount: 7_600 },
        { name: '麻婆豆腐', quantity: 1, amount: 2_800 },
        { name: '米饭', quantity: 6, amount: 2_400 },
      ],
    })
    const page = await browser.page()
    await page.runFirst(SHOP_DAY)
    await page.runFirst(`localStorage.setItem('yuanlu.terminal', '${till.keys.terminals['t1']}')`)
    await page.open(`${till.url}/till/`)
    await page.sees('请选择姓名')
    expect(await page.evaluate('navigator.userAgent')).toContain('Chrome/69.')
    await page.shoot('floor-sign-in')
    await page.tap('张三')
    await page.sees('请输入密码')
    await page.type(PINS.zhang)
    await page.shoot('floor-pin')
    await page.tap('确定')
    await page.sees('扫码退款')
    await page.shoot('floor-home')
    await page.type(`${payment.billNo ?? ''}`)
    await page.sees('实付')
    await page.shoot('floor-sale')
    await page.tap('退款')
    await page.sees('退多少')
    await page.tap('按商品')
    await page.sees('宫保鸡丁')
    await page.shoot('floor-items')
    await page.tap('按金额')
    await page.tap('1')
    await page.tap('2')
    await page.shoot('floor-amount')
    await page.tap('下一步')
    await page.sees('确认退款 ¥12.00')
    await page.shoot('floor-confirm')
    await page.tap('确认退款 ¥12.00')
    await page.sees('退款成功')
    await page.shoot('floor-result')
    await page.tap('打印顾客联')
    await expect.poll(() => page.evaluate(SLIP_IS_DRAWN), { timeout: 10_000 }).toBe(true)
    await page.shoot('floor-slip')
    expect(page.faults).toEqual([])
  })
})

describe.skipIf(CHROMIUM === null)('below the floor', () => {
  test('nothing is begun: the page says what is wrong and what to do, in both languages', async () => {
    const till = await openShopWithPins()
    const modern = await launch()
    onTestFinished(() => modern.close())
    // By the name that it gives itself: of a browser that old none is at hand.
    const userAgent =
      'Mozilla/5.0 (Linux; Android 7.1.2; P2) AppleWebKit/537.36 Chrome/52.0.2743.100'
    const page = await modern.newPage({ viewport: { width: 360, height: 640 }, userAgent })
    const asked: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).pathname))
    await page.goto(`${till.url}/till/`)
    await page.getByRole('heading', { name: '浏览器版本太低' }).waitFor()
    await page.getByText('至少要 Chrome 内核 69，这台设备是 Chrome 52').waitFor()
    await page.getByRole('heading', { name: 'This browser is too old' }).waitFor()
    await page.screenshot({ path: 'e2e/shots/floor-too-old.png' })
    expect(asked.filter((path) => path.startsWith('/v1'))).toEqual([])
    expect(await seriousFindings(page)).toEqual([])
  })
})
