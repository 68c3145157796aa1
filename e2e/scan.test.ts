/** Finding the sale: by camera, by gun, by hand; and what is said of codes that lead to none. */
import { toSVG } from 'bwip-js'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newNumber } from '../test/support/given.ts'
import { pay, wish, type Till } from '../test/support/till.ts'
import { seriousFindings } from './support/axe.ts'
import { CHROMIUM, HOW_TO_INSTALL, launch } from './support/chromium.ts'
import { openCounter } from './support/counter.ts'
import { makeFilm, svgSource } from './support/film.ts'
import { fire, type GunKind, type Suffix } from './support/gun.ts'

const PAYMENT_CODE = '134567890123456789'
const GOODS = '6901234567892'
const TABLET = { width: 768, height: 1024 }
const WITH_CAMERA = { context: { permissions: ['camera'] } }
/** A name that is not this machine's own, so that the browser does not trust it without HTTPS. */
const SHOP = 'till.shop'

const film = makeFilm()
const READING_MS = 130
let browser: Browser
/** One whose camera plays the film, and one without a camera. */
let filming: Browser
beforeAll(async () => {
  if (CHROMIUM === null) return console.warn(HOW_TO_INSTALL)
  browser = await launch([`--host-resolver-rules=MAP ${SHOP} 127.0.0.1`])
  filming = await launch(film.switches)
})
afterAll(async () => {
  await Promise.all([browser?.close(), filming?.close()])
  await film.remove()
})

const qr = (text: string) =>
  svgSource(toSVG({ bcid: 'qrcode', text, padding: 4, backgroundcolor: 'ffffff' }))
const bar = (bcid: 'code128' | 'ean13', text: string) =>
  svgSource(
    toSVG({ bcid, text, height: 14, includetext: true, padding: 6, backgroundcolor: 'ffffff' }),
  )

const onSale = (page: Page, no: string) => page.waitForURL(`**/till/#/sale/${no}`)
const toScan = (page: Page) => page.getByRole('button', { name: /扫码退款|Scan to refund/ }).click()
const openCamera = (page: Page) =>
  page.getByRole('button', { name: /用摄像头扫|Scan with the camera/ }).click()
const inEnglish = (page: Page) => page.getByRole('button', { name: 'English' }).click()
const home = (page: Page) => page.goto(`${new URL(page.url()).origin}/till/#/`)

/** How often a code was looked up. */
function countFinds(page: Page): () => number {
  let count = 0
  page.on('request', (request) => {
    if (request.url().endsWith('/sales/find')) count += 1
  })
  return () => count
}

/** Between the n-th key and the text it makes, the page has other things to do. */
const busyAtKey = (nth: number) => `
  let keys = 0
  addEventListener('keydown', () => {
    keys += 1
    for (const until = performance.now() + 300; keys === ${nth} && performance.now() < until; ) {}
  }, true)`

/** What stands on the screen, and what the browser would keep of it. */
const leftBehind = (page: Page) =>
  page.evaluate<string>(`JSON.stringify([
    document.body.innerText,
    Array.from(document.querySelectorAll('input'), (input) => input.value),
    location.href,
    history.state,
    { ...localStorage },
    { ...sessionStorage },
  ])`)

async function refunded(till: Till): Promise<{ no: string; slip: string }> {
  const payment = await pay(till)
  const { body } = await till.call('POST', '/v1/refunds', wish(payment.no, { amount: 1_200 }))
  const no = String(body.no)
  const { text } = await till.call('GET', `/v1/refunds/${no}/slip?copy=customer&format=svg`)
  return { no, slip: text }
}

