/** Eight tills, the same payments, 60 % of each: the room is given once, whoever comes first. */
import { expect, test } from 'vitest'
import { requestRefunds } from '../../src/commands/request-refunds.ts'
import { fen } from '../../src/domain/money.ts'
import { playedChannel, playedShop, plantSales } from '../support/played-channel.ts'
import { testDatabase } from '../support/database.ts'
import { request } from '../support/given.ts'

import { inTenant } from '../../src/db/connect.ts'
import { cashier, TENANT } from '../support/shop.ts'

const CLIENTS = 8
const PAYMENTS = 500
const BATCH = 10
const PAID = 10_000
const ASKED = 6_000

test(
  'of eight tills asking for 60 % of the same payment exactly one gets it, five hundred times over',
  { timeout: 120_000 },
  async () => {
    const database = await testDatabase()
    const core = await playedShop(database, playedChannel())
    const payments = await plantSales(core, PAYMENTS, { fen: PAID })
    const accepted = new Map<string, number>()
    const faults: unknown[] = []
    const client = async (place: number) => {
      // Each begins elsewhere, so that tills meet in every order.
      const order = payments.map((_, at) => payments[(at + place * BATCH) % PAYMENTS] ?? '')
      for (let at = 0; at < PAYMENTS; at += BATCH) {
        const wishes = order
          .slice(at, at + BATCH)
          .map((payment) => request(payment, { kind: 'amount', fen: fen(ASKED) }))
        const results = await requestRefunds(core, cashier, wishes, core.clock.now())
        for (const [number, result] of results.entries()) {
          if (result.kind === 'faulted') faults.push(result.error)
          const payment = wishes[number]?.paymentNo ?? ''
          if (result.kind === 'stored') accepted.set(payment, (accepted.get(payment) ?? 0) + 1)
        }
      }
    }
    await Promise.all(Array.from({ length: CLIENTS }, (_, place) => client(place)))
    expect(faults).toEqual([])
    expect(accepted.size).toBe(PAYMENTS)
    expect([...accepted.values()].filter((times) => times !== 1)).toEqual([])
    const beyond = await inTenant(core.db, TENANT, (tx) =>
      tx
        .selectFrom('payment')
        .select('payment_no')
        .where((at) => at.or([at('held_fen', '<>', fen(ASKED)), at('excess_fen', '<>', fen(0))]))
        .execute(),
    )
    expect(beyond).toEqual([])
  },
)
