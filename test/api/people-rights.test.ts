/** What each person may do by themselves, as data on their row. */
import { beforeEach, expect, test } from 'vitest'
import { inTenant } from '../../src/db/connect.ts'
import type { Rights } from '../../src/domain/rights.ts'
import { fen } from '../../src/domain/money.ts'
import { testDatabase } from '../support/database.ts'
import { pass } from '../support/given.ts'
import { callAt, givePins, setRights, signIn, type Terminal } from '../support/people.ts'
import { TENANT } from '../support/shop.ts'
import { openTill, pay, wish, type Answer, type RefundWish, type Till } from '../support/till.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

let till: Till
beforeEach(async () => {
  const database = await testDatabase()
  till = await openTill(database.db)
  await givePins(till)
})

/** By key, and by PIN: both have the person's rights. */
const ask = (given: RefundWish, terminal: Terminal = 't1', node = till): Promise<Answer> =>
  callAt(node, terminal, { staff: till.keys.staff['zhang'] }, 'POST', '/v1/refunds', given)

const waits = { status: 201, body: { state: 'requested' } }
const goes = { status: 202, body: { state: 'sending' } }
const judged = async (no: string): Promise<string[]> => {
  const steps = (await till.call('GET', `/v1/refunds/${no}/events`)).body.events
  const rules = steps[0].facts.rules as { id: string; verdict: string }[]
  return rules.filter((rule) => rule.verdict !== 'allow').map((rule) => rule.id)
}

/** A sale that zhang took at t1 today. */
const sale = (amount = 30_000) => pay(till, amount)
const change = (no: string, set: { staff_no?: string; store_no?: string }) =>
  inTenant(till.core.db, TENANT, (tx) =>
    tx.updateTable('sale').set(set).where('sale_no', '=', no).execute(),
  )

test.each<[string, Partial<Rights>, number, string[]]>([
  ['may refund at once no more than the role', {}, 20_001, ['per_refund']],
  ['may refund at once more than the role', { perRefundFen: fen(20_001) }, 20_001, []],
  ['may refund at once less than the role', { perRefundFen: fen(100) }, 101, ['per_refund']],
  ['has no limit at once', { perRefundFen: null }, 30_000, []],
  ['may refund no more a day', { perDayFen: fen(500) }, 501, ['per_day']],
  ['breaks two limits', { perRefundFen: fen(1), perDayFen: fen(1) }, 2, ['per_refund', 'per_day']],
])('who %s', async (_name, rights, amount, rules) => {
  await setRights(till, 'zhang', rights)
  const asked = wish((await sale()).no, { amount })
  expect(await ask(asked)).toMatchObject(rules.length > 0 ? waits : goes)
  expect(await judged(asked.no)).toEqual(rules)
})

test('who may not refund is refused, whoever stands behind, by key and by PIN', async () => {
  await setRights(till, 'zhang', { mayRefund: false })
  const payment = await sale()
  const refused = { status: 403, body: { code: 'not_allowed', params: { right: 'refund' } } }
  expect(await ask(wish(payment.no, { amount: 100 }))).toMatchObject(refused)
  const second = { staff: till.keys.staff['zhang'], second: till.keys.staff['li'] }
  const given = wish(payment.no, { amount: 100 })
  expect(await callAt(till, 't1', second, 'POST', '/v1/refunds', given)).toMatchObject(refused)
  const { token, staff } = await signIn(till, 'zhang')
  expect(staff.rights.mayRefund).toBe(false)
  expect(await callAt(till, 't1', { staff: token }, 'POST', '/v1/refunds', given)).toMatchObject(
    refused,
  )
})

test('a sale of another store, by right or not', async () => {
  const payment = await sale()
  await change(payment.sale, { store_no: 's2' })
  const first = wish(payment.no, { amount: 100 })
  expect(await ask(first)).toMatchObject(waits)
  expect(await judged(first.no)).toEqual(['other_store'])
  await setRights(till, 'zhang', { otherStore: true })
  const fresh = await till.another()
  expect(await ask(wish(payment.no, { amount: 100 }), 't1', fresh)).toMatchObject(goes)
})

