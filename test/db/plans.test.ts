/** How statements find their rows, whichever merchant they were planned for. */
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { inTenant } from '../../src/db/connect.ts'
import { testDatabase } from '../support/database.ts'
import { playedChannel, playedShop, plantSales } from '../support/played-channel.ts'

const database = await testDatabase()

test('a merchant who had no rows when the tables were looked over is served by key all the same', async () => {
  const core = await playedShop(database, playedChannel())
  const [payment = ''] = await plantSales(core, 1_000)
  for (const table of ['payment', 'sale', 'sale_item']) {
    await sql`analyze ${sql.table(table)}`.execute(database.ownerDb)
  }
  const NEWBORN = 2
  const plan = await inTenant(database.db, NEWBORN, async (tx) => {
    const { rows } = await sql<{ 'QUERY PLAN': string }>`
      explain select p.payment_no from payment p
        join sale s on s.sale_no = p.sale_no
        join sale_item i on i.sale_no = s.sale_no
       where p.payment_no = any(${sql.lit(`{${payment}}`)})`.execute(tx)
    return rows.map((row) => row['QUERY PLAN'])
  })
  const keys = plan.filter((line) => line.includes('Index Cond'))
  expect(keys).toHaveLength(3)
  for (const key of keys) expect(key).toMatch(/tenant_id = .* AND \((payment_no|sale_no) = /)
})
