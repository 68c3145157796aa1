/** What happens at a counter on an ordinary day, through WeChat Pay. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Sandbox } from '../../sandbox/main.ts'
import type { Core } from '../../src/commands/core.ts'
import {
  approveRefund,
  lowerRefund,
  rejectRefund,
  withdrawRefund,
} from '../../src/commands/decide-refunds.ts'
import { answerCash, closeRefund, sendAgain } from '../../src/commands/handle-attempts.ts'
import { fen } from '../../src/domain/money.ts'
import { testDatabase } from '../support/database.ts'
import {
  act,
  differences,
  eventTypes,
  paidSale,
  pass,
  readAttempts,
  readPayment,
  readRefund,
  refund,
  request,
  sweepAll,
} from '../support/given.ts'
import {
  cashier,
  openShop,
  owner,
  seconded,
  supervisor,
  testClock,
  testCore,
  testSandbox,
  type TestClock,
} from '../support/shop.ts'

let sandbox: Sandbox
let core: Core
let clock: TestClock

const MINUTE = 60_000

beforeEach(async () => {
  const database = await testDatabase()
  sandbox = await testSandbox()
  clock = testClock()
  core = testCore(database.db, { clock })
  await openShop(core, sandbox)
})

afterEach(async () => {
  expect(await differences(core)).toEqual([])
})

test('a full refund goes back by the original route, exactly once', async () => {
  const sale = await paidSale(core, sandbox, { order: 12_800 })
  const wish = request(sale.paymentNo)
  const [result] = await refund(core, cashier, wish)
  expect(result).toMatchObject({ kind: 'stored', fresh: true })
  expect((await readAttempts(core, wish.no))[0]).toMatchObject({
    state: 'processing',
    amount_fen: 12_800,
  })

  await pass(core, clock, sandbox, 2 * MINUTE)
  expect(await readRefund(core, wish.no)).toMatchObject({ state: 'succeeded' })
  expect(await readPayment(core, sale.paymentNo)).toMatchObject({
    held_fen: 0,
    refunded_fen: 12_800,
  })
  expect(sandbox.book.executedRefunds()).toHaveLength(1)
  expect(sandbox.book.refundedFen(sale.channelNumber)).toBe(12_800)
  expect(await eventTypes(core, wish.no)).toEqual([
    'refund.requested',
    'refund.sending',
    'refund.processing',
    'refund.succeeded',
  ])

  const [again] = await refund(core, cashier, wish)
  expect(again).toMatchObject({ kind: 'stored', fresh: false, lease: null })
  const [other] = await refund(core, cashier, { ...wish, ask: { kind: 'amount', fen: fen(1) } })
  expect(other).toMatchObject({ kind: 'refused', refusal: { code: 'number_taken' } })
  expect(sandbox.book.executedRefunds()).toHaveLength(1)
})

test('partial refunds wait out the channel spacing, and the last one takes the remainder', async () => {
  const sale = await paidSale(core, sandbox, { order: 10_000 })
  const first = request(sale.paymentNo, { kind: 'amount', fen: fen(3_333) })
  const second = request(sale.paymentNo, { kind: 'amount', fen: fen(3_333) })
  const rest = request(sale.paymentNo)
  await refund(core, cashier, first)
  await refund(core, cashier, second)
  await refund(core, cashier, rest)
  expect(await readRefund(core, second.no)).toMatchObject({
    state: 'approved',
    send_reason: 'spacing',
  })
  expect(await readRefund(core, rest.no)).toMatchObject({ amount_fen: 3_334, state: 'approved' })
  await pass(core, clock, sandbox, MINUTE + 1_000)
  await pass(core, clock, sandbox, MINUTE + 1_000)
  await pass(core, clock, sandbox, MINUTE + 1_000)
  await pass(core, clock, sandbox, 5 * MINUTE)
  for (const wish of [first, second, rest]) {
    expect(await readRefund(core, wish.no)).toMatchObject({ state: 'succeeded' })
  }
  expect(sandbox.book.refundedFen(sale.channelNumber)).toBe(10_000)
  const [more] = await refund(
    core,
    cashier,
    request(sale.paymentNo, { kind: 'amount', fen: fen(1) }),
  )
  expect(more).toMatchObject({
    kind: 'refused',
    refusal: { code: 'over_room', params: { room: 0, refunded: 10_000 } },
  })
})

test('items go back at their share of what was paid, and no piece goes back twice', async () => {
  const sale = await paidSale(core, sandbox, {
    paid: 9_000,
    items: [
      { name: '宫保鸡丁', quantity: 1, fen: 3_800 },
      { name: '米饭', quantity: 3, fen: 600 },
      { name: '水煮鱼', quantity: 1, fen: 5_600 },
    ],
  })
  const wish = request(sale.paymentNo, { kind: 'items', items: [{ line: 1, quantity: 1 }] })
  await refund(core, cashier, wish)
  expect(await readRefund(core, wish.no)).toMatchObject({ amount_fen: 3_420 })
  const [again] = await refund(
    core,
    cashier,
    request(sale.paymentNo, { kind: 'items', items: [{ line: 1, quantity: 1 }] }),
  )
  expect(again).toMatchObject({
    kind: 'refused',
    refusal: { code: 'items_taken', params: { line: 1, left: 0, held: 1 } },
  })
  await pass(core, clock, sandbox, 2 * MINUTE)
  expect(await readRefund(core, wish.no)).toMatchObject({ state: 'succeeded' })
  const rest = request(sale.paymentNo)
  await refund(core, cashier, rest)
  await pass(core, clock, sandbox, 2 * MINUTE)
  expect(sandbox.book.refundedFen(sale.channelNumber)).toBe(9_000)
})

test('above the limit a supervisor decides, and never the one who asked', async () => {
  const sale = await paidSale(core, sandbox, { order: 50_000 })
  const wish = request(sale.paymentNo, { kind: 'amount', fen: fen(30_000) })
  await refund(core, cashier, wish)
  expect(await readRefund(core, wish.no)).toMatchObject({ state: 'requested' })
  expect(sandbox.book.executedRefunds()).toHaveLength(0)
  expect(await approveRefund(core, cashier, wish.no, clock.now())).toMatchObject({
    refusal: { code: 'supervisor_needed' },
  })
  const lowered = await lowerRefund(core, supervisor, wish.no, fen(25_000), clock.now())
  expect(lowered).toMatchObject({ kind: 'done' })
  await act(core, approveRefund(core, supervisor, wish.no, clock.now()))
  await pass(core, clock, sandbox, 2 * MINUTE)
  expect(await readRefund(core, wish.no)).toMatchObject({ state: 'succeeded', amount_fen: 25_000 })
  expect(await readPayment(core, sale.paymentNo)).toMatchObject({
    held_fen: 0,
    refunded_fen: 25_000,
  })
})

test('a rejected and a withdrawn request give their room back', async () => {
  const sale = await paidSale(core, sandbox, { order: 50_000 })
  const one = request(sale.paymentNo, { kind: 'amount', fen: fen(30_000) })
  await refund(core, cashier, one)
  expect(
    await refund(core, cashier, request(sale.paymentNo, { kind: 'amount', fen: fen(30_000) })),
  ).toMatchObject([{ refusal: { code: 'over_room', params: { room: 20_000, held: 30_000 } } }])
  expect(await rejectRefund(core, supervisor, one.no, 'no_receipt', clock.now())).toMatchObject({
    kind: 'done',
  })
  const two = request(sale.paymentNo, { kind: 'amount', fen: fen(30_000) })
  await refund(core, cashier, two)
  expect(await withdrawRefund(core, cashier, two.no, clock.now())).toMatchObject({ kind: 'done' })
  expect(await readPayment(core, sale.paymentNo)).toMatchObject({ held_fen: 0, refunded_fen: 0 })
})

test('an open request is replaced in one step by a person who may decide', async () => {
  const sale = await paidSale(core, sandbox, { order: 50_000 })
  const open = request(sale.paymentNo, { kind: 'amount', fen: fen(45_000) })
  await refund(core, cashier, open)
  const other = request(sale.paymentNo, { kind: 'amount', fen: fen(20_000) }, { replaces: open.no })
  expect(await refund(core, cashier, other)).toMatchObject([
    { refusal: { code: 'supervisor_needed' } },
  ])
  expect(await refund(core, supervisor, other)).toMatchObject([{ kind: 'stored' }])
  expect(await readRefund(core, open.no)).toMatchObject({
    state: 'rejected',
    ended_reason: 'replaced',
  })
  await pass(core, clock, sandbox, 2 * MINUTE)
  expect(sandbox.book.refundedFen(sale.channelNumber)).toBe(20_000)
})

test('cash is paid out only after its intent is written, and the cashier says what became of it', async () => {
  const sale = await paidSale(core, sandbox, { order: 8_000 })
  const wish = request(sale.paymentNo, { kind: 'full' }, { method: 'cash' })
  expect(await refund(core, cashier, wish)).toMatchObject([{ kind: 'stored' }])
  expect(await readRefund(core, wish.no)).toMatchObject({ state: 'requested' })
  const allowed = request(sale.paymentNo, { kind: 'full' }, { method: 'cash', replaces: wish.no })
  await refund(core, seconded(owner), allowed)
  expect((await readAttempts(core, allowed.no))[0]).toMatchObject({
    kind: 'cash',
    state: 'submitted',
  })
  await sweepAll(core)
  expect((await readAttempts(core, allowed.no))[0]).toMatchObject({ state: 'submitted' })
  expect(await answerCash(core, cashier, allowed.no, 'paid', clock.now())).toMatchObject({
    kind: 'done',
  })
  expect(await readRefund(core, allowed.no)).toMatchObject({ state: 'succeeded' })
  expect(sandbox.book.executedRefunds()).toHaveLength(0)
})

test('cash that was never handed out leaves the customer owed, and then goes back by the original route', async () => {
  const sale = await paidSale(core, sandbox, { order: 8_000 })
  const wish = request(sale.paymentNo, { kind: 'full' }, { method: 'cash' })
  await refund(core, seconded(cashier), wish)
  expect(await answerCash(core, cashier, wish.no, 'not_paid', clock.now())).toMatchObject({
    refusal: { code: 'second_person_needed' },
  })
  await answerCash(core, seconded(cashier), wish.no, 'not_paid', clock.now())
  expect(await readRefund(core, wish.no)).toMatchObject({ state: 'owed' })
  expect(await readPayment(core, sale.paymentNo)).toMatchObject({ held_fen: 8_000 })
  await act(core, sendAgain(core, supervisor, wish.no, 'original', clock.now()))
  await pass(core, clock, sandbox, 2 * MINUTE)
  expect(await readRefund(core, wish.no)).toMatchObject({ state: 'succeeded' })
  expect(sandbox.book.refundedFen(sale.channelNumber)).toBe(8_000)
})

test('an owed refund is closed by two people, and its hold is released', async () => {
  const sale = await paidSale(core, sandbox, { order: 8_000 })
  const wish = request(sale.paymentNo, { kind: 'full' }, { method: 'cash' })
  await refund(core, seconded(cashier), wish)
  await answerCash(core, seconded(cashier), wish.no, 'not_paid', clock.now())
  expect(
    await closeRefund(core, supervisor, wish.no, 'settled_otherwise', clock.now()),
  ).toMatchObject({
    refusal: { code: 'second_person_needed' },
  })
  await closeRefund(core, seconded(supervisor), wish.no, 'settled_otherwise', clock.now())
  expect(await readRefund(core, wish.no)).toMatchObject({ state: 'closed' })
  expect(await readPayment(core, sale.paymentNo)).toMatchObject({ held_fen: 0 })
})
