/** What a till is told when something is not possible: a status, a code, its figures, and a sentence. */
import { beforeEach, describe, expect, test } from 'vitest'
import { inTenant } from '../../src/db/connect.ts'
import { blockPayment } from '../../src/store/audit.ts'
import { insertIncidents } from '../../src/store/incidents.ts'
import { testDatabase } from '../support/database.ts'
import { newNumber, sweepAll } from '../support/given.ts'
import { TENANT } from '../support/shop.ts'
import { openTill, pay, saleOf, wish, type Answer, type Till } from '../support/till.ts'
import { stepsOf } from '../support/walk.ts'

let till: Till
beforeEach(async () => {
  const database = await testDatabase()
  till = await openTill(database.db)
})
const ask = (given: unknown): Promise<Answer> => till.call('POST', '/v1/refunds', given)

/** Refused with this, in words, and nothing stored under the number. */
async function expectRefused(
  given: { no: string },
  status: number,
  code: string,
  params: unknown = expect.anything(),
): Promise<void> {
  const answer = await ask(given)
  expect(answer).toMatchObject({ status, body: { status, code, params } })
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
  expect(answer.body.title).toMatch(/[\u4e00-\u9fff]/)
  expect((await till.call('GET', `/v1/refunds/${given.no}`)).status).toBe(404)
}

