/** A shop on a database of its own with the sandbox as its channel: what most tests stand on. */
import { createSecretKey, randomBytes, randomInt } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { startSandbox, type Sandbox } from '../../sandbox/main.ts'
import { makeKey } from '../../src/auth/keys.ts'
import { makeVault } from '../../src/auth/vault.ts'
import { registry } from '../../src/channels/index.ts'
import type { Core, CrashPoint } from '../../src/commands/core.ts'
import { setUpShop, type AccountInput, type ShopKeys } from '../../src/commands/set-up-shop.ts'
import type { Db } from '../../src/db/connect.ts'
import type { Actor } from '../../src/domain/actor.ts'
import { NO_FEE } from '../../src/domain/fees.ts'
import { DEFAULT_PARAMS, RULES } from '../../src/domain/policy/rules/index.ts'
import { reasonText } from '../../src/texts/reasons.ts'

export const TENANT = 1

export type TestClock = { now: () => Date; offsetMs: () => number; advance: (ms: number) => void }

export function testClock(): TestClock {
  let offset = 0
  return {
    now: () => new Date(Date.now() + offset),
    offsetMs: () => offset,
    advance: (ms) => {
      offset += ms
    },
  }
}

export const digits = (count: number): string =>
  Array.from({ length: count }, () => String(randomInt(10))).join('')

export function testCore(
  db: Db,
  options: {
    clock?: TestClock
    channelTimeoutMs?: number
    crashPoint?: (name: CrashPoint) => void
    notifyBase?: string | null
  } = {},
): Core {
  const quiet = () => undefined
  return {
    db,
    channel: registry(),
    vault: makeVault(createSecretKey(MASTER_KEY)),
    clock: options.clock ?? testClock(),
    random: { digits, bytes: randomBytes },
    settings: {
      channelTimeoutMs: options.channelTimeoutMs ?? 5_000,
      leaseMs: 30_000,
      sendWithinMs: 20_000,
      notifyBase: options.notifyBase ?? null,
      shop: { rules: RULES, params: DEFAULT_PARAMS, fee: NO_FEE },
    },
    log: { info: quiet, warn: quiet, error: quiet },
    reasonText: (code) => reasonText('zh', code),
    crashPoint: options.crashPoint ?? quiet,
  }
}

/** One key for all nodes of a test, so that each opens what another sealed. */
export const MASTER_KEY = randomBytes(32)

export function wechatAccount(sandbox: Sandbox, no = 'wx1'): AccountInput {
  const { merchant } = sandbox
  return {
    no,
    channel: 'wechatpay',
    settings: {
      mode: 'direct',
      mchid: merchant.mchid,
      appid: merchant.appid,
      merchantSerial: merchant.merchant.serial,
      publicKeyId: merchant.publicKeyId,
      publicKey: merchant.publicKey.publicPem,
      baseUrl: sandbox.url,
      caPem: sandbox.caPem,
      storeInfoId: 'STORE1',
    },
    secrets: { privateKey: merchant.merchant.privatePem, apiV3Key: merchant.apiV3Key },
    contract: { windowDays: null, countMax: null },
  }
}

export async function openShop(core: Core, sandbox: Sandbox, tenant = TENANT): Promise<ShopKeys> {
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
      accounts: [wechatAccount(sandbox)],
    },
    (of, kind) => makeKey(of, kind, randomBytes(32)),
  )
  if (keys === null) throw new Error('the shop exists already')
  return keys
}

export const cashier: Actor = {
  tenant: TENANT,
  store: 's1',
  terminal: 't1',
  staff: 'zhang',
  roles: ['cashier'],
  second: null,
}
export const supervisor: Actor = { ...cashier, staff: 'li', roles: ['supervisor'] }
export const owner: Actor = { ...cashier, staff: 'wang', roles: ['owner'] }
export const seconded = (actor: Actor): Actor => ({
  ...actor,
  second: { staff: actor.staff === 'li' ? 'wang' : 'li', roles: ['supervisor'] },
})

export async function testSandbox(
  options: Parameters<typeof startSandbox>[0] = {},
): Promise<Sandbox> {
  const sandbox = await startSandbox(options)
  onTestFinished(() => sandbox.close())
  return sandbox
}
