/** Shifts over HTTP: opened, counted, handed over; what other tills, people and merchants see of them. */
import { beforeEach, expect, test } from 'vitest'
import type { ShiftShown } from '../../src/api/contract-shifts.ts'
import { inTenant } from '../../src/db/connect.ts'
import { testDatabase } from '../support/database.ts'
import { newNumber, pass } from '../support/given.ts'
import { TENANT } from '../support/shop.ts'
import { atTerminal, openTill, pay, wish, type Answer, type Till } from '../support/till.ts'
import { startVirtualPrinter } from '../support/virtual-printer.ts'
import { act, ask, incidentsOf, readRefund, tryAct } from '../support/walk.ts'

const MINUTE = 60_000

let till: Till

beforeEach(async () => {
  till = await openTill((await testDatabase()).db)
})

const opening = (openingCash = 50_000, no = newNumber('shift')) => ({ no, openingCash })

async function openShift(at = till, openingCash = 50_000): Promise<string> {
  const given = opening(openingCash)
  expect(await at.call('POST', '/v1/shifts', given)).toMatchObject({ status: 201 })
  return given.no
}

const current = async (at = till): Promise<ShiftShown> =>
  (await at.call('GET', '/v1/shifts/current')).body.shift

const close = (no: string, countedCash: number, note = '', at = till): Promise<Answer> =>
  at.call('POST', `/v1/shifts/${no}/close`, { countedCash, note })

/** Asked for in cash, with a second person; nobody has said yet what became of the money. */
async function cashRefund(amount: number, at = till): Promise<string> {
  const payment = await pay(at, amount)
  const given = wish(payment.no, { full: true, method: 'cash' })
  expect(await ask(at, given, 'zhang', 'li')).toMatchObject({ shows: 'cash_to_hand_out' })
  return given.no
}

test('a shift counts what was taken, what went back by how it stands, and what the drawer should hold', async () => {
  await pay(till, 700)
  expect(await current()).toBeNull()
  const no = await openShift()
  expect(await current()).toMatchObject({
    no,
    store: 's1',
    terminal: 't1',
    staff: 'zhang',
    openingCash: 50_000,
    expectedCash: 50_000,
    closedAt: null,
    difference: null,
    totals: { payments: { count: 0, amount: 0 }, channels: [], unfinished: { count: 0 } },
  })

  const first = await pay(till, 10_000)
  await pay(till, 5_000)
  const paidBack = wish(first.no, { amount: 1_200 })
  await ask(till, paidBack)
  await pass(till, 2 * MINUTE)
  expect(await readRefund(till, paidBack.no)).toMatchObject({ state: 'succeeded' })
  const big = wish((await pay(till, 60_000)).no)
  await ask(till, big)
  const cash = await cashRefund(900)
  await act(till, cash, 'cash', { answer: 'paid' })

  const open = await current()
  expect(open).toMatchObject({
    expectedCash: 49_100,
    totals: {
      payments: { count: 4, amount: 75_900 },
      paymentsUnclear: { count: 0, amount: 0 },
      refunds: {
        succeeded: { count: 2, amount: 2_100 },
        undecided: { count: 1, amount: 60_000 },
        onTheWay: { count: 0, amount: 0 },
      },
      channels: [
        { channel: 'cash', payments: { count: 0 }, refunds: { succeeded: { count: 1 } } },
        {
          channel: 'wechatpay',
          payments: { count: 4, amount: 75_900 },
          refunds: { succeeded: { count: 1, amount: 1_200 }, undecided: { count: 1 } },
        },
      ],
      cashHandedOut: { count: 1, amount: 900 },
      unfinished: { count: 1, refunds: [{ no: big.no, amount: 60_000, shows: 'requested' }] },
      cashNotAnswered: [],
    },
  })

  const closed = await close(no, 49_000, '少一元，已告知店长')
  expect(closed).toMatchObject({
    status: 200,
    body: {
      closedBy: 'zhang',
      countedCash: 49_000,
      expectedCash: 49_100,
      difference: -100,
      note: '少一元，已告知店长',
      totals: open.totals,
    },
  })
  expect(await current()).toBeNull()
})

