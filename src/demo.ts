/**
 * `yuanlu demo`: a sample shop with the sandbox as its channel. It takes a payment and refunds it through the API, as a
 * till would, and says where to look. No real money is near it: it knows no channel but the sandbox.
 */
import { randomBytes, randomInt } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startSandbox, type Sandbox } from '../sandbox/main.ts'
import type { RefundShown } from './api/contract.ts'
import { makeKey } from './auth/keys.ts'
import { setUpShop, type ShopInput, type ShopKeys } from './commands/set-up-shop.ts'
import { ConfigError, type Config } from './config.ts'
import { canHoldCluster, defaultDataRoot } from './db/cluster.ts'
import { openTheTill, peopleLines } from './demo/till.ts'
import { fen, yuan } from './domain/money.ts'
import { makeNumber, type NumberKind } from './domain/numbers.ts'
import { dayOf } from './domain/time.ts'
import { DEMO_TENANT, startYuanlu, type Yuanlu } from './main.ts'

const SANDBOX_PORT = 8443
const WALLET_PORT = 8088
const OUTCOME_WAIT_MS = 30_000
const POLL_MS = 50
/** So that a first look does not wait for business time: the sandbox's own default is two seconds. */
const ARRIVAL_MS = 500

export async function runDemo(
  config: Config,
  options: { readonly once: boolean },
): Promise<number> {
  const started = performance.now()
  const dataDir = options.once
    ? join(tmpdir(), `yuanlu-demo-${process.pid}-${randomInt(1_000_000)}`)
    : await demoDir(config)
  const demo = await open(config, dataDir, options.once)
  try {
    if (!options.once) await takeSampleSales(demo)
    const done = await payAndRefund(demo, options.once ? tmpdir() : dataDir)
    if (options.once) {
      process.stdout.write(
        `${JSON.stringify({ ...done, tookMs: Math.round(performance.now() - started) })}\n`,
      )
      return done.refund.state === 'succeeded' ? 0 : 1
    }
    sayWhereToLook(demo, done, await openTheTill(demo.yuanlu.core))
    await ended()
    return 0
  } finally {
    await demo.yuanlu.close()
    await demo.sandbox.close()
    if (options.once) await rm(dataDir, { recursive: true, force: true })
  }
}

/** Beside the clone, or where that is closed to us or (root's home) to PostgreSQL's user, where programs keep data. */
async function demoDir(config: Config): Promise<string> {
  const wanted = join(config.dataDir, 'demo')
  return (await canHoldCluster(wanted)) ? wanted : join(defaultDataRoot(), 'demo')
}

type Demo = {
  readonly yuanlu: Yuanlu
  readonly sandbox: Sandbox
  readonly keys: ShopKeys
  readonly isNew: boolean
}

async function open(config: Config, dataDir: string, once: boolean): Promise<Demo> {
  const sandbox = await startSandbox({
    port: once ? 0 : SANDBOX_PORT,
    ...(once ? {} : { plainHttpPort: WALLET_PORT, dir: join(dataDir, 'sandbox') }),
    settings: { arrivalToBalanceMs: ARRIVAL_MS },
  }).catch((error: unknown) => {
    throw portFault(error)
  })
  try {
    const port = once ? await freePort() : config.port
    const yuanlu = await startYuanlu({
      ...config,
      production: false,
      databaseUrl: null,
      dataDir,
      port,
      notifyUrl: `http://127.0.0.1:${port}`,
      logLevel: config.logLevel === 'info' ? 'warn' : config.logLevel,
    })
    const made = await setUpShop(yuanlu.core, sampleShop(sandbox), (tenant, kind) =>
      makeKey(tenant, kind, randomBytes(32)),
    )
    const keys = made === null ? await readKeys(dataDir) : await keepKeys(dataDir, made)
    return { yuanlu, sandbox, keys, isNew: made !== null }
  } catch (error) {
    await sandbox.close()
    throw error
  }
}

