/**
 * Brings bytes to a network printer. Printer trouble is a value and never an exception: a refund is as good without
 * its paper, and the slip can be printed again anywhere.
 */
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export type PrintResult =
  /** `confirmed`: the printer itself said that it worked through the job; many never answer. */
  | { readonly kind: 'printed'; readonly confirmed: boolean }
  /** Nothing was sent: it can be printed again after a new roll without a second slip coming out. */
  | { readonly kind: 'no_paper' }
  | { readonly kind: 'bad_address' }
  | { readonly kind: 'unreachable'; readonly cause: string }
  /** Broken off on the way: none, part or all of the slip may be on paper. */
  | { readonly kind: 'interrupted'; readonly cause: string }
  /** Too many slips wait for this printer already. */
  | { readonly kind: 'busy' }

export type PrinterStatus = (Roll | NoTurn)['kind']

/** On a shop's network a living printer answers in a few ms; a dead one must not hold up the till. */
const CONNECT_TIMEOUT_MS = 3_000
/** A job not taken within this time means a printer that hangs: a jam, an open lid, a full buffer. */
const WRITE_TIMEOUT_MS = 8_000
/** How long to wait for a status byte before going on without one. */
const STATUS_TIMEOUT_MS = 400
/** A printer prints a long slip in some seconds before it answers the question at its end. */
const CONFIRM_TIMEOUT_MS = 3_000
/** Slips waiting for one printer. */
export const QUEUE_MAX = 20

export type PrinterTimes = {
  readonly connectMs: number
  readonly writeMs: number
  readonly statusMs: number
  readonly confirmMs: number
}
const TIMES: PrinterTimes = {
  connectMs: CONNECT_TIMEOUT_MS,
  writeMs: WRITE_TIMEOUT_MS,
  statusMs: STATUS_TIMEOUT_MS,
  confirmMs: CONFIRM_TIMEOUT_MS,
}

/** `tcp://192.168.1.50:9100`; the port may be left out. */
export type PrinterAddress = { readonly host: string; readonly port: number }
const RAW_PORT = 9100

export function readPrinterAddress(address: string): PrinterAddress | null {
  if (!URL.canParse(address)) return null
  const url = new URL(address)
  if (url.protocol !== 'tcp:' || url.hostname === '' || url.username !== '') return null
  if (url.pathname.length > 1 || url.search !== '' || url.hash !== '') return null
  const port = url.port === '' ? RAW_PORT : Number(url.port)
  return port === 0 ? null : { host: url.hostname.replace(/^\[|\]$/g, ''), port }
}

// Network printers take one connection at a time and refuse or mix the next, so two tills wait for each other here.
const queues = new Map<string, { waiting: number; last: Promise<unknown> }>()

/** Sends one job and waits for its turn first. Never rejects. */
export const printBytes = (
  address: string,
  bytes: Uint8Array,
  times: PrinterTimes = TIMES,
): Promise<PrintResult> =>
  inTurn(address, times, (socket, ended) => converse(socket, ended, bytes, times))

/** Asks for the roll, in turn behind what is being printed, and puts nothing on paper. Never rejects. */
export async function printerStatus(
  address: string,
  times: PrinterTimes = TIMES,
): Promise<PrinterStatus> {
  const roll = await inTurn(address, times, (socket, ended) => askRoll(socket, ended, times))
  return roll.kind
}

type NoTurn = Extract<PrintResult, { readonly kind: 'bad_address' | 'busy' }>
type Talk<T> = (socket: Socket, ended: Promise<Missed>) => Promise<T>

async function inTurn<T>(address: string, times: PrinterTimes, talk: Talk<T>): Promise<T | NoTurn> {
  const printer = readPrinterAddress(address)
  if (printer === null) return { kind: 'bad_address' }
  const key = `${printer.host}:${printer.port}`
  const queue = queues.get(key) ?? { waiting: 0, last: Promise.resolve() }
  if (queue.waiting >= QUEUE_MAX) return { kind: 'busy' }
  queues.set(key, queue)
  queue.waiting += 1
  const job = queue.last.then(() => talkNow(printer, times, talk))
  queue.last = job
  const result = await job
  queue.waiting -= 1
  if (queue.waiting === 0) queues.delete(key)
  return result
}

async function talkNow<T>(printer: PrinterAddress, times: PrinterTimes, talk: Talk<T>): Promise<T> {
  const socket = connect(printer)
  const ended = endOf(socket)
  try {
    return await talk(socket, ended)
  } finally {
    // In order: a reset would throw away what the printer has not read, and the next job must find it free.
    socket.end()
    await Promise.race([ended, silence(times.statusMs)])
    socket.destroy()
  }
}