describe('a refund is refused', () => {
  test('beyond the room, with the room; and the number stays free', async () => {
    const payment = await pay(till, 10_000)
    await ask(wish(payment.no, { amount: 3_000 }))
    const over = wish(payment.no, { amount: 7_001 })
    await expectRefused(over, 409, 'over_room', { room: 7_000, refunded: 0, held: 3_000 })
    till.clock.advance(120_000)
    expect((await ask({ ...over, amount: 7_000 })).status).toBeLessThan(203)
    await expectRefused(wish(payment.no), 409, 'nothing_left', { refunded: 0, held: 10_000 })
  })

  test('for nothing or less than nothing', async () => {
    const payment = await pay(till)
    await expectRefused(wish(payment.no, { amount: 0 }), 422, 'amount_not_positive')
    await expectRefused(wish(payment.no, { amount: -1 }), 422, 'amount_not_positive')
    expect((await till.call('GET', '/v1/refunds')).body.refunds).toEqual([])
    expect((await till.call('GET', '/v1/refunds')).body.refunds).toEqual([])
  })

  test('of a refund, of an unknown payment, and of something by two measures', async () => {
    const payment = await pay(till)
    const first = wish(payment.no, { amount: 100 })
    await ask(first)
    await expectRefused(wish(first.no), 422, 'refund_of_refund', { refund: first.no })
    await expectRefused(wish(newNumber('payment')), 404, 'not_found', { what: 'payment' })
    for (const more of [
      {},
      { full: true, amount: 1 },
      { amount: 1, items: [{ line: 1, quantity: 1 }] },
    ]) {
      await expectRefused({ ...wish(payment.no, {}), ...more }, 400, 'body_invalid')
    }
    expect((await till.call('GET', '/v1/refunds')).body.refunds).toMatchObject([{ no: first.no }])
  })

  test('for items that another one has, and for lines there are none of', async () => {
    const payment = await pay(till, 3_000, { items: [{ name: '面', quantity: 2, amount: 3_000 }] })
    const both = { items: [{ line: 1, quantity: 2 }] }
    expect((await ask(wish(payment.no, both))).status).toBe(202)
    const taken = { line: 1, left: 0, held: 2 }
    await expectRefused(wish(payment.no, both), 409, 'items_taken', taken)
    await expectRefused(
      wish(payment.no, { items: [{ line: 2, quantity: 1 }] }),
      422,
      'no_such_item',
      {
        line: 2,
      },
    )
  })

  test('while nobody knows whether the payment was made, and once it was given up', async () => {
    const no = newNumber('payment')
    const sale = saleOf(900)
    await till.call('POST', '/v1/payments', { no, sale, amount: 900, method: 'qr' })
    await expectRefused(wish(no), 409, 'payment_unclear')
    expect(await till.call('GET', `/v1/sales/${sale.no}/slip`)).toMatchObject({
      status: 409,
      body: { code: 'payment_unpaid' },
    })
    const second = { no: newNumber('payment'), sale, amount: 900, method: 'qr' }
    expect(await till.call('POST', '/v1/payments', second)).toMatchObject({
      status: 409,
      body: { code: 'sale_has_open_payment', params: { payment: no } },
    })

    expect(await till.call('POST', `/v1/payments/${no}/reverse`)).toMatchObject({
      status: 200,
      body: { state: 'reversing' },
    })
    // Somebody who looks does not make it go out before the channel's fifteen seconds.
    expect((await till.call('POST', `/v1/payments/${no}/query`)).body.state).toBe('reversing')
    for (const ms of [20_000, 10_000]) {
      till.clock.advance(ms)
      await sweepAll(till.core)
    }
    expect((await till.call('GET', `/v1/payments/${no}`)).body.state).toBe('closed')
    await expectRefused(wish(no), 409, 'payment_cancelled')
  })

  test('of a blocked payment, until two people have opened it again', async () => {
    const payment = await pay(till)
    await inTenant(till.core.db, TENANT, async (tx) => {
      await blockPayment(tx, payment.no, 'audit')
      const row = { kind: 'audit', payment_no: payment.no, refund_no: null, detail: {} }
      await insertIncidents(tx, TENANT, [row], new Date())
    })
    await expectRefused(wish(payment.no), 409, 'payment_blocked', { reason: 'audit' })
    expect((await till.call('GET', '/v1/incidents?open=true')).body.code).toBe('not_allowed')
    const open = await till.call('GET', '/v1/incidents?open=true', undefined, 'li')
    expect(open.body.incidents).toMatchObject([
      { kind: 'audit', payment: payment.no, closedAt: null },
    ])

    const unblock = (who: 'zhang' | 'li', second?: 'wang') =>
      till.call('POST', `/v1/payments/${payment.no}/unblock`, { reason: 'checked' }, who, second)
    expect((await unblock('zhang')).body.code).toBe('supervisor_needed')
    expect((await unblock('li')).body.code).toBe('second_person_needed')
    expect(await unblock('li', 'wang')).toMatchObject({
      status: 200,
      body: { blocked: null, refundable: 12_800 },
    })
    expect((await unblock('li', 'wang')).body.code).toBe('state_changed')
    const closed = await till.call('GET', '/v1/incidents?open=false', undefined, 'li')
    expect(closed.body.incidents).toMatchObject([{ kind: 'audit', closedBy: 'li' }])
    expect(await stepsOf(till, 'payments', payment.no)).toContain('payment.unblocked')
    expect((await ask(wish(payment.no))).status).toBe(202)
  })

  test('in cash beyond the limit, or without a reason', async () => {
    const payment = await pay(till, 50_000)
    const cash = { method: 'cash' as const }
    await expectRefused(wish(payment.no, { ...cash, full: true }), 403, 'cash_not_allowed')
    const other = { ...cash, amount: 100, reason: 'other' as const }
    await expectRefused(wish(payment.no, other), 422, 'reason_needed')
    const nothing = { ...other, note: ' \u200b…' }
    await expectRefused(wish(payment.no, nothing), 422, 'reason_needed')
    expect((await till.call('GET', '/v1/refunds')).body.refunds).toEqual([])
  })
})

