/** Second persons at the till: a yes to one act, by PIN or by a one-time code. */
import { beforeEach, describe, expect, test } from 'vitest'
import { setPin } from '../../src/commands/set-pin.ts'
import { inTenant } from '../../src/db/connect.ts'
import { NO_FEE } from '../../src/domain/fees.ts'
import { fen } from '../../src/domain/money.ts'
import { DEFAULT_PARAMS, RULES } from '../../src/domain/policy/rules/index.ts'
import { testDatabase } from '../support/database.ts'
import { callAt, givePins, PINS, signIn, type Terminal } from '../support/people.ts'
import { pass } from '../support/given.ts'
import { TENANT } from '../support/shop.ts'
import {
  openTill,
  pay,
  send,
  wish,
  type Answer,
  type RefundWish,
  type Till,
} from '../support/till.ts'

const MINUTE = 60_000
const LIMIT = 60_000
const DAY = 24 * 60 * MINUTE

let till: Till
let zhang: string
beforeEach(async () => {
  const database = await testDatabase()
  // Lower than a shop's own: a larger payment would wait for the customer's password.
  const params = { ...DEFAULT_PARAMS, secondAtTillFen: fen(LIMIT) }
  till = await openTill(database.db, { settings: { shop: { rules: RULES, params, fee: NO_FEE } } })
  await givePins(till)
  zhang = (await signIn(till, 'zhang')).token
})

type For = Record<string, unknown>
const claim = (payment: string, amount: number, method = 'original'): For => ({
  act: 'refund',
  payment,
  amount,
  method,
})
const trySecond = (act: For, by: For, staff = zhang, terminal: Terminal = 't1'): Promise<Answer> =>
  callAt(till, terminal, { staff }, 'POST', '/v1/seconds', { for: act, ...by })
const byLi = { staff: 'li', pin: PINS.li }

async function second(act: For, by: For = byLi, staff = zhang): Promise<string> {
  const answer = await trySecond(act, by, staff)
  expect(answer.status, answer.text).toBe(201)
  return answer.body.token
}
const ask = (given: RefundWish, grant?: string, staff = zhang): Promise<Answer> =>
  callAt(till, 't1', { staff, second: grant }, 'POST', '/v1/refunds', given)
const act = (
  no: string,
  name: string,
  body: unknown,
  staff: string,
  grant?: string,
): Promise<Answer> =>
  callAt(till, 't1', { staff, second: grant }, 'POST', `/v1/refunds/${no}/${name}`, body)
const approvals = (no: string) =>
  inTenant(till.core.db, TENANT, (tx) =>
    tx
      .selectFrom('approval')
      .select(['staff_no', 'decision', 'way'])
      .where('refund_no', '=', no)
      .execute(),
  )
const firstStep = async (no: string) =>
  (await till.call('GET', `/v1/refunds/${no}/events`)).body.events[0] as { by: unknown }
const notForThis = { status: 403, body: { code: 'second_not_for_this' } }

