/** The audit that follows every test on a database. */
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { inTenant } from '../../src/db/connect.ts'
import { testDatabase, type TestDatabase } from './database.ts'
import { playedChannel, playedShop, plantSales } from './played-channel.ts'
import { TENANT } from './shop.ts'

const OTHER = 2
const database = await testDatabase()
await plantSales(await playedShop(database, playedChannel()), 1)

/** Says of every payment of the merchant that this was kept; right is 0. @returns how many. */
const keep = async (on: TestDatabase, tenant: number, fen: number) =>
  (
    await inTenant(on.ownerDb, tenant, (tx) =>
      sql`update payment set kept_fen = ${fen}`.execute(tx),
    )
  ).numAffectedRows

test('a test may leave a difference when it says so', async () => {
  database.leavesBooksWrong()
  expect(await keep(database, TENANT, 5)).toBe(1n)
})

test.fails('a test that leaves a difference and does not say so fails', async () => {
  expect(await keep(database, TENANT, 5)).toBe(1n)
})

test('a test that leaves the books right passes', async () => {
  expect(await keep(database, TENANT, 0)).toBe(1n)
})

test.fails('a test that says so and leaves the books right fails', async () => {
  database.leavesBooksWrong()
  expect(await keep(database, TENANT, 0)).toBe(1n)
})

test('the books of every merchant are looked at, in a database of the test’s own too', async () => {
  const own = await testDatabase()
  own.leavesBooksWrong()
  const played = playedChannel()
  await playedShop(own, played)
  await plantSales(await playedShop(own, played, {}, OTHER), 1, { tenant: OTHER })
  expect(await keep(own, OTHER, 5)).toBe(1n)
})
