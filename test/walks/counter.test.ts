/** What happens at a counter on an ordinary day, through WeChat Pay. */
import { beforeEach, expect, test } from 'vitest'
import { testDatabase } from '../support/database.ts'
import { pass, sweepAll } from '../support/given.ts'
import { openTill, pay, wish, type Till } from '../support/till.ts'
import { act, ask, readPayment, readRefund, stepsOf, tryAct, tryAsk } from '../support/walk.ts'

const MINUTE = 60_000

let till: Till

beforeEach(async () => {
  till = await openTill((await testDatabase()).db)
})

test('a full refund goes back by the original route, exactly once', async () => {
  const payment = await pay(till, 12_800)
  const given = wish(payment.no)
  expect(await tryAsk(till, given)).toMatchObject({
    status: 202,
    body: { state: 'sending', attempts: [{ state: 'processing', amount: 12_800 }] },
  })

  await pass(till, 2 * MINUTE)
  expect(await readRefund(till, given.no)).toMatchObject({ state: 'succeeded' })
  expect(await readPayment(till, payment.no)).toMatchObject({ held: 0, refunded: 12_800 })
  const { book } = till.sandbox
  expect(book.executedRefunds()).toHaveLength(1)
  expect(book.refundedFen(payment.channelNumber)).toBe(12_800)
  expect(await stepsOf(till, 'refunds', given.no)).toEqual([
    'refund.requested',
    'refund.sending',
    'refund.processing',
    'refund.succeeded',
  ])

  expect(await tryAsk(till, given)).toMatchObject({ status: 200, body: { state: 'succeeded' } })
  const other = wish(payment.no, { no: given.no, amount: 1 })
  expect(await tryAsk(till, other)).toMatchObject({ status: 409, body: { code: 'number_taken' } })
  expect(book.executedRefunds()).toHaveLength(1)
})

test('partial refunds wait out the channel spacing, and the last one takes the remainder', async () => {
  const payment = await pay(till, 10_000)
  const [first, second] = [wish(payment.no, { amount: 3_333 }), wish(payment.no, { amount: 3_333 })]
  const rest = wish(payment.no)
  await ask(till, first)
  expect(await ask(till, second)).toMatchObject({ state: 'approved', sendReason: 'spacing' })
  expect(await ask(till, rest)).toMatchObject({ state: 'approved', amount: 3_334 })
  for (let round = 0; round < 3; round += 1) await pass(till, MINUTE + 1_000)
  await pass(till, 5 * MINUTE)
  for (const { no } of [first, second, rest]) {
    expect(await readRefund(till, no)).toMatchObject({ state: 'succeeded' })
  }
  expect(till.sandbox.book.refundedFen(payment.channelNumber)).toBe(10_000)
  expect(await tryAsk(till, wish(payment.no, { amount: 1 }))).toMatchObject({
    status: 409,
    body: { code: 'over_room', params: { room: 0, refunded: 10_000 } },
  })
})

test('items go back at their share of what was paid, and no piece goes back twice', async () => {
  const payment = await pay(till, 10_000, {
    paidAmount: 9_000,
    items: [
      { name: '宫保鸡丁', quantity: 1, amount: 3_800 },
      { name: '米饭', quantity: 3, amount: 600 },
      { name: '水煮鱼', quantity: 1, amount: 5_600 },
    ],
  })
  const dish = { items: [{ line: 1, quantity: 1 }] }
  const given = wish(payment.no, dish)
  expect(await ask(till, given)).toMatchObject({ amount: 3_420 })
  expect(await tryAsk(till, wish(payment.no, dish))).toMatchObject({
    status: 409,
    body: { code: 'items_taken', params: { line: 1, left: 0, held: 1 } },
  })
  await pass(till, 2 * MINUTE)
  expect(await readRefund(till, given.no)).toMatchObject({ state: 'succeeded' })
  await ask(till, wish(payment.no))
  await pass(till, 2 * MINUTE)
  expect(till.sandbox.book.refundedFen(payment.channelNumber)).toBe(9_000)
})

