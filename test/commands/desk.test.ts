/** The desk opens refunds under lock, and nothing that it could not lock. */
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { openDesk } from '../../src/commands/desk.ts'
import { requestRefunds } from '../../src/commands/request-refunds.ts'
import { inTenant } from '../../src/db/connect.ts'
import { fen } from '../../src/domain/money.ts'
import { testDatabase } from '../support/database.ts'
import { request } from '../support/given.ts'
import {
  gate,
  lockWaits,
  playedChannel,
  playedShop,
  plantSales,
} from '../support/played-channel.ts'
import { cashier, TENANT } from '../support/shop.ts'

test('a refund that is stored while the desk waits for a lock is not opened: its payment is not locked', async () => {
  const database = await testDatabase()
  const core = await playedShop(database, playedChannel())
  const [busy = '', other = ''] = await plantSales(core, 2)
  const ask = (payment: string) => request(payment, { kind: 'amount', fen: fen(100) })
  const [known, fresh] = [ask(busy), ask(other)]
  await requestRefunds(core, cashier, [known], core.clock.now())

  const [locked, held] = [gate(), gate()]
  const holder = inTenant(core.db, TENANT, async (tx) => {
    await sql`select from payment where payment_no = ${busy} for update`.execute(tx)
    locked.open()
    await held.wait
  })
  await locked.wait
  const opened = inTenant(core.db, TENANT, async (tx) => {
    const desk = await openDesk(tx, TENANT, [known.no, fresh.no], 0)
    return { refunds: [...desk.refunds.keys()], payments: [...desk.payments.keys()] }
  })
  await lockWaits(database.ownerDb, 1)
  await requestRefunds(core, cashier, [fresh], core.clock.now())
  held.open()
  await holder
  expect(await opened).toEqual({ refunds: [known.no], payments: [busy] })
  const later = await inTenant(core.db, TENANT, (tx) => openDesk(tx, TENANT, [fresh.no], 0))
  expect([...later.payments.keys()]).toEqual([other])
})
