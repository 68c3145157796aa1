/** The till beside hardware: its own printer, drawer, display, scan key; and beside a bridge that is none. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pass } from '../test/support/given.ts'
import { pay, wish, type Till } from '../test/support/till.ts'
import { ask } from '../test/support/walk.ts'
import { CHROMIUM, HOW_TO_INSTALL, launch } from './support/chromium.ts'
import { openCounter } from './support/counter.ts'
import { besideDevice } from './support/device.ts'
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

async function paidBack(till: Till): Promise<string> {
  const { no } = await ask(till, wish((await pay(till, 12_800)).no, { amount: 2_000 }))
  await pass(till, 2 * MINUTE)
  return no
}
const prints = async (till: Till, no: string): Promise<number> => {
  const { body } = await till.call('GET', `/v1/refunds/${no}/events`)
  const { events } = body as { events: { type: string }[] }
  return events.filter(({ type }) => type === 'refund.slip_printed').length
}

describe.skipIf(CHROMIUM === null)('a device with a bridge', () => {
  test('prints by itself, counted by the server; without paper the slip waits in sight', async () => {
    const counter = await openCounter(browser)
    const { page, signIn, till } = counter
    const device = await besideDevice(page)
    await page.reload()
    const no = await paidBack(till)
    await signIn('zhang')
    await page.goto(`${till.url}/till/#/slip/${no}`)
    device.printerIs('no_paper')
    await button(page, '打印').click()
    await page.getByText('打印机缺纸，退款不受影响。').waitFor()
    expect(await prints(till, no)).toBe(0)
    await page.goto(`${till.url}/till/#/`)
    await button(page, /凭证待打印/).waitFor()
    await look(counter, page, 'home-pending-slip')
    await page.evaluate(`localStorage.setItem('yuanlu.language', 'zh')`)
    await page.reload()
    await button(page, /凭证待打印/).click()
    device.printerIs('ready')
    await button(page, '打印').click()
    await page.getByText('已送打印机。').waitFor()
    await button(page, '打印').click()
    await expect.poll(() => device.paper.length).toBe(2)
    const [first, second] = device.paper.map(({ text }) => text.join('').replaceAll(' ', ''))
    expect(first).toContain('退款成功')
    expect(first).not.toContain('补打')
    expect(second).toContain('补打第1次')
    expect(device.paper.flatMap(({ strange }) => strange)).toEqual([])
    expect(await prints(till, no)).toBe(2)
    await page.goto(`${till.url}/till/#/`)
    await page.getByText('扫码退款').waitFor()
    expect(await button(page, /待打印/).count()).toBe(0)
  })

  test('its scan key, its keys, its display, its drawer and its alarm', async () => {
    const counter = await openCounter(browser)
    const { page, signIn, till } = counter
    const device = await besideDevice(page)
    await page.reload()
    const payment = await pay(till, 12_800)
    await signIn('zhang')
    await device.press('pay')
    await page.getByRole('heading', { name: '收款' }).waitFor()
    await expect.poll(() => device.shown.at(-1)?.title).toBe('应付金额')
    await device.press('home')
    await device.scan(` ${payment.billNo}\r`)
    await page.waitForURL(`**/sale/${payment.sale}`)
    await device.openCase()
    await page.getByText('这台设备报告外壳被打开过。').waitFor()
    await counter.shoot('device-tamper')
    await button(page, '已检查').click()
    const cash = await ask(till, wish(payment.no, { amount: 3_000, method: 'cash' }), 'zhang', 'li')
    await page.goto(`${till.url}/till/#/refund/${cash.no}`)
    await page.getByRole('heading', { name: '待付现金' }).waitFor()
    await button(page, '打开钱箱').click()
    await expect.poll(() => device.drawerOpened()).toBeGreaterThan(0)
    await expect.poll(() => device.shown.at(-1)?.amount).toBe('¥30.00')
    await page.goto(`${till.url}/till/#/self-check`)
    await page
      .getByText(/Emulator，序列号 EM-0001，位置 30\.65984, 104\.06343 ±12 m，打印机正常/)
      .waitFor()
  })

  test('a bridge that answers nonsense or throws stops nothing', async () => {
    const { page, signIn, till } = await openCounter(browser)
    const device = await besideDevice(page)
    await page.reload()
    const no = await paidBack(till)
    await signIn('zhang')
    await page.goto(`${till.url}/till/#/slip/${no}`)
    for (const how of ['nonsense', 'throws'] as const) {
      device.printerIs(how)
      await button(page, '打印').click()
      await page.getByText('没有打出来，或者不确定，退款不受影响。').waitFor()
      await page.reload()
    }
    expect(device.paper).toEqual([])
    expect(await prints(till, no)).toBe(2)
  })
})

describe.skipIf(CHROMIUM === null)('a plain browser', () => {
  test('prints by its own window, as wide as the roll, and that is counted too', async () => {
    const counter = await openCounter(browser)
    const { page, signIn, till } = counter
    await page.addInitScript(
      'globalThis.print = () => { globalThis.printed = document.querySelector(".print-sheet").className }',
    )
    await page.reload()
    const no = await paidBack(till)
    await signIn('zhang')
    await page.goto(`${till.url}/till/#/slip/${no}`)
    await page.getByRole('img', { name: '凭证' }).waitFor()
    await page.getByText('80 mm').click()
    await look(counter, page, 'slip')
    await page.evaluate(`localStorage.setItem('yuanlu.language', 'zh')`)
    await page.reload()
    await button(page, '打印').click()
    await page.getByText('已打开打印窗口。').waitFor()
    await expect
      .poll(() => page.evaluate('globalThis.printed'))
      .toBe('print-sheet print-sheet-80mm')
    await page.emulateMedia({ media: 'print' })
    await counter.shoot('slip-in-print')
    expect(await prints(till, no)).toBe(1)
  })
})

test.skipIf(CHROMIUM === null)('the Android shell’s functions make a bridge', async () => {
  const { page, signIn, till } = await openCounter(browser)
  // As `device/sunmi` gives them to its page.
  await page.addInitScript(`globalThis.YuanluNative = {
    parts: () => 'printer scan serial',
    model: () => 'SUNMI V2s',
    serial: () => 'V2S-42',
    printerStatus: () => 'ready',
    print: (ticket, escpos) => {
      globalThis.sent = escpos
      setTimeout(() => yuanluAnswer(ticket, 'printed'), 20)
    },
  }`)
  await page.reload()
  const no = await paidBack(till)
  await signIn('zhang')
  await page.evaluate(`yuanluCode(${JSON.stringify(no)})`)
  await page.waitForURL(`**/refund/${no}`)
  await button(page, '打印顾客联').click()
  await button(page, '打印').click()
  await page.getByText('已送打印机。').waitFor()
  expect(
    Buffer.from(await page.evaluate<string>('globalThis.sent'), 'base64').subarray(0, 2),
  ).toEqual(Buffer.from([0x1b, 0x40]))
})
