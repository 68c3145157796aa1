// The sandbox: payment channels spoken for real on this machine, with money that does not exist.
// It stands alone: nothing here knows of any client, and every client meets the same channel.
import type { Account, Accounts, NewAccount } from './accounts.ts'
import { createAccounts } from './accounts.ts'
import { createBook, type Book } from './book.ts'
import { createClock, type Clock } from './clock.ts'
import { createFaults, type Faults } from './faults.ts'
import { createHelpers, type Helpers } from './helpers.ts'
import { openJournal } from './journal.ts'
import { openAuthority } from './keys.ts'
import { createRandom } from './random.ts'
import { createRates } from './rates.ts'
import { createRequestLog, type RequestLog } from './request-log.ts'
import { createServer } from './server.ts'
import { changeSettings, defaultSettings, type Settings } from './settings.ts'
import { createCustomers } from './wallet/customers.ts'
import { createLedger } from './wechatpay/ledger.ts'
import { createPostman, resumeNotices, type Delivery } from './wechatpay/notifications.ts'
import { watchPassword } from './wechatpay/payments.ts'
import { resumeRefunds } from './wechatpay/refund-life.ts'
import type { World } from './world.ts'

export type SandboxOptions = {
  /** 0 or left out: a free port. */
  readonly port?: number | undefined
  /** Left out: 127.0.0.1. The certificate names it, 127.0.0.1 and localhost. */
  readonly host?: string | undefined
  /** Listens for plain http too, for clients that cannot be given a CA; 0: a free port. */
  readonly plainHttpPort?: number | undefined
  /** Decides numbers, codes and drawn faults; keys and nonces stay random. */
  readonly seed?: number | undefined
  /** Keeps keys, customers, orders, refunds and the book there; left out: in memory only. */
  readonly dir?: string | undefined
  readonly settings?: Partial<Settings>
}

export type Sandbox = Helpers & {
  /** `https://127.0.0.1:PORT` */
  readonly url: string
  readonly port: number
  /** `http://127.0.0.1:PORT` when `plainHttpPort` was given. */
  readonly plainUrl: string | null
  /** Certificate authority behind `url`. */
  readonly caPem: string
  readonly book: Book
  readonly clock: Clock
  readonly faults: Faults
  readonly accounts: Accounts
  readonly settings: Settings
  readonly requests: RequestLog
  /** Notifications sent so far, copies and forged ones too. */
  readonly deliveries: () => readonly Delivery[]
  readonly createAccount: (input?: NewAccount) => Promise<Account>
  /** The direct merchant every sandbox has. */
  readonly merchant: Account
  /** The partner (服务商) every sandbox has; its first sub-merchant is `partner.subMchids[0]`. */
  readonly partner: Account
  readonly close: () => Promise<void>
}

const DEFAULT_SEED = 1
type Named = NewAccount & { readonly mchid: string }

const MERCHANT: Named = { mchid: '1900000001', appid: 'wx5a4db0c0000000001', name: '沙盒餐厅' }
const PARTNER: Named = {
  mchid: '1900000109',
  appid: 'wx5a4db0c0000000109',
  name: '沙盒服务商',
  kind: 'partner',
  subMchids: ['1600000001', '1600000002'],
}

const openWorld = async (options: SandboxOptions, host: string): Promise<World> => {
  const journal = openJournal(options.dir)
  const settings = { ...defaultSettings }
  changeSettings(settings, options.settings ?? {})
  const hosts = [...new Set(['127.0.0.1', 'localhost', host])]
  const authority = openAuthority(journal, hosts)
  const [kept] = journal.load<{ offsetMs: number }>('clock')
  const clock = createClock(kept?.offsetMs ?? 0, (offsetMs) => {
    journal.put('clock', 'business', { offsetMs })
  })
  const random = createRandom(options.seed ?? DEFAULT_SEED)
  const accounts = await createAccounts(journal, authority, random)
  return {
    accounts,
    caPem: authority.caPem,
    serverTls: authority.server,
    clock,
    journal,
    random,
    book: createBook(journal),
    settings,
    rates: createRates(),
    requests: createRequestLog(),
    tickets: new Map(),
    customers: createCustomers(journal, clock, random, settings),
    faults: createFaults(random),
    ledger: createLedger(journal, clock, random),
    postman: createPostman(authority.caPem),
  }
}

const ensure = async (world: World, wanted: Named) =>
  world.accounts.get(wanted.mchid) ?? (await world.accounts.create(wanted))

/** Takes up what a restart interrupted: arrivals, notifications, customers at the password. */
const resume = (world: World) => {
  resumeRefunds(world)
  resumeNotices(world)
  for (const order of world.ledger.allOrders()) {
    if (order.state === 'USERPAYING') watchPassword(world, order)
  }
}

const closeWorld = async (world: World) => {
  world.clock.close()
  await world.postman.close()
  world.journal.close()
}

/** Starts a sandbox; `close` ends it and every connection to it. */
export const startSandbox = async (options: SandboxOptions = {}): Promise<Sandbox> => {
  const host = options.host ?? '127.0.0.1'
  const world = await openWorld(options, host)
  // One after the other, so that a seed always draws the same numbers for the same account.
  const merchant = await ensure(world, MERCHANT)
  const partner = await ensure(world, PARTNER)
  resume(world)
  const server = await createServer(world, {
    host,
    port: options.port ?? 0,
    plainHttpPort: options.plainHttpPort ?? null,
  }).catch(async (error: unknown) => {
    await closeWorld(world)
    throw error
  })
  return {
    ...createHelpers(world),
    url: server.url,
    port: server.port,
    plainUrl: server.plainUrl,
    caPem: world.caPem,
    book: world.book,
    clock: world.clock,
    faults: world.faults,
    accounts: world.accounts,
    settings: world.settings,
    requests: world.requests,
    merchant,
    partner,
    deliveries: world.postman.deliveries,
    createAccount: world.accounts.create,
    close: async () => {
      world.clock.close()
      await server.close()
      await closeWorld(world)
    },
  }
}
