/**
 * The bridge over the functions that an Android shell can give to its page: `addJavascriptInterface` carries texts and
 * numbers in, and answers come back through functions that the shell calls by name. The shell for Sunmi devices in
 * `device/sunmi` speaks this; another shell may as well.
 */
import type { PrinterStatus, PrintAnswer, YuanluDevice } from './bridge.ts'

/** As the shell offers it; each call answers at once, and slow ones later by `yuanluAnswer`. */
type NativeShell = {
  /** Parts the device has, parted by spaces: `printer drawer scan serial display`. */
  parts(): string
  model(): string
  serial?(): string
  /** Answers a word of `PrinterStatus`. */
  printerStatus?(): string
  /** Answers later, under `ticket`, with a word of `PrintAnswer`. */
  print?(ticket: string, escpos: string): void
  openDrawer?(): void
  display?(title: string, amount: string, text: string): void
}

declare global {
  interface Window {
    /** Called by the shell with what became of a ticket. */
    yuanluAnswer?: (ticket: string, answer: string) => void
    /** Called by the shell with what the scan key has read. */
    yuanluCode?: (code: string) => void
  }
}

const waiting = new Map<string, (answer: string) => void>()
const listeners = new Set<(code: string) => void>()
let tickets = 0

let adapted: YuanluDevice | null = null

/** @param shell `window.YuanluNative`, if there is one. Made once. */
export function nativeDevice(shell: unknown): YuanluDevice | null {
  if (adapted !== null) return adapted
  if (typeof shell !== 'object' || shell === null || !('parts' in shell)) return null
  adapted = adapt(shell as NativeShell)
  return adapted
}

function adapt(shell: NativeShell): YuanluDevice {
  const parts = new Set(shell.parts().split(' '))
  window.yuanluAnswer = (ticket, answer) => {
    waiting.get(ticket)?.(answer)
    waiting.delete(ticket)
  }
  window.yuanluCode = (code) => {
    for (const listener of listeners) listener(code)
  }
  return {
    version: 1,
    name: shell.model(),
    ...(parts.has('scan') && {
      scan: {
        onCode: (listener: (code: string) => void) => {
          listeners.add(listener)
          return () => listeners.delete(listener)
        },
      },
    }),
    ...(parts.has('printer') && {
      printer: {
        // Words are looked at where they are used: a shell may be older or newer than this page.
        status: async () => shell.printerStatus?.() as PrinterStatus,
        print: (escpos: string) =>
          new Promise<PrintAnswer>((resolve) => {
            const ticket = String(++tickets)
            waiting.set(ticket, (answer) => resolve(answer as PrintAnswer))
            shell.print?.(ticket, escpos)
          }),
        widthMm: 58 as const,
      },
    }),
    ...(parts.has('drawer') && { drawer: { open: async () => shell.openDrawer?.() } }),
    ...(parts.has('display') && {
      display: {
        show: async ({ title, amount, text }: { title: string; amount: string; text: string }) =>
          shell.display?.(title, amount, text),
      },
    }),
    ...(parts.has('serial') && { serial: async () => shell.serial?.() ?? '' }),
  }
}
