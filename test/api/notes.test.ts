/** What is written beside the reason of a refund: kept sealed, shown to the shop, nowhere else. */
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { inTenant } from '../../src/db/connect.ts'
import { testDatabase } from '../support/database.ts'
import { TENANT } from '../support/shop.ts'
import { openTill, pay, wish } from '../support/till.ts'

test('a note comes back with its refund, alone, in the list and with the sale, and none is null', async () => {
  const till = await openTill((await testDatabase()).db)
  const payment = await pay(till)
  const note = '顾客说汤里有头发，电话 13800001111'
  const noted = wish(payment.no, { amount: 1_000, note })
  const plain = wish(payment.no, { amount: 500 })
  expect(await till.call('POST', '/v1/refunds', noted)).toMatchObject({
    status: 202,
    body: { note },
  })
  await till.sandbox.advance(70_000)
  till.clock.advance(70_000)
  expect((await till.call('POST', '/v1/refunds', plain)).body.note).toBeNull()
  expect((await till.call('GET', `/v1/refunds/${noted.no}`)).body.note).toBe(note)
  const list = await till.call('GET', '/v1/refunds')
  const notes = (list.body.refunds as { no: string; note: string | null }[]).map((each) => [
    each.no,
    each.note,
  ])
  expect(new Map(notes as [string, string | null][])).toEqual(
    new Map([
      [noted.no, note],
      [plain.no, null],
    ]),
  )
  const sale = await till.call('GET', `/v1/sales/${payment.sale}`)
  expect(sale.body.refunds).toMatchObject([{ note }, { note: null }])
  const taken = await till.call('POST', '/v1/refunds', { ...noted, amount: 1 })
  expect(taken.body.params.stored.refund.note).toBe(note)

  const events = await till.call('GET', `/v1/refunds/${noted.no}/events`)
  expect(events.text).not.toContain('头发')
  const { rows } = await inTenant(till.core.db, TENANT, (tx) =>
    sql<{ found: boolean }>`
      select position('13800001111'::bytea in ciphertext) > 0 as found from personal where kind = 'note'`.execute(
      tx,
    ),
  )
  expect(rows).toEqual([{ found: false }])
})

test('a note that was forgotten is null, and the refund stays as it was', async () => {
  const till = await openTill((await testDatabase()).db)
  const asked = wish((await pay(till)).no, { full: true, note: 'to be forgotten' })
  await till.call('POST', '/v1/refunds', asked)
  await inTenant(till.core.db, TENANT, (tx) =>
    tx
      .updateTable('personal')
      .set({ ciphertext: null, salt: null })
      .where('kind', '=', 'note')
      .execute(),
  )
  expect((await till.call('GET', `/v1/refunds/${asked.no}`)).body).toMatchObject({
    no: asked.no,
    note: null,
  })
})
