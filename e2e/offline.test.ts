/** Without a network, with a bad one, and with one that goes in the worst moment. */
import { readFileSync, statSync } from 'node:fs'
import { appendFile, cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { pay, type Till, type TillOptions } from '../test/support/till.ts'
import { CHROMIUM, HOW_TO_INSTALL, launch } from './support/chromium.ts'
import { NAMES, openCounter, openShopWithPins, PINS } from './support/counter.ts'
import { keepShopDay } from './support/day.ts'
import { fire } from './support/gun.ts'
import { openLine, type Line } from './support/line.ts'

const DIST = join(import.meta.dirname, '../web/dist')

let browser: Browser
beforeAll(async () => {
  if (CHROMIUM === null) return console.warn(HOW_TO_INSTALL)
  browser = await launch()
})
afterAll(() => browser?.close())

const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' })
const stands = (page: Page, word: string) => page.getByRole('heading', { name: word }).waitFor()

/** A till at the far end of a line, with its app on the device. */
async function openFar(options: TillOptions = {}): Promise<{ till: Till; line: Line; page: Page }> {
  const till = await openShopWithPins(options)
  const line = await openLine(till.url)
  const context = await browser.newContext({
    viewport: { width: 360, height: 640 },
    locale: 'zh-CN',
  })
  onTestFinished(() => context.close())
  await keepShopDay(context)
  const key = till.keys.terminals['t1'] ?? ''
  await context.addInitScript(
    (text) => globalThis.localStorage.setItem('yuanlu.terminal', text),
    key,
  )
  const page = await context.newPage()
  await page.goto(`${line.url}/till/`)
  await page.evaluate('navigator.serviceWorker.ready')
  // The first worker takes over from the next load on.
  await page.reload()
  await expect
    .poll(() => page.evaluate('navigator.serviceWorker.controller !== null'), { timeout: 10_000 })
    .toBe(true)
  return { till, line, page }
}

async function signIn(page: Page): Promise<void> {
  await button(page, new RegExp(NAMES.zhang)).click()
  await page.keyboard.type(PINS.zhang)
  await page.keyboard.press('Enter')
  await page.getByText('扫码退款').waitFor()
}

async function toConfirm(page: Page, code: string): Promise<void> {
  await fire(page, code)
  await button(page, '退款').click()
  await page.getByText('按金额').click()
  for (const key of '12') await button(page, key).click()
  await button(page, '下一步').click()
  await button(page, '确认退款 ¥12.00').waitFor()
}

const executed = (till: Till) => till.sandbox.book.executedRefunds()

describe.skipIf(CHROMIUM === null)('without a network', () => {
  test('the till opens, says what is the case, shows help, and signs in by itself ready again', async () => {
    const { line, page } = await openFar()
    await page.goto(`${line.url}/till/#/rules`)
    await page.getByText(/365 天/).waitFor()
    line.cut()
    await page.reload()
    await page.getByText(/存在本机的规则，可能有变/).waitFor()
    await page.getByText(/365 天/).waitFor()
    await page.goto(`${line.url}/till/#/`)
    await page.getByText('连不上服务器，现在不能登录。').waitFor()
    await page.getByRole('heading', { name: /川味小馆/ }).waitFor()
    await page.screenshot({ path: join(import.meta.dirname, 'shots/offline-sign-in.png') })
    await button(page, '帮助').click()
    await page.getByText('点自己的名字。').waitFor()
    await page.goto(`${line.url}/till/#/help`)
    await page.getByText('没有看到“退款成功”之前').waitFor()
    await page.goto(`${line.url}/till/#/`)
    line.mend()
    await expect.poll(() => page.getByText('现在不能登录').count(), { timeout: 15_000 }).toBe(0)
    await signIn(page)
  })

  test('a sale that cannot be looked up is noted, and found from the home screen later', async () => {
    const { till, line, page } = await openFar()
    const payment = await pay(till, 12_800)
    await signIn(page)
    line.cut()
    await fire(page, '134567890123456789')
    await page.getByText('读到：13…89').waitFor()
    expect(await button(page, /记下单号/).count()).toBe(0)
    await fire(page, payment.billNo ?? '')
    await button(page, /记下单号/).click()
    await page.getByText('已记在本机，没有退款。').waitFor()
    await page.screenshot({ path: join(import.meta.dirname, 'shots/offline-noted.png') })
    await page.goto(`${line.url}/till/#/`)
    await button(page, /待查找/).waitFor()
    await page.screenshot({ path: join(import.meta.dirname, 'shots/offline-noted-home.png') })
    line.mend()
    await button(page, /待查找/).click()
    await page.waitForURL(`**/till/#/sale/${payment.sale}`)
    await page.goto(`${line.url}/till/#/`)
    await page.getByText('扫码退款').waitFor()
    expect(await button(page, /待查找/).count()).toBe(0)
  })

  test('what is confirmed is kept as not sent, through a restart, and goes once when somebody says so', async () => {
    const { till, line, page } = await openFar()
    const payment = await pay(till, 12_800)
    await signIn(page)
    await toConfirm(page, payment.billNo ?? '')
    await page.context().setOffline(true)
    line.cut()
    await button(page, '确认退款 ¥12.00').click()
    await stands(page, '未提交')
    await page.screenshot({ path: join(import.meta.dirname, 'shots/offline-unsent.png') })
    expect(await page.getByText('失败').count()).toBe(0)
    // The tab is gone, and with it the signing in.
    const { context } = { context: page.context() }
    await page.close()
    const again = await context.newPage()
    await again.goto(`${line.url}/till/`)
    await again.getByText('本机存着 1 笔没做完的').waitFor()
    await context.setOffline(false)
    line.mend()
    await expect.poll(() => again.getByText('现在不能登录').count(), { timeout: 15_000 }).toBe(0)
    await signIn(again)
    expect(executed(till)).toHaveLength(0)
    await button(again, /未提交 ¥12\.00/).click()
    await button(again, /继续/).click()
    await stands(again, '退款成功')
    expect(executed(till)).toHaveLength(1)
  })
})

describe.skipIf(CHROMIUM === null)('a line that breaks', () => {
  test('between the tap and the answer: nobody calls it failed, and it is one refund', async () => {
    const { till, line, page } = await openFar()
    const payment = await pay(till, 12_800)
    await signIn(page)
    await toConfirm(page, payment.billNo ?? '')
    line.swallowAnswerTo('POST /v1/refunds HTTP')
    await button(page, '确认退款 ¥12.00').click()
    await stands(page, '已提交待确认')
    await page.screenshot({ path: join(import.meta.dirname, 'shots/offline-sent.png') })
    expect(await page.getByText('失败').count()).toBe(0)
    await page.reload()
    line.mend()
    await stands(page, '退款成功')
    expect(executed(till)).toHaveLength(1)
  })

  test('slow and lossy: found, refunded once, and seen to the end', async () => {
    const { till, line, page } = await openFar()
    const payment = await pay(till, 12_800)
    line.worsen({ delayMs: 200, share: 0.02, againMs: 1_000 })
    await signIn(page)
    await toConfirm(page, payment.billNo ?? '')
    const confirm = button(page, '确认退款 ¥12.00')
    await confirm.click()
    // A hand that does not trust the silence.
    await confirm.click({ timeout: 1_000 }).catch(() => undefined)
    await stands(page, '退款成功')
    expect(executed(till)).toHaveLength(1)
    expect(till.sandbox.book.refundedFen()).toBe(1_200)
  })
})

test.skipIf(CHROMIUM === null)(
  'a new version waits for whoever is at work, and for nobody else',
  async () => {
    const pages = await mkdtemp(join(tmpdir(), 'yuanlu-pages-'))
    onTestFinished(() => rm(pages, { recursive: true }))
    await cp(join(DIST, 'till'), pages, { recursive: true })
    const publish = async (version: string) => {
      for (const end of ['.gz', '.br']) await rm(join(pages, `worker.js${end}`), { force: true })
      await appendFile(join(pages, 'worker.js'), `\n// ${version}`)
    }
    const lookForIt = 'navigator.serviceWorker.ready.then((each) => each.update()).then(() => null)'
    const stamp = (page: Page) => page.evaluate('globalThis.stamp').catch(() => 1)
    const { page } = await openFar({ pages })
    await signIn(page)
    await page.evaluate('globalThis.stamp = 1')
    await publish('two')
    await page.evaluate(lookForIt)
    await button(page, /有新版本/).click()
    await expect.poll(() => stamp(page), { timeout: 15_000 }).toBeUndefined()
    await page.getByText('扫码退款').waitFor()
    await button(page, '退出登录').click()
    await page.getByText('请选择姓名').waitFor()
    await page.evaluate('globalThis.stamp = 1')
    await publish('three')
    await page.evaluate(lookForIt)
    await expect.poll(() => stamp(page), { timeout: 15_000 }).toBeUndefined()
    await page.getByText('请选择姓名').waitFor()
  },
)

test.skipIf(CHROMIUM === null)(
  'the home screen needs at most 250 kB, the scanner not among it',
  async () => {
    const { page, signIn: enter } = await openCounter(browser)
    const asked = new Set<string>()
    page.on('request', (request) => asked.add(new URL(request.url()).pathname))
    await page.reload()
    await enter('zhang')
    const files = [...asked].filter((path) => path.startsWith('/till/'))
    const sizes = files.map((path) => [path, sizeOf(path)] as const)
    expect(files.filter((path) => /zxing|reader/.test(path))).toEqual([])
    const total = sizes.reduce((sum, [, bytes]) => sum + bytes, 0)
    expect(total, JSON.stringify(sizes)).toBeLessThan(250_000)
    expect(total).toBeGreaterThan(50_000)
  },
)

/** As gzip carries it; what is not compressed (sound, pictures) counts whole. */
function sizeOf(path: string): number {
  const file = join(DIST, path.endsWith('/') ? `${path}index.html` : path)
  try {
    return statSync(`${file}.gz`).size
  } catch {
    return readFileSync(file).length
  }
}
