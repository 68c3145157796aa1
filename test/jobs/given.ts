/** A shop with money taken and given back, and jobs that run on its database. */
import { onTestFinished } from 'vitest'
import type { Sandbox } from '../../sandbox/main.ts'
import { addWebhook } from '../../src/commands/add-webhook.ts'
import type { Core } from '../../src/commands/core.ts'
import { fen } from '../../src/domain/money.ts'
import { openBoss, type Boss } from '../../src/jobs/boss.ts'
import { webhookRules } from '../../src/notify/webhook.ts'
import { paidSale, pass, refund, request } from '../support/given.ts'
import type { TestDatabase } from '../support/database.ts'
import {
  cashier,
  openShop,
  owner,
  testClock,
  testCore,
  testSandbox,
  type TestClock,
} from '../support/shop.ts'

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

export const paidPayment = async (
  { core, sandbox }: Pick<Given, 'core' | 'sandbox'>,
  item = '宫保鸡丁',
): Promise<string> => {
  const items = [{ name: item, quantity: 1, fen: 12_800 }]
  return paidSale(core, sandbox, { items })
}

/** Sent to the channel and answered once; WeChat then says *processing*. */
export async function sentRefund({ core }: Given, paymentNo: string, note = ''): Promise<string> {
  const wanted = request(paymentNo, { kind: 'amount', fen: fen(1200) }, { note })
  const [asked] = await refund(core, cashier, wanted)
  if (asked?.kind !== 'stored') throw new Error('the refund was not taken')
  return wanted.no
}

/** Lets the channel finish and asks it. */
export const finishRefunds = (given: Given): Promise<void> => pass(given, 70_000)

export async function givenWebhook(
  core: Core,
  url: string,
): Promise<{ no: string; secret: string }> {
  const added = await addWebhook(
    core,
    owner,
    { url, allowPrivate: true },
    webhookRules(true),
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