describe('by PIN', () => {
  test('what was above the limit goes at once, and row and chain say who stood behind it by which way', async () => {
    const payment = await pay(till, 90_000)
    const asked = wish(payment.no, { amount: 50_000 })
    const grant = await second(claim(payment.no, 50_000))
    expect(grant).toMatch(/^yk_1_g_[\w-]{43}$/)
    expect(await ask(asked, grant)).toMatchObject({ status: 202, body: { state: 'sending' } })
    expect(await approvals(asked.no)).toEqual([{ staff_no: 'li', decision: 'second', way: 'pin' }])
    expect((await firstStep(asked.no)).by).toMatchObject({
      staff: 'zhang',
      staffWay: 'pin',
      second: 'li',
      secondWay: 'pin',
    })
  })

  test('a repetition of the same number is answered from what is stored, however late', async () => {
    const payment = await pay(till, 90_000)
    const asked = wish(payment.no, { amount: 50_000 })
    const grant = await second(claim(payment.no, 50_000))
    await ask(asked, grant)
    expect(await ask(asked, grant)).toMatchObject({ status: 200, body: { no: asked.no } })
    till.clock.advance(10 * MINUTE)
    expect(await ask(asked, grant)).toMatchObject({ status: 200, body: { no: asked.no } })
    expect(await approvals(asked.no)).toHaveLength(1)
  })

  test('the whole, items and amounts count by what they claim', async () => {
    const items = [
      { name: '水煮鱼', quantity: 2, amount: 50_000 },
      { name: '米饭', quantity: 1, amount: 10_000 },
    ]
    const payment = await pay(till, 60_000, { items })
    const fish = wish(payment.no, { items: [{ line: 1, quantity: 1 }] })
    expect(await ask(fish, await second(claim(payment.no, 24_000)))).toMatchObject(notForThis)
    expect(await ask(fish, await second(claim(payment.no, 25_000)))).toMatchObject({ status: 202 })
    const rest = wish(payment.no, { full: true })
    const grant = await second(claim(payment.no, 35_000))
    await pass(till, 2 * MINUTE)
    expect(await ask(rest, grant)).toMatchObject({ status: 202, body: { amount: 35_000 } })
  })

  test('a grant is for one act: another payment, amount, way, person or terminal is refused, and nothing is stored', async () => {
    const [payment, other] = [await pay(till, 90_000), await pay(till, 90_000)]
    const grant = await second(claim(payment.no, 50_000))
    for (const given of [
      wish(other.no, { amount: 50_000 }),
      wish(payment.no, { amount: 50_001 }),
      wish(payment.no, { amount: 10_000 }),
      wish(payment.no, { amount: 50_000, method: 'cash' }),
      wish(payment.no, { full: true }),
    ]) {
      const answer = await ask(given, grant)
      expect(answer.status).toBe(403)
      expect(['second_not_for_this', 'cash_not_allowed']).toContain(answer.body.code)
      expect((await till.call('GET', `/v1/refunds/${given.no}`)).status).toBe(404)
    }
    const asked = wish(payment.no, { amount: 50_000 })
    const wang = (await signIn(till, 'wang')).token
    expect(await ask(asked, grant, wang)).toMatchObject(notForThis)
    expect(await ask(asked, grant, till.keys.staff['wang'])).toMatchObject(notForThis)
    const elsewhere = { staff: till.keys.staff['zhang'], second: grant }
    expect(await callAt(till, 't2', elsewhere, 'POST', '/v1/refunds', asked)).toMatchObject(
      notForThis,
    )
    expect(await ask(asked, grant)).toMatchObject({ status: 202 })
  })

  test('a grant opens no other address, not even a reading one, and is no key of a person', async () => {
    const payment = await pay(till, 90_000)
    const grant = await second(claim(payment.no, 50_000))
    const waiting = wish(payment.no, { amount: 50_000 })
    await ask(waiting)
    for (const [name, body] of [
      ['approve', undefined],
      ['lower', { amount: 100 }],
      ['reject', { reason: 'no_proof' }],
      ['withdraw', undefined],
      ['send-again', { method: 'original' }],
    ] as const) {
      expect(await act(waiting.no, name, body, zhang, grant)).toMatchObject(notForThis)
    }
    expect(
      await callAt(till, 't1', { staff: zhang, second: grant }, 'GET', '/v1/till'),
    ).toMatchObject(notForThis)
    expect(await callAt(till, 't1', { staff: grant }, 'GET', '/v1/till')).toMatchObject({
      status: 401,
    })
  })

  test('one grant does not open two refunds, also not at once', async () => {
    const payment = await pay(till, 90_000)
    const grant = await second(claim(payment.no, 22_000))
    const wishes = Array.from({ length: 4 }, () => wish(payment.no, { amount: 22_000 }))
    const answers = await Promise.all(wishes.map((each) => ask(each, grant)))
    expect(answers.filter(({ status }) => status < 300)).toHaveLength(1)
    expect(answers.filter(({ body }) => body.code === 'second_not_for_this')).toHaveLength(3)
    expect((await till.call('GET', `/v1/payments/${payment.no}`)).body.refundable).toBe(68_000)
  })

  test('a grant is over after three minutes, with its giver, and with their PIN', async () => {
    const payment = await pay(till, 90_000)
    const old = await second(claim(payment.no, 50_000))
    till.clock.advance(3 * MINUTE)
    expect(await ask(wish(payment.no, { amount: 50_000 }), old)).toMatchObject(notForThis)

    const changed = await second(claim(payment.no, 50_000))
    await setPin(till.core, TENANT, 'li', '6048', till.clock.now())
    const none = { status: 401, body: { code: 'not_signed_in' } }
    expect(await ask(wish(payment.no, { amount: 50_000 }), changed)).toMatchObject(none)

    const left = await second(claim(payment.no, 50_000), { staff: 'li', pin: '6048' })
    await inTenant(till.core.db, TENANT, (tx) =>
      tx.updateTable('staff').set({ left_at: new Date() }).where('staff_no', '=', 'li').execute(),
    )
    expect(await ask(wish(payment.no, { amount: 50_000 }), left)).toMatchObject(none)
  })

  test('a refused request uses nothing up', async () => {
    const payment = await pay(till, 90_000)
    const grant = await second(claim(payment.no, 90_001))
    expect(await ask(wish(payment.no, { amount: 90_001 }), grant)).toMatchObject({
      body: { code: 'over_room' },
    })
    const [row] = await inTenant(till.core.db, TENANT, (tx) =>
      tx.selectFrom('second_grant').select('used_at').execute(),
    )
    expect(row?.used_at).toBeNull()
  })

  test('nobody for themselves, nobody who may not decide, nobody with a wrong PIN', async () => {
    const payment = await pay(till, 90_000)
    const act50 = claim(payment.no, 50_000)
    expect(await trySecond(act50, { staff: 'zhang', pin: PINS.zhang })).toMatchObject({
      body: { code: 'second_person_same' },
    })
    const wang = (await signIn(till, 'wang')).token
    expect(await trySecond(act50, { staff: 'zhang', pin: PINS.zhang }, wang)).toMatchObject({
      status: 403,
      body: { code: 'not_allowed', params: { right: 'second' } },
    })
    for (const left of [4, 3, 2, 1]) {
      expect(await trySecond(act50, { staff: 'li', pin: '9999' })).toMatchObject({
        status: 401,
        body: { code: 'pin_wrong', params: { left } },
      })
    }
    expect(await trySecond(act50, { staff: 'li', pin: '9999' })).toMatchObject({ status: 429 })
    expect(await trySecond(act50, byLi)).toMatchObject({
      status: 429,
      body: { code: 'pin_locked' },
    })
  })

  test('only at a terminal where somebody is signed in', async () => {
    const payment = await pay(till, 90_000)
    const given = { for: claim(payment.no, 50_000), ...byLi }
    expect(await callAt(till, 't1', {}, 'POST', '/v1/seconds', given)).toMatchObject({
      body: { code: 'staff_needed' },
    })
    const { body } = await trySecond({ ...claim(payment.no, 0) }, byLi)
    expect(body.code).toBe('body_invalid')
  })

  test('a supervisor signed in by PIN decides, but not beyond what a PIN reaches', async () => {
    const li = (await signIn(till, 'li')).token
    const small = wish((await pay(till, 50_000)).no)
    await ask(small)
    expect(await act(small.no, 'approve', undefined, li)).toMatchObject({
      status: 200,
      body: { state: 'sending' },
    })
    expect(await approvals(small.no)).toEqual([{ staff_no: 'li', decision: 'approve', way: 'pin' }])

    const large = wish((await pay(till, LIMIT + 1)).no)
    await ask(large)
    const beyond = { status: 403, body: { code: 'second_beyond_till', params: { limit: LIMIT } } }
    expect(await act(large.no, 'approve', undefined, li)).toMatchObject(beyond)
    expect(await act(large.no, 'approve', undefined, till.keys.staff['li'] ?? '')).toMatchObject({
      status: 200,
    })
    expect(await approvals(large.no)).toEqual([{ staff_no: 'li', decision: 'approve', way: 'key' }])
  })
})

