/** What a file of falls stands on: one database, one sandbox, a healthy node, and a shop of its own for every cell. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, inject } from 'vitest'
import { startSandbox, type Sandbox } from '../../sandbox/main.ts'
import type { Core } from '../../src/commands/core.ts'
import type { Pool } from 'pg'
import { connect, inTenant, openPool, type Db } from '../../src/db/connect.ts'
import { prepareStatements } from '../../src/db/prepared.ts'
import { sql } from 'kysely'
import { startOfDay } from '../../src/domain/time.ts'
import { pass, sweepAll } from '../support/given.ts'
import { cloneTemplate, dropDatabase } from '../support/server.ts'
import { openShop, testClock, testCore, type TestClock } from '../support/shop.ts'
import { hears, type At, type Given, type KeptNotice } from './acts.ts'

export type Stand = {
  readonly databaseUrl: string
  /** As the owner. */
  readonly ownerDb: Db
  readonly db: Db
  /** For nodes whose statements go wrong. */
  readonly pool: Pool
  readonly sandbox: Sandbox
  readonly clock: TestClock
  /** Where the channel posts its notices: they are kept, and heard when a path or the end says so. */
  readonly notifyBase: string
  readonly noticesOf: (tenant: number) => readonly KeptNotice[]
  /** A node that nothing happens to: it takes over, and sets up before. */
  readonly core: Core
  readonly nextTenant: () => number
}

/** One shop on one path. */
export type Cell = {
  readonly stand: Stand
  readonly tenant: number
  readonly given: Given
  readonly acknowledged: Set<string>
}

const CONNECTIONS_MAX = 10

/** Called at the top of a test file; lives as long as the file. */
export async function openStand(): Promise<Stand> {
  const server = inject('databaseServer')
  const databaseUrl = await cloneTemplate(server, inject('databaseTemplate'))
  const options = { url: databaseUrl, applicationName: 'healthy', maxConnections: CONNECTIONS_MAX }
  const [db, ownerDb] = [connect(options), connect({ ...options, role: null })]
  const pool = openPool({ ...options, applicationName: 'failing' })
  prepareStatements(pool)
  const clock = testClock()
  const sandbox = await startSandbox({
    // Of real time, in which a cell takes no time.
    settings: { refundsPerSecond: null, refundErrorsPerSecond: null, refundQueriesPerSecond: null },
  })
  await sandbox.clock.advance(clock.offsetMs())
  const mailbox = await openMailbox()
  afterAll(async () => {
    await sandbox.close()
    await mailbox.close()
    await Promise.all([db.destroy(), ownerDb.destroy(), pool.end()])
    await dropDatabase(server, databaseUrl)
  })
  let tenant = 0
  return {
    databaseUrl,
    ownerDb,
    db,
    pool,
    sandbox,
    clock,
    notifyBase: mailbox.base,
    noticesOf: mailbox.of,
    core: testCore(db, { clock, notifyBase: mailbox.base }),
    nextTenant: () => (tenant += 1),
  }
}

const DAY_MS = 24 * 3_600_000
const TEN_MS = 10 * 3_600_000

/** A shop that opens at ten in the morning of the next day, so that no path crosses midnight before its fall. */
export async function openCell(
  stand: Stand,
  prepare: (stand: Stand, tenant: number) => Promise<Given>,
): Promise<Cell> {
  const now = stand.clock.now()
  await advance(stand, startOfDay(now).getTime() + DAY_MS + TEN_MS - now.getTime())
  const tenant = stand.nextTenant()
  await openShop(stand.core, stand.sandbox, tenant)
  const { mchid } = stand.sandbox.merchant
  const portalNotifyUrl = `${stand.notifyBase}/notify/wechatpay/${tenant}.wx1`
  stand.sandbox.accounts.change(mchid, { portalNotifyUrl })
  return { stand, tenant, given: await prepare(stand, tenant), acknowledged: new Set() }
}

export async function closeCell({ stand, tenant }: Cell): Promise<void> {
  stand.sandbox.faults.clear()
  await inTenant(stand.ownerDb, tenant, async (tx) => {
    for (const [table, column] of [
      ['attempt', 'due_at'],
      ['payment', 'due_at'],
      ['refund', 'send_at'],
    ] as const) {
      await sql`update ${sql.table(table)} set ${sql.ref(column)} = null where tenant_id = ${tenant}`.execute(
        tx,
      )
    }
  })
}

export const atNode = ({ stand, tenant, given }: Cell, core = stand.core): At => ({
  core,
  tenant,
  given,
  notices: stand.noticesOf(tenant),
  databaseUrl: stand.databaseUrl,
})

/** Business time passes, and nobody does anything. */
export async function advance({ sandbox, clock }: Stand, ms: number): Promise<void> {
  await sandbox.advance(ms)
  clock.advance(ms)
}

/** Everything that is held is held no longer, as when the leases' time is over. */
export async function endLeases({ stand, tenant }: Cell): Promise<void> {
  await inTenant(stand.ownerDb, tenant, async (tx) => {
    for (const table of ['attempt', 'payment'] as const) {
      await sql`
        update ${sql.table(table)} set lease_until = lease_until - interval '1 hour', send_by = send_by - interval '1 hour'
         where tenant_id = ${tenant} and lease_until is not null`.execute(tx)
    }
    await sql`
      update refund set lease_until = lease_until - interval '1 hour'
       where tenant_id = ${tenant} and lease_until is not null`.execute(tx)
  })
}

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
/** Short waits first, then what the channel's slowest answers take. */
const WAITS = [
  20 * SECOND,
  20 * SECOND,
  40 * SECOND,
  2 * MINUTE,
  5 * MINUTE,
  11 * MINUTE,
  11 * MINUTE,
  16 * MINUTE,
  HOUR,
  26 * HOUR,
  50 * HOUR,
]

/** Time passes, the healthy node sweeps, and what the channel has to say arrives; at the end all of it once more. */
export async function rest(cell: Cell): Promise<void> {
  const { stand } = cell
  await sweepAll(stand.core)
  let heard = 0
  for (const wait of WAITS) {
    await pass(stand, wait)
    const notices = stand.noticesOf(cell.tenant)
    await hears({ ...atNode(cell), notices: notices.slice(heard) })
    heard = notices.length
  }
  await hears(atNode(cell))
  await sweepAll(stand.core)
}

async function openMailbox() {
  const kept = new Map<number, KeptNotice[]>()
  const of = (tenant: number): KeptNotice[] => kept.get(tenant) ?? []
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const tenant = Number(/(\d+)\.wx1$/.exec(request.url ?? '')?.[1])
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      )
      kept.set(tenant, [...of(tenant), { headers, body: body.toString('base64') }])
      response.writeHead(204).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    of,
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