describe.skipIf(CHROMIUM === null)('by camera', () => {
  test('the square on a slip of ours leads to its refund', async () => {
    const { till, page, signIn } = await openCounter(filming, WITH_CAMERA)
    const { no, slip } = await refunded(till)
    await film.lay(filming, { src: svgSource(slip), width: 620, focus: 0.8 })
    await signIn('zhang')
    await toScan(page)
    await openCamera(page)
    await page.waitForURL(`**/till/#/refund/${no}`)

    // It stays open for the next customer, without another tap.
    await home(page)
    await film.lay(filming, { src: bar('ean13', GOODS), width: 500 })
    await toScan(page)
    await page.getByText('这是商品条码，不是订单码。').waitFor()
    await page.getByRole('button', { name: '关闭摄像头' }).click()
    await page.getByRole('button', { name: '用摄像头扫' }).waitFor()
    expect(await page.locator('video').count()).toBe(0)
  })

  test('the barcode on the customer’s bill brings in a sale that we did not take', async () => {
    const { till, page, signIn } = await openCounter(filming, WITH_CAMERA)
    const billNo = '202611221905001234567890'
    const { mchid } = till.sandbox.merchant
    till.sandbox.paidOrder({ mchid, outTradeNo: billNo, total: 4_500 })
    await film.lay(filming, { src: bar('code128', billNo), width: 900 })
    await signIn('zhang')
    await inEnglish(page)
    await toScan(page)
    await openCamera(page)
    await page.waitForURL('**/till/#/sale/*')
    await page.getByText('Refundable at most').waitFor()
    expect(await page.locator('main').innerText()).toContain('¥45.00')
  })

  test('what leads nowhere is looked up once while it lies there, and a payment code is kept nowhere', async () => {
    const { page, signIn, shoot } = await openCounter(filming, WITH_CAMERA)
    await film.lay(filming, { src: qr(PAYMENT_CODE), width: 300 })
    const finds = countFinds(page)
    // An answer may take longer than a code would have to be away to count as another.
    await page.route('**/sales/find', async (route) => {
      await page.waitForTimeout(2_500)
      await route.continue()
    })
    await signIn('zhang')
    await toScan(page)
    await openCamera(page)
    await page.getByText('这是付款码，不是订单码。').waitFor()
    await page.getByText('读到：13…89').waitFor()
    await page.waitForTimeout(3_000)
    expect(finds()).toBe(1)
    expect(await leftBehind(page)).not.toContain(PAYMENT_CODE)
    expect(await seriousFindings(page)).toEqual([])
    await shoot('scan-camera-payment-code')
    await page.setViewportSize(TABLET)
    await shoot('scan-camera-payment-code-tablet')
    await home(page)
    await inEnglish(page)
    await toScan(page)
    await page.getByText('This is a payment code, not an order code.').waitFor()
    await shoot('scan-camera-payment-code-tablet-en')
  })

  test('every refusal of the camera says why and what to do', async () => {
    const said = async (page: Page, why: string, what: RegExp, name: string) => {
      await page.getByText(why).waitFor()
      await page.getByText(what).waitFor()
      expect(await seriousFindings(page)).toEqual([])
      await shoot(name, page)
    }
    await film.lay(filming, { src: bar('ean13', GOODS), width: 500 })
    const { shoot, ...denied } = await openCounter(filming)
    await denied.context.grantPermissions([])
    await denied.signIn('zhang')
    await toScan(denied.page)
    await openCamera(denied.page)
    await said(denied.page, '没有使用摄像头的权限。', /改为允许/, 'scan-denied')
    await denied.context.grantPermissions(['camera'])
    await denied.page.getByRole('button', { name: '用摄像头扫' }).click()
    await denied.page.getByText('这是商品条码，不是订单码。').waitFor()

    const without = await openCounter(browser, WITH_CAMERA)
    await without.signIn('zhang')
    await inEnglish(without.page)
    await toScan(without.page)
    await openCamera(without.page)
    await said(
      without.page,
      'This device has no camera that can be used.',
      /scanner gun/,
      'scan-no-camera-en',
    )

    const page = await without.context.newPage()
    await page.goto(`${without.till.url.replace('127.0.0.1', SHOP)}/till/`)
    await without.signIn('zhang', page)
    await toScan(page)
    await openCamera(page)
    await said(page, '这一页不是用 https:// 打开的', /yuanlu cert/, 'scan-insecure')
  })
})

