/**
 * The device beside the page, spoken to with care: whoever wrote its bridge may have left parts out, throw, answer
 * nonsense or never. Nothing of that may stop a till.
 */
import { nativeDevice } from './android-shell.ts'
import {
  DEVICE_KEYS,
  PRINT_ANSWERS,
  PRINTER_STATUSES,
  type DeviceKey,
  type DisplayLines,
  type PrintAnswer,
  type PrinterStatus,
  type YuanluDevice,
} from './bridge.ts'

const STATUS_MS = 2_000
/** A long slip on a slow head. */
const PRINT_MS = 20_000
const SHORT_MS = 3_000

/** Null: a plain browser, or a bridge of a version that this till does not speak. */
export function device(): YuanluDevice | null {
  const found: unknown = window.YuanluDevice ?? nativeDevice(window.YuanluNative)
  return typeof found === 'object' && found !== null && 'version' in found && found.version === 1
    ? (found as YuanluDevice)
    : null
}

export const hasPrinter = (): boolean => typeof device()?.printer?.print === 'function'

/** A printer that never says how it stands is asked to print and may surprise us. */
export async function printerStatus(): Promise<PrinterStatus> {
  const printer = device()?.printer
  if (typeof printer?.print !== 'function') return 'absent'
  const answer = await answered(() => printer.status(), STATUS_MS)
  return PRINTER_STATUSES.find((each) => each === answer) ?? 'unknown'
}

/** @param escpos base64. Anything but `printed` means: somebody looks at the printer. */
export async function printOnDevice(escpos: string): Promise<PrintAnswer> {
  const answer = await answered(() => device()?.printer?.print(escpos), PRINT_MS)
  return PRINT_ANSWERS.find((each) => each === answer) ?? 'failed'
}

export const paperWidth = (): 58 | 80 | null => {
  const width: unknown = device()?.printer?.widthMm
  return width === 58 || width === 80 ? width : null
}

export const hasDrawer = (): boolean => typeof device()?.drawer?.open === 'function'

/** @returns whether the device says that it did. */
export const openDrawer = (): Promise<boolean> => did(() => device()?.drawer?.open())
export const showOnDevice = (lines: DisplayLines): Promise<boolean> =>
  did(() => device()?.display?.show(lines))
export const speakOnDevice = (text: string, language: 'zh' | 'en'): Promise<boolean> =>
  did(() => device()?.speak?.(text, language))

/** What it tells of itself, for the self-check; null: it does not say. */
export type DeviceFacts = {
  readonly name: string | null
  readonly serial: string | null
  /** WGS 84. */
  readonly place: string | null
}

export async function deviceFacts(): Promise<DeviceFacts> {
  const [serial, location] = await Promise.all([
    answered(() => device()?.serial?.(), SHORT_MS),
    answered(() => device()?.location?.(), SHORT_MS),
  ])
  return { name: textOf(device()?.name), serial: textOf(serial), place: placeOf(location) }
}

const TEXT_MAX = 64
const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value.slice(0, TEXT_MAX) : null

function placeOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null
  const { latitude, longitude, accuracy } = value as Record<string, unknown>
  if (![latitude, longitude].every((each) => typeof each === 'number' && Number.isFinite(each)))
    return null
  const within = typeof accuracy === 'number' ? ` ±${Math.round(accuracy)} m` : ''
  return `${Number(latitude).toFixed(5)}, ${Number(longitude).toFixed(5)}${within}`
}

/** The device's scan key, where it does not come as a keyboard. @returns stop. */
export const listenToScanKey = (onCode: (code: string) => void): (() => void) =>
  listened(() =>
    device()?.scan?.onCode((code: unknown) => {
      const text = typeof code === 'string' ? code.trim() : ''
      if (text !== '') onCode(text)
    }),
  )

export const listenToKeys = (onKey: (key: DeviceKey) => void): (() => void) =>
  listened(() =>
    device()?.onKey?.((key: unknown) => {
      const known = DEVICE_KEYS.find((each) => each === key)
      if (known !== undefined) onKey(known)
    }),
  )

export const listenToTamper = (onTamper: () => void): (() => void) =>
  listened(() => device()?.onTamper?.(onTamper))

function listened(begin: () => unknown): () => void {
  try {
    const stop = begin()
    return typeof stop === 'function' ? () => quietly(stop as () => unknown) : () => undefined
  } catch {
    return () => undefined
  }
}

function quietly(act: () => unknown): void {
  try {
    act()
  } catch {
    // Its own affair.
  }
}

async function did(act: () => Promise<void> | undefined): Promise<boolean> {
  const asked = { answer: 'silent' as unknown }
  asked.answer = await answered(async () => {
    const doing = act()
    if (doing === undefined) return 'absent'
    await doing
    return 'done'
  }, SHORT_MS)
  return asked.answer === 'done'
}

/** Null for a part that is missing, throws, or does not answer in time. */
async function answered(ask: () => unknown, withinMs: number): Promise<unknown> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), withinMs)
  })
  try {
    return (await Promise.race([Promise.resolve(ask()), late])) ?? null
  } catch {
    return null
  } finally {
    clearTimeout(timer)
  }
}
