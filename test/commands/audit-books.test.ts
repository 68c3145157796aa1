/** The audit is tried by spoiling the books as the database's owner could: each spoiled figure must be named. */
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { auditBooks } from '../../src/commands/audit-books.ts'
import { answerCash } from '../../src/commands/handle-attempts.ts'
import { closeShift } from '../../src/commands/close-shift.ts'
import { openShift } from '../../src/commands/open-shift.ts'
import { requestRefunds } from '../../src/commands/request-refunds.ts'
import { sendAttempts } from '../../src/commands/send-attempts.ts'
import { inTenant, type Tx } from '../../src/db/connect.ts'
import { fen } from '../../src/domain/money.ts'
import {
  findDifferences,
  findSaleDifferences,
  findShiftDifferences,
  lastOfNext,
  type Difference,
} from '../../src/store/audit.ts'
import { testDatabase } from '../support/database.ts'
import { newNumber, paidSale, request } from '../support/given.ts'
import { cashier, openShop, seconded, TENANT, testCore, testSandbox } from '../support/shop.ts'
import {
  gate,
  leasesOf,
  lockWaits,
  playedChannel,
  playedShop,
  plantSales,
  UNKNOWN,
} from '../support/played-channel.ts'

const database = await testDatabase()
const played = playedChannel()
const core = await playedShop(database, played)
const [paidBack = '', open = '', inCash = ''] = await plantSales(core, 3)
const items = { kind: 'items' as const, items: [{ line: 1, quantity: 1 }] }
const done = request(paidBack, items)
const unclear = request(open, items)
const waiting = request(open, { kind: 'amount', fen: fen(300) })
const now = core.clock.now()
await sendAttempts(core, TENANT, leasesOf(await requestRefunds(core, cashier, [done], now)))
played.script.refund = () => UNKNOWN
await sendAttempts(core, TENANT, leasesOf(await requestRefunds(core, cashier, [unclear], now)))
await requestRefunds(core, cashier, [waiting], now)
const shift = newNumber('shift')
await openShift(core, cashier, { no: shift, openingCash: fen(50_000) }, now)
const cash = request(inCash, { kind: 'amount', fen: fen(900) }, { method: 'cash' })
await requestRefunds(core, seconded(cashier), [cash], now)
await answerCash(core, cashier, cash.no, 'paid', now)
await closeShift(core, cashier, { no: shift, countedCash: fen(49_100), note: '' }, now)

class Undo extends Error {}

/** What the audit names after the owner ran `spoil`, which is then undone: looked at as a whole, and sale by sale. */
async function named(spoil: string): Promise<{ whole: string[]; saleBySale: string[] }> {
  let [whole, saleBySale]: Difference[][] = [[], []]
  const spoiled = inTenant(database.ownerDb, TENANT, async (tx) => {
    const { numAffectedRows } = await sql.raw(spoil).execute(tx)
    if (!numAffectedRows) throw new Error(`nothing was spoiled by: ${spoil}`)
    whole = await findDifferences(tx)
    saleBySale = await findSaleBySale(tx)
    throw new Undo()
  })
  await expect(spoiled).rejects.toBeInstanceOf(Undo)
  const checks = (found: readonly Difference[] = []) => found.map((each) => each.check)
  return { whole: checks(whole), saleBySale: checks(saleBySale) }
}

async function findSaleBySale(tx: Tx): Promise<Difference[]> {
  const found = await findShiftDifferences(tx)
  for (let after: string | null = null, isLast = false; !isLast;) {
    const upTo: string | null = await lastOfNext(tx, after, 1)
    found.push(...(await findSaleDifferences(tx, { after, upTo })))
    isLast = upTo === null
    after = upTo
  }
  return found
}

const payment = (no: string, set: string) => `update payment set ${set} where payment_no = '${no}'`
const refund = (no: string, set: string) => `update refund set ${set} where refund_no = '${no}'`
const attempt = (no: string, set: string) => `update attempt set ${set} where refund_no = '${no}'`

test('books that nobody touched show no difference', async () => {
  expect(await auditBooks(core, TENANT, now)).toEqual([])
  expect(await auditBooks(core, TENANT, now, 1)).toEqual([])
})

