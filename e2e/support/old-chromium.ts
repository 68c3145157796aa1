/**
 * The oldest browser the till runs in, for real: Chromium 69, as npm carries it for Linux on x64. Nothing of today speaks
 * to it any more, so it is driven here by the few commands of its DevTools that a cashier's finger needs.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { createReadStream, createWriteStream, existsSync, mkdirSync, rmSync } from 'node:fs'
import { mkdtemp, rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress } from 'node:zlib'
import { vi } from 'vitest'

const MODULES = join(import.meta.dirname, '../../node_modules')
const PACKED = join(MODULES, 'chromium-69/bin/chromium-69.0.3494.0.br')
const CACHE = join(MODULES, '.cache/chromium-69')
const PROGRAM = join(CACHE, 'chromium-69.0.3494.0')
const SHOTS = join(import.meta.dirname, '../shots')
const WAIT_MS = 15_000

export const HAS_OLD_CHROMIUM =
  process.platform === 'linux' && process.arch === 'x64' && existsSync(PACKED)

export type OldPage = {
  /** The value of an expression in the page, as JSON; a promise is waited for. */
  readonly evaluate: (expression: string) => Promise<unknown>
  /** Before any script of the page runs, from the next load on. */
  readonly runFirst: (script: string) => Promise<void>
  readonly open: (url: string) => Promise<void>
  /** Until the page says so much. */
  readonly sees: (text: string) => Promise<void>
  /** A finger on the middle of the button, choice or field with a line that says exactly this; nothing may cover it. */
  readonly tap: (text: string) => Promise<void>
  /** On a keyboard, or by a gun. */
  readonly type: (text: string) => Promise<void>
  readonly shoot: (name: string) => Promise<void>
  /** What went wrong in the page so far. */
  readonly faults: readonly string[]
}

export type OldChromium = {
  readonly page: () => Promise<OldPage>
  readonly close: () => Promise<void>
}

/** Once a machine; a process that dies on the way leaves no half of it under the name. */
async function unpack(): Promise<void> {
  if (existsSync(PROGRAM)) return
  mkdirSync(CACHE, { recursive: true })
  const half = `${PROGRAM}.${process.pid}`
  await pipeline(
    createReadStream(PACKED),
    createBrotliDecompress(),
    createWriteStream(half, { mode: 0o755 }),
  )
  await rename(half, PROGRAM)
}

export async function launchOld(): Promise<OldChromium> {
  await unpack()
  const profile = await mkdtemp(join(tmpdir(), 'yuanlu-chromium-69-'))
  const child = spawn(
    PROGRAM,
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--autoplay-policy=no-user-gesture-required',
      '--hide-scrollbars',
      '--lang=zh-CN',
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const wire = await connect(await addressOf(child))
  return {
    page: () => openPage(wire),
    close: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill()
      await ended
      rmSync(profile, { recursive: true, force: true })
    },
  }
}

function addressOf(child: ChildProcess): Promise<string> {
  let said = ''
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', () => reject(new Error(`Chromium 69 ended: ${said}`)))
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const address = /DevTools listening on (ws:\S+)/.exec(said)?.[1]
      if (address !== undefined) resolve(address)
    })
  })
}

type Message = {
  readonly id?: number
  readonly sessionId?: string
  readonly method?: string
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly params?: any
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly result?: any
  readonly error?: { readonly message: string }
}

type Wire = {
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly send: (method: string, params?: object) => Promise<any>
  readonly onMessage: (listener: (message: Message) => void) => void
}

function wireOver(post: (text: string) => void): Wire & { take: (text: string) => void } {
  const waiting = new Map<number, (message: Message) => void>()
  const listeners: ((message: Message) => void)[] = []
  let last = 0
  return {
    onMessage: (listener) => void listeners.push(listener),
    send: (method, params = {}) => {
      const id = ++last
      return new Promise((resolve, reject) => {
        waiting.set(id, ({ error, result }) =>
          error ? reject(new Error(`${method}: ${error.message}`)) : resolve(result),
        )
        post(JSON.stringify({ id, method, params }))
      })
    },
    take: (text) => {
      const message = JSON.parse(text) as Message
      if (message.id !== undefined) waiting.get(message.id)?.(message)
      else for (const listener of listeners) listener(message)
    },
  }
}

async function connect(address: string): Promise<Wire> {
  const socket = new WebSocket(address)
  const wire = wireOver((text) => socket.send(text))
  socket.addEventListener('message', ({ data }) => wire.take(String(data)))
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', reject)
  })
  return wire
}

