/**
 * What the camera of a test sees: a film of a counter with something on it. Chromium plays the file anew whenever the
 * camera is opened, so a test lays down what it likes before it opens it.
 */
import { mkdtempSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Browser } from 'playwright-core'

export type Film = {
  /** Switches for the browser whose camera plays it. */
  readonly switches: readonly string[]
  /** A picture (address or data) lies on the counter, `width` of 1280 wide, a little askew, its `focus` (0 top, 1 bottom) in the middle. */
  readonly lay: (
    browser: Browser,
    picture: { src: string; width: number; focus?: number },
  ) => Promise<void>
  readonly remove: () => Promise<void>
}

const FRAME = { width: 1_280, height: 720 }
/** The player takes a file of pictures in turn; a still life needs few. */
const FRAMES = 5

export function makeFilm(): Film {
  const path = join(mkdtempSync(join(tmpdir(), 'yuanlu-film-')), 'counter.mjpeg')
  return {
    switches: ['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${path}`],
    lay: async (browser, { src, width, focus = 0.5 }) => {
      const page = await browser.newPage({ viewport: FRAME })
      await page.setContent(`
        <body style="margin:0; overflow:hidden; background:linear-gradient(120deg,#6d6256,#8b8174)">
        <img src="${src}" style="position:absolute; left:50%; top:50%; width:${width}px; background:#fff;
          transform-origin:50% ${focus * 100}%; transform:translate(-50%,-${focus * 100}%) rotate(2deg);
          filter:blur(0.4px) brightness(0.92)">`)
      await page.evaluate(`document.images[0].decode()`)
      const frame = await page.screenshot({ type: 'jpeg', quality: 80 })
      await page.close()
      await writeFile(path, Buffer.concat(Array.from({ length: FRAMES }, () => frame)))
    },
    remove: () => rm(dirname(path), { recursive: true, force: true }),
  }
}

export const svgSource = (svg: string): string =>
  `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`
