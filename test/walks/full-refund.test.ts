import { expect, test } from 'vitest'
import { inTenant } from '../../src/db/connect.ts'
import { drivePayment } from '../../src/commands/drive-payments.ts'
import { requestRefunds } from '../../src/commands/request-refunds.ts'
import { sendAttempts } from '../../src/commands/send-attempts.ts'
import { sweepRefunds } from '../../src/commands/sweep-refunds.ts'
import { takePayment } from '../../src/commands/take-payment.ts'
import { fen } from '../../src/domain/money.ts'
import { makeNumber } from '../../src/domain/numbers.ts'
import { findDifferences } from '../../src/store/audit.ts'
import { testDatabase } from '../support/database.ts'
import { cashier, digits, openShop, TENANT, testClock, testCore, testSandbox } from '../support/shop.ts'

test('first path', async () => {
  const database = await testDatabase()
  const sandbox = await testSandbox()
  const clock = testClock()
  const core = testCore(database.db, { clock })
  await openShop(core, sandbox)
  const customer = sandbox.createCustomer()
  const paymentNo = makeNumber('payment', '261122', digits(13))
  const taken = await takePayment(
    core, cashier,
    {
      no: paymentNo,
      sale: { no: makeNumber('sale', '261122', digits(13)), orderFen: fen(12800), paidFen: fen(12800), description: '宫保鸡丁', items: [] },
      amount: fen(12800), method: 'code', paymentCode: sandbox.paymentCode(customer), accountNo: null,
    }, new Date())
  expect(taken).toMatchObject({ kind: 'stored' })
  if (taken.kind !== 'stored' || !taken.lease) throw new Error('no lease')
  await drivePayment(core, TENANT, taken.lease)
  console.log(await inTenant(core.db, TENANT, (tx) => tx.selectFrom('payment').selectAll().execute()))
  const no = makeNumber('refund', '261122', digits(13))
  const [asked] = await requestRefunds(core, cashier, [{ no, paymentNo, ask: { kind: 'amount', fen: fen(1200) }, method: 'original', reason: 'quality', note: '', replaces: null }], new Date())
  console.log(asked)
  if (asked?.kind !== 'stored' || !asked.lease) throw new Error('no lease')
  await sendAttempts(core, TENANT, [asked.lease])
  console.log(await inTenant(core.db, TENANT, (tx) => tx.selectFrom('attempt').selectAll().execute()))
  await sandbox.advance(10_000)
  clock.advance(70_000)
  await sweepRefunds(core)
  console.log(await inTenant(core.db, TENANT, (tx) => tx.selectFrom('refund').selectAll().execute()))
  console.log(await inTenant(core.db, TENANT, (tx) => tx.selectFrom('event').select(['body']).execute()))
  expect(await inTenant(core.db, TENANT, findDifferences)).toEqual([])
  await database.drop()
})