test('a close is never blocked, and keeps what was seen then', async () => {
  const no = await openShift()
  const asked = wish((await pay(till)).no)
  expect(await ask(till, asked)).toMatchObject({ shows: 'processing' })
  const closed = await close(no, 50_000)
  expect(closed).toMatchObject({
    status: 200,
    body: {
      difference: 0,
      totals: {
        refunds: { onTheWay: { count: 1, amount: 12_800 }, succeeded: { count: 0 } },
        unfinished: { count: 1, refunds: [{ no: asked.no, shows: 'processing' }] },
      },
    },
  })
  await pass(till, 2 * MINUTE)
  expect(await readRefund(till, asked.no)).toMatchObject({ state: 'succeeded' })
  expect((await till.call('GET', `/v1/shifts/${no}`)).body).toEqual(closed.body)

  await pass(till, 1_000)
  const next = await openShift()
  expect((await current()).totals).toMatchObject({
    payments: { count: 0 },
    refunds: { succeeded: { count: 0 } },
    unfinished: { count: 0 },
  })
  await close(next, 50_000)
})

test('cash that nobody answered for calls a person at the close, and is counted in the drawer that it leaves', async () => {
  const no = await openShift()
  const refund = await cashRefund(1_500)
  const waiting = [{ no: refund, amount: 1_500, shows: 'cash_to_hand_out' }]
  expect(await current()).toMatchObject({
    expectedCash: 50_000,
    totals: { refunds: { cashUnanswered: { count: 1 } }, cashNotAnswered: waiting },
  })
  expect((await close(no, 48_500)).body).toMatchObject({
    expectedCash: 50_000,
    difference: -1_500,
    totals: { cashNotAnswered: waiting },
  })
  expect(await incidentsOf(till)).toMatchObject([
    { kind: 'cash_unanswered', refund, detail: { shift: no, terminal: 't1', amount: 1_500 } },
  ])

  await pass(till, 1_000)
  const next = await openShift(till, 48_500)
  expect((await current()).totals.cashNotAnswered).toMatchObject(waiting)
  await act(till, refund, 'cash', { answer: 'paid' })
  expect(await incidentsOf(till)).toEqual([])
  expect(await current()).toMatchObject({
    expectedCash: 47_000,
    totals: { cashHandedOut: { count: 1, amount: 1_500 }, refunds: { succeeded: { count: 0 } } },
  })
  await close(next, 47_000)
})

test('cash that was not handed out leaves no drawer', async () => {
  const no = await openShift()
  const refund = await cashRefund(1_500)
  await tryAct(till, refund, 'cash', { answer: 'not_paid' }, 'zhang', 'li')
  expect((await close(no, 50_000)).body).toMatchObject({
    difference: 0,
    totals: { refunds: { owed: { count: 1, amount: 1_500 } }, unfinished: { count: 1 } },
  })
  expect(await incidentsOf(till)).toEqual([])
})

test('two tills have two shifts, and each counts its own', async () => {
  const other = atTerminal(till, 't2')
  const [here, there] = [await openShift(), await openShift(other, 20_000)]
  const payment = await pay(till, 10_000)
  await pay(other, 3_000)
  await ask(other, wish(payment.no, { amount: 500 }))
  expect(await current()).toMatchObject({
    no: here,
    totals: { payments: { count: 1, amount: 10_000 }, unfinished: { count: 0 } },
  })
  expect(await current(other)).toMatchObject({
    no: there,
    store: 's2',
    totals: {
      payments: { count: 1, amount: 3_000 },
      // Of another store's sale: somebody has to decide first.
      refunds: { undecided: { count: 1, amount: 500 } },
      unfinished: { count: 1 },
    },
  })
  const cash = await cashRefund(700)
  await act(other, cash, 'cash', { answer: 'paid' })
  expect(await current()).toMatchObject({ expectedCash: 50_000 })
  expect(await current(other)).toMatchObject({ expectedCash: 19_300 })
})

test('a number used twice opens one shift, and a terminal has one open at a time', async () => {
  const given = opening()
  const results = await Promise.all(
    [given, given, opening(1)].map((each) => till.call('POST', '/v1/shifts', each)),
  )
  const stored = results.filter((each) => each.status < 300)
  expect(new Set(stored.map((each) => each.body.no)).size).toBe(1)
  const open = await current()
  expect(results.filter((each) => each.status === 201)).toHaveLength(1)
  for (const each of results.filter((answer) => answer.status >= 300)) {
    expect(each.body).toMatchObject({
      code: 'shift_open',
      params: { shift: open.no, staff: 'zhang' },
    })
  }
  const again = { no: open.no, openingCash: open.openingCash }
  expect(await till.call('POST', '/v1/shifts', again)).toMatchObject({ status: 200 })
  const changed = { ...again, openingCash: open.openingCash + 1 }
  expect(await till.call('POST', '/v1/shifts', changed)).toMatchObject({
    status: 409,
    body: { code: 'number_taken', params: { stored: { shift: { no: open.no } } } },
  })
  expect(await till.call('POST', '/v1/shifts', opening(), 'li')).toMatchObject({
    status: 409,
    body: { code: 'shift_open', title: expect.stringContaining(open.no) },
  })
})

