/** What nobody knows the end of for half an hour is put on a person's list, once, and taken off it by itself. */
import { beforeEach, expect, test } from 'vitest'
import type { Sandbox } from '../../sandbox/main.ts'
import type { Core } from '../../src/commands/core.ts'
import { drivePayment } from '../../src/commands/drive-payments.ts'
import { takePayment } from '../../src/commands/take-payment.ts'
import { inTenant } from '../../src/db/connect.ts'
import { fen } from '../../src/domain/money.ts'
import { testDatabase } from '../support/database.ts'
import {
  differences,
  newNumber,
  paidSale,
  pass,
  readPayment,
  readRefund,
  refund,
  request,
} from '../support/given.ts'
import {
  cashier,
  openShop,
  TENANT,
  testClock,
  testCore,
  testSandbox,
  type TestClock,
} from '../support/shop.ts'

const MINUTE = 60_000

let sandbox: Sandbox
let core: Core
let clock: TestClock

beforeEach(async () => {
  const database = await testDatabase()
  sandbox = await testSandbox()
  clock = testClock()
  core = testCore(database.db, { clock, channelTimeoutMs: 400 })
  await openShop(core, sandbox)
})

const unclear = () =>
  inTenant(core.db, TENANT, (tx) =>
    tx.selectFrom('incident').selectAll().where('kind', '=', 'unclear_long').execute(),
  )

async function minutes(count: number): Promise<void> {
  for (let minute = 0; minute < count; minute += 1) await pass({ core, clock, sandbox }, MINUTE)
}

test('a refund without an answer calls a person after half an hour, once, until it is answered', async () => {
  const sale = await paidSale(core, sandbox)
  for (const on of ['refund', 'refund_query'] as const) {
    sandbox.faults.set({ on, kind: 'drop_connection_executed' })
  }
  const wish = request(sale.paymentNo)
  await refund(core, cashier, wish)
  await minutes(29)
  expect(await unclear()).toEqual([])
  await minutes(2)
  expect(await unclear()).toMatchObject([
    { refund_no: wish.no, payment_no: sale.paymentNo, detail: { attempt: 1 }, closed_at: null },
  ])
  await minutes(60)
  expect(await unclear()).toHaveLength(1)
  sandbox.faults.clear()
  await minutes(31)
  expect(await readRefund(core, wish.no)).toMatchObject({ state: 'succeeded' })
  expect(await unclear()).toMatchObject([{ closed_by: 'system' }])
  expect(sandbox.book.executedRefunds()).toHaveLength(1)
  expect(await differences(core)).toEqual([])
})

test('a refund answered in time calls nobody', async () => {
  const sale = await paidSale(core, sandbox)
  sandbox.faults.set({ on: 'refund', kind: 'executed_then_timeout', times: 1 })
  const wish = request(sale.paymentNo)
  await refund(core, cashier, wish)
  await minutes(40)
  expect(await readRefund(core, wish.no)).toMatchObject({ state: 'succeeded' })
  expect(await unclear()).toEqual([])
})

test('a payment without an answer calls a person after half an hour, once, until it is clear', async () => {
  for (const on of ['pay', 'query', 'reverse'] as const) {
    sandbox.faults.set({ on, kind: 'drop_connection_not_executed' })
  }
  const paymentNo = newNumber('payment')
  const taken = await takePayment(
    core,
    cashier,
    {
      no: paymentNo,
      sale: {
        no: newNumber('sale'),
        orderFen: fen(900),
        paidFen: fen(900),
        description: '堂食',
        items: [],
      },
      amount: fen(900),
      method: 'code',
      paymentCode: sandbox.paymentCode(sandbox.createCustomer()),
      accountNo: null,
    },
    clock.now(),
  )
  if (taken.kind !== 'stored' || !taken.lease) throw new Error(JSON.stringify(taken))
  await drivePayment(core, TENANT, taken.lease)
  await minutes(29)
  expect(await unclear()).toEqual([])
  await minutes(2)
  expect(await unclear()).toMatchObject([{ payment_no: paymentNo, refund_no: null }])
  await minutes(40)
  expect(await unclear()).toHaveLength(1)
  sandbox.faults.clear()
  await minutes(60)
  expect((await readPayment(core, paymentNo)).state).toMatch(/^(reversed|closed)$/)
  expect(await unclear()).toMatchObject([{ closed_by: 'system' }])
  expect(await differences(core)).toEqual([])
})
