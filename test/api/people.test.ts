/** Signing in at a terminal by PIN: who may, how often, and what ends it. */
import { beforeEach, describe, expect, test } from 'vitest'
import { tillShown } from '../../src/api/contract-people.ts'
import { setPin } from '../../src/commands/set-pin.ts'
import { forgetSignIns } from '../../src/commands/forget-sign-ins.ts'
import { inTenant } from '../../src/db/connect.ts'
import { testDatabase } from '../support/database.ts'
import {
  callAt,
  givePins,
  headersAt,
  isOutSoon,
  PINS,
  signIn,
  trySignIn,
} from '../support/people.ts'
import { TENANT } from '../support/shop.ts'
import { openTill, pay, send, wish, type Till } from '../support/till.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

let till: Till
beforeEach(async () => {
  const database = await testDatabase()
  till = await openTill(database.db)
  await givePins(till)
})

const leaves = (staff: string) =>
  inTenant(till.core.db, TENANT, (tx) =>
    tx.updateTable('staff').set({ left_at: new Date() }).where('staff_no', '=', staff).execute(),
  )
const move = (staff: string, store: string | null) =>
  inTenant(till.core.db, TENANT, (tx) =>
    tx.updateTable('staff').set({ store_no: store }).where('staff_no', '=', staff).execute(),
  )

describe('the terminal', () => {
  test('shows its shop and who may sign in: of this store or of all, with a PIN, and still here', async () => {
    const seen = await callAt(till, 't1', {}, 'GET', '/v1/till')
    expect(tillShown.parse(seen.body)).toMatchObject({
      merchant: { name: '川味小馆', phone: '028-12345678' },
      store: { no: 's1', name: '川味小馆·春熙路店', address: '成都市春熙路 1 号' },
      terminal: { no: 't1', name: '1号机', hasPrinter: false },
      staff: null,
      people: [
        { no: 'li', name: '李四', role: 'supervisor' },
        { no: 'wang', name: '王五', role: 'owner' },
        { no: 'zhang', name: '张三', role: 'cashier' },
      ],
      sandbox: true,
      publicUrl: null,
    })
    const people = async (terminal: 't1' | 't2') =>
      ((await callAt(till, terminal, {}, 'GET', '/v1/till')).body.people as { no: string }[]).map(
        (each) => each.no,
      )
    expect(await people('t2')).toEqual(['wang'])
    await leaves('li')
    await inTenant(till.core.db, TENANT, (tx) =>
      tx.deleteFrom('pin').where('staff_no', '=', 'zhang').execute(),
    )
    expect(await people('t1')).toEqual(['wang'])
  })

  test('is needed: a person from elsewhere has none to see or to sign in at', async () => {
    const headers = { authorization: `Bearer ${till.keys.staff['wang']}` }
    const refused = { status: 403, body: { code: 'terminal_needed' } }
    expect(await send(till.url, 'GET', '/v1/till', headers)).toMatchObject(refused)
    const given = { staff: 'wang', pin: PINS.wang }
    expect(await send(till.url, 'POST', '/v1/sessions', headers, given)).toMatchObject(refused)
  })
})

