import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { expect, test, vi } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { startYuanlu } from '../../src/main.ts'
import { testDatabase } from '../support/database.ts'
import { openShop, testSandbox } from '../support/shop.ts'
import { paidPayment } from './given.ts'

const WAIT = { timeout: 15_000, interval: 50 }

test('a started server relays events and audits by itself, and closes everything it opened', async () => {
  const database = await testDatabase()
  const sandbox = await testSandbox()
  const config = readConfig({
    DATABASE_URL: database.url,
    YUANLU_MASTER_KEY: randomBytes(32).toString('base64'),
    PORT: '0',
    LOG_LEVEL: 'error',
  })
  const { core, close } = await startYuanlu(config)
  await openShop(core, sandbox)
  await paidPayment({ core, sandbox })
  await vi.waitFor(async () => {
    const { rows } = await sql`select 1 from event where relayed_at is null`.execute(
      database.ownerDb,
    )
    expect(rows).toEqual([])
  }, WAIT)
  await close()
  // A server process ends a moment after its connection was closed.
  await vi.waitFor(async () => {
    const { rows } = await sql`
      select application_name from pg_stat_activity
       where datname = current_database() and application_name in ('yuanlu', 'yuanlu jobs')`.execute(
      database.ownerDb,
    )
    expect(rows).toEqual([])
  }, WAIT)
})
