/** A device becomes a terminal. */
import { beforeEach, expect, test } from 'vitest'
import { enrolled } from '../../src/api/contract-people.ts'
import { makeEnrolment } from '../../src/commands/enrol-terminal.ts'
import { inTenant } from '../../src/db/connect.ts'
import { systemOf } from '../../src/domain/actor.ts'
import { testDatabase } from '../support/database.ts'
import { callAt, givePins, isOutSoon, signIn } from '../support/people.ts'
import { TENANT } from '../support/shop.ts'
import { openTill, send, type Answer, type Till } from '../support/till.ts'

const MINUTE = 60_000

let till: Till
beforeEach(async () => {
  const database = await testDatabase()
  till = await openTill(database.db)
  await givePins(till)
})

const enrol = (code: string): Promise<Answer> => send(till.url, 'POST', '/v1/enrol', {}, { code })
const ask = (staff: string, terminal: string): Promise<Answer> =>
  send(
    till.url,
    'POST',
    '/v1/enrolments',
    { authorization: `Bearer ${till.keys.staff[staff]}` },
    { terminal },
  )
async function codeFor(terminal: string): Promise<string> {
  const made = await ask('wang', terminal)
  expect(made.status, made.text).toBe(201)
  return made.body.code
}
const unknown = { status: 404, body: { code: 'enrolment_unknown' } }

test('a code makes a device the terminal, once; the device before it is out, and whoever was signed in there', async () => {
  const before = await signIn(till, 'zhang')
  const made = await ask('wang', 't1')
  expect(made.body.code).toMatch(/^1-[0-9A-Z]{4}-[0-9A-Z]{4}$/)
  expect(new Date(made.body.expiresAt).getTime() - till.clock.now().getTime()).toBeGreaterThan(
    14 * MINUTE,
  )

  const answer = await enrol(` ${made.body.code.toLowerCase()} `)
  expect(answer.status).toBe(201)
  const { terminal, key } = enrolled.parse(answer.body)
  expect(terminal).toBe('t1')
  expect(key).toMatch(/^yk_1_t_[\w-]{43}$/)
  const fresh = { authorization: `Bearer ${key}` }
  expect(await send(till.url, 'GET', '/v1/till', fresh)).toMatchObject({
    status: 200,
    body: { terminal: { no: 't1' } },
  })
  await isOutSoon(till, 't1', {})
  await expect
    .poll(
      async () =>
        (await send(till.url, 'GET', '/v1/till', { ...fresh, 'yuanlu-staff': before.token }))
          .status,
      { timeout: 5_000 },
    )
    .toBe(401)
  expect((await callAt(till, 't2', {}, 'GET', '/v1/till')).status).toBe(200)
  expect(await enrol(made.body.code)).toMatchObject(unknown)
})

test('of many devices with one code, one gets the terminal', async () => {
  const code = await codeFor('t1')
  const answers = await Promise.all(Array.from({ length: 8 }, () => enrol(code)))
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
  expect(answers.filter(({ status }) => status === 404)).toHaveLength(7)
  const live = await inTenant(till.core.db, TENANT, (tx) =>
    tx
      .selectFrom('api_key')
      .select('key_hash')
      .where('terminal_no', '=', 't1')
      .where('revoked_at', 'is', null)
      .execute(),
  )
  expect(live).toHaveLength(1)
})

test('a code is over after a quarter of an hour, and when another one is made', async () => {
  const first = await codeFor('t1')
  const second = await codeFor('t1')
  expect(await enrol(first)).toMatchObject(unknown)
  till.clock.advance(15 * MINUTE)
  expect(await enrol(second)).toMatchObject(unknown)
  expect((await enrol(await codeFor('t1'))).status).toBe(201)
})

test('what is no code of ours opens nothing', async () => {
  await codeFor('t1')
  for (const code of ['1-0000-0000', '2-ZZZZ-ZZZZ', '999999999-ABCD-EFGH', 'nonsense']) {
    expect(await enrol(code), code).toMatchObject(unknown)
  }
})

test("another merchant's number before a code of ours opens nothing", async () => {
  const code = await codeFor('t1')
  expect(await enrol(code.replace(/^1-/, '2-'))).toMatchObject(unknown)
  expect((await enrol(code)).status).toBe(201)
})

test('guessing is bounded, and bothers only the merchant that is guessed at', async () => {
  const code = await codeFor('t1')
  const statuses: number[] = []
  for (let guess = 0; guess < 35; guess += 1) {
    statuses.push((await enrol(`1-${String(1_000 + guess)}-ABCD`)).status)
  }
  expect(statuses.filter((status) => status === 404)).toHaveLength(30)
  expect(statuses.slice(30)).toEqual([503, 503, 503, 503, 503])
  expect((await enrol(code)).headers['retry-after']).toBeDefined()
  const other = await makeEnrolment(till.core, systemOf(2), 't1', till.clock.now())
  expect(other.kind === 'made' && (await enrol(other.code)).status).toBe(201)
})

test('only somebody who may decide lets a device in, at their own store, and only for a terminal there is', async () => {
  expect(await ask('zhang', 't1')).toMatchObject({
    status: 403,
    body: { code: 'supervisor_needed' },
  })
  expect((await ask('li', 't1')).status).toBe(201)
  expect(await ask('li', 't2')).toMatchObject({
    status: 403,
    body: { code: 'not_allowed', params: { right: 'enrol' } },
  })
  expect((await ask('wang', 't2')).status).toBe(201)
  expect(await ask('wang', 't9')).toMatchObject({
    status: 404,
    body: { code: 'not_found', params: { what: 'terminal' } },
  })
  expect(await callAt(till, 't1', {}, 'POST', '/v1/enrolments', { terminal: 't1' })).toMatchObject({
    status: 403,
    body: { code: 'staff_needed' },
  })
  const foreign = await send(till.url, 'POST', '/v1/enrolments', till.foreign, { terminal: 't2' })
  expect(foreign).toMatchObject({ status: 404 })
})
