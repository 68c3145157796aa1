/**
 * Paper, wherever this device can have it: its own printer over the bridge, the terminal's on the network, the browser's.
 * Each print is counted by the server before it goes out, so that a second one says that it is one. No paper never stops
 * a refund.
 */
import { useMutation, type UseMutationResult } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import type { PrintedShown } from '../../src/api/contract-slips.ts'
import { hasPrinter, paperWidth, printerStatus, printOnDevice } from './device/device.ts'
import { tell } from './session.ts'

export const PRINTERS = ['device', 'network', 'browser'] as const
export type Printer = (typeof PRINTERS)[number]
/** mm */
export const PAPERS = ['58mm', '80mm'] as const
export type PaperWidth = (typeof PAPERS)[number]

export type PrintResult =
  | Exclude<PrintedShown['result'], 'handed_over'>
  | 'overheated'
  | 'cover_open'
  | 'failed'
  /** In the browser's own window, which says nothing of what comes of it. */
  | 'shown'
export type Outcome = { readonly result: PrintResult; readonly reprint: number }

/** A slip: where it is, and which one of its copies or closes. */
export type SlipAddress = {
  /** Such as `/refunds/73…`. */
  readonly path: string
  readonly which: Readonly<Record<string, string | number>>
}

const PRINTER = 'yuanlu.printer'
const PAPER = 'yuanlu.paper'
const listeners = new Set<() => void>()

const kept = <Value extends string>(place: string, of: readonly Value[]): Value | null =>
  of.find((each) => each === localStorage.getItem(place)) ?? null

/** What this device can print by, best first. */
export const printersHere = (hasNetworkPrinter: boolean): readonly Printer[] =>
  PRINTERS.filter(
    (each) => each === 'browser' || (each === 'device' ? hasPrinter() : hasNetworkPrinter),
  )

const paperHere = (): PaperWidth => {
  const width = paperWidth()
  return kept(PAPER, PAPERS) ?? (width === null ? '58mm' : `${width}mm`)
}

/** What somebody has chosen on this device; null: nothing, and the best one is taken. */
const usePrinterChosen = (): Printer | null =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => kept(PRINTER, PRINTERS),
  )

export function choosePrinter(printer: Printer): void {
  localStorage.setItem(PRINTER, printer)
  for (const listener of listeners) listener()
}

export function choosePaper(paper: PaperWidth): void {
  localStorage.setItem(PAPER, paper)
  for (const listener of listeners) listener()
}

export const usePaper = (): PaperWidth =>
  useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, paperHere)

/** @param hasNetworkPrinter of this terminal. What was chosen and is gone is no choice any more. */
export function usePrinter(hasNetworkPrinter: boolean): Printer {
  const chosen = usePrinterChosen()
  const here = printersHere(hasNetworkPrinter)
  return here.find((each) => each === chosen) ?? here[0] ?? 'browser'
}

export const usePrint = (
  slip: SlipAddress,
  printer: Printer,
): UseMutationResult<Outcome, Error, void> =>
  useMutation({ mutationFn: () => print(slip, printer, paperHere()) })

async function print(slip: SlipAddress, printer: Printer, paper: PaperWidth): Promise<Outcome> {
  const ask = (by: 'printer' | 'device' | 'browser') =>
    tell<PrintedShown>(`${slip.path}/print`, {
      method: 'POST',
      body: { ...slip.which, paper, by },
    })
  switch (printer) {
    case 'network': {
      const { result, reprint } = await ask('printer')
      return { result: result === 'handed_over' ? 'printed' : result, reprint }
    }
    case 'device': {
      // Asked before anything is counted: a roll that is known to be empty makes no reprint of the next one.
      const status = await printerStatus()
      if (status !== 'ready' && status !== 'unknown') {
        return { result: status === 'absent' ? 'no_printer' : status, reprint: 0 }
      }
      const { reprint, escpos } = await ask('device')
      return { result: escpos === null ? 'failed' : await printOnDevice(escpos), reprint }
    }
    case 'browser': {
      const { reprint, svg } = await ask('browser')
      if (svg === null) return { result: 'failed', reprint }
      printInBrowser(svg, paper)
      return { result: 'shown', reprint }
    }
  }
}

/** On a sheet of its own: only the slip is printed, as wide as the roll. */
function printInBrowser(svg: string, paper: PaperWidth): void {
  const sheet = document.createElement('img')
  sheet.className = `print-sheet print-sheet-${paper}`
  sheet.alt = ''
  const done = () => sheet.remove()
  sheet.addEventListener('load', () => {
    window.addEventListener('afterprint', done, { once: true })
    window.print()
  })
  sheet.addEventListener('error', done)
  for (const each of document.querySelectorAll('.print-sheet')) each.remove()
  document.body.append(sheet)
  sheet.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`
}