test('by PIN or code only up to a limit; above it the request waits, and a key of their own has none', async () => {
  const [payment, other] = [await pay(till, 90_000), await pay(till, 90_000)]
  const at = wish(payment.no, { amount: LIMIT })
  expect(await ask(at, await second(claim(payment.no, LIMIT)))).toMatchObject({ status: 202 })
  const above = wish(other.no, { amount: LIMIT + 1 })
  const answer = await ask(above, await second(claim(other.no, LIMIT + 1)))
  expect(answer).toMatchObject({ status: 201, body: { state: 'requested' } })
  expect(await firstStep(above.no)).toMatchObject({
    facts: {
      rules: expect.arrayContaining([
        { id: 'second_at_till', version: 1, verdict: 'needs_approval' },
      ]),
    },
  })
  const own = wish((await pay(till, 90_000)).no, { amount: LIMIT + 1 })
  expect(await ask(own, till.keys.staff['li'])).toMatchObject({ status: 202 })
})

describe('by one-time code', () => {
  const tryCode = (given: For, staff = till.keys.staff['li']): Promise<Answer> =>
    callAt(till, 't2', { staff }, 'POST', '/v1/approval-codes', { for: given })
  async function codeFor(given: For): Promise<string> {
    const answer = await tryCode(given)
    expect(answer.status, answer.text).toBe(201)
    expect(answer.body.code).toMatch(/^\d{8}$/)
    return answer.body.code
  }
  const other = (code: string): string => String((Number(code) + 1) % 100_000_000).padStart(8, '0')
  const wrong = { status: 403, body: { code: 'approval_code_wrong' } }

  test('read over the phone, it opens the claim it was made for, once', async () => {
    const payment = await pay(till, 90_000)
    const code = await codeFor(claim(payment.no, 50_000))
    for (const given of [
      claim(payment.no, 50_001),
      claim(payment.no, 50_000, 'cash'),
      claim('7', 50_000),
    ]) {
      expect(await trySecond(given, { code })).toMatchObject(wrong)
    }
    const asked = wish(payment.no, { amount: 50_000 })
    const grant = await second(claim(payment.no, 50_000), { code })
    expect(await ask(asked, grant)).toMatchObject({ status: 202 })
    expect(await approvals(asked.no)).toEqual([{ staff_no: 'li', decision: 'second', way: 'code' }])
    expect((await firstStep(asked.no)).by).toMatchObject({ second: 'li', secondWay: 'code' })
    expect(await trySecond(claim(payment.no, 50_000), { code })).toMatchObject(wrong)
  })

  test('five wrong tries end it, at once too', async () => {
    const payment = await pay(till, 90_000)
    const given = claim(payment.no, 50_000)
    const code = await codeFor(given)
    for (const _time of [1, 2, 3, 4])
      expect(await trySecond(given, { code: other(code) })).toMatchObject(wrong)
    expect((await trySecond(given, { code })).status).toBe(201)

    const next = await codeFor(given)
    const tries = Array.from({ length: 20 }, () => trySecond(given, { code: other(next) }))
    for (const answer of await Promise.all(tries)) expect(answer).toMatchObject(wrong)
    expect(await trySecond(given, { code: next })).toMatchObject(wrong)
  })

  test('it is over after five minutes, with another one, with its giver’s PIN, and with them', async () => {
    const payment = await pay(till, 90_000)
    const given = claim(payment.no, 50_000)
    const old = await codeFor(given)
    till.clock.advance(5 * MINUTE)
    expect(await trySecond(given, { code: old })).toMatchObject(wrong)
    const replaced = await codeFor(given)
    const fresh = await codeFor(given)
    expect(await trySecond(given, { code: replaced })).toMatchObject(wrong)
    expect((await trySecond(given, { code: fresh })).status).toBe(201)

    const changed = await codeFor(given)
    await setPin(till.core, TENANT, 'li', '6048', till.clock.now())
    expect(await trySecond(given, { code: changed })).toMatchObject(wrong)
    const left = await codeFor(given)
    await inTenant(till.core.db, TENANT, (tx) =>
      tx.updateTable('staff').set({ left_at: new Date() }).where('staff_no', '=', 'li').execute(),
    )
    expect(await trySecond(given, { code: left })).toMatchObject(wrong)
  })

  test('only somebody who may decide makes one, not for themselves, and not beyond the limit', async () => {
    const payment = await pay(till, 90_000)
    expect(await tryCode(claim(payment.no, 50_000), till.keys.staff['zhang'])).toMatchObject({
      status: 403,
      body: { code: 'supervisor_needed' },
    })
    expect(await tryCode(claim(payment.no, LIMIT + 1))).toMatchObject({
      status: 403,
      body: { code: 'second_beyond_till', params: { limit: LIMIT } },
    })
    const li = (await signIn(till, 'li')).token
    const code = await codeFor(claim(payment.no, 50_000, 'cash'))
    expect(await trySecond(claim(payment.no, 50_000, 'cash'), { code }, li)).toMatchObject({
      body: { code: 'second_person_same' },
    })
  })

  test('nobody finds the code from what is stored, and another merchant has none of it', async () => {
    const payment = await pay(till, 90_000)
    const code = await codeFor(claim(payment.no, 50_000))
    const rows = await inTenant(till.core.db, TENANT, (tx) =>
      tx.selectFrom('approval_code').selectAll().execute(),
    )
    expect(rows).toHaveLength(1)
    expect(JSON.stringify(rows)).not.toContain(code)
    expect(
      await inTenant(till.core.db, 2, (tx) => tx.selectFrom('approval_code').selectAll().execute()),
    ).toEqual([])
    const given = { for: claim(payment.no, 50_000) }
    const theirs = await send(till.url, 'POST', '/v1/approval-codes', till.foreign, given)
    expect(theirs.status).toBe(201)
    expect(await trySecond(given.for, { code: theirs.body.code })).toMatchObject(wrong)
    expect((await trySecond(given.for, { code })).status).toBe(201)
  })
})

