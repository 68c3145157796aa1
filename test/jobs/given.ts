/** A shop with money taken and given back, and jobs that run on its database. */
import { onTestFinished } from 'vitest'
import type { Sandbox } from '../../sandbox/main.ts'
import { addWebhook } from '../../src/commands/add-webhook.ts'
import type { Core } from '../../src/commands/core.ts'
import { drivePayment } from '../../src/commands/drive-payments.ts'
import { requestRefunds } from '../../src/commands/request-refunds.ts'
import { sendAttempts } from '../../src/commands/send-attempts.ts'
import { sweepRefunds } from '../../src/commands/sweep-refunds.ts'
import { takePayment } from '../../src/commands/take-payment.ts'
import { fen } from '../../src/domain/money.ts'
import { makeNumber } from '../../src/domain/numbers.ts'
import { openBoss, type Boss } from '../../src/jobs/boss.ts'
import { webhookSecret, webhookUrlFault } from '../../src/notify/webhook.ts'
import type { TestDatabase } from '../support/database.ts'
import {
  cashier,
  digits,
  openShop,
  owner,
  TENANT,
  testClock,
  testCore,
  testSandbox,
  type TestClock,
} from '../support/shop.ts'

const DAY = '261122'

export type Given = { core: Core; clock: TestClock; sandbox: Sandbox }

export async function givenShop(
  database: TestDatabase,
  options: Parameters<typeof testCore>[1] = {},
): Promise<Given> {
  const clock = testClock()
  const core = testCore(database.db, { ...options, clock })
  const sandbox = await testSandbox()
  await openShop(core, sandbox)
  return { core, clock, sandbox }
}

export async function paidPayment(
  { core, sandbox }: Pick<Given, 'core' | 'sandbox'>,
  description = '宫保鸡丁',
): Promise<string> {
  const no = makeNumber('payment', DAY, digits(13))
  const taken = await takePayment(
    core,
    cashier,
    {
      no,
      sale: {
        no: makeNumber('sale', DAY, digits(13)),
        orderFen: fen(12800),
        paidFen: fen(12800),
        description,
        items: [],
      },
      amount: fen(12800),
      method: 'code',
      paymentCode: sandbox.paymentCode(sandbox.createCustomer()),
      accountNo: null,
    },
    new Date(),
  )
  if (taken.kind !== 'stored' || !taken.lease) throw new Error('the payment was not taken')
  await drivePayment(core, TENANT, taken.lease)
  return no
}

/** Sent to the channel and answered once; WeChat then says *processing*. */
export async function sentRefund({ core }: Given, paymentNo: string, note = ''): Promise<string> {
  const no = makeNumber('refund', DAY, digits(13))
  const ask = { kind: 'amount', fen: fen(1200) } as const
  const [asked] = await requestRefunds(
    core,
    cashier,
    [{ no, paymentNo, ask, method: 'original', reason: 'quality', note, replaces: null }],
    new Date(),
  )
  if (asked?.kind !== 'stored' || !asked.lease) throw new Error('the refund was not taken')
  await sendAttempts(core, TENANT, [asked.lease])
  return no
}

/** Lets the channel finish and asks it. */
export async function finishRefunds({ core, clock, sandbox }: Given): Promise<void> {
  await sandbox.advance(10_000)
  clock.advance(70_000)
  await sweepRefunds(core)
}

export async function givenWebhook(
  core: Core,
  url: string,
): Promise<{ no: string; secret: string }> {
  const added = await addWebhook(
    core,
    owner,
    { url, allowPrivate: true },
    {
      urlFault: (input) => webhookUrlFault(input.url, { ...input, loopbackHttp: true }),
      secretOf: webhookSecret,
    },
    new Date(),
  )
  if (added.kind !== 'added') throw new Error('the webhook was not added')
  return added
}

/** pg-boss without workers: jobs wait to be looked at. */
export async function testBoss(core: Core, database: TestDatabase): Promise<Boss> {
  const boss = await openBoss(database.url, core.log)
  onTestFinished(() => boss.stop())
  return boss
}