describe('signing in', () => {
  test('the right PIN makes whoever it is act at this terminal, and the chain says by which way', async () => {
    const payment = await pay(till)
    const { token, staff, expiresAt } = await signIn(till, 'zhang')
    expect(token).toMatch(/^yk_1_p_[\w-]{43}$/)
    expect(staff).toMatchObject({
      no: 'zhang',
      name: '张三',
      role: 'cashier',
      rights: { mayRefund: true, perRefundFen: 20_000, perDayFen: 100_000, earlierDay: false },
    })
    expect(new Date(expiresAt).getTime() - till.clock.now().getTime()).toBeGreaterThan(15.9 * HOUR)
    const seen = await callAt(till, 't1', { staff: token }, 'GET', '/v1/till')
    expect(seen.body.staff).toEqual(staff)

    const asked = wish(payment.no, { amount: 500 })
    const answer = await callAt(till, 't1', { staff: token }, 'POST', '/v1/refunds', asked)
    expect(answer).toMatchObject({ status: 202, body: { requestedBy: 'zhang', terminal: 't1' } })
    const steps = await till.call('GET', `/v1/refunds/${asked.no}/events`)
    expect(steps.body.events[0].by).toEqual({
      store: 's1',
      terminal: 't1',
      staff: 'zhang',
      staffWay: 'pin',
      second: null,
      secondWay: null,
    })
  })

  test('the fifth wrong PIN in a row locks for a quarter of an hour, the right one too', async () => {
    for (const left of [4, 3, 2, 1]) {
      expect(await trySignIn(till, 'zhang', '9999')).toMatchObject({
        status: 401,
        body: { code: 'pin_wrong', params: { left }, title: expect.stringContaining(`${left} 次`) },
      })
    }
    const locked = { status: 429, body: { code: 'pin_locked' } }
    const last = await trySignIn(till, 'zhang', '9999')
    expect(last).toMatchObject(locked)
    expect(new Date(last.body.params.until).getTime() - till.clock.now().getTime()).toBeGreaterThan(
      14 * MINUTE,
    )
    expect(await trySignIn(till, 'zhang', PINS.zhang)).toMatchObject(locked)
    expect((await trySignIn(till, 'li', PINS.li)).status).toBe(201)

    till.clock.advance(15 * MINUTE)
    expect((await trySignIn(till, 'zhang', PINS.zhang)).status).toBe(201)
    expect((await trySignIn(till, 'zhang', '9999')).body.params).toEqual({ left: 4 })
  })

  test('the right PIN takes the wrong ones back', async () => {
    for (const _time of [1, 2, 3, 4]) await trySignIn(till, 'zhang', '9999')
    await signIn(till, 'zhang')
    expect((await trySignIn(till, 'zhang', '9999')).body.params).toEqual({ left: 4 })
  })

  test('forty guesses at once at two nodes and two terminals get five answers, and then not even the right one counts', async () => {
    await move('zhang', null)
    const other = await till.another()
    const guesses = Array.from({ length: 40 }, (_, place) =>
      trySignIn(place % 2 ? till : other, 'zhang', String(5_000 + place), place % 3 ? 't1' : 't2'),
    )
    const answers = await Promise.all(guesses)
    const codes = answers.map(({ body }) => String(body.code))
    expect(codes.filter((code) => code === 'pin_wrong').length).toBeLessThanOrEqual(4)
    expect(new Set(codes)).toEqual(new Set(['pin_wrong', 'pin_locked']))
    const tries = await inTenant(till.core.db, TENANT, (tx) =>
      tx.selectFrom('pin_try').select('failures').where('staff_no', '=', 'zhang').execute(),
    )
    expect(tries).toEqual([{ failures: 5 }])
    expect((await trySignIn(other, 'zhang', PINS.zhang)).body.code).toBe('pin_locked')
  })

  test('who does not exist, left, has no PIN or belongs to another store is told what a wrong PIN is told', async () => {
    await inTenant(till.core.db, TENANT, (tx) =>
      tx.deleteFrom('pin').where('staff_no', '=', 'wang').execute(),
    )
    await move('li', 's2')
    const lefts = async (staff: string, pin: string) => {
      const answers = []
      for (let time = 0; time < 6; time += 1) answers.push(await trySignIn(till, staff, pin))
      return answers.map(({ status, body }) => [
        status,
        body.code,
        body.params.left,
        body.title.replace(/\d\d:\d\d:\d\d/, 'T'),
      ])
    }
    const wrong = await lefts('zhang', '9999')
    expect(wrong.map(([status]) => status)).toEqual([401, 401, 401, 401, 429, 429])
    expect(await lefts('nobody', '9999')).toEqual(wrong)
    expect(await lefts('wang', PINS.wang)).toEqual(wrong)
    expect(await lefts('li', PINS.li)).toEqual(wrong)
    till.clock.advance(15 * MINUTE)
    await leaves('zhang')
    expect(await lefts('zhang', PINS.zhang)).toEqual(wrong)
  })

  test('what is no request is no try', async () => {
    for (const body of [
      { staff: 'zhang' },
      { staff: 'zhang', pin: '482' },
      { staff: 'zhang', pin: '48a7' },
      { staff: 'zhang', pin: 4827 },
      { staff: '', pin: '4827' },
      { staff: 'z'.repeat(33), pin: '4827' },
      { staff: 'zhang', pin: '4827', store: 's1' },
    ]) {
      const answer = await callAt(till, 't1', {}, 'POST', '/v1/sessions', body)
      expect(answer.status, JSON.stringify(body)).toBe(400)
    }
    expect((await trySignIn(till, 'zhang', '9999')).body.params).toEqual({ left: 4 })
  })
})

