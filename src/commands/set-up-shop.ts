/** Makes a merchant with its stores, terminals, people and channel accounts; hands out their keys, once. */
import type { KeyKind } from '../auth/keys.ts'
import type { Account } from '../channels/channel.ts'
import { inTenant } from '../db/connect.ts'
import type { Terms } from '../domain/channel-rules.ts'
import type { Contract } from '../domain/plan.ts'
import type { Rights } from '../domain/rights.ts'
import type { StaffRole } from '../domain/roles.ts'
import { insertAccount } from '../store/accounts.ts'
import {
  insertKey,
  insertMerchant,
  insertStaff,
  insertStore,
  insertTerminal,
} from '../store/shop.ts'
import { savePin } from '../store/pins.ts'
import { accountSeal } from './accounts.ts'
import type { Core } from './core.ts'
import { hashPin } from './set-pin.ts'

export type ShopInput = {
  readonly tenant: number
  readonly name: string
  readonly phone: string
  readonly stores: readonly {
    readonly no: string
    readonly name: string
    readonly address: string
    readonly phone: string
  }[]
  readonly terminals: readonly {
    readonly no: string
    readonly store: string
    readonly name: string
    readonly printer: string | null
  }[]
  readonly staff: readonly {
    readonly no: string
    readonly store: string | null
    readonly name: string
    readonly role: StaffRole
    /** To sign in with at a terminal; left out: has none yet. Whether it is too easy was asked before. */
    readonly pin?: string
    /** What differs from the role's rights. */
    readonly rights?: Partial<Rights>
  }[]
  /** The first is the default. */
  readonly accounts: readonly AccountInput[]
}

export type AccountInput = {
  readonly no: string
  readonly channel: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly secrets: Readonly<Record<string, string>>
  readonly contract: Contract & Partial<Terms>
  /**
   * No real money moves at this account, and its slips say so. Left out, it is told from the settings: a channel
   * that answers on this machine is no real one.
   */
  readonly sandbox?: boolean
}

export type ShopKeys = {
  readonly terminals: Readonly<Record<string, string>>
  readonly staff: Readonly<Record<string, string>>
}

/** How keys are made: outside, since their form is a matter of signing in. */
export type KeyMaker = (
  tenant: number,
  kind: KeyKind,
) => { readonly text: string; readonly hash: Buffer }

/** @returns the keys, or null when the merchant exists already. Throws ConfigFault for an account that cannot work. */
export async function setUpShop(
  core: Core,
  input: ShopInput,
  makeKey: KeyMaker,
): Promise<ShopKeys | null> {
  for (const account of input.accounts)
    core.channel(account.channel).checkSettings(asAccount(input.tenant, account))
  const pins = await hashPins(core, input)
  return inTenant(core.db, input.tenant, async (tx) => {
    const tenant_id = input.tenant
    if (!(await insertMerchant(tx, { tenant_id, name: input.name, phone: input.phone })))
      return null
    for (const { no, ...store } of input.stores)
      await insertStore(tx, { tenant_id, store_no: no, ...store })
    for (const { no, store, ...terminal } of input.terminals) {
      await insertTerminal(tx, { tenant_id, terminal_no: no, store_no: store, ...terminal })
    }
    for (const { no, store, name, role, rights = {} } of input.staff) {
      await insertStaff(tx, { tenant_id, staff_no: no, store_no: store, name, role, rights })
    }
    for (const pin of pins) await savePin(tx, pin)
    const keys = { terminals: {} as Record<string, string>, staff: {} as Record<string, string> }
    for (const { no } of input.terminals) {
      const key = makeKey(tenant_id, 'terminal')
      await insertKey(tx, { tenant_id, key_hash: key.hash, terminal_no: no, staff_no: null })
      keys.terminals[no] = key.text
    }
    for (const { no } of input.staff) {
      const key = makeKey(tenant_id, 'staff')
      await insertKey(tx, { tenant_id, key_hash: key.hash, terminal_no: null, staff_no: no })
      keys.staff[no] = key.text
    }
    for (const [place, account] of input.accounts.entries()) {
      await insertAccount(tx, {
        tenant_id,
        account_no: account.no,
        channel: account.channel,
        settings: { ...account.settings },
        secrets: core.vault.seal(
          Buffer.from(JSON.stringify(account.secrets), 'utf8'),
          accountSeal(tenant_id, account.no),
        ),
        contract: account.contract,
        is_default: place === 0,
        sandbox: account.sandbox ?? staysOnThisMachine(account.settings),
      })
    }
    return keys
  })
}

async function hashPins(core: Core, { tenant, staff }: ShopInput) {
  const pins: Parameters<typeof savePin>[1][] = []
  for (const { no, pin } of staff) {
    if (pin === undefined) continue
    const hash = await hashPin(core, tenant, no, pin)
    pins.push({ tenant_id: tenant, staff_no: no, hash, set_at: core.clock.now() })
  }
  return pins
}

const LOOPBACK = /^https?:\/\/(127(\.\d{1,3}){3}|localhost|\[::1\])(:\d+)?(\/|$)/i

const staysOnThisMachine = (settings: AccountInput['settings']): boolean =>
  Object.values(settings).some((value) => typeof value === 'string' && LOOPBACK.test(value))

const asAccount = (tenant: number, input: AccountInput): Account => ({
  tenant,
  accountNo: input.no,
  channel: input.channel,
  settings: input.settings,
  secrets: input.secrets,
  notifyUrl: null,
})