test('of two closes in the same moment one counts, and the same one again is answered as stored', async () => {
  const no = await openShift()
  const answers = await Promise.all([close(no, 50_000), close(no, 49_000), close(no, 50_000)])
  const shift = (await till.call('GET', `/v1/shifts/${no}`)).body
  const [won, lost] = [
    answers.filter((each) => each.status === 200),
    answers.filter((each) => each.status !== 200),
  ]
  expect(won.length).toBeGreaterThan(0)
  for (const { body } of won) expect(body).toEqual(shift)
  for (const { body } of lost) {
    expect(body).toMatchObject({ code: 'state_changed', params: { state: 'closed' } })
  }
  expect(lost.length).toBeGreaterThan(0)
  expect(await close(no, shift.countedCash)).toMatchObject({ status: 200, body: shift })
  expect(await close(no, shift.countedCash + 1)).toMatchObject({ status: 409 })
})

test('cash handed out while the shift is closed is in its count or in nobody’s, never half', async () => {
  // Out of this drawer, or out of the one beside it.
  const drawers = [till, atTerminal(till, 't2')].flatMap((each) => [each, each, each])
  for (const drawer of drawers) {
    const no = await openShift()
    const refund = await cashRefund(900)
    await Promise.all([act(drawer, refund, 'cash', { answer: 'paid' }), close(no, 50_000)])
    const { body } = await till.call('GET', `/v1/shifts/${no}`)
    const { amount } = body.totals.cashHandedOut
    expect(drawer === till ? [0, 900] : [0]).toContain(amount)
    expect(body.expectedCash).toBe(50_000 - amount)
    expect(await incidentsOf(till)).toEqual([])
    await pass(till, 1_000)
  }
})

test('a shift is closed by its person at its drawer, or by somebody who oversees the store', async () => {
  const no = await openShift()
  const count = { countedCash: 50_000 }
  const path = `/v1/shifts/${no}/close`
  const elsewhere = atTerminal(till, 't2')
  expect(await elsewhere.call('POST', path, count)).toMatchObject({
    status: 403,
    body: { code: 'not_allowed', params: { right: 'close_shift' } },
  })
  expect(await elsewhere.call('POST', path, count, 'li')).toMatchObject({ status: 403 })
  expect(await till.call('POST', path, count, 'nobody')).toMatchObject({
    status: 403,
    body: { code: 'staff_needed' },
  })
  expect(await till.call('POST', path, count, 'li')).toMatchObject({
    status: 200,
    body: { staff: 'zhang', closedBy: 'li' },
  })
  const another = await openShift()
  expect(await elsewhere.call('POST', `/v1/shifts/${another}/close`, count, 'wang')).toMatchObject({
    status: 200,
  })
  const away = { ...till, headers: () => ({ authorization: `Bearer ${till.keys.staff['li']}` }) }
  const answer = await atTerminal(away, null).call('POST', '/v1/shifts', opening())
  expect(answer).toMatchObject({ status: 403, body: { code: 'terminal_needed' } })
})

test('shifts are listed newest first, page by page, each reader theirs', async () => {
  const numbers: string[] = []
  for (let round = 0; round < 3; round += 1) {
    const no = await openShift()
    await close(no, 50_000 + round)
    await pass(till, 1_000)
    numbers.unshift(no)
  }
  const other = atTerminal(till, 't2')
  const there = opening()
  await other.call('POST', '/v1/shifts', there, 'wang')

  const list = async (query: string, who?: 'li' | 'wang', at = till) =>
    (await at.call('GET', `/v1/shifts${query}`, undefined, who)).body
  const page = await list('?limit=2')
  expect(page.shifts.map((each: { no: string }) => each.no)).toEqual(numbers.slice(0, 2))
  expect(page.shifts[0]).toMatchObject({ difference: 2, expectedCash: 50_000 })
  const rest = await list(`?limit=2&cursor=${page.next}`)
  expect(rest).toMatchObject({ shifts: [{ no: numbers[2] }], next: null })

  expect((await list('', 'li')).shifts).toHaveLength(3)
  expect((await list('?store=s2', 'li')).shifts).toEqual([])
  expect((await list('', 'wang')).shifts).toHaveLength(4)
  expect((await list('?open=true', 'wang')).shifts).toMatchObject([{ no: there.no }])
  expect((await list('?terminal=t2&staff=wang', 'wang')).shifts).toHaveLength(1)
  const now = till.clock.now()
  const from = new Date(now.getTime() + MINUTE).toISOString()
  expect((await list(`?from=${from}`, 'wang')).shifts).toEqual([])
  // At the other till, somebody who never worked there sees that till's only beside their own.
  expect((await list('', undefined, other)).shifts).toHaveLength(4)
  expect(await till.call('GET', `/v1/shifts/${there.no}`)).toMatchObject({ status: 403 })
  expect(await till.call('GET', `/v1/shifts/${there.no}/slip`)).toMatchObject({ status: 403 })
})