async function converse(
  socket: Socket,
  ended: Promise<Missed>,
  bytes: Uint8Array,
  times: PrinterTimes,
): Promise<PrintResult> {
  const roll = await askRoll(socket, ended, times)
  if (roll.kind === 'unreachable' || roll.kind === 'no_paper') return roll

  const paperAnswer = answer(socket, isPaperStatus)
  const written = await firstOf(write(socket, [bytes, ASK_PAPER]), ended, times.writeMs)
  if (written.kind === 'missed') return { kind: 'interrupted', cause: written.cause }
  // A printer that kept silent on the first question will hardly answer the second: only a broken line is waited for.
  const answers = roll.kind === 'ready'
  const paper = await firstOf(paperAnswer, ended, answers ? times.confirmMs : times.statusMs)
  if (paper.kind === 'missed') {
    return paper.cause === SILENT || (paper.cause === CLOSED && !answers)
      ? { kind: 'printed', confirmed: false }
      : { kind: 'interrupted', cause: paper.cause }
  }
  return (paper.byte & PAPER_END) === 0
    ? { kind: 'printed', confirmed: true }
    : { kind: 'interrupted', cause: 'paper_end' }
}

type Roll =
  | { readonly kind: 'ready' }
  /** Reached, and no word about the roll. */
  | { readonly kind: 'silent' }
  | Extract<PrintResult, { readonly kind: 'no_paper' | 'unreachable' }>

/** Connects and asks for the roll. */
async function askRoll(socket: Socket, ended: Promise<Missed>, times: PrinterTimes): Promise<Roll> {
  const connected = await firstOf(connection(socket), ended, times.connectMs)
  if (connected.kind === 'missed') return { kind: 'unreachable', cause: connected.cause }
  const rollAnswer = answer(socket, isRollStatus)
  socket.write(ASK_ROLL)
  const roll = await firstOf(rollAnswer, ended, times.statusMs)
  if (roll.kind === 'missed') {
    return roll.cause === SILENT ? { kind: 'silent' } : { kind: 'unreachable', cause: roll.cause }
  }
  return (roll.byte & ROLL_END) === 0 ? { kind: 'ready' } : { kind: 'no_paper' }
}

const firstOf = (
  wanted: Promise<Reached>,
  ended: Promise<Missed>,
  timeoutMs: number,
): Promise<Reached | Missed> => Promise.race([wanted, ended, silence(timeoutMs)])

// DLE EOT 4 asks for the roll at once, past whatever the printer is doing; GS r 1 waits for its turn behind the job, so
// its answer says that the job is done. Answers to the first have bits 1 and 4 set and 0 and 7 clear, those to the
// second have 4 and 7 clear: a late one is not mistaken.
const ASK_ROLL = Uint8Array.of(0x10, 0x04, 0x04)
const ASK_PAPER = Uint8Array.of(0x1d, 0x72, 0x01)
const ROLL_END = 0x60
const PAPER_END = 0x0c
const isRollStatus = (byte: number): boolean => (byte & 0x93) === 0x12
const isPaperStatus = (byte: number): boolean => (byte & 0x90) === 0

const SILENT = 'timeout'
const CLOSED = 'closed'
type Reached = { readonly kind: 'reached'; readonly byte: number }
type Missed = { readonly kind: 'missed'; readonly cause: string }

function endOf(socket: Socket): Promise<Missed> {
  return new Promise((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) =>
      resolve({ kind: 'missed', cause: error.code ?? error.message }),
    )
    socket.on('close', () => resolve({ kind: 'missed', cause: CLOSED }))
  })
}

const silence = (ms: number): Promise<Missed> =>
  sleep(ms, { kind: 'missed', cause: SILENT } as const, { ref: false })

const connection = (socket: Socket): Promise<Reached> =>
  new Promise((resolve) => socket.once('connect', () => resolve({ kind: 'reached', byte: 0 })))

const answer = (socket: Socket, fits: (byte: number) => boolean): Promise<Reached> =>
  new Promise((resolve) =>
    socket.on('data', (chunk: Uint8Array) => {
      const byte = chunk.findLast(fits)
      if (byte !== undefined) resolve({ kind: 'reached', byte })
    }),
  )

// A failed write is told by the socket's error and not here.
const write = (socket: Socket, parts: readonly Uint8Array[]): Promise<Reached> =>
  new Promise((resolve) =>
    socket.write(Buffer.concat(parts), (error) => {
      if (!error) resolve({ kind: 'reached', byte: 0 })
    }),
  )