test('a sale of an earlier day, by right or not', async () => {
  const payment = await sale()
  await pass(till, DAY)
  const first = wish(payment.no, { amount: 100 })
  expect(await ask(first)).toMatchObject(waits)
  expect(await judged(first.no)).toEqual(['earlier_day'])
  await setRights(till, 'zhang', { earlierDay: true })
  const fresh = await till.another()
  expect(await ask(wish(payment.no, { amount: 100 }), 't1', fresh)).toMatchObject(goes)
})

test("a colleague's sale, by right or not", async () => {
  const payment = await sale()
  await change(payment.sale, { staff_no: 'li' })
  expect(await ask(wish(payment.no, { amount: 100 }))).toMatchObject(goes)
  await setRights(till, 'zhang', { otherCashier: false })
  const fresh = await till.another()
  const second = wish(payment.no, { amount: 100 })
  expect(await ask(second, 't1', fresh)).toMatchObject(waits)
  expect(await judged(second.no)).toEqual(['other_cashier'])
  expect(await ask(wish((await sale()).no, { amount: 100 }), 't1', fresh)).toMatchObject(goes)
})

test('a limit for the day holds at two tills and two nodes at once', async () => {
  await setRights(till, 'zhang', { perDayFen: fen(1_000) })
  const other = await till.another()
  const payments = await Promise.all(Array.from({ length: 8 }, () => sale()))
  const answers = await Promise.all(
    payments.map((payment, place) =>
      ask(wish(payment.no, { amount: 300 }), 't1', place % 2 ? till : other),
    ),
  )
  expect(answers.filter(({ body }) => body.state !== 'requested')).toHaveLength(3)
  expect(answers.filter(({ body }) => body.state === 'requested')).toHaveLength(5)
})

test('the day counts what was asked and did not end without money, and begins anew at midnight', async () => {
  await setRights(till, 'zhang', {
    perDayFen: fen(1_000),
    perRefundFen: fen(700),
    earlierDay: true,
  })
  const payment = await sale()
  const large = wish(payment.no, { amount: 900 })
  expect(await ask(large)).toMatchObject(waits)
  const beside = wish(payment.no, { amount: 200 })
  expect(await ask(beside)).toMatchObject(waits)
  expect(await judged(beside.no)).toEqual(['per_day'])
  for (const no of [large.no, beside.no]) {
    await till.call('POST', `/v1/refunds/${no}/reject`, { reason: 'no_proof' }, 'li')
  }
  expect(await ask(wish(payment.no, { amount: 600 }))).toMatchObject(goes)
  await pass(till, 2 * MINUTE)
  expect(await ask(wish(payment.no, { amount: 401 }))).toMatchObject(waits)
  await pass(till, DAY)
  expect(await ask(wish(payment.no, { amount: 700 }))).toMatchObject(goes)
})

test('a colleague’s refunds do not count, and without a limit nobody waits for the other', async () => {
  await setRights(till, 'zhang', { perDayFen: fen(100) })
  const li = await till.call('POST', '/v1/refunds', wish((await sale()).no, { amount: 100 }), 'li')
  expect(li.status).toBe(202)
  expect(await ask(wish((await sale()).no, { amount: 100 }))).toMatchObject(goes)

  await setRights(till, 'zhang', { perDayFen: null })
  const fresh = await till.another()
  const payment = await sale()
  await fresh.call('GET', '/v1/till')
  await inTenant(till.core.db, TENANT, async (tx) => {
    await tx
      .selectFrom('staff')
      .select('name')
      .where('staff_no', '=', 'zhang')
      .forNoKeyUpdate()
      .execute()
    expect(await ask(wish(payment.no, { amount: 100 }), 't1', fresh)).toMatchObject(goes)
  })
})
