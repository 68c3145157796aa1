/** A store's days over HTTP: midnight in Shanghai, several tills, closed again and again. */
import { beforeEach, expect, test } from 'vitest'
import { inTenant } from '../../src/db/connect.ts'
import { dayOf, daySpan } from '../../src/domain/time.ts'
import { testDatabase } from '../support/database.ts'
import { newNumber, pass } from '../support/given.ts'
import { TENANT } from '../support/shop.ts'
import { atTerminal, openTill, pay, wish, type Till } from '../support/till.ts'
import { startVirtualPrinter } from '../support/virtual-printer.ts'
import { act, ask } from '../support/walk.ts'

const MINUTE = 60_000

let till: Till

beforeEach(async () => {
  till = await openTill((await testDatabase()).db)
})

const today = (): string => dayOf(till.clock.now())
const msToMidnight = (): number =>
  (daySpan(today())?.to.getTime() ?? 0) - till.clock.now().getTime()

const look = (day: string, who: 'zhang' | 'li' | 'wang' | 'nobody' = 'li', query = '') =>
  till.call('GET', `/v1/days/${day}${query}`, undefined, who)
const close = (day: string, more: object = {}, no = newNumber('day_close')) =>
  till.call('POST', `/v1/days/${day}/close`, { no, ...more }, 'li')

test('a day ends at midnight in Shanghai: what comes after it is of the next one', async () => {
  await pass(till, msToMidnight() - 5 * MINUTE)
  const before = today()
  const paid = await pay(till, 10_000)
  const refund = wish(paid.no, { amount: 2_000 })
  await ask(till, refund)
  await pass(till, 10 * MINUTE)
  const after = today()
  expect(after).not.toBe(before)
  await pay(till, 700)
  const span = daySpan(before)
  expect((await look(before)).body).toMatchObject({
    day: before,
    store: 's1',
    from: span?.from.toISOString(),
    to: span?.to.toISOString(),
    totals: {
      payments: { count: 1, amount: 10_000 },
      // As it stands now, on the day on which it was asked for.
      refunds: { succeeded: { count: 1, amount: 2_000 } },
      unfinished: { count: 0 },
    },
    closes: [],
  })
  expect((await look(after)).body.totals).toMatchObject({
    payments: { count: 1, amount: 700 },
    refunds: { succeeded: { count: 0 } },
  })
})

test('the tills of a store are added up, each shown by itself, with their shifts; other stores’ are not', async () => {
  const other = atTerminal(till, 't2')
  const shift = { no: newNumber('shift'), openingCash: 10_000 }
  await till.call('POST', '/v1/shifts', shift)
  const payment = await pay(till, 10_000)
  await pay(other, 5_000)
  const cash = wish((await pay(till, 900)).no, { full: true, method: 'cash' })
  await ask(till, cash, 'zhang', 'li')
  await act(till, cash.no, 'cash', { answer: 'paid' })
  await ask(till, wish(payment.no, { amount: 100 }))
  const { totals } = (await look(today())).body
  expect(totals).toMatchObject({
    payments: { count: 2, amount: 10_900 },
    cashHandedOut: { count: 1, amount: 900 },
    terminals: [
      {
        terminal: 't1',
        payments: { count: 2, amount: 10_900 },
        refunds: { succeeded: { count: 1, amount: 900 }, onTheWay: { count: 1, amount: 100 } },
        cashHandedOut: { count: 1, amount: 900 },
      },
    ],
    shifts: [{ no: shift.no, terminal: 't1', staff: 'zhang', closedAt: null, difference: null }],
    unfinished: { count: 1 },
    cashNotAnswered: [],
  })
  expect((await look(today(), 'wang', '?store=s2')).body.totals).toMatchObject({
    payments: { count: 1, amount: 5_000 },
    terminals: [{ terminal: 't2' }],
    shifts: [],
  })
})

test('a day is closed again and again: each close keeps what was seen then', async () => {
  const day = today()
  const payment = await pay(till, 10_000)
  await ask(till, wish(payment.no, { amount: 300 }))
  const no = newNumber('day_close')
  const first = await close(day, {}, no)
  expect(first).toMatchObject({
    status: 201,
    body: { no, nth: 1, day, store: 's1', by: 'li', terminal: 't1' },
  })
  expect(first.body.totals.refunds.onTheWay).toEqual({ count: 1, amount: 300 })
  await pass(till, 2 * MINUTE)
  expect(await close(day, {}, no)).toMatchObject({ status: 200, body: first.body })
  expect(await close(day, { store: 's1' }, no)).toMatchObject({ status: 200, body: first.body })

  const second = await close(day)
  expect(second).toMatchObject({ status: 201, body: { nth: 2 } })
  expect(second.body.totals.refunds.succeeded).toEqual({ count: 1, amount: 300 })
  const closes = (await look(day)).body.closes as { nth: number; no: string }[]
  expect(closes.map((each) => [each.nth, each.no])).toEqual([
    [1, no],
    [2, second.body.no],
  ])
  expect(
    await till.call('POST', `/v1/days/${day}/close`, { no, store: 's2' }, 'wang'),
  ).toMatchObject({ status: 409, body: { code: 'number_taken' } })
})

