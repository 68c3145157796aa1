/** What people do with refunds at the till: decide, take back, answer for cash, mend what went wrong, stand second. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inTenant } from '../src/db/connect.ts'
import { pass } from '../test/support/given.ts'
import { TENANT } from '../test/support/shop.ts'
import { pay, wish, type Till } from '../test/support/till.ts'
import { act, ask, readRefund } from '../test/support/walk.ts'
import { CHROMIUM, HOW_TO_INSTALL, launch } from './support/chromium.ts'
import { openCounter, PINS } from './support/counter.ts'
import { keepShopDay } from './support/day.ts'
import { look } from './support/looks.ts'

const MINUTE = 60_000

let browser: Browser
beforeAll(async () => {
  if (CHROMIUM === null) return console.warn(HOW_TO_INSTALL)
  browser = await launch()
})
afterAll(() => browser?.close())

const press = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' }).click()
const standsAs = (page: Page, word: string) =>
  page.getByRole('heading', { name: word, exact: true }).waitFor()
const open = (page: Page, till: Till, no: string) => page.goto(`${till.url}/till/#/refund/${no}`)

/** The second person's own hands: a name, a PIN. */
async function approve(page: Page, name: string, pin: string): Promise<void> {
  await page.locator('.second .choice', { hasText: name }).click()
  await page.locator('.second input.pin').fill(pin)
  await page.locator('.second button.act', { hasText: '店长授权' }).click()
}

async function toConfirm(page: Page, sale: string, till: Till, amount: string): Promise<void> {
  await page.goto(`${till.url}/till/#/sale/${sale}`)
  await press(page, '退款')
  await page.getByText('按金额').click()
  for (const key of amount) await press(page, key)
  await press(page, '下一步')
}

/** The two tills stand in one store. */
const sameStore = (till: Till) =>
  inTenant(till.core.db, TENANT, (tx) =>
    tx.updateTable('terminal').set({ store_no: 's1' }).where('terminal_no', '=', 't2').execute(),
  )

