/**
 * Where the measurements take place: a PostgreSQL of our own in a directory that is gone afterwards, Yuanlu itself in
 * this process, the sandbox and the load generator in theirs.
 */
import { createSecretKey, randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { devNull } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import type { Channel } from '../src/channels/channel.ts'
import { registry } from '../src/channels/index.ts'
import { wechatpay } from '../src/channels/wechatpay/wechatpay.ts'
import { readConfig } from '../src/config.ts'
import { openPool } from '../src/db/connect.ts'
import { defaultDataRoot } from '../src/db/cluster.ts'
import { startEmbedded } from '../src/db/embedded.ts'
import { makeLog } from '../src/log.ts'
import { startYuanlu, type Yuanlu } from '../src/main.ts'
import type { Pool } from 'pg'
import { startChild, type Child } from './child.ts'
import { FLOOR_CONNECTIONS } from './floor.ts'
import type { Stock } from './load.ts'
import { NULL_CHANNEL, nullChannel } from './null-channel.ts'
import type { SandboxAccount, SandboxQuestion } from './sandbox-process.ts'
import { checkPast } from './checks.ts'
import { writePast } from './past.ts'
import { openShop, SALE_FEN, writePayments, type Shop } from './shop.ts'

export type Stage = {
  readonly yuanlu: Yuanlu
  /** As the database's owner, for the floor; row security does not bind it as it binds the product. */
  readonly pool: Pool
  readonly shops: { readonly null: Shop; readonly sandbox: Shop }
  readonly clients: Child
  /** How many refunds the sandbox's book has whose money left the merchant. */
  readonly executedAtSandbox: () => Promise<number>
  /** Paid sales that nobody has refunded yet. */
  readonly newStock: (shop: Shop, payments: number, timesEach: number) => Promise<Stock>
}

const MASTER_KEY_BYTES = 32
const TELL_EVERY = 100_000
const NULL_TENANT = 1
const SANDBOX_TENANT = 2
/** Whose refunds of the past fill the tables: looked into once, and not again after every measurement. */
const PAST_TENANT = 3

/**
 * @param past how many refunds of the past lie in the tables
 * @param closing what has been opened is put there at once, to be closed in reverse however far this gets
 */
export async function setStage(
  past: number,
  closing: (() => Promise<unknown>)[],
  tell: (text: string) => void,
): Promise<Stage> {
  const dataDir = join(
    defaultDataRoot(process.env['XDG_DATA_HOME'] || null),
    `bench-${process.pid}`,
  )
  closing.push(() => rm(dataDir, { recursive: true, force: true }))
  // Lines are made as in production and thrown away: making them belongs to the cost, the terminal's speed does not.
  const log = makeLog('info', pino.destination({ dest: devNull, sync: false }))
  const embedded = await startEmbedded({ dataDir: join(dataDir, 'postgres'), log })
  closing.push(() => embedded.stop())

  const port = await freePort()
  const yuanlu = await startYuanlu(
    {
      ...readConfig({}),
      port,
      dataDir,
      // It joins the server that runs on `dataDir` already, and migrates it.
      databaseUrl: null,
      masterKey: createSecretKey(randomBytes(MASTER_KEY_BYTES)),
      notifyUrl: `http://127.0.0.1:${port}`,
    },
    { log, channels: registry([nullChannel, unlimited(wechatpay)]) },
  )
  closing.push(yuanlu.close)

  const pool = openPool({
    url: embedded.ownerUrl,
    applicationName: 'bench',
    role: null,
    maxConnections: FLOOR_CONNECTIONS,
  })
  closing.push(() => pool.end())

  const sandbox = startChild('sandbox-process.ts')
  closing.push(sandbox.end)
  const clients = startChild('clients.ts')
  closing.push(clients.end)

  const shops = await openShops(yuanlu, sandbox)
  await writePast(yuanlu.core.db, shops.past, past, (done) => {
    if (done % TELL_EVERY === 0) tell(`${done} refunds of the past`)
  })
  await pool.query('analyze')
  const auditMs = await checkPast(yuanlu.core, shops.past.tenant, past)
  tell(`the audit of ${past} refunds took ${Math.round(auditMs)} ms`)
  let next = 0
  return {
    yuanlu,
    pool,
    shops,
    clients,
    executedAtSandbox: () => sandbox.ask({ ask: 'executed' } satisfies SandboxQuestion),
    newStock: async (shop, payments, timesEach) => {
      const from = next
      next += payments
      await writePayments(yuanlu.core.db, shop, from, payments)
      if (shop === shops.sandbox) {
        await sandbox.ask({
          ask: 'orders',
          from,
          count: payments,
          fen: SALE_FEN,
        } satisfies SandboxQuestion)
      }
      await pool.query('analyze')
      return { from, payments, timesEach }
    },
  }
}

async function openShops(yuanlu: Yuanlu, sandbox: Child) {
  const atSandbox = await sandbox.ask<SandboxAccount>({ ask: 'account' } satisfies SandboxQuestion)
  const atNull = { channel: NULL_CHANNEL, settings: {}, secrets: {} }
  return {
    past: await openShop(yuanlu.core, PAST_TENANT, atNull),
    null: await openShop(yuanlu.core, NULL_TENANT, atNull),
    sandbox: await openShop(yuanlu.core, SANDBOX_TENANT, {
      channel: wechatpay.id,
      ...atSandbox,
    }),
  }
}

/** The sandbox's limits are off, so the budget that keeps to them must be wide too: what is measured is the work. */
const unlimited = (channel: Channel): Channel => ({
  ...channel,
  can: { ...channel.can, rate: { perSecond: Number.MAX_SAFE_INTEGER } },
})

/** Known before the server listens: the channel is told the address of notifications with each refund. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
