/** A real Chromium of this machine. Where there is none, browser tests are skipped and say what to install. */
import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

const PLACES = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

export const CHROMIUM: string | null = PLACES.find((place) => place && existsSync(place)) ?? null

export const HOW_TO_INSTALL =
  'No Chromium found, so browser tests are skipped. Install it: apt-get install -y chromium fonts-noto-cjk'

/** @param args more switches, such as a camera that plays a film. */
export function launch(args: readonly string[] = []): Promise<Browser> {
  if (CHROMIUM === null) throw new Error(HOW_TO_INSTALL)
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--autoplay-policy=no-user-gesture-required',
      ...args,
    ],
  })
}
