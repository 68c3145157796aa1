/** A screen as people will see it: on a handheld and on a tablet, in both languages, and as axe sees it. */
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { LANGUAGES } from '../../src/texts/language.ts'
import { en } from '../../web/till/texts/en.ts'
import { zh } from '../../web/till/texts/zh.ts'
import { seriousFindings } from './axe.ts'
import type { Counter } from './counter.ts'

const TEXTS = { zh, en }
export type Texts = (typeof TEXTS)['zh' | 'en']

const SIZES = {
  360: { width: 360, height: 640 },
  768: { width: 768, height: 1024 },
} as const
const HANDHELD = SIZES[360]

/**
 * Keeps `<name>-<language>-<width>.png` of each. The page is loaded anew for each language; `open` brings what is not in
 * its address, by that language's words.
 */
export async function look(
  { shoot }: Pick<Counter, 'shoot'>,
  page: Page,
  name: string,
  open: (texts: Texts) => Promise<unknown> = async () => undefined,
): Promise<void> {
  for (const language of [...LANGUAGES].toReversed()) {
    await page.evaluate(`localStorage.setItem('yuanlu.language', '${language}')`)
    await page.reload()
    await loaded(page)
    await open(TEXTS[language])
    await page.waitForTimeout(SLIDE_MS)
    for (const [width, size] of Object.entries(SIZES)) {
      await page.setViewportSize(size)
      await loaded(page)
      await shoot(`${name}-${language}-${width}`, page)
    }
    expect(await seriousFindings(page), `${name} ${language}`).toEqual([])
    expect(await isWiderThanScreen(page), `${name} ${language} is cut`).toBe(false)
    await page.setViewportSize(HANDHELD)
  }
}

/** Loaded, and nothing that slides in is still on its way. */
async function loaded(page: Page): Promise<void> {
  // Asked from outside: the page's own policy lets nobody compile a question inside it.
  await expect.poll(() => page.evaluate<boolean>(IS_LOADED), { timeout: 10_000 }).toBe(true)
}

const IS_LOADED = `document.body.innerText.trim() !== ''
  && !/正在载入|Loading…/.test(document.body.innerText)
  && document.getAnimations().every((each) => each.playState !== 'running')`

/** Sheets slide in by steps of script, which no event tells of. */
const SLIDE_MS = 400

const isWiderThanScreen = (page: Page): Promise<boolean> =>
  page.evaluate<boolean>('document.documentElement.scrollWidth > window.innerWidth')