describe('what is not understood is refused before anything happens', () => {
  test('numbers that could not be found again, foreign currency, unknown fields and reasons', async () => {
    const payment = await pay(till)
    const good = wish(payment.no)
    const paymentCode = '131234567890123456'
    for (const wrong of [
      { no: paymentCode },
      { no: newNumber('payment') },
      { no: '1234' },
      { currency: 'USD' },
      { amountFen: 1 },
      { reason: 'because' },
      { method: 'bank' },
    ]) {
      const answer = await ask({ ...good, ...wrong })
      expect(answer, JSON.stringify(wrong)).toMatchObject({
        status: 400,
        body: { code: 'body_invalid' },
      })
    }
  })

  test('codes that are no order numbers each get their own answer, and none is asked about', async () => {
    const asked = till.sandbox.requests.list().length
    for (const [code, problem] of [
      ['131234567890123456', 'code_is_payment_code'],
      ['6901234567892', 'code_is_goods_code'],
      ['https://example.com/pay', 'code_is_web_address'],
      ['?', 'code_unreadable'],
    ] as const) {
      const found = await till.call('GET', `/v1/sales?code=${encodeURIComponent(code)}`)
      expect(found).toMatchObject({ status: 422, body: { code: problem } })
      const sought = await till.call('POST', '/v1/sales/find', { code })
      expect(sought).toMatchObject({ status: 422, body: { code: problem } })
    }
    expect(till.sandbox.requests.list()).toHaveLength(asked)
  })

  test('cursors and limits that are not ours', async () => {
    const garbage = ['x', '%20', Buffer.from('1.x y').toString('base64url'), 'MS4x==', '-1']
    for (const cursor of garbage) {
      const answer = await till.call('GET', `/v1/refunds?cursor=${cursor}`)
      expect(answer, cursor).toMatchObject({
        status: 400,
        body: { params: { issues: [{ path: 'query/cursor' }] } },
      })
      const other = await till.call('GET', `/v1/incidents?cursor=${cursor}`, undefined, 'li')
      expect(other.status, cursor).toBe(400)
    }
    for (const limit of ['0', '101', '1e1', '-1', ''])
      expect((await till.call('GET', `/v1/refunds?limit=${limit}`)).status, limit).toBe(400)
  })

  test('a search without a receipt needs a span of time, and reads nothing loosely', async () => {
    const payment = await pay(till, 4_321)
    const last = String(payment.billNo).slice(-6)
    const time = (ms: number) =>
      encodeURIComponent(new Date(till.clock.now().getTime() + ms).toISOString())
    const span = `from=${time(-60_000)}&to=${time(60_000)}`
    const found = await till.call('GET', `/v1/sales?amount=4321&last=${last}&${span}`)
    expect(found.body.sales).toMatchObject([{ no: payment.sale }])
    for (const query of [
      '',
      `amount=4321&last=${last}`,
      `from=${time(0)}`,
      `to=${time(0)}`,
      `last=${last.slice(3)}&${span}`,
      `last=1${last}&${span}`,
      `last=%2012345&${span}`,
      `amount=0&${span}`,
      `amount=1e3&${span}`,
      `amount=1&amount=2&${span}`,
      `store=&${span}`,
      `channel=bitcoin&${span}`,
      `limit=21&${span}`,
      `limit=0&${span}`,
      `cursor=MS4y%21&${span}`,
      `terminals=t1&${span}`,
      `code=${payment.billNo}&${span}`,
      `code=${payment.billNo}&limit=1`,
      `from=2026-11-22&to=2026-11-23`,
      `amount=4321&last=%25%25%25%25%25%25&${span}`,
      `amount=4321&last=${last}&from=${time(0)}&to=${time(-1)}`,
      `amount=4321&last=${last}&from=${time(-32 * 86_400_000)}&to=${time(0)}`,
      `amount=43.21&last=${last}&${span}`,
    ]) {
      expect((await till.call('GET', `/v1/sales?${query}`)).status, query).toBe(400)
    }
    const none = await till.call('GET', `/v1/sales?amount=4322&last=${last}&${span}`)
    expect(none.body).toEqual({ sales: [], refund: null, next: null })
  })
})

test('refunds are listed newest first, page by page, each once', async () => {
  const numbers: string[] = []
  for (let i = 0; i < 5; i += 1) {
    const payment = await pay(till, 30_000 + i)
    const asked = wish(payment.no)
    expect((await ask(asked)).body.state).toBe('requested')
    numbers.unshift(asked.no)
  }
  const seen: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const answer: Answer = await till.call(
      'GET',
      `/v1/refunds?state=requested&limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`,
    )
    seen.push(...answer.body.refunds.map((each: { no: string }) => each.no))
    cursor = answer.body.next
    // What is asked for meanwhile stands before the first page and moves nothing on the others.
    await ask(wish((await pay(till, 40_000)).no))
  }
  expect(seen).toEqual(numbers)
  expect((await till.call('GET', '/v1/refunds?state=owed')).body).toEqual({
    refunds: [],
    next: null,
  })
})
