/**
 * Where the campaign takes place: a PostgreSQL of our own, the sandbox in this process, three nodes in processes of
 * their own, and a wire we hold between any two of them. All of it is gone afterwards.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pino } from 'pino'
import { paymentNumber } from '../bench/load.ts'
import { SALE_FEN, writePayments } from '../bench/shop.ts'
import { startSandbox, type Sandbox } from '../sandbox/main.ts'
import { makeKey } from '../src/auth/keys.ts'
import { setUpShop, type ShopKeys } from '../src/commands/set-up-shop.ts'
import { defaultDataRoot } from '../src/db/cluster.ts'
import { connect, type Db } from '../src/db/connect.ts'
import { startEmbedded } from '../src/db/embedded.ts'
import { migrate } from '../src/db/migrate.ts'
import { loginOf } from '../src/db/sign-in.ts'
import { QUEUES } from '../src/jobs/queues.ts'
import { makeLog } from '../src/log.ts'
import { MIGRATIONS } from '../src/main.ts'
import {
  cashier,
  MASTER_KEY,
  plainShop,
  TENANT,
  testClock,
  testCore,
} from '../test/support/core.ts'
import { accountAtSandbox } from '../test/support/wechatpay-sandbox.ts'
import { freePort, yuanlu, type Program } from './processes.ts'
import { openProxy, type Proxy } from './proxy.ts'

export { SALE_FEN, TENANT }

export type Node = {
  readonly url: string
  readonly program: Program
  /** Between this node and the database. */
  readonly database: Proxy
}

export type Stage = {
  readonly folder: string
  readonly pgdata: string
  /** The server itself, past all wires, as its owner. */
  readonly ownerUrl: string
  /** The same, as the product sees its tables. */
  readonly db: Db
  readonly sandbox: Sandbox
  readonly nodes: readonly Node[]
  /** Between all nodes and the channel. */
  readonly channel: Proxy
  /** The one public address of all nodes: what the channel notifies. */
  readonly front: Proxy
  readonly keys: ShopKeys
  /** Paid sales of SALE_FEN that nobody has refunded yet. Throws while the database is away; ask again. */
  readonly newPayments: (count: number) => Promise<readonly string[]>
}

export type Closing = (() => Promise<unknown>)[]

/** Short ones, so that nodes take over while a campaign looks on. */
const SETTINGS = {
  NODE_ENV: 'test',
  HOST: '127.0.0.1',
  HTTPS: 'off',
  SWEEP_INTERVAL_MS: '500',
  LEASE_MS: '3000',
  CHANNEL_TIMEOUT_MS: '2000',
  BREAKER_PAUSE_MS: '1000',
}
/** The account that `writePayments` takes its money with. */
const ACCOUNT = 'a1'
/** More than all refunds of a run together, in fen. */
const FUNDS = 1_000_000_000_000
const CONNECTIONS = 4

/** @param closing what has been opened is put there at once, to be closed in reverse however far this gets */
export async function setStage(nodes: number, closing: Closing): Promise<Stage> {
  const folder = join(defaultDataRoot(process.env['XDG_DATA_HOME'] || null), `chaos-${process.pid}`)
  closing.push(() => rm(folder, { recursive: true, force: true }))
  await mkdir(folder, { recursive: true })
  const dataDir = join(folder, 'postgres')
  const log = makeLog('info', pino.destination({ dest: join(folder, 'stage.log'), sync: true }))
  const embedded = await startEmbedded({ dataDir, log })
  closing.push(() => embedded.stop())
  const { url, ownerUrl } = embedded
  await migrate({ url: ownerUrl, directory: MIGRATIONS, queues: QUEUES, login: loginOf(url) })
  const db = connect({ url: ownerUrl, applicationName: 'chaos', maxConnections: CONNECTIONS })
  closing.push(() => db.destroy())

  const sandbox = await startSandbox()
  closing.push(sandbox.close)
  sandbox.setBalance(sandbox.merchant.mchid, FUNDS)
  const channel = await wire(() => sandbox.port, closing)
  const keys = await openShop(db, sandbox, channel.port)

  const ports = await Promise.all(Array.from({ length: nodes }, freePort))
  let turn = 0
  const front = await wire(() => ports[(turn += 1) % ports.length] ?? 0, closing)
  const opened = await Promise.all(
    ports.map((port, place) => openNode({ folder, url, port, place, front }, closing)),
  )
  await Promise.all(opened.map(({ program }) => program.begin()))
  return {
    folder,
    pgdata: join(dataDir, 'server', 'pgdata'),
    ownerUrl,
    db,
    sandbox,
    nodes: opened,
    channel,
    front,
    keys,
    newPayments: stockOf(db, sandbox),
  }
}

async function wire(target: () => number, closing: Closing): Promise<Proxy> {
  const opened = await openProxy(target)
  closing.push(opened.close)
  return opened
}

async function openShop(db: Db, sandbox: Sandbox, channelPort: number): Promise<ShopKeys> {
  const { settings, secrets } = accountAtSandbox(sandbox, sandbox.merchant, 'public_key', null)
  const plain = plainShop(TENANT, 'wechatpay', [ACCOUNT])
  const keys = await setUpShop(
    testCore(db, { clock: testClock(0) }),
    {
      ...plain,
      // A run may pass midnight, and a limit for the day would let one person's refunds pass one by one only.
      staff: plain.staff.map((each) => ({
        ...each,
        rights: { perDayFen: null, earlierDay: true },
      })),
      accounts: plain.accounts.map((each) => ({
        ...each,
        settings: { ...settings, baseUrl: `https://127.0.0.1:${channelPort}` },
        secrets,
      })),
    },
    (of, kind) => makeKey(of, kind, randomBytes(32)),
  )
  if (keys === null) throw new Error('the shop exists already')
  return keys
}

async function openNode(
  at: {
    readonly folder: string
    readonly url: string
    readonly port: number
    readonly place: number
    readonly front: Proxy
  },
  closing: Closing,
): Promise<Node> {
  const server = Number(new URL(at.url).port)
  const database = await wire(() => server, closing)
  const databaseUrl = new URL(at.url)
  databaseUrl.port = String(database.port)
  const program = yuanlu(
    ['serve'],
    {
      ...SETTINGS,
      PORT: String(at.port),
      DATABASE_URL: databaseUrl.toString(),
      YUANLU_MASTER_KEY: MASTER_KEY.toString('base64'),
      YUANLU_DATA_DIR: join(at.folder, `node-${at.place}`),
      NOTIFY_URL: `http://127.0.0.1:${at.front.port}`,
    },
    at.port,
    join(at.folder, `node-${at.place}.log`),
  )
  closing.push(program.end)
  return { url: `http://127.0.0.1:${at.port}`, program, database }
}

function stockOf(db: Db, sandbox: Sandbox): Stage['newPayments'] {
  const shop = { tenant: TENANT, channel: 'wechatpay', actor: cashier, headers: {} }
  let next = 0
  return async (count) => {
    const from = next
    // Whatever becomes of them, these numbers are used up: a COMMIT without an answer may have been one.
    next += count
    await writePayments(db, shop, from, count)
    const numbers = Array.from({ length: count }, (_, place) => paymentNumber(from + place))
    for (const outTradeNo of numbers) {
      sandbox.paidOrder({ mchid: sandbox.merchant.mchid, outTradeNo, total: SALE_FEN })
    }
    return numbers
  }
}