describe.skipIf(CHROMIUM === null)('acts at the till', () => {
  test('cash is answered for: paid, or not paid with a second person; then paid another way', async () => {
    const counter = await openCounter(browser)
    const { till, page, signIn } = counter
    const payment = await pay(till, 12_800)
    const cash = wish(payment.no, { amount: 5_000, method: 'cash' })
    await ask(till, cash, 'zhang', 'li')
    await signIn('zhang')
    await page.locator('button.strip', { hasText: '待付现金' }).click()
    await standsAs(page, '待付现金')
    await look(counter, page, 'result-cash')
    await press(page, '没有付')
    await approve(page, '李四', PINS.wang)
    await page.getByText('还可以试 4 次').waitFor()
    await look(counter, page, 'cash-not-paid', async ({ acts }) => {
      await press(page, acts.cash_not_paid.name)
      await page.locator('.second input.pin').waitFor()
    })
    await approve(page, '李四', PINS.li)
    await standsAs(page, '应退未退')
    expect(await page.getByText('还可以').count()).toBe(0)
    await page.goto(`${till.url}/till/#/`)
    await press(page, '退出登录')

    await signIn('li')
    await open(page, till, cash.no)
    await page.getByText('请在下面选择怎么处理。').waitFor()
    await look(counter, page, 'result-owed-manager')
    await press(page, /改付现金 ¥50\.00/)
    await look(counter, page, 'cash-instead', ({ acts }) =>
      page.getByRole('button', { name: acts.cash_instead.means }).click(),
    )
    await page.locator('.second button.act', { hasText: '改付现金 ¥50.00' }).click()
    await approve(page, '王五', PINS.wang)
    await standsAs(page, '待付现金')
    await press(page, '已付现金 ¥50.00')
    await standsAs(page, '退款成功')
    await page.getByText('处理过程').click()
    await page.getByText('现金已付给顾客 ¥50.00').waitFor()
    expect(await page.locator('.steps li').allInnerTexts()).toEqual([
      expect.stringMatching(/^申请退款 ¥50\.00\n.*1号机 张三，李四 复核$/),
      expect.stringMatching(/^改由收银员付现金\n/),
      expect.stringMatching(/^没有付现金\n.*张三，李四 密码授权$/),
      expect.stringMatching(/^还欠顾客 ¥50\.00\n/),
      expect.stringMatching(/^改由收银员付现金\n.*1号机 李四，王五 密码授权$/),
      expect.stringMatching(/^现金已付给顾客 ¥50\.00\n.*李四$/),
    ])
    await look(counter, page, 'result-steps', async ({ result }) => {
      await page.getByText(result.steps).click()
      await page.locator('.steps li').last().scrollIntoViewIfNeeded()
    })
    expect((await readRefund(till, cash.no)).state).toBe('succeeded')
  })

  test('a request is taken back by whoever asked', async () => {
    const { till, page, signIn } = await openCounter(browser)
    const asked = await ask(till, wish((await pay(till, 50_000)).no, { amount: 30_000 }))
    await signIn('zhang')
    await open(page, till, asked.no)
    await page.getByText('请叫店长处理：李四、王五。').waitFor()
    await press(page, /撤回申请/)
    await page.locator('.second button.act', { hasText: '撤回申请' }).click()
    await standsAs(page, '已撤回')
    expect(till.sandbox.book.executedRefunds()).toHaveLength(0)
  })

  test('a supervisor signed in here approves, rejects with a reason, lowers and replaces', async () => {
    const counter = await openCounter(browser)
    const { till, page, signIn } = counter
    const items = [
      { name: '水煮鱼', quantity: 2, amount: 40_000 },
      { name: '米饭', quantity: 4, amount: 5_000 },
    ]
    const payment = await pay(till, 45_000, { items })
    const request = (more: Parameters<typeof wish>[1]) => ask(till, wish(payment.no, more))
    await signIn('li')

    const rejected = await request({ amount: 30_000 })
    await open(page, till, rejected.no)
    await look(counter, page, 'result-to-decide')
    await press(page, '驳回')
    const reject = page.locator('.second button.act', { hasText: '驳回这笔申请' })
    expect(await reject.isDisabled()).toBe(true)
    await look(counter, page, 'reject', ({ acts }) => press(page, acts.reject.name))
    await page.getByText('没有购买凭证').click()
    await reject.click()
    await standsAs(page, '已驳回')
    await page.getByText('没有购买凭证').waitFor()

    const lowered = await request({ amount: 30_000 })
    await open(page, till, lowered.no)
    await press(page, /改小金额/)
    for (const key of '120') await press(page, key)
    await look(counter, page, 'lower', async ({ acts }) => {
      await page.getByRole('button', { name: acts.lower.means }).click()
      for (const key of '120') await press(page, key)
    })
    await press(page, '改成这个金额')
    await press(page, '通过并退款 ¥120.00')
    await page.locator('.second button.act', { hasText: '通过并退款 ¥120.00' }).click()
    await standsAs(page, '退款成功')
    await pass(till, 2 * MINUTE)

    const replaced = await request({ items: [{ line: 1, quantity: 1 }], method: 'cash' })
    await open(page, till, replaced.no)
    await press(page, /换成新的申请/)
    await page.getByText('按商品').click()
    await page.getByText('2 件可退').waitFor()
    const add = page.locator('.adm-stepper-plus').first()
    await add.click()
    await press(page, '下一步')
    await press(page, '确认退款 ¥200.00')
    await standsAs(page, '退款成功')
    expect(await readRefund(till, replaced.no)).toMatchObject({
      state: 'rejected',
      endedReason: 'replaced',
    })
    await open(page, till, replaced.no)
    await page.getByText('已由新的申请代替').first().waitFor()
    expect(till.sandbox.book.refundedFen()).toBe(32_000)
  })

  test('what got stuck goes back to the shop, is owed, and is refunded again', async () => {
    const counter = await openCounter(browser)
    const { till, page, signIn } = counter
    const payment = await pay(till, 12_800)
    till.sandbox.faults.set({ on: 'refund', kind: 'abnormal', times: 1 })
    const asked = await ask(till, wish(payment.no, { amount: 2_000 }))
    await pass(till, 2 * MINUTE)
    await signIn('li')
    await open(page, till, asked.no)
    await standsAs(page, '退款异常')
    await page.getByText('要退到顾客银行卡，需登记卡号，由店长在后台办理。').waitFor()
    await look(counter, page, 'result-stuck')
    await press(page, /先退回本店账户/)
    await press(page, '退回本店账户')
    await expect
      .poll(async () => (await readRefund(till, asked.no)).attempts[0]?.remedy)
      .toBe('to_merchant')
    // How many days it takes depends on when the till last asked.
    await expect
      .poll(
        async () => {
          await pass(till, 24 * 60 * MINUTE)
          return (await readRefund(till, asked.no)).state
        },
        { timeout: 20_000 },
      )
      .toBe('owed')
    // Days have gone by, and with them the signing in.
    await page.goto(`${till.url}/till/#/`)
    await signIn('li')
    await open(page, till, asked.no)
    await standsAs(page, '应退未退')
    await press(page, /再次原路退回 ¥20\.00/)
    await page.locator('.second button.act', { hasText: '再次原路退回 ¥20.00' }).click()
    await expect.poll(async () => (await readRefund(till, asked.no)).attempts.length).toBe(2)
    await pass(till, 2 * MINUTE)
    await standsAs(page, '退款成功')
  })

  test('sending is stopped by a cashier with a second person, and the outcome is still found out', async () => {
    const counter = await openCounter(browser, { channelTimeoutMs: 400 })
    const { till, page, signIn } = counter
    const payment = await pay(till, 12_800)
    till.sandbox.faults.set({ on: 'refund', kind: 'lost' })
    till.sandbox.faults.set({ on: 'refund_query', kind: 'lost' })
    const asked = await ask(till, wish(payment.no, { amount: 2_000 }))
    await signIn('zhang')
    await open(page, till, asked.no)
    await standsAs(page, '结果待确认')
    await press(page, /停止提交/)
    await page.getByText('顾客不退了').click()
    await look(counter, page, 'stop', ({ acts }) =>
      page.getByRole('button', { name: acts.stop.means }).click(),
    )
    await page.getByText('顾客不退了').click()
    await page.locator('.second button.act', { hasText: '停止提交' }).click()
    await approve(page, '李四', PINS.li)
    await expect
      .poll(async () => (await readRefund(till, asked.no)).attempts[0]?.stopped)
      .toBe(true)
    await standsAs(page, '结果待确认')
    expect(await page.getByText('停止提交').count()).toBe(0)
  })

  test('over the limit: a manager’s PIN here; wrong ones are counted, and too many lock', async () => {
    const counter = await openCounter(browser)
    const { till, page, signIn } = counter
    const payment = await pay(till, 90_000)
    await signIn('zhang')
    await toConfirm(page, payment.sale, till, '300')
    await page.getByText('超过您单笔 ¥200.00 的退款限额，需店长授权。').waitFor()
    await look(counter, page, 'confirm-approval')
    await press(page, '店长授权')
    for (const left of [4, 3, 2, 1]) {
      await approve(page, '李四', '9999')
      await page.getByText(`还可以试 ${left} 次`).waitFor()
    }
    await approve(page, '李四', '9999')
    await page.getByText(/密码连续输错，已锁定到/).waitFor()
    await look(counter, page, 'second-locked', async ({ second }) => {
      await press(page, second.act)
      await page.locator('.second .choice', { hasText: '李四' }).click()
      await page.locator('.second input.pin').fill(PINS.li)
      await page.locator('.second button.act').first().click()
      await page.locator('.second [role=alert]').waitFor()
    })
    await approve(page, '王五', PINS.wang)
    await standsAs(page, '退款成功')
    expect(till.sandbox.book.refundedFen()).toBe(30_000)
  })

  test('a one-time code is read over the phone: for this claim, once, and no other', async () => {
    const counter = await openCounter(browser)
    const { till, page, signIn, another, scan } = counter
    await sameStore(till)
    const payment = await pay(till, 90_000)
    await signIn('zhang')
    await toConfirm(page, payment.sale, till, '300')
    await page.getByRole('button', { name: '店长授权' }).waitFor()

    const manager = await another('t2')
    await signIn('li', manager)
    await manager.getByRole('button', { name: '更多' }).click()
    await look(counter, manager, 'more-manager')
    await manager.getByRole('button', { name: /动态授权码/ }).click()
    await look(counter, manager, 'approval-find')
    await scan(payment.billNo ?? '', manager)
    await manager.getByText('实付').waitFor()
    for (const key of '250') await press(manager, key)
    await press(manager, '生成授权码 ¥250.00')
    const wrong = await digitsOn(manager)
    await press(page, '店长授权')
    await page.getByText('动态授权码', { exact: true }).click()
    await page.locator('.second input.pin').fill(wrong)
    await page.locator('.second button.act', { hasText: '店长授权' }).click()
    await page.getByText('授权码不对，或者已经用过、已过期、输错太多次。').waitFor()

    await look(counter, manager, 'approval-claim', async () => {
      await scan(payment.billNo ?? '', manager)
      await manager.locator('.keypad').waitFor()
    })
    for (const key of '300') await press(manager, key)
    await press(manager, '生成授权码 ¥300.00')
    const right = await digitsOn(manager)
    await page.locator('.second input.pin').fill(right)
    await page.locator('.second button.act', { hasText: '店长授权' }).click()
    await standsAs(page, '退款成功')
    await page.getByText('处理过程').click()
    await page
      .getByText(/张三，李四 授权码/)
      .first()
      .waitFor()
    await look(counter, manager, 'approval-code', async () => {
      await scan(payment.billNo ?? '', manager)
      await manager.locator('.keypad').waitFor()
      await manager.locator('.foot .act').click()
      await manager.locator('.code-digits').waitFor()
    })
    expect(till.sandbox.book.refundedFen()).toBe(30_000)
  })

  test('over ¥2,000 no PIN reaches: it is filed, and decided elsewhere', async () => {
    const counter = await openCounter(browser)
    const { till, page, signIn } = counter
    const customer = till.sandbox.createCustomer({ balance: 900_000, passwordAbove: null })
    const payment = await pay(till, 250_000, {}, customer)
    await signIn('zhang')
    await toConfirm(page, payment.sale, till, '2500')
    await page.getByText(/密码和授权码不够/).waitFor()
    expect(await page.getByRole('button', { name: '店长授权' }).count()).toBe(0)
    await look(counter, page, 'confirm-elsewhere')
    await press(page, '提交申请 ¥2,500.00')
    await standsAs(page, '待审核')
    const no = page.url().split('/').at(-1) ?? ''
    await page.goto(`${till.url}/till/#/`)
    await press(page, '退出登录')
    await signIn('li')
    await open(page, till, no)
    await press(page, /通过并退款/)
    await page.locator('.second button.act').first().click()
    await page.getByText('用密码或授权码最多到 ¥2,000.00。').waitFor()
    await act(till, no, 'approve', undefined, 'li')
    await standsAs(page, '退款成功')
  })

  test('a till nobody touches locks itself; the same PIN goes on with the draft, another person does not', async () => {
    const counter = await openCounter(browser)
    const { till, page, signIn } = counter
    const payment = await pay(till, 12_800)
    await page.clock.install()
    await page.reload()
    await signIn('zhang')
    await toConfirm(page, payment.sale, till, '12')
    await page.getByRole('button', { name: '确认退款 ¥12.00' }).waitFor()
    await page.clock.fastForward('09:00')
    await page.mouse.click(5, 300)
    await page.clock.fastForward('09:00')
    await page.getByRole('button', { name: '确认退款 ¥12.00' }).waitFor()
    await page.clock.fastForward('01:10')
    await page.getByText('10 分钟没有操作，已锁定。没做完的还在，输入密码继续。').waitFor()
    await page.reload()
    await page.getByText('10 分钟没有操作，已锁定。').waitFor()
    await look(counter, page, 'locked')
    await page.keyboard.type(PINS.zhang)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: '确认退款 ¥12.00' }).waitFor()

    await page.clock.fastForward('10:10')
    await page.getByRole('button', { name: '返回' }).click()
    await page.getByRole('button', { name: /李四/ }).click()
    await page.keyboard.type(PINS.li)
    await page.keyboard.press('Enter')
    await page.getByText('扫码退款').waitFor()
    expect(await page.getByRole('button', { name: '确认退款 ¥12.00' }).count()).toBe(0)
  })

  test('another device becomes a terminal by code and square; a PIN is changed', async () => {
    const counter = await openCounter(browser)
    const { till, page, signIn } = counter
    await sameStore(till)
    await signIn('li')
    await page.getByRole('button', { name: '更多' }).click()
    await press(page, /绑定收银机/)
    await page.getByText('2号机').click()
    await look(counter, page, 'enrolment', () => page.getByText('2号机').click())
    await press(page, '生成绑定码')
    const code = await page.locator('.code-text').innerText()
    await page.getByRole('img', { name: '绑定二维码' }).waitFor()
    await counter.shoot('enrolment-code-zh-360')

    const context = await browser.newContext({ locale: 'zh-CN' })
    await keepShopDay(context)
    const device = await context.newPage()
    await device.goto(`${till.url}/till/#/enrol/${code}`)
    await device.getByText('川味小馆·春熙路店 · 2号机').waitFor()
    await context.close()
    const before = { authorization: `Bearer ${till.keys.terminals['t2']}` }
    expect((await fetch(`${till.url}/v1/till`, { headers: before })).status).toBe(401)
    await look(counter, page, 'enrolment-code', async ({ enrolment }) => {
      await page.getByText('2号机').click()
      await press(page, enrolment.make)
      await page.locator('.code-text').waitFor()
    })

    await page.goto(`${till.url}/till/#/pin`)
    await page.getByLabel('现在的密码').fill(PINS.li)
    await page.getByLabel('新密码（4–8 位数字）').fill('1234')
    await page.getByText('新密码太容易被猜到').waitFor()
    await look(counter, page, 'pin')
    await page.getByLabel('现在的密码').fill(PINS.li)
    await page.getByLabel('新密码（4–8 位数字）').fill('604817')
    await page.getByLabel('再输一次新密码').fill('604817')
    await page.locator('.foot .act').click()
    await page.getByText('密码已修改。请用新密码登录。').waitFor()
    await press(page, '重新登录')
    await page.getByRole('button', { name: /李四/ }).click()
    await page.keyboard.type('604817')
    await page.keyboard.press('Enter')
    await page.getByText('扫码退款').waitFor()
  })
})

const digitsOn = async (page: Page): Promise<string> =>
  (await page.locator('.code-digits').innerText()).replaceAll(/\D/g, '')
