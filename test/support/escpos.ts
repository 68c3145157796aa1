/** Reads an ESC/POS stream back, so that tests judge what a printer would do and not what we meant. */

export type PrintedJob = {
  /** Lines as they appear on paper, without positions and sizes; blank lines are left out. */
  text: string[]
  barcodes: string[]
  qrs: string[]
  cuts: number
  drawerKicks: number
  /** Names of all commands in their order, `ESC a` or `GS k`; texts and their values are not in it. */
  commands: string[]
  /** Bytes that mean nothing to us, as hex: none in a sound stream. */
  strange: string[]
}

const ESC = 0x1b
const GS = 0x1d
const FS = 0x1c
const DLE = 0x10

/** Parameter bytes that follow the two bytes of a command. */
const FIXED: Readonly<Record<string, number>> = {
  'ESC @': 0,
  'ESC a': 1,
  'ESC M': 1,
  'ESC  ': 1,
  'ESC 2': 0,
  'ESC 3': 1,
  'ESC {': 1,
  'ESC $': 2,
  'ESC \\': 2,
  'ESC -': 1,
  'ESC E': 1,
  'ESC t': 1,
  'ESC p': 3,
  'ESC d': 1,
  'FS &': 0,
  'FS .': 0,
  'FS C': 1,
  'FS S': 2,
  'FS -': 1,
  'GS a': 1,
  'GS L': 2,
  'GS W': 2,
  'GS V': 2,
  'GS r': 1,
  'GS !': 1,
  'GS B': 1,
  'GS w': 1,
  'GS h': 1,
  'GS H': 1,
  'DLE \u0004': 1,
  'DLE \u0014': 3,
}
const LEAD_NAMES: Readonly<Record<number, string>> = {
  [ESC]: 'ESC',
  [GS]: 'GS',
  [FS]: 'FS',
  [DLE]: 'DLE',
}

const CODE128 = 73
const QR_STORE = 80
const QR_PRINT = 81

export function decodeEscpos(bytes: Uint8Array): PrintedJob {
  const job: PrintedJob = {
    text: [],
    barcodes: [],
    qrs: [],
    cuts: 0,
    drawerKicks: 0,
    commands: [],
    strange: [],
  }
  let line: number[] = []
  let storedQr = ''
  const endLine = (): void => {
    const text = new TextDecoder('gb18030').decode(Uint8Array.from(line)).trim()
    if (text !== '') job.text.push(text)
    line = []
  }
  for (let at = 0; at < bytes.length;) {
    const byte = bytes[at] ?? 0
    const lead = LEAD_NAMES[byte]
    if (byte === 0x0a) {
      endLine()
      at += 1
    } else if (lead === undefined) {
      if (byte < 0x20 || byte === 0x7f) {
        job.strange.push(byte.toString(16))
        at += 1
      } else {
        // A Chinese character is taken whole: its later bytes are data whatever their values.
        const width = characterWidth(bytes, at)
        line.push(...bytes.subarray(at, at + width))
        at += width
      }
    } else {
      const name = `${lead} ${String.fromCharCode(bytes[at + 1] ?? 0)}`
      job.commands.push(name)
      at += 2
      if (name === 'GS k') {
        const length = bytes[at + 1] ?? 0
        const data = bytes.subarray(at + 2, at + 2 + length)
        if (bytes[at] === CODE128) job.barcodes.push(readCode128(data))
        else job.strange.push(`GS k ${bytes[at]}`)
        at += 2 + length
      } else if (name === 'GS (') {
        const length = (bytes[at + 1] ?? 0) + (bytes[at + 2] ?? 0) * 256
        const body = bytes.subarray(at + 3, at + 3 + length)
        if (body[1] === QR_STORE) storedQr = Buffer.from(body.subarray(3)).toString('latin1')
        if (body[1] === QR_PRINT) job.qrs.push(storedQr)
        at += 3 + length
      } else {
        const parameters = FIXED[name]
        if (parameters === undefined) job.strange.push(name)
        if (name === 'GS V') job.cuts += 1
        if (name === 'ESC p' || name === 'DLE \u0014') job.drawerKicks += 1
        at += parameters ?? 0
      }
    }
  }
  endLine()
  return job
}

function characterWidth(bytes: Uint8Array, at: number): number {
  if ((bytes[at] ?? 0) < 0x81) return 1
  const second = bytes[at + 1] ?? 0
  return second >= 0x30 && second <= 0x39 ? 4 : 2
}

/** `{C` then a byte for each pair of digits, `{B` then characters. */
function readCode128(data: Uint8Array): string {
  let set = ''
  let text = ''
  for (let i = 0; i < data.length; i += 1) {
    const byte = data[i] ?? 0
    if (byte === 0x7b) {
      i += 1
      set = String.fromCharCode(data[i] ?? 0)
    } else {
      text += set === 'C' ? String(byte).padStart(2, '0') : String.fromCharCode(byte)
    }
  }
  return text
}