/** In 69 a session is spoken to through messages of the browser's own. */
async function openPage(browser: Wire): Promise<OldPage> {
  const { browserContextId } = await browser.send('Target.createBrowserContext')
  const { targetId } = await browser.send('Target.createTarget', {
    url: 'about:blank',
    browserContextId,
  })
  const { sessionId } = await browser.send('Target.attachToTarget', { targetId })
  const wire = wireOver(
    (message) => void browser.send('Target.sendMessageToTarget', { sessionId, message }),
  )
  browser.onMessage(({ method, params }) => {
    if (method === 'Target.receivedMessageFromTarget' && params.sessionId === sessionId) {
      wire.take(params.message)
    }
  })
  const faults: string[] = []
  wire.onMessage((message) => void faults.push(...faultsIn(message)))
  for (const domain of ['Page', 'Runtime', 'Log']) await wire.send(`${domain}.enable`)

  const evaluate = async (expression: string): Promise<unknown> => {
    const { result, exceptionDetails } = await wire.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    })
    if (exceptionDetails) throw new Error(textOf(exceptionDetails))
    return result.value
  }
  const until = (expression: string): Promise<unknown> =>
    vi.waitFor(
      async () => {
        const found = await evaluate(expression)
        if (found) return found
        const seen = String(await evaluate('document.body.innerText'))
        throw new Error(`never: ${expression}\n${seen}`)
      },
      { timeout: WAIT_MS, interval: 100 },
    )
  const size = (width: number, height: number) =>
    wire.send('Emulation.setDeviceMetricsOverride', {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: false,
    })
  await size(360, 640)

  return {
    evaluate,
    faults,
    runFirst: async (source) =>
      void (await wire.send('Page.addScriptToEvaluateOnNewDocument', { source })),
    open: async (url) => void (await wire.send('Page.navigate', { url })),
    sees: async (text) =>
      void (await until(`document.body.innerText.includes(${JSON.stringify(text)})`)),
    tap: async (text) => {
      const place = await until(placeOf(text))
      const at = { ...(place as object), button: 'left', clickCount: 1 }
      await wire.send('Input.dispatchMouseEvent', { ...at, type: 'mousePressed' })
      await wire.send('Input.dispatchMouseEvent', { ...at, type: 'mouseReleased' })
    },
    type: async (text) => {
      // In one go, as a cable sends them: a pause of this process's would be one in the gun's burst.
      const sent = [...text].flatMap((key) => {
        const code = /\d/.test(key) ? `Digit${key}` : ''
        return [
          wire.send('Input.dispatchKeyEvent', { type: 'keyDown', key, code, text: key }),
          wire.send('Input.dispatchKeyEvent', { type: 'keyUp', key, code }),
        ]
      })
      await Promise.all(sent)
    },
    shoot: async (name) => {
      mkdirSync(SHOTS, { recursive: true })
      const { data } = await wire.send('Page.captureScreenshot', { format: 'png' })
      await writeFile(join(SHOTS, `${name}.png`), Buffer.from(data, 'base64'))
    },
  }
}

/** Runs in the page, so it is written as old browsers read: the middle of what says this, once nothing lies over it. */
const placeOf = (text: string): string => `(function () {
  var spots = document.querySelectorAll('button, a, label, input')
  for (var i = 0; i < spots.length; i++) {
    var spot = spots[i]
    var says = (spot.getAttribute('aria-label') || spot.innerText).split('\\n')
    if (spot.disabled || says.indexOf(${JSON.stringify(text)}) === -1) continue
    spot.scrollIntoView({ block: 'center' })
    var box = spot.getBoundingClientRect()
    var x = box.left + box.width / 2
    var y = box.top + box.height / 2
    if (spot.contains(document.elementFromPoint(x, y))) return { x: x, y: y }
  }
  return null
})()`

// oxlint-disable-next-line typescript/no-explicit-any
const textOf = (details: any): string => String(details.exception?.description ?? details.text)

function faultsIn({ method, params }: Message): readonly string[] {
  if (method === 'Runtime.exceptionThrown') return [textOf(params.exceptionDetails)]
  if (method !== 'Log.entryAdded' || params.entry.level !== 'error') return []
  // A refusal is an answer; the browser calls each an error. A word of the page's policy that it does not know, it skips.
  const isNone =
    params.entry.source === 'network' ||
    /'wasm-unsafe-eval''\. It will be ignored/.test(params.entry.text)
  return isNone ? [] : [String(params.entry.text)]
}
