/** A shop with the sandbox behind it, reached over HTTP as a till reaches it. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import type { z } from 'zod'
import type { Sandbox } from '../../sandbox/main.ts'
import type { Api } from '../../src/api/api.ts'
import { buildApp } from '../../src/api/app.ts'
import { paymentShown, type PaymentShown, type refundGiven } from '../../src/api/contract.ts'
import { openResources, resources } from '../../src/api/index.ts'
import { pageResource } from '../../src/api/pages.ts'
import { cachedLookup } from '../../src/auth/key-cache.ts'
import { actorOf, makeKey } from '../../src/auth/keys.ts'
import { openRefundLanes } from '../../src/commands/refund-lanes.ts'
import type { Core, CoreSettings } from '../../src/commands/core.ts'
import { setUpShop, type ShopKeys } from '../../src/commands/set-up-shop.ts'
import { inTenant, type Db } from '../../src/db/connect.ts'
import { makeLog } from '../../src/log.ts'
import { findKeys } from '../../src/store/keys.ts'
import { newNumber } from './given.ts'
import {
  openShop,
  TENANT,
  testClock,
  testCore,
  testSandbox,
  wechatAccount,
  type TestClock,
} from './shop.ts'
import { listen } from '../api/app.ts'

export type Who = 'zhang' | 'li' | 'wang' | 'nobody'
export type Answer = {
  readonly status: number
  readonly headers: Record<string, unknown>
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any
  readonly text: string
}

export type Till = {
  readonly app: Api
  readonly core: Core
  readonly sandbox: Sandbox
  readonly clock: TestClock
  readonly url: string
  readonly headers: (who: Who, second?: Who) => Record<string, string>
  readonly call: (
    method: 'GET' | 'POST',
    url: string,
    body?: unknown,
    who?: Who,
    second?: Who,
  ) => Promise<Answer>
  /** Of every terminal and person of the shop. */
  readonly keys: ShopKeys
  /** Headers of the owner of another merchant. */
  readonly foreign: Record<string, string>
  /** Another node for the same shop: a server and a memory of its own. */
  readonly another: () => Promise<Till>
}

const FOREIGN_TENANT = 2
/** The till as it was built; only tests that open it in a browser need it. */
const PAGES = join(import.meta.dirname, '../../web/dist/till')

export type TillOptions = {
  readonly channelTimeoutMs?: number
  readonly settings?: Partial<CoreSettings>
  /** False: the channel is given no address to notify, so that only asking finds out. */
  readonly notified?: boolean
  /** Who takes the money: a merchant of its own, or a partner for its shop. */
  readonly merchant?: 'merchant' | 'partner'
  /** Folder of the till's app; the built one when left out. */
  readonly pages?: string
}

export async function openTill(db: Db, options: TillOptions = {}): Promise<Till> {
  const { notified = true, merchant = 'merchant', pages = PAGES, ...rest } = options
  const sandbox = await testSandbox()
  const clock = testClock()
  const shop = testCore(db, { clock })
  const keys = await openShop(shop, sandbox, TENANT, sandbox[merchant])
  const foreignKeys = await openOther(shop, sandbox)
  const another = async (): Promise<Till> => {
    const { app, core, url } = await serve(testCore(db, { clock, ...rest }), notified, pages)
    const headers = (who: Who, second?: Who): Record<string, string> => ({
      authorization: `Bearer ${keys.terminals['t1']}`,
      'accept-language': 'zh',
      ...(who === 'nobody' ? {} : { 'yuanlu-staff': keys.staff[who] ?? '' }),
      ...(second === undefined ? {} : { 'yuanlu-second': keys.staff[second] ?? '' }),
    })
    return {
      app,
      core,
      sandbox,
      clock,
      url,
      keys,
      headers,
      foreign: { authorization: `Bearer ${foreignKeys.staff['boss']}` },
      call: async (method, path, body, who = 'zhang', second) =>
        send(url, method, path, headers(who, second), body),
      another,
    }
  }
  return another()
}

