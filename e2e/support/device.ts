/** A device with everything a bridge can offer, in a test's hands: its paper is read back, its drawer and voice are counted. */
import type { Page } from 'playwright-core'
import { decodeEscpos, type PrintedJob } from '../../test/support/escpos.ts'

export type EmulatedDevice = {
  /** What came out, in its order. */
  readonly paper: readonly PrintedJob[]
  readonly said: readonly string[]
  readonly shown: readonly { title: string; amount: string; text: string }[]
  readonly drawerOpened: () => number
  readonly scan: (code: string) => Promise<void>
  readonly press: (key: string) => Promise<void>
  readonly openCase: () => Promise<void>
  /** `printed` while all is well; `nonsense` and `throws` are bad bridges. */
  readonly printerIs: (how: 'ready' | 'no_paper' | 'cover_open' | 'nonsense' | 'throws') => void
}

/** Before the page is loaded. */
export async function besideDevice(page: Page): Promise<EmulatedDevice> {
  const paper: PrintedJob[] = []
  const said: string[] = []
  const shown: { title: string; amount: string; text: string }[] = []
  let opened = 0
  let printer = 'ready'
  await page.exposeFunction('emulatedPrinter', () => printer)
  await page.exposeFunction('emulatedPaper', (escpos: string) => {
    paper.push(decodeEscpos(Buffer.from(escpos, 'base64')))
  })
  await page.exposeFunction('emulatedVoice', (text: string) => void said.push(text))
  await page.exposeFunction('emulatedDisplay', (lines: (typeof shown)[number]) => {
    shown.push(lines)
  })
  await page.exposeFunction('emulatedDrawer', () => void (opened += 1))
  await page.addInitScript(BRIDGE)
  return {
    paper,
    said,
    shown,
    drawerOpened: () => opened,
    scan: (code) => page.evaluate(`emulated.code(${JSON.stringify(code)})`),
    press: (key) => page.evaluate(`emulated.key(${JSON.stringify(key)})`),
    openCase: () => page.evaluate('emulated.tamper()'),
    printerIs: (how) => void (printer = how),
  }
}

const BRIDGE = `
  const listeners = { code: new Set(), key: new Set(), tamper: new Set() }
  const on = (what) => (listener) => {
    listeners[what].add(listener)
    return () => listeners[what].delete(listener)
  }
  const tell = (what) => (value) => listeners[what].forEach((listener) => listener(value))
  globalThis.emulated = { code: tell('code'), key: tell('key'), tamper: tell('tamper') }
  globalThis.YuanluDevice = {
    version: 1,
    name: 'Emulator',
    scan: { onCode: on('code') },
    printer: {
      widthMm: 58,
      status: async () => {
        const how = await emulatedPrinter()
        if (how === 'throws') throw new Error('no status')
        return how === 'nonsense' ? 42 : how
      },
      print: async (escpos) => {
        const how = await emulatedPrinter()
        if (how === 'throws') throw new Error('jammed')
        if (how === 'nonsense') return { done: true }
        await emulatedPaper(escpos)
        return 'printed'
      },
    },
    speak: (text) => emulatedVoice(text),
    drawer: { open: () => emulatedDrawer() },
    display: { show: (lines) => emulatedDisplay(lines) },
    serial: async () => 'EM-0001',
    location: async () => ({ latitude: 30.65984, longitude: 104.06343, accuracy: 12.4 }),
    onTamper: on('tamper'),
    onKey: on('key'),
  }`
