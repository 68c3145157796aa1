/** Slips as pictures and as printer bytes. The only file that knows receiptline. */
import { commands, transform } from 'receiptline'
import type { Slip } from '../domain/slip.ts'
import type { Language } from '../texts/language.ts'
import { PAPER_COLUMNS, slipDocument, type Paper } from './slip-document.ts'

/** An SVG of 384 (58 mm) or 576 (80 mm) pixels in width, black on nothing: the page gives it its white. */
export function slipSvg(slip: Slip, paper: Paper, language: Language): string {
  const svg = transform(slipDocument(slip, paper, language), {
    ...layout(paper),
    command: 'svg',
  })
  // Each picture carries a random id for its one filter; a fixed one makes the same slip the same text.
  return svg
    .replace(/receipt-[0-9a-f-]{36}/g, 'slip-inverted')
    .replace('font-family="monospace"', `font-family="${SCREEN_FONTS}"`)
    .replace(/height="(\d+)px" viewBox="0 0 (\d+) \d+"/, (_, height: string, width: string) => {
      const whole = Number(height) + 2 * SCREEN_MARGIN
      return `height="${whole}px" viewBox="0 ${-SCREEN_MARGIN} ${width} ${whole}"`
    })
}

/** Pixels above and below: browsers draw large Chinese characters higher than their line. */
const SCREEN_MARGIN = 12

const SCREEN_FONTS =
  "'Noto Sans Mono CJK SC', 'PingFang SC', 'HarmonyOS Sans SC', 'Microsoft YaHei', monospace"

/**
 * ESC/POS with GB18030 text and native codes, cut at the end. Several slips, such as both copies, are one job when
 * their bytes are joined. It asks the printer nothing: who brings the bytes there does.
 */
export function slipEscpos(slip: Slip, paper: Paper, language: Language): Uint8Array {
  const stream = transform(slipDocument(slip, paper, language), {
    ...layout(paper),
    command: { ...PRINTER_COMMANDS, close: () => TEAR_OFF[paper] + commands.generic.cut() },
  })
  return Buffer.from(stream, 'latin1')
}

const layout = (paper: Paper) =>
  ({ cpl: PAPER_COLUMNS[paper], encoding: 'gb18030', spacing: true, cutting: true }) as const

// Hand-held 58 mm printers have a tearing edge and ignore the cut with the feed in it: ESC d brings the end out.
const TEAR_OFF: Readonly<Record<Paper, string>> = { '58mm': '\x1bd\x03', '80mm': '' }

// The generic set draws QR codes as a picture of some 4 kB; every printer in shops draws them itself, sharper.
const PRINTER_COMMANDS = {
  ...commands.generic,
  qrcode: (symbol: { data: string; cell: number; level: 'l' | 'm' | 'q' | 'h' }): string =>
    qrCommand(QR.model, '2\x00') +
    qrCommand(QR.cell, String.fromCharCode(symbol.cell)) +
    qrCommand(QR.level, QR_LEVEL[symbol.level]) +
    qrCommand(QR.store, `0${symbol.data}`) +
    qrCommand(QR.print, '0'),
}

/** Functions of GS ( k for QR codes, by their number. */
const QR = { model: 65, cell: 67, level: 69, store: 80, print: 81 } as const
const QR_LEVEL = { l: '0', m: '1', q: '2', h: '3' } as const

// GS ( k pL pH 49 fn …: the length counts the two bytes before the parameters.
function qrCommand(fn: number, parameters: string): string {
  const length = parameters.length + 2
  return `\x1d(k${String.fromCharCode(length & 255, length >> 8, 49, fn)}${parameters}`
}