/** A node of the product, listening; `notified`: it tells channels where. */
async function serve(
  base: Core,
  notified: boolean,
  pages: string,
): Promise<{ app: Api; core: Core; url: string }> {
  let notifyBase: string | null = null
  const settings = Object.defineProperty({ ...base.settings }, 'notifyBase', {
    get: () => notifyBase,
  })
  const core: Core = { ...base, settings }
  const lookup = cachedLookup(
    (tenant, hashes) => inTenant(core.db, tenant, (tx) => findKeys(tx, hashes, core.clock.now())),
    () => performance.now(),
  )
  const lanes = openRefundLanes(core)
  const app = buildApp(
    {
      config: { drainMs: 500 },
      log: makeLog('silent'),
      authenticate: (headers) => actorOf(lookup, headers),
      checks: {
        database: async () => true,
        migrations: async () => true,
        sweeper: async () => true,
      },
    },
    resources(core, lanes),
    [...openResources(core, lanes), pageResource(pages)],
  )
  onTestFinished(() => app.close())
  const url = `http://127.0.0.1:${await listen(app)}`
  if (notified) notifyBase = url
  return { app, core, url }
}

/** The same shop seen from another terminal; null: with the headers as they are. */
export function atTerminal(till: Till, terminal: string | null): Till {
  const place =
    terminal === null ? {} : { authorization: `Bearer ${till.keys.terminals[terminal] ?? ''}` }
  const headers: Till['headers'] = (who, second) => ({ ...till.headers(who, second), ...place })
  return {
    ...till,
    headers,
    call: async (method, path, body, who = 'zhang', second) =>
      send(till.url, method, path, headers(who, second), body),
  }
}

export async function send(
  url: string,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  headers: Record<string, string>,
  body?: unknown,
): Promise<Answer> {
  const reply = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...headers,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await reply.text()
  const isJson = /json/.test(reply.headers.get('content-type') ?? '')
  return {
    status: reply.status,
    headers: Object.fromEntries(reply.headers),
    text,
    body: isJson ? JSON.parse(text) : null,
  }
}

/** A merchant of its own at the same channel account, with nothing in it. */
async function openOther(core: Core, sandbox: Sandbox) {
  const keys = await setUpShop(
    core,
    {
      tenant: FOREIGN_TENANT,
      name: '隔壁店',
      phone: '',
      stores: [{ no: 's1', name: '隔壁店', address: '', phone: '' }],
      terminals: [{ no: 't1', store: 's1', name: '1号机', printer: null }],
      staff: [{ no: 'boss', store: null, name: '老板', role: 'owner' }],
      accounts: [wechatAccount(sandbox)],
    },
    (tenant, kind) => makeKey(tenant, kind, randomBytes(32)),
  )
  if (keys === null) throw new Error('the other shop exists already')
  return keys
}

export const saleOf = (amount: number, more: Record<string, unknown> = {}) => ({
  no: newNumber('sale'),
  orderAmount: amount,
  paidAmount: amount,
  description: '堂食',
  items: [] as unknown[],
  ...more,
})

/** Pays by the customer's code, over HTTP. */
export async function pay(
  till: Till,
  amount = 12_800,
  sale: Record<string, unknown> = {},
  customer = till.sandbox.createCustomer(),
): Promise<PaymentShown> {
  const answer = await till.call('POST', '/v1/payments', {
    no: newNumber('payment'),
    sale: saleOf(amount, sale),
    amount: (sale['paidAmount'] as number | undefined) ?? amount,
    method: 'code',
    paymentCode: till.sandbox.paymentCode(customer),
  })
  expect(answer).toMatchObject({ status: 201, body: { state: 'paid' } })
  return paymentShown.parse(answer.body)
}

export type RefundWish = z.input<typeof refundGiven>

export const wish = (
  payment: string,
  more: Partial<RefundWish> = { full: true },
): RefundWish & { readonly no: string } => ({
  no: newNumber('refund'),
  payment,
  method: 'original',
  reason: 'quality',
  ...more,
})
