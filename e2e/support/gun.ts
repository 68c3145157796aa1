/** A gun in a test's hand: keys as real ones come, faster than any hand, through the browser's own input. */
import type { CDPSession, Page } from 'playwright-core'

/**
 * `keys`: a plain keyboard. `full_width`: an input method in that mode. `ime`: a Chinese input method that takes each key
 * for itself. `android`: an input method that says nothing of keys and puts text into whatever field has the focus.
 */
export type GunKind = 'keys' | 'full_width' | 'ime' | 'android'
export type Suffix = 'CR' | 'LF' | 'TAB' | ''

const FULL_WIDTH_OFFSET = 0xfee0
const TAKEN_BY_INPUT_METHOD = 229

type Press = {
  readonly key: string
  readonly code: string
  readonly text?: string
  readonly windowsVirtualKeyCode: number
  readonly modifiers?: number
}

const SUFFIX_KEYS: Readonly<Record<Exclude<Suffix, ''>, Press>> = {
  CR: { key: 'Enter', code: 'Enter', text: '\r', windowsVirtualKeyCode: 13 },
  LF: { key: 'Enter', code: 'Enter', text: '\n', windowsVirtualKeyCode: 13 },
  TAB: { key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9 },
}

const SHIFTED: Readonly<Record<string, string>> = {
  '*': 'Digit8',
  ':': 'Semicolon',
  '/': 'Slash',
  '.': 'Period',
}

const codeOf = (character: string): string =>
  SHIFTED[character] ??
  (/\d/.test(character) ? `Digit${character}` : `Key${character.toUpperCase()}`)

function pressOf(character: string, kind: GunKind): Press {
  const plain = { key: character, code: codeOf(character), text: character }
  if (kind === 'keys') return { ...plain, windowsVirtualKeyCode: character.charCodeAt(0) }
  if (kind === 'full_width') {
    const wide = String.fromCharCode(character.charCodeAt(0) + FULL_WIDTH_OFFSET)
    return { ...plain, key: wide, text: wide, windowsVirtualKeyCode: TAKEN_BY_INPUT_METHOD }
  }
  const taken = { windowsVirtualKeyCode: TAKEN_BY_INPUT_METHOD }
  return kind === 'ime'
    ? {
        key: 'Process',
        code: plain.code,
        ...taken,
        ...(/[A-Z*:]/.test(character) && { modifiers: 8 }),
      }
    : { key: 'Unidentified', code: '', ...taken }
}

/** A gun at a cable; slower ones are waited for. */
const CABLE_MS = 5
const STALL_MS = 500

/**
 * Each key at its time, as a cable sends them, however busy this machine is.
 *
 * @param everyMs between keys.
 * @param stallAfter so many keys reach the page; the others are pressed in time and reach it half a second late.
 */
export async function fire(
  page: Page,
  code: string,
  {
    kind = 'keys',
    suffix = 'CR',
    everyMs = CABLE_MS,
    stallAfter = Infinity,
  }: { kind?: GunKind; suffix?: Suffix; everyMs?: number; stallAfter?: number } = {},
): Promise<void> {
  const browser = await page.context().newCDPSession(page)
  const sent: Promise<unknown>[] = []
  let atMs = Date.now()
  for (const [index, character] of [...code].entries()) {
    if (index === stallAfter) await page.waitForTimeout(STALL_MS)
    sent.push(...press(browser, pressOf(character, kind), atMs))
    if (kind === 'android') sent.push(browser.send('Input.insertText', { text: character }))
    if (everyMs > CABLE_MS) await page.waitForTimeout(everyMs)
    atMs += everyMs
  }
  if (suffix !== '') sent.push(...press(browser, SUFFIX_KEYS[suffix], atMs))
  await Promise.all(sent)
  await browser.detach()
}

const press = (browser: CDPSession, key: Press, atMs: number) => [
  browser.send('Input.dispatchKeyEvent', {
    type: key.text === undefined ? 'rawKeyDown' : 'keyDown',
    timestamp: atMs / 1_000,
    ...key,
  }),
  browser.send('Input.dispatchKeyEvent', { type: 'keyUp', timestamp: atMs / 1_000, ...key }),
]