test('closes in the same moment take places one after the other', async () => {
  const answers = await Promise.all([1, 2].map(() => close(today())))
  expect(answers.map((each) => each.status)).toEqual([201, 201])
  expect(new Set(answers.map((each) => each.body.nth))).toEqual(new Set([1, 2]))
})

test('a day is for those who oversee the store, and of no other merchant', async () => {
  const day = today()
  const denied = { status: 403, body: { code: 'not_allowed', params: { right: 'day_close' } } }
  expect(await look(day, 'zhang')).toMatchObject(denied)
  expect(await look(day, 'nobody')).toMatchObject(denied)
  expect(await look(day, 'li', '?store=s2')).toMatchObject(denied)
  const path = `/v1/days/${day}/close`
  expect(await till.call('POST', path, { no: newNumber('day_close') })).toMatchObject(denied)
  expect(await look(day, 'wang', '?store=s9')).toMatchObject({ status: 404 })

  await pay(till, 10_000)
  await close(day)
  const boss = atTerminal({ ...till, headers: () => till.foreign }, null)
  expect(await boss.call('GET', `/v1/days/${day}`)).toMatchObject({
    status: 400,
    body: { params: { issues: [{ path: 'query/store' }] } },
  })
  const foreign = (await boss.call('GET', `/v1/days/${day}?store=s1`)).body
  expect(foreign).toMatchObject({ totals: { payments: { count: 0 } }, closes: [] })
  expect(await boss.call('GET', `/v1/days/${day}/slip?store=s1`)).toMatchObject({ status: 404 })
})

test('no close for a day that has not begun, and no day that is none', async () => {
  const tomorrow = dayOf(new Date(till.clock.now().getTime() + 24 * 60 * MINUTE))
  expect(await close(tomorrow)).toMatchObject({ status: 422, body: { code: 'day_not_begun' } })
  for (const wrong of ['260231', '26112', 'today!']) {
    expect(await look(wrong)).toMatchObject({ status: 400, body: { code: 'body_invalid' } })
  }
  expect(await till.call('GET', `/v1/days/${today()}/slip`, undefined, 'li')).toMatchObject({
    status: 404,
    body: { code: 'not_found', params: { what: 'day_close' } },
  })
})

test('a closed day is on paper: the last close, or the one that is asked for', async () => {
  const day = today()
  const shift = { no: newNumber('shift'), openingCash: 10_000 }
  await till.call('POST', '/v1/shifts', shift)
  await pay(till, 10_000)
  await close(day)
  await till.call('POST', `/v1/shifts/${shift.no}/close`, { countedCash: 9_900 })
  const second = (await close(day)).body
  const path = `/v1/days/${day}/slip`
  const facts = async (query = '') =>
    (await till.call('GET', `${path}?format=json${query}`, undefined, 'li')).body
  expect(await facts()).toMatchObject({
    kind: 'day_close',
    close: second.no,
    day,
    nth: 2,
    closedBy: '李四',
    totals: { shifts: [{ no: shift.no, difference: -100 }] },
    names: { terminals: { t1: '1号机' }, staff: { zhang: '张三' } },
  })
  expect(await facts('&nth=1')).toMatchObject({
    nth: 1,
    totals: { shifts: [{ no: shift.no, difference: null }] },
  })
  expect((await facts('&nth=3')).code).toBe('not_found')
  expect(await till.call('GET', path)).toMatchObject({ status: 403 })

  await using printer = await startVirtualPrinter()
  await inTenant(till.core.db, TENANT, (tx) =>
    tx.updateTable('terminal').set({ printer: printer.address }).execute(),
  )
  const print = async (more: object) =>
    (await till.call('POST', `/v1/days/${day}/print`, { paper: '80mm', ...more }, 'li')).body
  expect([await print({}), await print({ nth: 1 }), await print({})]).toMatchObject([
    { result: 'printed', reprint: 0 },
    { result: 'printed', reprint: 0 },
    { result: 'printed', reprint: 1 },
  ])
  const texts = printer.jobs.map((job) => job.text.join('').replaceAll(' ', ''))
  expect(texts[0]).toMatch(/日结单.*第2次日结.*1号机张三短款￥1\.00/)
  expect(texts[1]).toMatch(/第1次日结.*1号机张三未交班/)
  expect(texts[2]).toMatch(/补打第1次/)
})
