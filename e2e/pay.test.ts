/** Taking a payment at the till: by the customer's code, by a shown code, and whatever goes wrong on the way. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Browser, Page, Route } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { toSVG } from 'bwip-js'
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'
import type { PaymentShown, SaleShown } from '../src/api/contract.ts'
import { OPENING_OFFSET_MS } from '../test/support/core.ts'
import { pass } from '../test/support/given.ts'
import type { Till } from '../test/support/till.ts'
import { seriousFindings } from './support/axe.ts'
import { CHROMIUM, HOW_TO_INSTALL, launch } from './support/chromium.ts'
import { NAMES, openCounter, PINS, type Counter } from './support/counter.ts'
import { makeFilm, svgSource } from './support/film.ts'

const MINUTE = 60_000
/** So that a silent channel is soon an unclear payment. */
const IMPATIENT = { channelTimeoutMs: 400 }
const PAYMENTS = '**/v1/payments'

/** Recorded pieces that the page has played. */
const COUNT_SOUNDS = `
  globalThis.soundsMade = 0
  const { start } = AudioBufferSourceNode.prototype
  AudioBufferSourceNode.prototype.start = function (...when) {
    globalThis.soundsMade += 1
    return start.apply(this, when)
  }`

let browser: Browser
beforeAll(async () => {
  if (CHROMIUM === null) return console.warn(HOW_TO_INSTALL)
  browser = await launch()
})
afterAll(() => browser?.close())

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const verdict = (page: Page, title: string) => page.getByRole('heading', { name: title })

async function typeAmount(page: Page, amount: string): Promise<void> {
  for (const key of amount) await button(page, key).click()
}

async function startPaying({ page, signIn }: Counter, amount: string): Promise<void> {
  await signIn('zhang')
  await button(page, '收款').click()
  await typeAmount(page, amount)
}

const freshCode = ({ sandbox }: Till): string => sandbox.paymentCode(sandbox.createCustomer())

const noShown = (page: Page): string => page.url().split('/pay/')[1] ?? ''
const readPayment = async (till: Till, no: string): Promise<PaymentShown> =>
  (await till.call('GET', `/v1/payments/${no}`)).body as PaymentShown
const readSale = async (till: Till, no: string): Promise<SaleShown> =>
  (await till.call('GET', `/v1/sales/${no}`)).body as SaleShown

const charges = ({ sandbox }: Till) =>
  sandbox.book.entries().filter((entry) => entry.kind === 'pay')

/** Everything this device keeps through a restart or a reload, as one text. */
const keptOnDevice = (page: Page): Promise<string> =>
  page.evaluate<string>(`(async () => {
    const done = (asked) =>
      new Promise((resolve) => asked.addEventListener('success', () => resolve(asked.result)))
    const database = await done(indexedDB.open('yuanlu-till'))
    const intents = await done(database.transaction('intents').objectStore('intents').getAll())
    database.close()
    return JSON.stringify([intents, { ...localStorage }, { ...sessionStorage }, location.href])
  })()`)

const intentsOn = async (page: Page): Promise<number> =>
  (JSON.parse(await keptOnDevice(page)) as [unknown[]])[0].length

async function look({ page, shoot }: Counter, name: string, on = page): Promise<void> {
  await shoot(name, on)
  expect(await seriousFindings(on), name).toEqual([])
}

/** The same screen on a tablet, too. */
async function lookEverywhere(counter: Counter, name: string): Promise<void> {
  const { page } = counter
  const size = page.viewportSize() ?? { width: 360, height: 640 }
  await look(counter, `${name}-zh`)
  await page.setViewportSize({ width: 768, height: 1024 })
  await look(counter, `${name}-zh-768`)
  await page.setViewportSize(size)
}

async function openDisplay(
  { till, context }: Counter,
  size: { width: number; height: number },
): Promise<Page> {
  const display = await context.newPage()
  await display.setViewportSize(size)
  await display.goto(`${till.url}/till/#/display`)
  return display
}