describe('acts on a refund', () => {
  async function cashToHandOut(): Promise<string> {
    const payment = await pay(till)
    const asked = wish(payment.no, { amount: 5_000, method: 'cash' })
    expect((await ask(asked, await second(claim(payment.no, 5_000, 'cash')))).body.shows).toBe(
      'cash_to_hand_out',
    )
    return asked.no
  }

  test('cash that was not handed out, confirmed at the till', async () => {
    const no = await cashToHandOut()
    expect((await act(no, 'cash', { answer: 'not_paid' }, zhang)).body.code).toBe(
      'second_person_needed',
    )
    expect(
      await act(
        no,
        'cash',
        { answer: 'not_paid' },
        zhang,
        await second({ act: 'close', refund: no }),
      ),
    ).toMatchObject(notForThis)
    const grant = await second({ act: 'cash_not_paid', refund: no })
    expect(await act(no, 'cash', { answer: 'paid' }, zhang, grant)).toMatchObject(notForThis)
    expect(await act(no, 'cash', { answer: 'not_paid' }, zhang, grant)).toMatchObject({
      status: 200,
      body: { state: 'owed' },
    })
    const steps = (await till.call('GET', `/v1/refunds/${no}/events`)).body.events
    expect(steps.at(-1).by).toMatchObject({ second: 'li', secondWay: 'pin' })
  })

  test('an owed refund closed by two at the till', async () => {
    const no = await cashToHandOut()
    await act(
      no,
      'cash',
      { answer: 'not_paid' },
      zhang,
      await second({ act: 'cash_not_paid', refund: no }),
    )
    const li = (await signIn(till, 'li')).token
    const grant = await second({ act: 'close', refund: no }, { staff: 'wang', pin: PINS.wang }, li)
    expect(await act(no, 'close', { reason: 'settled_otherwise' }, li, grant)).toMatchObject({
      status: 200,
      body: { state: 'closed' },
    })
    expect(await act(no, 'close', { reason: 'settled_otherwise' }, li, grant)).toMatchObject({
      body: { code: 'state_changed' },
    })
  })

  test('an owed refund paid in cash instead, by a supervisor with another behind, once', async () => {
    const no = await cashToHandOut()
    const unpaid = await second({ act: 'cash_not_paid', refund: no })
    await act(no, 'cash', { answer: 'not_paid' }, zhang, unpaid)
    const li = (await signIn(till, 'li')).token
    const byWang = { staff: 'wang', pin: PINS.wang }
    const cash = { method: 'cash' }
    expect((await act(no, 'send-again', cash, li)).body.code).toBe('second_person_needed')
    const other = await second({ act: 'close', refund: no }, byWang, li)
    expect(await act(no, 'send-again', cash, li, other)).toMatchObject(notForThis)
    const grant = await second({ act: 'cash_instead', refund: no }, byWang, li)
    expect(await act(no, 'send-again', { method: 'original' }, li, grant)).toMatchObject(notForThis)
    expect(await act(no, 'send-again', cash, li, grant)).toMatchObject({
      status: 200,
      body: { shows: 'cash_to_hand_out' },
    })
    expect(await act(no, 'send-again', cash, li, grant)).toMatchObject(notForThis)
  })

  test('a send stopped by a cashier with a supervisor behind', async () => {
    till.sandbox.faults.set({ on: 'refund', kind: 'abnormal', times: 1 })
    const asked = wish((await pay(till)).no, { amount: 2_000 })
    await ask(asked)
    await pass(till, 2 * MINUTE)
    expect((await act(asked.no, 'stop', { reason: 'asked_again' }, zhang)).body.code).toBe(
      'supervisor_needed',
    )
    const grant = await second({ act: 'stop', refund: asked.no })
    expect(await act(asked.no, 'stop', { reason: 'asked_again' }, zhang, grant)).toMatchObject({
      status: 200,
      body: { attempts: [{ stopped: true }] },
    })
    await pass(till, DAY)
  })

  test('no yes to a refund there is not, or beyond the limit', async () => {
    expect(await trySecond({ act: 'stop', refund: '7300' }, byLi)).toMatchObject({ status: 404 })
    const large = wish((await pay(till, 90_000)).no)
    await ask(large)
    expect(await trySecond({ act: 'stop', refund: large.no }, byLi)).toMatchObject({
      status: 403,
      body: { code: 'second_beyond_till' },
    })
  })
})
