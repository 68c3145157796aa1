/**
 * `window.YuanluDevice`: what an Android shell, a Windows till or a browser extension may put beside the page, and the
 * only way by which the till speaks to hardware that browsers do not reach. Version 1. Every part may be left out; what
 * is missing has its other way (network printer, browser print, gun, camera, recorded voice). See docs/device-bridge.md.
 *
 * Whatever it answers is about paper, sound and light and never about money: nothing here can make a refund, end one, or
 * keep one from being made.
 */
export type YuanluDevice = {
  readonly version: 1
  /** Shown in the self-check, such as `SUNMI V2s`. */
  readonly name?: string
  readonly scan?: {
    /** Each code that the device's scan key has read, as text. @returns stop. */
    onCode(listener: (code: string) => void): () => void
  }
  readonly printer?: {
    /** How it stands, without paper coming out. */
    status(): Promise<PrinterStatus>
    /** @param escpos bytes in base64 (GB18030, cut at the end), for `widthMm`. Resolves once paper came out, or could not. */
    print(escpos: string): Promise<PrintAnswer>
    readonly widthMm?: 58 | 80
  }
  /** Says a sentence; the language is `zh` or `en`. Used where the recorded voice cannot be heard. */
  speak?(text: string, language: 'zh' | 'en'): Promise<void>
  readonly drawer?: { open(): Promise<void> }
  /** A display of few lines on the customer's side. */
  readonly display?: { show(lines: DisplayLines): Promise<void> }
  /** The device's own serial number. */
  serial?(): Promise<string>
  /** WGS 84, in degrees; `accuracy` in metres. */
  location?(): Promise<{
    readonly latitude: number
    readonly longitude: number
    readonly accuracy: number
  }>
  /** Somebody has opened the case. @returns stop. */
  onTamper?(listener: () => void): () => void
  /** Keys of the device with a meaning of their own. @returns stop. */
  onKey?(listener: (key: DeviceKey) => void): () => void
}

export const PRINTER_STATUSES = [
  'ready',
  'no_paper',
  'overheated',
  'cover_open',
  'absent',
  'unknown',
] as const
export type PrinterStatus = (typeof PRINTER_STATUSES)[number]

export const PRINT_ANSWERS = ['printed', 'no_paper', 'overheated', 'cover_open', 'failed'] as const
export type PrintAnswer = (typeof PRINT_ANSWERS)[number]

export const DEVICE_KEYS = ['refund', 'pay', 'home', 'reprint'] as const
export type DeviceKey = (typeof DEVICE_KEYS)[number]

export type DisplayLines = {
  readonly title: string
  /** Such as `¥12.00`; empty: none. */
  readonly amount: string
  readonly text: string
}

declare global {
  interface Window {
    YuanluDevice?: unknown
    /** The functions that the Android shell gives to its page; see `android-shell.ts`. */
    YuanluNative?: unknown
  }
}