describe.skipIf(CHROMIUM === null)('by the customer’s code', () => {
  test('amount, scan, paid: said on screen, receipt with bar and QR code, and refunded from there', async () => {
    const counter = await openCounter(browser)
    const { till, page, scan, shoot } = counter
    await page.addInitScript(COUNT_SOUNDS)
    await page.reload()
    await startPaying(counter, '55')
    await page.getByRole('button', { name: /^优惠/ }).click()
    await typeAmount(page, '5')
    await lookEverywhere(counter, 'pay-amount')
    await scan(freshCode(till))
    await verdict(page, '收款成功').waitFor()
    // The sentence, and behind it 五 十 元.
    await expect.poll(() => page.evaluate('globalThis.soundsMade')).toBe(4)
    await lookEverywhere(counter, 'pay-paid')
    expect(await intentsOn(page)).toBe(0)
    const payment = await readPayment(till, noShown(page))
    expect(payment).toMatchObject({ state: 'paid', amount: 5_000 })
    expect(await readSale(till, payment.sale)).toMatchObject({
      orderAmount: 5_500,
      discountAmount: 500,
      terminal: 't1',
      staff: 'zhang',
    })
    await button(page, '打印小票').click()
    await page.getByRole('img', { name: '收款小票' }).waitFor()
    await shoot('pay-receipt-zh')
    await button(page, '返回').click()
    await button(page, '退这一笔').click()
    await button(page, '退款').waitFor()
    expect(charges(till)).toHaveLength(1)
  })

  test('the second step waits for a code: a wrong one is told apart, one of our own leads to its sale, typing works', async () => {
    const counter = await openCounter(browser)
    const { till, page, scan } = counter
    await startPaying(counter, '8')
    await button(page, '扫顾客付款码').click()
    await verdict(page, '请扫顾客的付款码').waitFor()
    await lookEverywhere(counter, 'pay-code')
    await scan('6901234567892')
    await page.getByText('这不是付款码，没有扣款').waitFor()
    await look(counter, 'pay-code-wrong-zh')
    expect(charges(till)).toHaveLength(0)
    await page.getByLabel('扫不了时，输入付款码数字').fill(freshCode(till))
    await button(page, '收款').click()
    await verdict(page, '收款成功').waitFor()
    const { sale } = await readPayment(till, noShown(page))
    await scan(sale)
    await verdict(page, '订单').waitFor()
  })

  test('a trigger pulled twice, and the next customer, are two sales and not one twice', async () => {
    const counter = await openCounter(browser)
    const { till, page, scan } = counter
    await startPaying(counter, '12')
    const code = freshCode(till)
    await scan(code)
    await scan(code)
    await verdict(page, '收款成功').waitFor()
    await scan(code)
    await verdict(page, '收款成功').waitFor()
    const first = noShown(page)
    expect(charges(till)).toHaveLength(1)
    await button(page, '下一笔').click()
    await button(page, '收款').click()
    await typeAmount(page, '12')
    await scan(freshCode(till))
    await verdict(page, '收款成功').waitFor()
    expect(noShown(page)).not.toBe(first)
    expect(charges(till)).toHaveLength(2)
  })

  test('the password is waited for, and typed', async () => {
    const counter = await openCounter(browser)
    const { till, page, scan } = counter
    const customer = till.sandbox.createCustomer({ passwordAbove: 0 })
    await startPaying(counter, '20')
    await scan(till.sandbox.paymentCode(customer))
    await verdict(page, '请顾客输入密码').waitFor()
    await lookEverywhere(counter, 'pay-password')
    const payment = await readPayment(till, noShown(page))
    const { mchid } = till.sandbox.merchant
    till.sandbox.enterPassword(payment.channelNumber, { mchid, subMchid: null })
    await button(page, '继续查询').click()
    await verdict(page, '收款成功').waitFor()
    expect(charges(till)).toHaveLength(1)
  })

  test('a used code is refused in words; a fresh one pays the same sale', async () => {
    const counter = await openCounter(browser)
    const { till, page, scan } = counter
    const code = freshCode(till)
    await till.call('POST', '/v1/payments', {
      no: '7226112200000000000019',
      sale: { no: '7126112200000000000011', orderAmount: 1, paidAmount: 1, description: '-' },
      amount: 1,
      method: 'code',
      paymentCode: code,
    })
    await startPaying(counter, '30')
    await scan(code)
    await page.getByText('付款码不对或已经用过').waitFor()
    await lookEverywhere(counter, 'pay-refused')
    const first = await readPayment(till, noShown(page))
    await scan(freshCode(till))
    await verdict(page, '收款成功').waitFor()
    const second = await readPayment(till, noShown(page))
    expect(second.sale).toBe(first.sale)
    expect(second.no).not.toBe(first.no)
    expect(await readSale(till, first.sale)).toMatchObject({ paidAmount: 3_000 })
  })
})