describe.skipIf(CHROMIUM === null)('by gun', () => {
  const GUNS: readonly (readonly [string, GunKind, Suffix, number])[] = [
    ['with CR', 'keys', 'CR', 0],
    ['with LF', 'keys', 'LF', 0],
    ['with TAB', 'keys', 'TAB', 0],
    ['without suffix', 'keys', '', 0],
    ['on slow Bluetooth', 'keys', 'CR', 60],
    ['in full-width digits', 'full_width', 'CR', 0],
    ['through a Chinese input method', 'ime', 'CR', 0],
    ['through a Chinese input method, without suffix', 'ime', '', 0],
  ]

  test('whatever it sends and ends with, the sale is found from any screen', async () => {
    const { till, page, signIn } = await openCounter(browser)
    const payments = [await pay(till), await pay(till)]
    await signIn('zhang')
    for (const [name, kind, suffix, everyMs] of GUNS) {
      for (const payment of payments) {
        // From home, then from the sale of the one before.
        await fire(page, payment.billNo ?? '', { kind, suffix, everyMs })
        await expect
          .poll(() => page.url(), { message: name, timeout: 10_000 })
          .toContain(`/sale/${payment.sale}`)
        await page.getByRole('button', { name: '退款', exact: true }).waitFor()
      }
      await home(page)
      await page.getByRole('button', { name: '扫码退款' }).waitFor()
    }
  })

  test('in a field it leaves no trace, and what people type stays theirs', async () => {
    const { page, signIn } = await openCounter(browser)
    const finds = countFinds(page)
    await signIn('zhang')
    await toScan(page)
    const field = page.getByRole('textbox', { name: /小票上的单号/ })
    await field.pressSequentially('7126', { delay: 90 })
    // Nobody types and pulls the trigger in the same moment.
    await page.waitForTimeout(300)
    for (const [place, kind] of (['keys', 'full_width', 'ime'] as const).entries()) {
      await field.focus()
      await fire(page, newNumber('sale'), { kind })
      await expect.poll(finds, { timeout: 10_000, message: kind }).toBe(place + 1)
      await page.getByText('应是别家店的').waitFor()
      expect(await field.inputValue(), kind).toBe('7126')
    }
    await field.focus()
    await fire(page, newNumber('sale'), { suffix: '' })
    await expect.poll(finds, { timeout: 10_000 }).toBe(4)
    expect(await field.inputValue()).toBe('7126')
  })

  test('in a field on a device too slow for its own keys it leaves no trace either', async () => {
    const { page, signIn } = await openCounter(browser)
    const finds = countFinds(page)
    await signIn('zhang')
    await toScan(page)
    const field = page.getByRole('textbox', { name: /小票上的单号/ })
    await field.focus()
    const code = newNumber('sale')
    await page.evaluate(busyAtKey(code.length))
    await fire(page, code)
    await expect.poll(finds, { timeout: 10_000 }).toBe(1)
    await page.getByText('应是别家店的').waitFor()
    expect(await field.inputValue()).toBe('')
  })

  test('a code that a busy device hands on in two parts is found as one', async () => {
    const { till, page, signIn } = await openCounter(browser)
    const payment = await pay(till, 5_000)
    await signIn('zhang')
    await fire(page, payment.billNo ?? '', { stallAfter: 17 })
    await onSale(page, payment.sale)
    await home(page)
    await toScan(page)
    const field = page.getByRole('textbox', { name: /小票上的单号/ })
    await field.focus()
    for (const stallAfter of [4, 17]) {
      await fire(page, newNumber('sale'), { stallAfter })
      await page.getByText('应是别家店的').waitFor()
      expect(await field.inputValue(), String(stallAfter)).toBe('')
      await field.focus()
    }
  })

  test('Android’s scan keys reach a field that brings up no keyboard', async () => {
    const { till, page, signIn } = await openCounter(browser, {
      context: {
        userAgent:
          'Mozilla/5.0 (Linux; Android 7.1.2; V2 PRO) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/69.0.3497.100 Mobile Safari/537.36',
      },
    })
    const payment = await pay(till)
    await signIn('zhang')
    const focused = () => page.evaluate<string>('document.activeElement.inputMode')
    await expect.poll(focused).toBe('none')
    for (const suffix of ['CR', ''] as const) {
      await fire(page, payment.billNo ?? '', { kind: 'android', suffix })
      await onSale(page, payment.sale)
      await home(page)
      await page.getByRole('button', { name: '扫码退款' }).waitFor()
    }
    // Keys of a keyboard proper count once.
    await fire(page, payment.billNo ?? '')
    await onSale(page, payment.sale)
    expect(await seriousFindings(page)).toEqual([])
  })

  const WRONG = [
    [PAYMENT_CODE, '请顾客打开账单里的商户单号。', /Ask the customer for the merchant order/],
    [GOODS, '这是商品条码，不是订单码。', 'This is a goods barcode, not an order code.'],
    ['https://qr.alipay.com/fkx1', '这是收款码，不是订单码。', /code for paying a shop/],
    ['https://dpurl.cn/AbC123', '请到外卖商家端退款。', /platform's merchant app/],
    ['https://shop.example/m', '这是一个网址，不是订单码。', 'This is a web address, not an'],
    ['1234567$890', '没有读懂这个码。', 'This code could not be read.'],
    ['OLDPOS0000124', '没有找到单号 OLDPOS0000124。', 'No order has the number OLDPOS0000124.'],
    [newNumber('sale'), /不在本店的账上，应是别家店的/, /it should be another shop's/],
  ] as const

  test('each wrong code has its answer, in both languages', async () => {
    const { page, signIn, shoot } = await openCounter(browser)
    await signIn('zhang')
    await toScan(page)
    await shoot('scan')
    await page.getByText('付款码不行').scrollIntoViewIfNeeded()
    await shoot('scan-pictures')
    for (const [code, zh] of WRONG) {
      await fire(page, code)
      await page.getByText(zh).waitFor()
    }
    await shoot('scan-another-shop')
    expect(await seriousFindings(page)).toEqual([])
    await home(page)
    await inEnglish(page)
    await toScan(page)
    await shoot('scan-en')
    await page.getByText('The transaction number can').scrollIntoViewIfNeeded()
    await shoot('scan-pictures-en')
    for (const [code, , en] of WRONG) {
      await fire(page, code)
      await page.getByText(en).waitFor()
    }
    await shoot('scan-another-shop-en')
    expect(await leftBehind(page)).not.toContain(PAYMENT_CODE)
    await page.setViewportSize(TABLET)
    await shoot('scan-another-shop-tablet-en')
  })
})

describe.skipIf(CHROMIUM === null)('by hand', () => {
  test('a number is typed, a payment code does not stay, and silence can be asked again', async () => {
    const { till, page, context, signIn, shoot } = await openCounter(browser)
    const payment = await pay(till)
    await signIn('zhang')
    await toScan(page)
    const field = page.getByRole('textbox', { name: /小票上的单号/ })
    const find = page.getByRole('button', { name: '查找' })
    await field.fill(PAYMENT_CODE)
    await find.click()
    await page.getByText('这是付款码，不是订单码。').waitFor()
    expect(await leftBehind(page)).not.toContain(PAYMENT_CODE)

    // No faster than digits are read off a paper: what comes in one go is a gun's.
    await field.pressSequentially(payment.billNo ?? '', { delay: READING_MS })
    await context.setOffline(true)
    await find.click()
    await page.getByText('连不上服务器，没有得到答复。').waitFor()
    await shoot('scan-offline')
    await context.setOffline(false)
    await page.getByRole('button', { name: '重新载入' }).click()
    await onSale(page, payment.sale)
  })
})
