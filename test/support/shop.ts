/** A shop on a database of its own with the sandbox as its channel: what most tests stand on. */
import { randomBytes } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { startSandbox, type Sandbox } from '../../sandbox/main.ts'
import { makeKey } from '../../src/auth/keys.ts'
import type { Core } from '../../src/commands/core.ts'
import { setUpShop, type AccountInput, type ShopKeys } from '../../src/commands/set-up-shop.ts'
import { OPENING_OFFSET_MS, TENANT } from './core.ts'
import { accountAtSandbox } from './wechatpay-sandbox.ts'

export * from './core.ts'

/** The account of a merchant of the sandbox, as a shop is set up with it. */
export function wechatAccount(sandbox: Sandbox, merchant = sandbox.merchant): AccountInput {
  const { channel, settings, secrets } = accountAtSandbox(sandbox, merchant, 'public_key', null)
  return {
    no: 'wx1',
    channel,
    settings,
    secrets,
    contract: { windowDays: null, countMax: null },
  }
}

export async function openShop(
  core: Core,
  sandbox: Sandbox,
  tenant = TENANT,
  merchant = sandbox.merchant,
): Promise<ShopKeys> {
  const keys = await setUpShop(
    core,
    {
      tenant,
      name: '川味小馆',
      phone: '028-12345678',
      stores: [
        {
          no: 's1',
          name: '川味小馆·春熙路店',
          address: '成都市春熙路 1 号',
          phone: '028-12345678',
        },
        {
          no: 's2',
          name: '川味小馆·天府店',
          address: '成都市天府大道 2 号',
          phone: '028-87654321',
        },
      ],
      terminals: [
        { no: 't1', store: 's1', name: '1号机', printer: null },
        { no: 't2', store: 's2', name: '2号机', printer: null },
      ],
      staff: [
        { no: 'zhang', store: 's1', name: '张三', role: 'cashier' },
        { no: 'li', store: 's1', name: '李四', role: 'supervisor' },
        { no: 'wang', store: null, name: '王五', role: 'owner' },
      ],
      accounts: [wechatAccount(sandbox, merchant)],
    },
    (of, kind) => makeKey(of, kind, randomBytes(32)),
  )
  if (keys === null) throw new Error('the shop exists already')
  return keys
}

export async function testSandbox(
  options: Parameters<typeof startSandbox>[0] = {},
): Promise<Sandbox> {
  const sandbox = await startSandbox(options)
  onTestFinished(() => sandbox.close())
  await sandbox.clock.advance(OPENING_OFFSET_MS)
  return sandbox
}