test.skipIf(CHROMIUM === null)('the camera reads a payment code as a second way', async () => {
  const film = makeFilm()
  const filming = await launch(film.switches)
  onTestFinished(async () => {
    await filming.close()
    await film.remove()
  })
  const counter = await openCounter(filming, { context: { permissions: ['camera'] } })
  const { till, page, shoot } = counter
  const code = toSVG({ bcid: 'code128', text: freshCode(till), scale: 3, height: 20, padding: 10 })
  await film.lay(filming, { src: svgSource(code), width: 700 })
  await startPaying(counter, '23')
  await button(page, '扫顾客付款码').click()
  await button(page, '用摄像头扫').click()
  await page.getByLabel('摄像头画面').waitFor()
  await shoot('pay-camera-zh')
  await verdict(page, '收款成功').waitFor()
  expect(charges(till)).toHaveLength(1)
})

describe.skipIf(CHROMIUM === null)('not clear', () => {
  async function takeUnclear(counter: Counter): Promise<string> {
    const { till, page, scan } = counter
    till.sandbox.faults.set({ on: 'pay', kind: 'executed_then_timeout', times: 1 })
    await startPaying(counter, '50')
    await scan(freshCode(till))
    await verdict(page, '收款结果待确认').waitFor()
    return noShown(page)
  }

  test('nothing is charged again, a reload goes on, and asking finds it paid', async () => {
    const counter = await openCounter(browser, IMPATIENT)
    const { till, page, scan } = counter
    const no = await takeUnclear(counter)
    await lookEverywhere(counter, 'pay-unclear')
    await scan(freshCode(till))
    await page.reload()
    await verdict(page, '收款结果待确认').waitFor()
    await button(page, '返回').click()
    const strip = page.getByRole('button', { name: /收款 ¥50\.00 · 收款结果待确认/ })
    await strip.waitFor()
    await look(counter, 'pay-home-strip-zh')
    // Beginning again leads back to what is not clear yet.
    await page.goto(`${till.url}/till/#/pay/code`)
    await verdict(page, '收款结果待确认').waitFor()
    expect(noShown(page)).toBe(no)
    await button(page, '返回').click()
    await strip.waitFor()
    await pass(till, 5_000)
    await page.getByRole('button', { name: /收款 ¥50\.00 · 收款成功/ }).click()
    await verdict(page, '收款成功').waitFor()
    await expect.poll(() => intentsOn(page)).toBe(0)
    expect(charges(till)).toHaveLength(1)
  })

  test('given up by two taps, it is reversed, and the money goes back', async () => {
    const counter = await openCounter(browser, IMPATIENT)
    const { till, page, scan } = counter
    const no = await takeUnclear(counter)
    await button(page, '撤销这笔收款').click()
    await look(counter, 'pay-reverse-sure-zh')
    await button(page, '撤销这笔收款 ¥50.00').click()
    await verdict(page, '正在撤销').waitFor()
    await look(counter, 'pay-reversing-zh')
    await pass(till, MINUTE)
    await pass(till, MINUTE)
    await verdict(page, '已撤销').waitFor()
    await look(counter, 'pay-reversed-zh')
    const { mchid } = till.sandbox.merchant
    expect(till.sandbox.findOrder({ mchid, outTradeNo: `${no}00` })).toMatchObject({
      state: 'REVOKED',
    })
    // A customer's code lives for a minute; this is the same sale once more.
    await scan(freshCode(till))
    await verdict(page, '收款成功').waitFor()
  })

  test('found paid after it was given up: kept by name, or refunded', async () => {
    const counter = await openCounter(browser, IMPATIENT)
    const { till, page, scan } = counter
    const no = await takeUnclear(counter)
    const { faults } = till.sandbox
    faults.set({ on: 'reverse', kind: 'lost' })
    const lie = faults.set({ on: 'query', kind: 'not_found_although_executed' })
    await till.call('POST', `/v1/payments/${no}/reverse`)
    for (let round = 0; round < 40 && (await readPayment(till, no)).state !== 'closed'; round += 1)
      await pass(till, 10 * MINUTE)
    faults.clear(lie)
    const { sale, channelNumber } = await readPayment(till, no)
    await page.goto(`${till.url}/till/#/`)
    await scan(channelNumber)
    await page.getByText('渠道已收 ¥50.00，本机未记账').waitFor()
    await button(page, '退款').waitFor()
    await lookEverywhere(counter, 'lost-payment')
    await button(page, '补单（保留这笔钱）').click()
    await page.getByText('已补单').waitFor()
    await look(counter, 'lost-kept-zh')
    expect(await readSale(till, sale)).toMatchObject({ payments: [{ restored: 'accepted' }] })
  })
})