describe('a session', () => {
  test('works beside its own terminal and nowhere else', async () => {
    await move('zhang', null)
    const { token } = await signIn(till, 'zhang')
    const none = { status: 401, body: { code: 'not_signed_in' } }
    expect(await callAt(till, 't1', { staff: token }, 'GET', '/v1/till')).toMatchObject({
      status: 200,
    })
    expect(await callAt(till, 't2', { staff: token }, 'GET', '/v1/till')).toMatchObject(none)
    expect(
      await callAt(till, 't1', { staff: till.keys.staff['li'], second: token }, 'GET', '/v1/till'),
    ).toMatchObject(none)
    expect(
      await send(till.url, 'GET', '/v1/till', { authorization: `Bearer ${token}` }),
    ).toMatchObject(none)
    const foreign = { ...till.foreign, 'yuanlu-staff': token }
    expect(await send(till.url, 'GET', '/v1/till', foreign)).toMatchObject(none)
    const forged = token.replace('yk_1_p_', 'yk_1_s_')
    expect(await callAt(till, 't1', { staff: forged }, 'GET', '/v1/till')).toMatchObject(none)
    expect(
      await callAt(till, 't1', { staff: token.replace('yk_1_', 'yk_2_') }, 'GET', '/v1/till'),
    ).toMatchObject(none)
  })

  test('is over after sixteen hours', async () => {
    const { token } = await signIn(till, 'zhang')
    till.clock.advance(16 * HOUR - 1_000)
    const fresh = await till.another()
    expect((await callAt(fresh, 't1', { staff: token }, 'GET', '/v1/till')).status).toBe(200)
    till.clock.advance(1_001)
    await isOutSoon(till, 't1', { staff: token })
  })

  test('is over when its person signs out, and nobody else is', async () => {
    const { token } = await signIn(till, 'zhang')
    const { token: other } = await signIn(till, 'li')
    const out = () => callAt(till, 't1', { staff: token }, 'DELETE', '/v1/sessions/current')
    expect(await out()).toMatchObject({ status: 204, text: '' })
    await isOutSoon(till, 't1', { staff: token })
    expect((await out()).status).toBe(401)
    expect((await callAt(till, 't1', { staff: other }, 'GET', '/v1/till')).status).toBe(200)
    const key = { staff: till.keys.staff['zhang'] }
    expect(await callAt(till, 't1', key, 'DELETE', '/v1/sessions/current')).toMatchObject({
      status: 404,
      body: { code: 'not_found', params: { what: 'session' } },
    })
  })

  test('is over within five seconds of its person leaving, on every node', async () => {
    const other = await till.another()
    const { token } = await signIn(till, 'zhang')
    for (const node of [till, other]) {
      expect((await callAt(node, 't1', { staff: token }, 'GET', '/v1/till')).status).toBe(200)
    }
    await leaves('zhang')
    await Promise.all([till, other].map((node) => isOutSoon(node, 't1', { staff: token })))
    expect((await trySignIn(till, 'zhang', PINS.zhang)).body.code).toBe('pin_wrong')
  })
})

describe('a PIN', () => {
  const change = (token: string | undefined, pin: string, newPin: string) =>
    callAt(till, 't1', { staff: token }, 'PUT', '/v1/staff/me/pin', { pin, newPin })

  test('is changed with the old one, and what the old one opened is over', async () => {
    const { token } = await signIn(till, 'zhang')
    expect(await change(token, '9999', '6048')).toMatchObject({
      status: 401,
      body: { code: 'pin_wrong' },
    })
    expect(await change(token, PINS.zhang, '1234')).toMatchObject({
      status: 422,
      body: { code: 'pin_too_easy' },
    })
    expect(await change(token, PINS.zhang, '12')).toMatchObject({ status: 400 })
    expect(await change(undefined, PINS.zhang, '6048')).toMatchObject({
      status: 403,
      body: { code: 'staff_needed' },
    })
    expect(await change(token, PINS.zhang, '6048')).toMatchObject({ status: 204, text: '' })
    await isOutSoon(till, 't1', { staff: token })
    expect((await trySignIn(till, 'zhang', PINS.zhang)).body.code).toBe('pin_wrong')
    expect((await trySignIn(till, 'zhang', '6048')).status).toBe(201)
  })

  test('guessed over the way to change it, it is locked all the same', async () => {
    const { token } = await signIn(till, 'zhang')
    for (const _time of [1, 2, 3, 4]) await change(token, '9999', '6048')
    expect((await change(token, '9999', '6048')).status).toBe(429)
    expect((await trySignIn(till, 'zhang', PINS.zhang)).status).toBe(429)
  })

  test('given anew by whoever runs the machine, it opens what was locked', async () => {
    for (const _time of [1, 2, 3, 4, 5]) await trySignIn(till, 'zhang', '9999')
    const now = till.clock.now()
    expect(await setPin(till.core, TENANT, 'zhang', '1111', now)).toMatchObject({
      code: 'pin_too_easy',
    })
    expect(await setPin(till.core, TENANT, 'nobody', '6048', now)).toMatchObject({
      code: 'not_found',
    })
    expect(await setPin(till.core, TENANT, 'zhang', '6048', now)).toBeNull()
    expect((await trySignIn(till, 'zhang', '6048')).status).toBe(201)
  })

  test('one and the same is kept differently for each person, and never in the clear', async () => {
    const now = till.clock.now()
    for (const staff of ['zhang', 'li']) await setPin(till.core, TENANT, staff, '6048', now)
    const rows = await inTenant(till.core.db, TENANT, (tx) =>
      tx.selectFrom('pin').selectAll().execute(),
    )
    expect(new Set(rows.map((row) => row.hash)).size).toBe(3)
    expect(JSON.stringify(rows)).not.toContain('6048')
  })
})

test('what is long over is cleared away, and nothing else', async () => {
  const { token } = await signIn(till, 'zhang')
  await trySignIn(till, 'nobody', '9999')
  const count = (table: 'session' | 'pin_try') =>
    inTenant(till.core.db, TENANT, (tx) => tx.selectFrom(table).select('tenant_id').execute())
  await forgetSignIns(till.core, TENANT, till.clock.now())
  expect([(await count('session')).length, (await count('pin_try')).length]).toEqual([1, 2])
  expect(
    (await send(till.url, 'GET', '/v1/till', headersAt(till, 't1', { staff: token }))).status,
  ).toBe(200)
  till.clock.advance(41 * HOUR)
  await forgetSignIns(till.core, TENANT, till.clock.now())
  expect([await count('session'), await count('pin_try')]).toEqual([[], []])
})