test('above the limit a supervisor decides, and never the one who asked', async () => {
  const payment = await pay(till, 50_000)
  const { no } = await ask(till, wish(payment.no, { amount: 30_000 }))
  expect(await readRefund(till, no)).toMatchObject({ state: 'requested' })
  expect(till.sandbox.book.executedRefunds()).toHaveLength(0)
  expect(await tryAct(till, no, 'approve')).toMatchObject({
    status: 403,
    body: { code: 'supervisor_needed' },
  })
  await act(till, no, 'lower', { amount: 25_000 }, 'li')
  await act(till, no, 'approve', undefined, 'li')
  await pass(till, 2 * MINUTE)
  expect(await readRefund(till, no)).toMatchObject({ state: 'succeeded', amount: 25_000 })
  expect(await readPayment(till, payment.no)).toMatchObject({ held: 0, refunded: 25_000 })
})

test('a rejected and a withdrawn request give their room back', async () => {
  const payment = await pay(till, 50_000)
  const one = await ask(till, wish(payment.no, { amount: 30_000 }))
  expect(await tryAsk(till, wish(payment.no, { amount: 30_000 }))).toMatchObject({
    body: { code: 'over_room', params: { room: 20_000, held: 30_000 } },
  })
  await act(till, one.no, 'reject', { reason: 'no_receipt' }, 'li')
  const two = await ask(till, wish(payment.no, { amount: 30_000 }))
  await act(till, two.no, 'withdraw')
  expect(await readPayment(till, payment.no)).toMatchObject({
    held: 0,
    refunded: 0,
    refundable: 50_000,
  })
})

test('an open request is replaced in one step by a person who may decide', async () => {
  const payment = await pay(till, 50_000)
  const open = await ask(till, wish(payment.no, { amount: 45_000 }))
  const other = wish(payment.no, { amount: 20_000, replaces: open.no })
  expect(await tryAsk(till, other)).toMatchObject({
    status: 403,
    body: { code: 'supervisor_needed' },
  })
  expect(await tryAsk(till, other, 'li')).toMatchObject({ status: 202 })
  expect(await readRefund(till, open.no)).toMatchObject({
    state: 'rejected',
    endedReason: 'replaced',
  })
  await pass(till, 2 * MINUTE)
  expect(till.sandbox.book.refundedFen(payment.channelNumber)).toBe(20_000)
})

test('cash is paid out only after its intent is written, and the cashier says what became of it', async () => {
  const payment = await pay(till, 8_000)
  const { no, state } = await ask(till, wish(payment.no, { full: true, method: 'cash' }))
  expect(state).toBe('requested')
  const given = wish(payment.no, { full: true, method: 'cash', replaces: no })
  const toHandOut = { attempts: [{ kind: 'cash', state: 'submitted' }] }
  expect(await ask(till, given, 'wang', 'li')).toMatchObject(toHandOut)
  await sweepAll(till.core)
  expect(await readRefund(till, given.no)).toMatchObject(toHandOut)
  expect(await act(till, given.no, 'cash', { answer: 'paid' })).toMatchObject({
    state: 'succeeded',
  })
  expect(till.sandbox.book.executedRefunds()).toHaveLength(0)
})

test('cash that was never handed out leaves the customer owed, and then goes back by the original route', async () => {
  const payment = await pay(till, 8_000)
  const { no } = await ask(till, wish(payment.no, { full: true, method: 'cash' }), 'zhang', 'li')
  const notPaid = { answer: 'not_paid' }
  expect(await tryAct(till, no, 'cash', notPaid)).toMatchObject({
    status: 403,
    body: { code: 'second_person_needed' },
  })
  expect(await act(till, no, 'cash', notPaid, 'zhang', 'li')).toMatchObject({ state: 'owed' })
  expect(await readPayment(till, payment.no)).toMatchObject({ held: 8_000 })
  await act(till, no, 'send-again', { method: 'original' }, 'li')
  await pass(till, 2 * MINUTE)
  expect(await readRefund(till, no)).toMatchObject({ state: 'succeeded' })
  expect(till.sandbox.book.refundedFen(payment.channelNumber)).toBe(8_000)
})

test('an owed refund is closed by two people, and its hold is released', async () => {
  const payment = await pay(till, 8_000)
  const { no } = await ask(till, wish(payment.no, { full: true, method: 'cash' }), 'zhang', 'li')
  await act(till, no, 'cash', { answer: 'not_paid' }, 'zhang', 'li')
  const reason = { reason: 'settled_otherwise' }
  expect(await tryAct(till, no, 'close', reason, 'li')).toMatchObject({
    status: 403,
    body: { code: 'second_person_needed' },
  })
  expect(await act(till, no, 'close', reason, 'li', 'wang')).toMatchObject({ state: 'closed' })
  expect(await readPayment(till, payment.no)).toMatchObject({ held: 0 })
})