describe.skipIf(CHROMIUM === null)('money that no till booked', () => {
  test('a bill of the shop’s plate is scanned: brought in, and given back with a supervisor', async () => {
    const counter = await openCounter(browser)
    const { till, page, scan, signIn } = counter
    const { mchid } = till.sandbox.merchant
    till.sandbox.paidOrder({ mchid, outTradeNo: 'PLATE20261126001', total: 5_000 })
    await signIn('li')
    await scan('PLATE20261126001')
    await page.getByText('渠道已收 ¥50.00，本机未记账').waitFor()
    await look(counter, 'lost-plate-zh')
    await button(page, '退款').click()
    await button(page, '下一步').click()
    await button(page, '确认退款 ¥50.00').click()
    await verdict(page, '退款成功').waitFor()
    await button(page, '下一笔').click()
    await scan('PLATE20261126001')
    await page.getByText('已全部退款').waitFor()
    expect(await page.getByText('本机未记账').count()).toBe(0)
    expect(till.sandbox.book.refundedFen()).toBe(5_000)
  })
})

describe.skipIf(CHROMIUM === null)('between the till and its server', () => {
  test('a request that never arrived is sent again under its number, while the code is still in hand', async () => {
    const counter = await openCounter(browser)
    const { till, page, scan } = counter
    await startPaying(counter, '9')
    await page.route(PAYMENTS, (route) => route.abort(), { times: 1 })
    await scan(freshCode(till))
    await verdict(page, '收款成功').waitFor()
    expect(charges(till)).toHaveLength(1)
  })

  test('an answer that got lost is asked for under the same number: charged once', async () => {
    const counter = await openCounter(browser)
    const { till, page, scan } = counter
    await startPaying(counter, '9')
    await page.route(
      PAYMENTS,
      async (route) => {
        await route.fetch()
        await route.abort()
      },
      { times: 1 },
    )
    await scan(freshCode(till))
    await verdict(page, '收款成功').waitFor()
    expect(charges(till)).toHaveLength(1)
  })

  test('power fails in the middle: the code is kept nowhere, nothing is sent again, the sale is tried once more', async () => {
    const counter = await openCounter(browser)
    const { till, page, scan } = counter
    await startPaying(counter, '18')
    const sent: string[] = []
    const swallow = (route: Route) => {
      sent.push(route.request().postData() ?? '')
      return route.abort()
    }
    await page.route(PAYMENTS, swallow)
    const code = freshCode(till)
    await scan(code)
    await verdict(page, '已提交待确认').waitFor()
    await look(counter, 'pay-no-answer-zh')
    const kept = await keptOnDevice(page)
    expect(kept).toContain(noShown(page))
    expect(kept).not.toContain(code)
    // A power cut takes the tab's memory along; who works here signs in again.
    await page.evaluate(() => sessionStorage.clear())
    await page.reload()
    const before = sent.length
    await page.getByRole('button', { name: NAMES.zhang }).click()
    await page.keyboard.type(PINS.zhang)
    await page.keyboard.press('Enter')
    await verdict(page, '服务器没有这笔收款').waitFor()
    await lookEverywhere(counter, 'pay-not-there')
    expect(await button(page, '放弃这笔').count()).toBe(0)
    expect(sent).toHaveLength(before)
    await page.unroute(PAYMENTS, swallow)
    await scan(freshCode(till))
    await verdict(page, '收款成功').waitFor()
    const { sale } = await readPayment(till, noShown(page))
    expect(JSON.parse(sent[0] ?? '')).toMatchObject({ sale: { no: sale } })
    expect(charges(till)).toHaveLength(1)
  })

  test('should the first request arrive after all, the server lets only one of the two be: its words are shown', async () => {
    const counter = await openCounter(browser, IMPATIENT)
    const { till, page, scan } = counter
    await startPaying(counter, '18')
    let late = ''
    const swallow = (route: Route) => {
      late = route.request().postData() ?? ''
      return route.abort()
    }
    await page.route(PAYMENTS, swallow)
    await scan(freshCode(till))
    await verdict(page, '已提交待确认').waitFor()
    await page.reload()
    await verdict(page, '服务器没有这笔收款').waitFor()
    // Longer than this the silence lasts only in tests.
    await page.unroute(PAYMENTS, swallow)
    await page.route('**/v1/payments/72*', (route) => route.abort())
    till.sandbox.faults.set({ on: 'pay', kind: 'executed_then_timeout', times: 1 })
    await till.call('POST', '/v1/payments', JSON.parse(late))
    await page.unroute('**/v1/payments/72*')
    await scan(freshCode(till))
    await page.getByText('这笔订单还有一笔收款结果待确认').waitFor()
    await lookEverywhere(counter, 'pay-refused-by-server')
    await button(page, '查看那一笔收款').click()
    await verdict(page, '收款结果待确认').waitFor()
    expect(charges(till)).toHaveLength(1)
  })

  test('without a network nothing is begun, and that is what it says', async () => {
    const counter = await openCounter(browser)
    const { till, page, context, scan } = counter
    await startPaying(counter, '7')
    await context.setOffline(true)
    await scan(freshCode(till))
    await page.getByText('没有网络，这次没有提交').waitFor()
    await look(counter, 'pay-offline-zh')
    expect(await intentsOn(page)).toBe(0)
    await context.setOffline(false)
    await scan(freshCode(till))
    await verdict(page, '收款成功').waitFor()
  })
})

