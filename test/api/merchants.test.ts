/** Another merchant's keys, on every route there is. */
import { expect, test } from 'vitest'
import { emptyApp } from '../../scripts/openapi-text.ts'
import { dayOf } from '../../src/domain/time.ts'
import { testDatabase } from '../support/database.ts'
import { newNumber, pass } from '../support/given.ts'
import { routesOf } from './routes.ts'
import { openTill, pay, saleOf, send, wish } from '../support/till.ts'

/** A wish as a preview takes it: without a number. */
function lookedAt(payment: string) {
  const { no: _no, ...rest } = wish(payment)
  return rest
}

test('for another merchant nothing of ours is there, on any route', async () => {
  const database = await testDatabase()
  const till = await openTill(database.db)
  const payment = await pay(till, 3_210)
  const asked = wish(payment.no, { amount: 1_234 })
  await till.call('POST', '/v1/refunds', asked)
  await pass(till, 120_000)
  const hook = await till.call('POST', '/v1/webhooks', { url: 'https://hooks.example/' }, 'wang')
  const shift = { no: newNumber('shift'), openingCash: 3_210 }
  await till.call('POST', '/v1/shifts', shift)
  const ofShift = (act: string) => `/v1/shifts/${shift.no}${act}`
  const ofDay = (act: string) => `/v1/days/${dayOf(till.clock.now())}${act}`
  const close = { no: newNumber('day_close') }
  expect((await till.call('POST', ofDay('/close'), close, 'li')).status).toBe(201)
  const ofHook = (act: string) => `/v1/webhooks/${hook.body.no}${act}`

  const reason = { reason: 'no_proof' }
  const ofPayment = (act: string) => `/v1/payments/${payment.no}${act}`
  const ofRefund = (act: string) => `/v1/refunds/${asked.no}${act}`
  const span = 'from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z'
  type Case = [string, 'GET' | 'POST', string, unknown, number | 'empty' | 'unknown']
  const cases: Case[] = [
    ['GET /v1/payments/{no}', 'GET', ofPayment(''), undefined, 404],
    ['GET /v1/payments/{no}/events', 'GET', ofPayment('/events'), undefined, 404],
    ['POST /v1/payments/{no}/query', 'POST', ofPayment('/query'), undefined, 404],
    ['POST /v1/payments/{no}/reverse', 'POST', ofPayment('/reverse'), undefined, 404],
    ['POST /v1/payments/{no}/accept', 'POST', ofPayment('/accept'), undefined, 404],
    ['POST /v1/payments/{no}/unblock', 'POST', ofPayment('/unblock'), reason, 404],
    ['GET /v1/directory', 'GET', '/v1/directory', undefined, 200],
    ['GET /v1/sales/{no}', 'GET', `/v1/sales/${payment.sale}`, undefined, 404],
    ['GET /v1/sales/{no}/slip', 'GET', `/v1/sales/${payment.sale}/slip`, undefined, 404],
    ['GET /v1/sales', 'GET', `/v1/sales?code=${payment.billNo}`, undefined, 404],
    ['GET /v1/sales', 'GET', `/v1/sales?code=${asked.no}`, undefined, 404],
    ['GET /v1/sales', 'GET', `/v1/sales?amount=3210&last=000000&${span}`, undefined, 'empty'],
    ['GET /v1/refunds', 'GET', '/v1/refunds', undefined, 'empty'],
    ['GET /v1/refunds', 'GET', '/v1/refunds?terminal=t1&unfinished=true', undefined, 'empty'],
    ['POST /v1/refunds', 'POST', '/v1/refunds', wish(payment.no), 404],
    ['POST /v1/refunds/preview', 'POST', '/v1/refunds/preview', lookedAt(payment.no), 404],
    ['GET /v1/refunds/{no}', 'GET', ofRefund(''), undefined, 404],
    ['GET /v1/refunds/{no}/events', 'GET', ofRefund('/events'), undefined, 404],
    ['GET /v1/refunds/{no}/calls', 'GET', ofRefund('/calls'), undefined, 404],
    ['GET /v1/refunds/{no}/slip', 'GET', ofRefund('/slip'), undefined, 404],
    [
      'POST /v1/refunds/{no}/print',
      'POST',
      ofRefund('/print'),
      { copy: 'customer', paper: '58mm' },
      404,
    ],
    [
      'POST /v1/sales/{no}/print',
      'POST',
      `/v1/sales/${payment.sale}/print`,
      { copy: 'customer', paper: '58mm' },
      404,
    ],
    ['POST /v1/slips/check', 'POST', '/v1/slips/check', { code: asked.no }, 'unknown'],
    ['POST /v1/slips/check', 'POST', '/v1/slips/check', { code: payment.sale }, 'unknown'],
    ['POST /v1/refunds/{no}/approve', 'POST', ofRefund('/approve'), undefined, 404],
    ['POST /v1/refunds/{no}/reject', 'POST', ofRefund('/reject'), reason, 404],
    ['POST /v1/refunds/{no}/withdraw', 'POST', ofRefund('/withdraw'), undefined, 404],
    ['POST /v1/refunds/{no}/lower', 'POST', ofRefund('/lower'), { amount: 1 }, 404],
    [
      'POST /v1/refunds/{no}/send-again',
      'POST',
      ofRefund('/send-again'),
      { method: 'original' },
      404,
    ],
    ['POST /v1/refunds/{no}/stop', 'POST', ofRefund('/stop'), reason, 404],
    ['POST /v1/refunds/{no}/remedy', 'POST', ofRefund('/remedy'), { remedy: 'to_merchant' }, 404],
    ['POST /v1/refunds/{no}/cash', 'POST', ofRefund('/cash'), { answer: 'paid' }, 404],
    ['POST /v1/refunds/{no}/close', 'POST', ofRefund('/close'), reason, 404],
    ['POST /v1/refunds/{no}/query', 'POST', ofRefund('/query'), undefined, 404],
    ['POST /v1/enrolments', 'POST', '/v1/enrolments', { terminal: 't2' }, 404],
    ['GET /v1/incidents', 'GET', '/v1/incidents', undefined, 'empty'],
    ['GET /v1/shifts', 'GET', '/v1/shifts', undefined, 'empty'],
    ['GET /v1/shifts/current', 'GET', '/v1/shifts/current', undefined, 403],
    ['GET /v1/shifts/{no}', 'GET', ofShift(''), undefined, 404],
    ['GET /v1/shifts/{no}/slip', 'GET', ofShift('/slip'), undefined, 404],
    ['POST /v1/shifts/{no}/print', 'POST', ofShift('/print'), { paper: '58mm' }, 404],
    ['POST /v1/shifts/{no}/close', 'POST', ofShift('/close'), { countedCash: 1 }, 404],
    ['GET /v1/days/{day}', 'GET', ofDay('?store=s1'), undefined, 'empty'],
    ['GET /v1/days/{day}/slip', 'GET', ofDay('/slip?store=s1'), undefined, 404],
    ['POST /v1/days/{day}/print', 'POST', ofDay('/print'), { paper: '58mm', store: 's1' }, 404],
    ['GET /v1/webhooks', 'GET', '/v1/webhooks', undefined, 'empty'],
    ['POST /v1/webhooks/{no}/pause', 'POST', ofHook('/pause'), undefined, 404],
    ['POST /v1/webhooks/{no}/resume', 'POST', ofHook('/resume'), undefined, 404],
    ['POST /v1/webhooks/{no}/remove', 'POST', ofHook('/remove'), undefined, 404],
    ['GET /v1/webhooks/{no}/deliveries', 'GET', ofHook('/deliveries'), undefined, 404],
    [
      'POST /v1/webhooks/{no}/deliveries/{event}/redeliver',
      'POST',
      ofHook('/deliveries/1/redeliver'),
      undefined,
      404,
    ],
  ]
  const app = emptyApp()
  const routes = await routesOf(app)
  await app.close()
  // These make something of the caller's own, are about the caller, or hold nothing of anybody.
  const own = [
    'DELETE /v1/sessions/current',
    'GET /healthz',
    'GET /readyz',
    'GET /v1/channels',
    'GET /v1/openapi.json',
    'GET /v1/till',
    'POST /notify/{channel}/{place}',
    'POST /v1/approval-codes',
    'POST /v1/enrol',
    'POST /v1/days/{day}/close',
    'POST /v1/payments',
    'POST /v1/sales/find',
    'POST /v1/sales/import',
    'POST /v1/self-check',
    'POST /v1/seconds',
    'POST /v1/sessions',
    'POST /v1/shifts',
    'POST /v1/webhooks',
    'PUT /v1/staff/me/pin',
  ]
  expect([...new Set([...cases.map(([route]) => route), ...own])].toSorted()).toEqual(routes)

  const foreign = (path: string, method: 'GET' | 'POST', body: unknown) =>
    send(till.url, method, path, till.foreign, body)
  for (const [route, method, path, body, expected] of cases) {
    const answer = await foreign(path, method, body)
    expect(answer.status, route).toBe(typeof expected === 'number' ? expected : 200)
    expect(answer.text, route).not.toMatch(/zhang|3210|1234[^\d]/)
  }
  for (const [route, method, path, body] of cases.filter((each) => each[4] === 'empty')) {
    const answer = (await foreign(path, method, body)).body as Record<string, unknown>
    expect(Object.values(answer).filter(Array.isArray), route).toEqual([[]])
  }
  for (const [route, method, path, body] of cases.filter((each) => each[4] === 'unknown')) {
    expect((await foreign(path, method, body)).body, route).toMatchObject({
      answer: 'unknown',
      claim: null,
      live: null,
    })
  }
  // Not even whether it exists: the answer is the one for a number nobody has ever used.
  const hidden = cases.filter((each) => each[4] === 404 && !each[2].includes('code='))
  for (const [route, method, path, body] of hidden) {
    const unused = path.replaceAll(/\d{22}/g, '9999999999999999999999')
    const given =
      route === 'POST /v1/refunds'
        ? wish(newNumber('payment'))
        : route === 'POST /v1/refunds/preview'
          ? lookedAt(newNumber('payment'))
          : body
    const [answer, missing] = [
      await foreign(path, method, body),
      await foreign(unused, method, given),
    ]
    expect({ ...answer.body, instance: '' }, route).toEqual({ ...missing.body, instance: '' })
  }

  // The same numbers are free for the other merchant, who does not learn of ours.
  const theirs = await send(till.url, 'POST', '/v1/payments', till.foreign, {
    no: payment.no,
    sale: saleOf(100, { no: payment.sale }),
    amount: 100,
    method: 'qr',
  })
  expect(theirs.status).toBe(202)
  const kept = await till.call('GET', `/v1/payments/${payment.no}`)
  expect(kept.body).toMatchObject({ amount: 3_210, state: 'paid' })
})

test('a request without a key, or of a terminal where nobody stands, changes nothing', async () => {
  const database = await testDatabase()
  const till = await openTill(database.db)
  const payment = await pay(till)
  const asked = wish(payment.no)
  expect(await send(till.url, 'POST', '/v1/refunds', {}, asked)).toMatchObject({
    status: 401,
    body: { code: 'not_signed_in' },
  })
  expect(await till.call('POST', '/v1/refunds', asked, 'nobody')).toMatchObject({
    status: 403,
    body: { code: 'staff_needed' },
  })
  expect(
    (await till.call('GET', `/v1/sales/${payment.sale}`, undefined, 'nobody')).body,
  ).toMatchObject({ refunds: [] })
})
