/** A network printer on loopback: takes ESC/POS on a port, answers status questions, keeps what it printed. */
import { createServer, type Socket } from 'node:net'
import { decodeEscpos, type PrintedJob } from './escpos.ts'

export type VirtualPrinterOptions = {
  /** `out` answers paper end, `low` near end, `silent` never answers: many cheap printers do not. */
  readonly paper?: 'ok' | 'low' | 'out' | 'silent'
  /** Takes the connection and never reads: a printer that hangs, or paper jammed under a full buffer. */
  readonly hangs?: boolean
  /** Drops the line after this many bytes, as when somebody pulls the plug in the midst of a slip. */
  readonly breaksAfterBytes?: number
}

export type VirtualPrinter = AsyncDisposable & {
  readonly address: string
  /** One per connection that brought bytes, in the order they ended. */
  readonly jobs: readonly PrintedJob[]
  /** The most connections that were open at once. */
  readonly openAtMost: () => number
}

// Answers to DLE EOT 4: bits 1 and 4 are always set, 5 and 6 mean paper end, 2 and 3 near end.
const ROLL_STATUS = { ok: 0x12, low: 0x1e, out: 0x7e } as const
// Answers to GS r 1: bits 0 and 1 near end, 2 and 3 end.
const PAPER_STATUS = { ok: 0x00, low: 0x03, out: 0x0f } as const

export async function startVirtualPrinter(
  options: VirtualPrinterOptions = {},
): Promise<VirtualPrinter> {
  const { paper = 'ok', hangs = false, breaksAfterBytes = Infinity } = options
  const jobs: PrintedJob[] = []
  const open = new Set<Socket>()
  let openAtMost = 0

  const server = createServer((socket) => {
    open.add(socket)
    openAtMost = Math.max(openAtMost, open.size)
    socket.on('error', () => socket.destroy())
    if (hangs) {
      socket.pause()
      socket.on('close', () => open.delete(socket))
      return
    }
    let received = Buffer.alloc(0)
    let answered = 0
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      if (received.length > breaksAfterBytes) return void socket.destroy()
      if (paper === 'silent') return
      const questions = decodeEscpos(received).commands.filter(isQuestion)
      for (const question of questions.slice(answered)) {
        const table = question === 'GS r' ? PAPER_STATUS : ROLL_STATUS
        socket.write(Uint8Array.of(table[paper]))
      }
      answered = questions.length
    })
    socket.on('close', () => {
      open.delete(socket)
      if (received.length > 0) jobs.push(decodeEscpos(received))
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('no port')

  return {
    address: `tcp://127.0.0.1:${bound.port}`,
    jobs,
    openAtMost: () => openAtMost,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy()
      await new Promise((done) => server.close(done))
    },
  }
}

const isQuestion = (command: string): boolean => command === 'GS r' || command === 'DLE \u0004'