describe.skipIf(CHROMIUM === null)('by a shown code', () => {
  const codeOn = async (page: Page): Promise<string> => {
    const { resolve } = createRequire(import.meta.url)
    const wasm = await readFile(resolve('zxing-wasm/reader/zxing_reader.wasm'))
    prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(wasm).buffer } })
    const [read] = await readBarcodes(new Uint8Array(await page.screenshot()))
    return read?.text ?? ''
  }

  test('the customer scans what the screen shows; pressed twice it is one', async () => {
    const counter = await openCounter(browser)
    const { till, page } = counter
    await startPaying(counter, '66.6')
    await button(page, '出示收款码').dblclick()
    await page.getByRole('img', { name: '请顾客扫码付款' }).waitFor()
    await page.getByText(/[45]:\d\d 后失效/).waitFor()
    await lookEverywhere(counter, 'pay-show-code')
    const codeUrl = await codeOn(page)
    const payment = await readPayment(till, noShown(page))
    expect(codeUrl).toBe(payment.codeUrl)
    expect(await readSale(till, payment.sale)).toMatchObject({ payments: [{ no: payment.no }] })
    expect(till.sandbox.scanAndPay(codeUrl, till.sandbox.createCustomer())).toMatchObject({
      kind: 'paid',
    })
    await verdict(page, '收款成功').waitFor()
    expect(charges(till)).toHaveLength(1)
  })

  test('cancelled it is closed, and a new code is another payment of the same sale', async () => {
    const counter = await openCounter(browser)
    const { till, page } = counter
    await startPaying(counter, '5')
    await button(page, '出示收款码').click()
    await page.getByRole('img', { name: '请顾客扫码付款' }).waitFor()
    const first = await readPayment(till, noShown(page))
    await button(page, '取消收款').click()
    await button(page, '取消收款 ¥5.00').click()
    await verdict(page, '正在撤销').waitFor()
    await pass(till, MINUTE)
    await verdict(page, '已取消').waitFor()
    await look(counter, 'pay-cancelled-zh')
    await button(page, '出示收款码').click()
    await page.getByRole('img', { name: '请顾客扫码付款' }).waitFor()
    const second = await readPayment(till, noShown(page))
    expect(second.sale).toBe(first.sale)
    const refused = till.sandbox.scanAndPay(first.codeUrl ?? '', till.sandbox.createCustomer())
    expect(refused).toMatchObject({ kind: 'refused' })
  })

  test('a code that ran out says so, and is closed', async () => {
    const counter = await openCounter(browser)
    const { till, page } = counter
    await startPaying(counter, '5')
    await button(page, '出示收款码').click()
    await page.getByRole('img', { name: '请顾客扫码付款' }).waitFor()
    await page.clock.install({ time: Date.now() + OPENING_OFFSET_MS })
    await page.clock.fastForward(6 * MINUTE)
    await verdict(page, '收款码已过期').waitFor()
    await look(counter, 'pay-code-over-zh')
    for (let round = 0; round < 4; round += 1) await pass(till, 5 * MINUTE)
    await page.clock.runFor(MINUTE)
    await verdict(page, '已取消').waitFor()
    expect(await readPayment(till, noShown(page))).toMatchObject({ state: 'closed' })
  })
})