test.for([
  ['payment_counters', payment(open, 'held_fen = held_fen - 1')],
  ['payment_counters', payment(paidBack, 'refunded_fen = refunded_fen - 1')],
  ['payment_counters', payment(open, 'kept_fen = 5')],
  ['payment_excess', payment(paidBack, 'excess_fen = 7')],
  ['refund_count', payment(open, 'refund_count = 0')],
  ['item_counters', `update sale_item set held_quantity = 0 where held_quantity > 0`],
  ['item_counters', `update sale_item set held_fen = held_fen - 1 where held_fen > 0`],
  ['item_counters', `update sale_item set refunded_quantity = 0 where refunded_quantity > 0`],
  ['item_counters', `update sale_item set refunded_fen = 0 where refunded_fen > 0`],
  ['item_counters', `update refund_item set counted_fen = 0 where refund_no = '${done.no}'`],
  ['item_standing', `update refund_item set standing = 'held' where refund_no = '${done.no}'`],
  ['payment_counters', refund(waiting.no, 'amount_fen = 1')],
  ['payment_counters', refund(waiting.no, 'fee_kept_fen = 1')],
  ['refund_state', refund(unclear.no, `state = 'owed'`)],
  ['refund_state', refund(done.no, `state = 'sending'`)],
  ['refund_without_attempt', refund(waiting.no, `state = 'succeeded'`)],
  ['attempt_count', refund(done.no, 'attempts = 2')],
  ['attempt_terms', attempt(done.no, 'amount_fen = 1')],
  ['attempt_terms', attempt(done.no, `payment_no = '${open}'`)],
  ['refund_state', attempt(done.no, `state = 'declined'`)],
  ['payment_counters', attempt(unclear.no, `state = 'succeeded'`)],
  ['open_attempt_unwatched', attempt(unclear.no, 'due_at = null')],
  ['unclear_payment_unwatched', payment(open, `state = 'submitted', due_at = null`)],
  ['payment_books', `update transfer set fen = fen + 1 where refund_no = '${done.no}'`],
  ['refund_books', `delete from transfer where refund_no = '${waiting.no}'`],
  [
    'refund_books',
    `update transfer set refund_no = '${unclear.no}' where refund_no = '${waiting.no}'`,
  ],
  ['cash_handout', `delete from cash_handout where refund_no = '${cash.no}'`],
  ['cash_handout', attempt(cash.no, `kind = 'transfer'`)],
  ['shift_cash', `update cash_handout set shift_no = null where refund_no = '${cash.no}'`],
  ['shift_cash', `update shift set expected_fen = expected_fen + 1`],
  ['event_head', refund(done.no, 'event_seq = 9')],
  ['event_head', refund(done.no, `event_head = 'x'`)],
  ['event_head', payment(open, `event_seq = 1`)],
  ['event_head', `delete from event where subject_no = '${done.no}' and seq = 3`],
  ['event_chain', `delete from event where subject_no = '${done.no}' and seq = 2`],
  [
    'event_chain',
    `update event set body = body || ' ' where subject_no = '${done.no}' and seq = 2`,
  ],
  ['event_chain', `update event set hash = 'x' where subject_no = '${done.no}' and seq = 1`],
])('names %s after: %s', async ([check, spoil]) => {
  const { whole, saleBySale } = await named(spoil ?? '')
  expect(whole).toContain(check)
  expect(saleBySale).toContain(check)
})

test('a payment taken through the channel, with its own chain of events, shows no difference', async () => {
  const other = await testDatabase()
  const sandbox = await testSandbox()
  const shop = testCore(other.db)
  await openShop(shop, sandbox)
  await paidSale(shop, sandbox)
  expect(await auditBooks(shop, TENANT, now)).toEqual([])
})

test('payments with differences are blocked in the order of their numbers, as all locks are taken', async () => {
  const other = await testDatabase()
  other.leavesBooksWrong()
  const shop = await playedShop(other, playedChannel())
  const numbers = (await plantSales(shop, 4)).toSorted()
  const last = numbers.toReversed()
  await inTenant(other.ownerDb, TENANT, async (tx) => {
    for (const no of last) await sql.raw(payment(no, 'kept_fen = 5')).execute(tx)
  })
  const [held, done] = [gate(), gate()]
  const holder = inTenant(other.ownerDb, TENANT, async (tx) => {
    await sql`select from payment where payment_no = ${numbers[0]} for update`.execute(tx)
    held.open()
    await done.wait
  })
  await held.wait
  const auditing = auditBooks(shop, TENANT, shop.clock.now())
  await lockWaits(other.ownerDb, 1)
  const { rows } = await inTenant(other.ownerDb, TENANT, (tx) =>
    sql<{ payment_no: string }>`
      select payment_no from payment order by payment_no for update skip locked`.execute(tx),
  )
  expect(rows.map((row) => row.payment_no)).toEqual(numbers.slice(1))
  done.open()
  await holder
  expect(await auditing).not.toEqual([])
  await auditBooks(shop, TENANT, shop.clock.now())
  const told = await inTenant(other.db, TENANT, (tx) =>
    tx.selectFrom('event').select(['subject_no', 'type']).orderBy('subject_no').execute(),
  )
  expect(told).toEqual(numbers.map((no) => ({ subject_no: no, type: 'payment.blocked' })))
})
