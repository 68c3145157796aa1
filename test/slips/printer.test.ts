import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { refundSlip, saleSlip, SLIP_COPIES } from '../../src/domain/slip.ts'
import {
  printBytes,
  printerStatus,
  QUEUE_MAX,
  readPrinterAddress,
} from '../../src/notify/printer.ts'
import { slipEscpos } from '../../src/notify/slip-print.ts'
import { startVirtualPrinter } from '../support/virtual-printer.ts'
import { ORDER_NO, refundFacts, saleFacts, STAMP } from './facts.ts'

const TIMES = { connectMs: 1_000, writeMs: 300, statusMs: 100, confirmMs: 1_000 }
const bytes = slipEscpos(refundSlip(saleFacts(), refundFacts(), 'merchant', STAMP), '80mm', 'zh')

test('a printer that answers confirms the slip, and the slip is the one that was sent', async () => {
  await using printer = await startVirtualPrinter()
  expect(await printBytes(printer.address, bytes, TIMES)).toEqual({
    kind: 'printed',
    confirmed: true,
  })
  await expect.poll(() => printer.jobs.length).toBe(1)
  const [job] = printer.jobs
  expect(job?.barcodes).toEqual([ORDER_NO])
  expect(job?.text.join('\n')).toContain('退款成功')
  expect(job?.cuts).toBe(1)
})

test('a printer that never answers gets the slip and nothing is claimed about it', async () => {
  await using printer = await startVirtualPrinter({ paper: 'silent' })
  expect(await printBytes(printer.address, bytes, TIMES)).toEqual({
    kind: 'printed',
    confirmed: false,
  })
  await expect.poll(() => printer.jobs[0]?.barcodes).toEqual([ORDER_NO])
})

test('a printer without paper is sent nothing, so a new roll does not bring out a second slip', async () => {
  await using printer = await startVirtualPrinter({ paper: 'out' })
  expect(await printBytes(printer.address, bytes, TIMES)).toEqual({ kind: 'no_paper' })
  await expect.poll(() => printer.jobs.length).toBe(1)
  expect(printer.jobs[0]).toMatchObject({ text: [], commands: ['DLE \u0004'] })
})

test('a roll near its end still prints', async () => {
  await using printer = await startVirtualPrinter({ paper: 'low' })
  expect(await printBytes(printer.address, bytes, TIMES)).toEqual({
    kind: 'printed',
    confirmed: true,
  })
})

test('a printer that is only asked for its roll says so, and prints nothing', async () => {
  for (const [paper, status] of [
    ['ok', 'ready'],
    ['low', 'ready'],
    ['out', 'no_paper'],
    ['silent', 'silent'],
  ] as const) {
    await using printer = await startVirtualPrinter({ paper })
    expect(await printerStatus(printer.address, TIMES)).toBe(status)
    await expect.poll(() => printer.jobs.length).toBe(1)
    expect(printer.jobs[0]).toMatchObject({ text: [], cuts: 0, commands: ['DLE \u0004'] })
  }
  expect(await printerStatus(await freeAddress(), TIMES)).toBe('unreachable')
  expect(await printerStatus('http://printer', TIMES)).toBe('bad_address')
  await using hanging = await startVirtualPrinter({ hangs: true })
  expect(await printerStatus(hanging.address, TIMES)).toBe('silent')
})

test('a question for the roll waits behind the slip that is being printed', async () => {
  await using printer = await startVirtualPrinter()
  const [printed, status] = await Promise.all([
    printBytes(printer.address, bytes, TIMES),
    printerStatus(printer.address, TIMES),
  ])
  expect([printed.kind, status]).toEqual(['printed', 'ready'])
  expect(printer.openAtMost()).toBe(1)
})

test('a line cut in the midst of a slip is told apart from a printer that is not there', async () => {
  await using printer = await startVirtualPrinter({ breaksAfterBytes: 100 })
  expect(await printBytes(printer.address, bytes, TIMES)).toMatchObject({ kind: 'interrupted' })

  const address = await freeAddress()
  expect(await printBytes(address, bytes, TIMES)).toEqual({
    kind: 'unreachable',
    cause: 'ECONNREFUSED',
  })
})

test('a printer that stops reading is given up after the write time-out', async () => {
  await using printer = await startVirtualPrinter({ hangs: true })
  const flood = new Uint8Array(32 * 1024 * 1024)
  expect(await printBytes(printer.address, flood, TIMES)).toEqual({
    kind: 'interrupted',
    cause: 'timeout',
  })
})

test('slips sent at the same time reach one printer one after the other and whole', async () => {
  await using printer = await startVirtualPrinter()
  const numbers = ['1001', '1002', '1003', '1004', '1005'].map((end) => `712611220000123456${end}`)
  const results = await Promise.all(
    numbers.map((orderNo) =>
      printBytes(
        printer.address,
        slipEscpos(saleSlip(saleFacts({ orderNo }), 'merchant', STAMP), '58mm', 'zh'),
        TIMES,
      ),
    ),
  )
  expect(results.map(({ kind }) => kind)).toEqual(numbers.map(() => 'printed'))
  await expect.poll(() => printer.jobs.flatMap((job) => job.barcodes)).toEqual(numbers)
  expect(printer.openAtMost()).toBe(1)
})

test('both copies go out as one job and are confirmed once, after the second', async () => {
  await using printer = await startVirtualPrinter()
  const both = Buffer.concat(
    SLIP_COPIES.map((copy) => slipEscpos(saleSlip(saleFacts(), copy, STAMP), '58mm', 'zh')),
  )
  expect(await printBytes(printer.address, both, TIMES)).toEqual({
    kind: 'printed',
    confirmed: true,
  })
  await expect.poll(() => printer.jobs.length).toBe(1)
  expect(printer.jobs[0]).toMatchObject({ cuts: 2, barcodes: [ORDER_NO, ORDER_NO] })
  expect(printer.jobs[0]?.commands.at(-1)).toBe('GS r')
})

test('more slips than the queue holds are refused at once', async () => {
  await using printer = await startVirtualPrinter()
  const results = await Promise.all(
    Array.from({ length: QUEUE_MAX + 2 }, () => printBytes(printer.address, bytes, TIMES)),
  )
  expect(results.filter(({ kind }) => kind === 'printed')).toHaveLength(QUEUE_MAX)
  expect(results.filter(({ kind }) => kind === 'busy')).toHaveLength(2)
})

test.each([
  ['tcp://192.168.1.50', { host: '192.168.1.50', port: 9100 }],
  ['tcp://192.168.1.50:9101', { host: '192.168.1.50', port: 9101 }],
  ['tcp://[fe80::1]:9100', { host: 'fe80::1', port: 9100 }],
  ['http://192.168.1.50:9100', null],
  ['192.168.1.50:9100', null],
  ['tcp://till:secret@192.168.1.50', null],
  ['tcp://192.168.1.50/path', null],
  ['tcp://192.168.1.50:0', null],
  ['', null],
])('the address %j is read as %j', (address, expected) => {
  expect(readPrinterAddress(address)).toEqual(expected)
})

test('an address that is none is a result, not an exception', async () => {
  expect(await printBytes('lpt1', bytes, TIMES)).toEqual({ kind: 'bad_address' })
})

async function freeAddress(): Promise<string> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const bound = server.address()
  await new Promise((done) => server.close(done))
  if (bound === null || typeof bound === 'string') throw new Error('no port')
  return `tcp://127.0.0.1:${bound.port}`
}