describe.skipIf(CHROMIUM === null)('the customer’s side', () => {
  test.each([
    ['tablet', { width: 768, height: 1024 }],
    ['wide', { width: 1024, height: 600 }],
    ['small', { width: 360, height: 640 }],
  ])('amount, code, paid, refund and where it goes (%s)', async (name, size) => {
    const counter = await openCounter(browser)
    const { till, page, scan } = counter
    const display = await openDisplay(counter, size)
    await display.getByText('欢迎光临').waitFor()
    await look(counter, `display-idle-${name}`, display)
    await page.bringToFront()
    await startPaying(counter, '128')
    await display.getByText('请出示付款码').waitFor()
    await look(counter, `display-amount-${name}`, display)
    await button(page, '出示收款码').click()
    await display.getByRole('img', { name: '请扫码付款' }).waitFor()
    await look(counter, `display-code-${name}`, display)
    // A display that comes late shows what there is to see.
    await display.reload()
    await display.getByRole('img', { name: '请扫码付款' }).waitFor()
    const { codeUrl } = await readPayment(till, noShown(page))
    till.sandbox.scanAndPay(codeUrl ?? '', till.sandbox.createCustomer())
    await display.getByText('收款成功').waitFor()
    await look(counter, `display-paid-${name}`, display)
    await page.bringToFront()
    const { sale } = await readPayment(till, noShown(page))
    await scan(sale)
    await button(page, '退款').click()
    await button(page, '下一步').click()
    await button(page, '确认退款 ¥128.00').click()
    await verdict(page, '退款成功').waitFor()
    await display.getByText('退款成功，请收好退款凭证').waitFor()
    await look(counter, `display-refund-${name}`, display)
    await button(page, '下一笔').click()
    await display.getByText('欢迎光临').waitFor()
    expect(till.sandbox.book.refundedFen()).toBe(12_800)
  })

  test('password, not clear, and given up', async () => {
    const counter = await openCounter(browser, IMPATIENT)
    const { till, page, scan } = counter
    const display = await openDisplay(counter, { width: 768, height: 1024 })
    await page.bringToFront()
    const customer = till.sandbox.createCustomer({ passwordAbove: 0 })
    await startPaying(counter, '20')
    await scan(till.sandbox.paymentCode(customer))
    await display.getByText('请在手机上输入支付密码').waitFor()
    await look(counter, 'display-password', display)
    await page.bringToFront()
    await button(page, '撤销这笔收款').click()
    await button(page, '撤销这笔收款 ¥20.00').click()
    await display.getByText('正在撤销', { exact: true }).waitFor()
    await look(counter, 'display-reversing', display)
    expect(charges(till)).toHaveLength(0)
  })
})

