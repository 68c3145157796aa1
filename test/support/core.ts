/** A core for tests: real everything, a movable clock, quick leases where a test wants them. No vitest in here. */
import { createSecretKey, randomBytes, randomInt } from 'node:crypto'
import { registry } from '../../src/channels/index.ts'
import { makePins } from '../../src/auth/pins.ts'
import { makeVault } from '../../src/auth/vault.ts'
import type { Core, CoreSettings, CrashPoint } from '../../src/commands/core.ts'
import type { ShopInput } from '../../src/commands/set-up-shop.ts'
import type { Db } from '../../src/db/connect.ts'
import type { Actor } from '../../src/domain/actor.ts'
import { NO_FEE } from '../../src/domain/fees.ts'
import { DEFAULT_PARAMS, RULES } from '../../src/domain/policy/rules/index.ts'
import { rightsOf } from '../../src/domain/rights.ts'
import { startOfDay } from '../../src/domain/time.ts'
import { reasonText } from '../../src/texts/reasons.ts'

export const TENANT = 1

export type TestClock = { now: () => Date; offsetMs: () => number; advance: (ms: number) => void }

const MORNING_MS = 10 * 3_600_000
const DAY_MS = 24 * 3_600_000

/**
 * How far tests are ahead of the time of day: their shops open at ten. What a shop may do depends on its calendar day, so
 * a test that lets an hour pass must not be begun near midnight.
 */
export const OPENING_OFFSET_MS =
  (startOfDay(new Date()).getTime() + MORNING_MS + DAY_MS - Date.now()) % DAY_MS

export function testClock(offsetMs = OPENING_OFFSET_MS): TestClock {
  let offset = offsetMs
  return {
    now: () => new Date(Date.now() + offset),
    offsetMs: () => offset,
    advance: (ms) => {
      offset += ms
    },
  }
}

/** A shop with one till and one person of each role, and accounts that need no settings. */
export const plainShop = (
  tenant: number,
  channel: string,
  accounts: readonly string[],
): ShopInput => ({
  tenant,
  name: 'shop',
  phone: '',
  stores: [{ no: 's1', name: 's1', address: '', phone: '' }],
  terminals: [{ no: 't1', store: 's1', name: 't1', printer: null }],
  staff: [
    { no: 'zhang', store: 's1', name: '张三', role: 'cashier' },
    { no: 'li', store: 's1', name: '李四', role: 'supervisor' },
    { no: 'wang', store: null, name: '王五', role: 'owner' },
  ],
  accounts: accounts.map((no) => ({
    no,
    channel,
    settings: {},
    secrets: {},
    contract: { windowDays: null, countMax: null },
  })),
})

export const digits = (count: number): string =>
  Array.from({ length: count }, () => String(randomInt(10))).join('')

export function testCore(
  db: Db,
  options: {
    clock?: TestClock
    channelTimeoutMs?: number
    crashPoint?: (name: CrashPoint) => void
    notifyBase?: string | null
    masterKey?: Buffer
    settings?: Partial<CoreSettings>
  } = {},
): Core {
  const quiet = () => undefined
  const vault = makeVault(createSecretKey(options.masterKey ?? MASTER_KEY))
  return {
    db,
    channel: registry(),
    vault,
    pins: makePins(vault),
    clock: options.clock ?? testClock(),
    random: { digits, bytes: randomBytes },
    settings: {
      channelTimeoutMs: options.channelTimeoutMs ?? 5_000,
      leaseMs: 30_000,
      sendWithinMs: 20_000,
      notifyBase: options.notifyBase ?? null,
      publicUrl: null,
      shop: { rules: RULES, params: DEFAULT_PARAMS, fee: NO_FEE },
      loopbackWebhooks: true,
      breaker: { failures: 5, windowMs: 60_000, pauseMs: 30_000 },
      ...options.settings,
    },
    log: { info: quiet, warn: quiet, error: quiet },
    reasonText: (code) => reasonText('zh', code),
    crashPoint: options.crashPoint ?? quiet,
  }
}

/** One key for all nodes of a test, so that each opens what another sealed. */
export const MASTER_KEY = randomBytes(32)

export const cashier: Actor = {
  tenant: TENANT,
  store: 's1',
  terminal: 't1',
  staff: 'zhang',
  way: 'key',
  roles: ['cashier'],
  rights: rightsOf('cashier', { perDayFen: null }),
  second: null,
}
const rights = rightsOf('supervisor')
export const supervisor: Actor = { ...cashier, staff: 'li', roles: ['supervisor'], rights }
export const owner: Actor = { ...cashier, staff: 'wang', roles: ['owner'], rights }
export const seconded = (actor: Actor): Actor => ({
  ...actor,
  second: {
    staff: actor.staff === 'li' ? 'wang' : 'li',
    roles: ['supervisor'],
    way: 'key',
    grant: null,
  },
})
