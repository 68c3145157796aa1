/** A till is killed with SIGKILL at each named point of the main path; what is left must end right. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Sandbox } from '../../sandbox/main.ts'
import type { Core, CrashPoint } from '../../src/commands/core.ts'
import { fen } from '../../src/domain/money.ts'
import { testDatabase } from '../support/database.ts'
import {
  newNumber,
  paidSale,
  pass,
  readAttempts,
  readPayment,
  readRefund,
  refund,
  request,
} from '../support/given.ts'
import {
  cashier,
  MASTER_KEY,
  openShop,
  testClock,
  testCore,
  testSandbox,
  type TestClock,
} from '../support/shop.ts'
import type { Job } from './till.ts'

const MINUTE = 60_000
/** Short, so that a dead holder's lease is over by the time the next node looks. */
const settings = { leaseMs: 400, sendWithinMs: 300 }

let sandbox: Sandbox
let core: Core
let clock: TestClock
let databaseUrl: string

beforeEach(async () => {
  const database = await testDatabase()
  databaseUrl = database.url
  sandbox = await testSandbox()
  clock = testClock()
  core = testCore(database.db, { clock, settings })
  await openShop(core, sandbox)
})

async function runTill(
  dieAt: CrashPoint | null,
  act: Job['act'],
): Promise<NodeJS.Signals | number | null> {
  const job: Job = {
    databaseUrl,
    masterKey: MASTER_KEY.toString('base64'),
    offsetMs: clock.offsetMs(),
    dieAt,
    settings,
    act,
  }
  const child = spawn(process.execPath, [`${import.meta.dirname}/till.ts`, JSON.stringify(job)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  return signal ?? code
}

const leaseEnds = () => new Promise((resolve) => setTimeout(resolve, settings.leaseMs + 50))

describe('a refund', () => {
  const POINTS: readonly CrashPoint[] = [
    'request.before_commit',
    'request.after_commit',
    'send.before_mark',
    'send.after_mark',
    'send.after_answer',
    'settle.before_commit',
    'settle.after_commit',
  ]
  test.each(POINTS)('of a till killed at %s happens exactly once', async (dieAt) => {
    const payment = await paidSale(core, sandbox)
    const wish = request(payment, { kind: 'amount', fen: fen(1_200) })
    expect(await runTill(dieAt, { kind: 'refund', input: wish })).toBe('SIGKILL')
    await leaseEnds()
    // The till comes back and presses again: the same number, from what it stored before it sent anything.
    const [again] = await refund(core, cashier, wish)
    expect(again).toMatchObject({ kind: 'stored', fresh: dieAt === 'request.before_commit' })
    await pass({ core, clock, sandbox }, MINUTE)
    await leaseEnds()
    await pass({ core, clock, sandbox }, 2 * MINUTE)
    await leaseEnds()
    await pass({ core, clock, sandbox }, 10 * MINUTE)
    expect(await readRefund(core, wish.no)).toMatchObject({ state: 'succeeded' })
    expect(await readAttempts(core, wish.no)).toHaveLength(1)
    expect(sandbox.book.executedRefunds()).toHaveLength(1)
    expect(await readPayment(core, payment)).toMatchObject({
      held_fen: 0,
      refunded_fen: 1_200,
    })
  })
})

describe('a payment', () => {
  const NEVER_SENT = { paid: 0, charged: 0 }
  test.each([
    ['pay.after_commit', 'closed', NEVER_SENT],
    ['pay.after_mark', 'closed', NEVER_SENT],
    ['pay.after_answer', 'paid', { paid: 1, charged: 5_000 }],
  ] as const)(
    'of a till killed at %s is never taken twice and ends %s',
    async (dieAt, state, book) => {
      const customer = sandbox.createCustomer()
      const input = {
        no: newNumber('payment'),
        sale: {
          no: newNumber('sale'),
          orderFen: fen(5_000),
          paidFen: fen(5_000),
          description: '堂食',
          items: [],
        },
        amount: fen(5_000),
        method: 'code' as const,
        paymentCode: sandbox.paymentCode(customer),
        accountNo: null,
      }
      expect(await runTill(dieAt, { kind: 'pay', input })).toBe('SIGKILL')
      for (const wait of [20_000, 20_000, 20_000, 20_000, 11 * MINUTE, 11 * MINUTE, 11 * MINUTE]) {
        await leaseEnds()
        await pass({ core, clock, sandbox }, wait)
      }
      expect((await readPayment(core, input.no)).state).toBe(state)
      const pays = sandbox.book.entries().filter((entry) => entry.kind === 'pay')
      const backs = sandbox.book.entries().filter((entry) => entry.kind === 'reverse')
      const sum = (entries: typeof pays) =>
        entries.reduce((total, entry) => total + entry.payerAmount, 0)
      expect({ paid: pays.length, charged: sum(pays) - sum(backs) }).toEqual(book)
    },
  )
})