describe.skipIf(CHROMIUM === null)('in English, and at the edges', () => {
  test('every screen of a payment', async () => {
    const counter = await openCounter(browser, IMPATIENT)
    const { till, page, scan, signIn } = counter
    await signIn('zhang')
    await look(counter, 'home-tiles-zh')
    await button(page, 'English').click()
    await look(counter, 'home-tiles-en')
    await button(page, 'Take payment').click()
    await typeAmount(page, '99999999.99')
    await look(counter, 'pay-huge-en')
    await page.getByRole('button', { name: /^Discount/ }).click()
    await typeAmount(page, '99999999.99')
    await page.getByText('The discount must be less than the order.').waitFor()
    await look(counter, 'pay-discount-en')
    for (let key = 0; key < 11; key += 1) await button(page, 'Erase').click()
    await button(page, "Scan the customer's code").click()
    await verdict(page, "Scan the customer's payment code").waitFor()
    await look(counter, 'pay-code-en')
    await page.setViewportSize({ width: 768, height: 1024 })
    await look(counter, 'pay-code-en-768')
    await page.setViewportSize({ width: 360, height: 640 })
    await button(page, 'Back').click()
    await page.getByRole('button', { name: /^Order/ }).click()
    for (let key = 0; key < 11; key += 1) await button(page, 'Erase').click()
    await typeAmount(page, '50')
    await button(page, 'Show a code instead').click()
    await page.getByRole('img', { name: 'Customer scans the code' }).waitFor()
    await look(counter, 'pay-show-code-en')
    const display = await openDisplay(counter, { width: 768, height: 1024 })
    await display.getByRole('img', { name: 'Scan to pay' }).waitFor()
    await look(counter, 'display-code-en', display)
    const { codeUrl } = await readPayment(till, noShown(page))
    till.sandbox.scanAndPay(codeUrl ?? '', till.sandbox.createCustomer())
    await display.getByText('Please keep the receipt').waitFor()
    await look(counter, 'display-paid-en', display)
    await display.close()
    await verdict(page, 'Paid').waitFor()
    await look(counter, 'pay-paid-en')
    await page.setViewportSize({ width: 768, height: 1024 })
    await look(counter, 'pay-paid-en-768')
    await page.setViewportSize({ width: 360, height: 640 })
    await button(page, 'Next').click()
    await button(page, 'Take payment').click()
    await typeAmount(page, '50')
    till.sandbox.faults.set({ on: 'pay', kind: 'executed_then_timeout', times: 1 })
    await scan(freshCode(till))
    await verdict(page, 'Not known yet').waitFor()
    await look(counter, 'pay-unclear-en')
    await button(page, 'Reverse this payment').click()
    await look(counter, 'pay-reverse-sure-en')
    await button(page, 'Reverse this payment ¥50.00').click()
    await verdict(page, 'Being reversed').waitFor()
    await look(counter, 'pay-reversing-en')
    expect(await readPayment(till, noShown(page))).toMatchObject({ state: 'reversing' })
  })
})
