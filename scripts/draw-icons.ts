/** Draws the till's icons as PNG from `icon.svg`, by the Chromium of the browser tests. To be run when the mark changes. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { launch } from '../e2e/support/chromium.ts'

const FOLDER = join(import.meta.dirname, '../web/till/public')
const svg = await readFile(join(FOLDER, 'icon.svg'), 'utf8')
/** Android cuts a circle out of it: the ground goes to the edges. */
const maskable = svg.replace(' rx="5.5"', '').replace('scale(0.72)', 'scale(0.56)')

const browser = await launch()
for (const [name, drawing, size] of [
  ['icon-192', svg, 192],
  ['icon-512', svg, 512],
  ['icon-maskable-512', maskable, 512],
] as const) {
  const page = await browser.newPage({ viewport: { width: size, height: size } })
  await page.setContent(`<body style="margin:0">${drawing}`)
  await page.addStyleTag({ content: `svg { display: block; width: ${size}px; height: ${size}px }` })
  await page.screenshot({ path: join(FOLDER, `${name}.png`), omitBackground: true })
  await page.close()
}
await browser.close()
