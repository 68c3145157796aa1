/** A counter in a real browser: the built till on a shop of its own, people with PINs, the sandbox behind it. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContextOptions, Browser, BrowserContext, Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import { setPin } from '../../src/commands/set-pin.ts'
import { TENANT } from '../../test/support/core.ts'
import { testDatabase } from '../../test/support/database.ts'
import { keepShopDay } from './day.ts'
import { fire } from './gun.ts'
import { openTill, type Till, type TillOptions } from '../../test/support/till.ts'

export const PINS = { zhang: '2739', li: '8164', wang: '7391' } as const
export const NAMES = { zhang: '张三', li: '李四', wang: '王五' } as const
type Person = keyof typeof PINS

/** 360×640 is the smallest screen a till has. */
const HANDHELD = { width: 360, height: 640 }
const SHOTS = join(import.meta.dirname, '../shots')

export type Counter = {
  readonly till: Till
  readonly page: Page
  readonly context: BrowserContext
  /** Another device of the shop, at the same server. */
  readonly another: (terminal: string) => Promise<Page>
  readonly signIn: (who: Person, page?: Page) => Promise<void>
  /** With a gun on a cable that ends with Enter. */
  readonly scan: (code: string, page?: Page) => Promise<void>
  /** Kept beside the tests for people to look at. */
  readonly shoot: (name: string, page?: Page) => Promise<void>
}

/** A shop whose people can sign in, in no browser yet. */
export async function openShopWithPins(options: TillOptions = {}): Promise<Till> {
  const { db } = await testDatabase()
  const till = await openTill(db, options)
  for (const [staff, pin] of Object.entries(PINS)) {
    expect(await setPin(till.core, TENANT, staff, pin, till.core.clock.now())).toBeNull()
  }
  return till
}

export async function openCounter(
  browser: Browser,
  options: TillOptions & { readonly context?: BrowserContextOptions } = {},
): Promise<Counter> {
  const { context: contextOptions = {}, ...tillOptions } = options
  const till = await openShopWithPins(tillOptions)
  const contexts: BrowserContext[] = []
  const faults: string[] = []
  const open = async (terminal: string): Promise<{ page: Page; context: BrowserContext }> => {
    const context = await browser.newContext({
      viewport: HANDHELD,
      locale: 'zh-CN',
      // What a test breaks on the network is to reach the page.
      serviceWorkers: 'block',
      ...contextOptions,
    })
    contexts.push(context)
    await keepShopDay(context)
    const key = till.keys.terminals[terminal] ?? ''
    await context.addInitScript(
      (text) => globalThis.localStorage.setItem('yuanlu.terminal', text),
      key,
    )
    const page = await context.newPage()
    page.on('pageerror', (error) => faults.push(String(error)))
    page.on('console', (message) => {
      // A refusal is an answer; the browser calls each an error.
      if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) {
        faults.push(message.text())
      }
    })
    await page.goto(`${till.url}/till/`)
    return { page, context }
  }
  onTestFinished(async ({ task }) => {
    if (task.result?.state === 'fail') {
      const pages = contexts.flatMap((context) => context.pages())
      for (const [index, each] of pages.entries()) await shoot(`failed-${task.id}-${index}`, each)
    }
    await Promise.all(contexts.map((context) => context.close()))
    expect(faults, 'faults in the page').toEqual([])
  })
  const { page, context } = await open('t1')

  return {
    till,
    page,
    context,
    another: async (terminal) => (await open(terminal)).page,
    signIn: async (who, on = page) => {
      await on.getByRole('button', { name: NAMES[who] }).click()
      await on.keyboard.type(PINS[who])
      await on.keyboard.press('Enter')
      await on.getByText('扫码退款').waitFor()
    },
    scan: (code, on = page) => fire(on, code),
    shoot: (name, on = page) => shoot(name, on),
  }
}

async function shoot(name: string, page: Page): Promise<void> {
  mkdirSync(SHOTS, { recursive: true })
  await page.screenshot({ path: join(SHOTS, `${name}.png`) })
}