/** The sample shop's account holds the sandbox's address, so the demo cannot just go to another port. */
function portFault(error: unknown): unknown {
  const { code, port } = error as NodeJS.ErrnoException & { readonly port?: number }
  if (code !== 'EADDRINUSE') return error
  return new ConfigError([
    `port ${port} is taken by another program, perhaps another demo; the demo needs ${SANDBOX_PORT} and ${WALLET_PORT}: end that program, or take "npm run demo -- --once", which uses free ports`,
  ])
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

const keysPath = (dataDir: string): string => join(dataDir, 'demo-keys.json')

async function keepKeys(dataDir: string, keys: ShopKeys): Promise<ShopKeys> {
  await mkdir(dataDir, { recursive: true })
  await writeFile(keysPath(dataDir), JSON.stringify(keys, null, 2), { mode: 0o600 })
  return keys
}

const readKeys = async (dataDir: string): Promise<ShopKeys> =>
  JSON.parse(await readFile(keysPath(dataDir), 'utf8')) as ShopKeys

const sampleShop = (sandbox: Sandbox): ShopInput => ({
  tenant: DEMO_TENANT,
  name: '川味小馆',
  phone: '028-12345678',
  stores: [
    {
      no: 's1',
      name: '川味小馆·春熙路店',
      address: '成都市锦江区春熙路 1 号',
      phone: '028-12345678',
    },
    {
      no: 's2',
      name: '川味小馆·天府店',
      address: '成都市高新区天府大道 2 号',
      phone: '028-87654321',
    },
  ],
  terminals: [
    { no: 't1', store: 's1', name: '1号机', printer: null },
    { no: 't2', store: 's1', name: '2号机', printer: null },
    { no: 't3', store: 's2', name: '1号机', printer: null },
  ],
  staff: [
    { no: 'zhang', store: 's1', name: '张三', role: 'cashier' },
    { no: 'li', store: 's1', name: '李店长', role: 'supervisor' },
    { no: 'wang', store: null, name: '王老板', role: 'owner' },
  ],
  accounts: [
    {
      no: 'wechat',
      channel: 'wechatpay',
      settings: {
        mode: 'direct',
        mchid: sandbox.merchant.mchid,
        appid: sandbox.merchant.appid,
        merchantSerial: sandbox.merchant.merchant.serial,
        publicKeyId: sandbox.merchant.publicKeyId,
        publicKey: sandbox.merchant.publicKey.publicPem,
        baseUrl: sandbox.url,
        caPem: sandbox.caPem,
      },
      secrets: {
        privateKey: sandbox.merchant.merchant.privatePem,
        apiV3Key: sandbox.merchant.apiV3Key,
      },
      contract: { windowDays: null, countMax: null },
      sandbox: true,
    },
  ],
})

const newNumber = (kind: NumberKind): string =>
  makeNumber(
    kind,
    dayOf(new Date()),
    Array.from({ length: 13 }, () => String(randomInt(10))).join(''),
  )

/** The till's own way in: HTTP, with the terminal's key and the cashier's. Throws with the problem's words. */
async function ask<T>(demo: Demo, method: 'GET' | 'POST', path: string, body?: object): Promise<T> {
  const answer = await fetch(`${demo.yuanlu.localUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${demo.keys.terminals['t1']}`,
      'yuanlu-staff': demo.keys.staff['zhang'] ?? '',
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${text}`)
  return (answer.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text) as T
}

type Dish = { readonly name: string; readonly quantity: number; readonly amount: number }

async function pay(demo: Demo, dishes: readonly Dish[], discount: number): Promise<string> {
  const order = dishes.reduce((sum, dish) => sum + dish.amount, 0)
  const customer = demo.sandbox.createCustomer()
  const no = newNumber('payment')
  await ask(demo, 'POST', '/v1/payments', {
    no,
    sale: {
      no: newNumber('sale'),
      orderAmount: order,
      paidAmount: order - discount,
      description: '堂食',
      items: dishes,
    },
    amount: order - discount,
    method: 'code',
    paymentCode: demo.sandbox.paymentCode(customer),
  })
  return no
}

/** A few sales to look around in, made once: the data directory is kept. */
async function takeSampleSales(demo: Demo): Promise<void> {
  if (!demo.isNew) return
  await pay(
    demo,
    [
      { name: '水煮鱼', quantity: 1, amount: 6_800 },
      { name: '米饭', quantity: 2, amount: 400 },
    ],
    0,
  )
  await pay(
    demo,
    [
      { name: '回锅肉', quantity: 1, amount: 4_200 },
      { name: '酸梅汤', quantity: 3, amount: 2_400 },
    ],
    600,
  )
  await pay(demo, [{ name: '夫妻肺片', quantity: 1, amount: 3_600 }], 0)
}

type Done = {
  readonly refund: { readonly no: string; readonly state: string; readonly amount: number }
  readonly attempts: number
  readonly book: { readonly refunds: number; readonly refundedFen: number }
  readonly slip: string
}

async function payAndRefund(demo: Demo, slipDir: string): Promise<Done> {
  const before = {
    refunds: demo.sandbox.book.executedRefunds().length,
    fen: demo.sandbox.book.refundedFen(),
  }
  const payment = await pay(
    demo,
    [
      { name: '宫保鸡丁', quantity: 1, amount: 3_800 },
      { name: '麻婆豆腐', quantity: 1, amount: 2_800 },
    ],
    600,
  )
  const no = newNumber('refund')
  let refund = await ask<RefundShown>(demo, 'POST', '/v1/refunds', {
    no,
    payment,
    amount: 1_200,
    method: 'original',
    reason: 'quality',
  })
  const until = performance.now() + OUTCOME_WAIT_MS
  while (refund.state === 'sending' && performance.now() < until) {
    await delay(POLL_MS)
    refund = await ask<RefundShown>(demo, 'GET', `/v1/refunds/${no}`)
  }
  const svg = await ask<string>(demo, 'GET', `/v1/refunds/${no}/slip?format=svg`)
  const slip = join(slipDir, `yuanlu-slip-${no}.svg`)
  await writeFile(slip, svg)
  return {
    refund: { no, state: refund.state, amount: refund.amount },
    attempts: refund.attempts.length,
    book: {
      refunds: demo.sandbox.book.executedRefunds().length - before.refunds,
      refundedFen: demo.sandbox.book.refundedFen() - before.fen,
    },
    slip,
  }
}

function sayWhereToLook(demo: Demo, done: Done, code: string): void {
  const { yuanlu, keys } = demo
  const key = keys.terminals['t1'] ?? ''
  const staff = keys.staff['zhang'] ?? ''
  const back = `¥${yuan(fen(done.refund.amount))}`
  const { state } = done.refund
  process.stdout.write(`
原路 · 沙盒演示，不涉及真实资金 / Yuanlu on its sandbox: no real money

  刚才收了一笔 ¥60.00，退了 ${back}：${state === 'succeeded' ? '退款成功' : state}（渠道账本 ${done.book.refunds} 笔）
  Took ¥60.00, then refunded ${back}: ${state} (refunds in the channel's book: ${done.book.refunds})

  收银台 till          ${yuanlu.url}/till/#/enrol/${code}
                       一次有效，15 分钟内打开 / good once, for 15 minutes
${peopleLines()}  退款凭证 slip        ${done.slip}
  顾客钱包 wallet      http://127.0.0.1:${WALLET_PORT}/wallet
  接口文档 OpenAPI     ${yuanlu.url}/v1/openapi.json
  密钥 keys            ${join(yuanlu.dataDir, 'demo-keys.json')}

  试一下 / try it:
  curl -s ${yuanlu.localUrl}/v1/refunds/${done.refund.no} \\
    -H 'authorization: Bearer ${key}' -H 'yuanlu-staff: ${staff}'

  Ctrl-C 结束 / to end
`)
}

function ended(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
}