test('another merchant finds no shift and closes none', async () => {
  const no = await openShift()
  const foreign = { ...till, headers: () => till.foreign }
  const stranger = atTerminal(foreign, null)
  for (const path of [`/v1/shifts/${no}`, `/v1/shifts/${no}/slip`]) {
    expect(await stranger.call('GET', path)).toMatchObject({ status: 404 })
  }
  expect(await close(no, 1, '', stranger)).toMatchObject({ status: 404 })
  expect((await stranger.call('GET', '/v1/shifts')).body.shifts).toEqual([])
  expect(await current()).toMatchObject({ no, closedAt: null })
})

test('a shift is not opened with what is no amount or no number of a shift', async () => {
  for (const wrong of [
    { openingCash: -1 },
    { openingCash: 1.5 },
    { openingCash: 10_000_000_001 },
    { no: '123' },
    { no: newNumber('refund') },
    { more: 1 },
  ]) {
    expect(await till.call('POST', '/v1/shifts', { ...opening(), ...wrong })).toMatchObject({
      status: 400,
      body: { code: 'body_invalid' },
    })
  }
})

test('a closed shift is on paper, its reprints are counted, and its note is kept nowhere in the clear', async () => {
  const no = await openShift()
  const path = `/v1/shifts/${no}`
  expect(await till.call('GET', `${path}/slip`)).toMatchObject({
    status: 409,
    body: { code: 'state_changed', params: { state: 'open' } },
  })
  const asked = wish((await pay(till, 60_000)).no)
  await ask(till, asked)
  await close(no, 50_100, '多一元，顾客没有要找零')
  expect((await till.call('GET', `${path}/slip?format=json`)).body).toMatchObject({
    kind: 'hand_over',
    shift: no,
    terminal: '1号机',
    cashier: '张三',
    closedBy: null,
    sandbox: true,
    reprint: 0,
    store: { name: '川味小馆·春熙路店' },
    cash: { opening: 50_000, expected: 50_000, counted: 50_100, difference: 100 },
    note: '多一元，顾客没有要找零',
    totals: { unfinished: { refunds: [{ no: asked.no }] } },
  })
  const picture = await till.call('GET', `${path}/slip?paper=80mm`)
  expect(picture.headers['content-type']).toBe('image/svg+xml; charset=utf-8')
  expect((await till.call('GET', `${path}/slip?format=escpos`)).text.startsWith('\u001b@')).toBe(
    true,
  )
  expect(await till.call('GET', `${path}/slip?copy=customer`)).toMatchObject({ status: 400 })

  const print = { paper: '58mm' }
  expect((await till.call('POST', `${path}/print`, print)).body.result).toBe('no_printer')
  await using printer = await startVirtualPrinter()
  await connectPrinter(till, printer.address)
  const first = await till.call('POST', `${path}/print`, print)
  const second = await till.call('POST', `${path}/print`, print, 'li')
  expect([first.body, second.body]).toEqual([
    { result: 'printed', confirmed: true, reprint: 0, escpos: null, svg: null },
    { result: 'printed', confirmed: true, reprint: 1, escpos: null, svg: null },
  ])
  const texts = printer.jobs.map((job) => job.text.join('').replaceAll(' ', ''))
  for (const part of ['交接班单', '长款', '￥1.00', asked.no, '多一元，顾客没有要找零']) {
    expect(texts[0]).toContain(part)
  }
  expect(texts[0]).not.toContain('补打')
  expect(texts[1]).toContain('补打第1次')
  expect((await till.call('GET', `${path}/slip?format=json`)).body.reprint).toBe(1)

  const kept = await inTenant(till.core.db, TENANT, async (tx) => [
    await tx.selectFrom('slip').select(['kind', 'prints', 'facts']).execute(),
    await tx.selectFrom('shift').selectAll().execute(),
  ])
  expect(kept[0]).toMatchObject([{ kind: 'hand_over', prints: 2 }])
  expect(JSON.stringify(kept)).not.toContain('找零')
})

const connectPrinter = (at: Till, address: string) =>
  inTenant(at.core.db, TENANT, (tx) =>
    tx.updateTable('terminal').set({ printer: address }).where('terminal_no', '=', 't1').execute(),
  )
