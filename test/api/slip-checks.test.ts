/** Checking paper: genuine, altered, forged, of another shop, or outlived by what happened since. */
import { beforeEach, expect, test } from 'vitest'
import { testDatabase } from '../support/database.ts'
import { newNumber, pass } from '../support/given.ts'
import { openTill, pay, send, wish, type Answer, type Till } from '../support/till.ts'

const MINUTE = 60_000

let till: Till
beforeEach(async () => {
  till = await openTill((await testDatabase()).db)
})
const check = (given: Record<string, unknown>): Promise<Answer> =>
  till.call('POST', '/v1/slips/check', given)

type Paper = { verification: string; qr: { data: string }; printedAt: string }
const paperOf = async (path: string, copy = 'merchant'): Promise<Paper> =>
  (await till.call('GET', `${path}/slip?format=json&copy=${copy}`)).body as Paper

/** Paid back, on request with less. */
async function refunded(amount = 1_200): Promise<{ no: string; sale: string }> {
  const payment = await pay(till)
  const asked = wish(payment.no, { amount })
  await till.call('POST', '/v1/refunds', asked)
  await pass(till, 2 * MINUTE)
  return { no: asked.no, sale: payment.sale }
}

test('a slip of ours matches by its square and by its typed code, and the live state comes along', async () => {
  const { no, sale } = await refunded()
  for (const copy of ['merchant', 'customer']) {
    const { verification, qr, printedAt } = await paperOf(`/v1/refunds/${no}`, copy)
    const said = {
      status: 200,
      body: {
        answer: 'match',
        differs: [],
        says: '一致。小票上应写“退款成功”¥12.00，请核对；当前状态以系统为准。',
        claim: { copy, state: 'succeeded', amount: 1_200 },
        live: { sale, refund: no, shows: 'succeeded', amount: 1_200 },
      },
    }
    expect(await check({ code: qr.data })).toMatchObject(said)
    expect(
      await check({ code: no, check: verification.toLowerCase(), amount: 1_200 }),
    ).toMatchObject(said)
    const { body } = await check({ code: no, check: verification })
    expect(body.claim.printedAt.slice(0, 19)).toBe(printedAt.slice(0, 19))
  }
  const receipt = await paperOf(`/v1/sales/${sale}`)
  expect((await check({ code: receipt.qr.data })).body).toMatchObject({
    answer: 'match',
    claim: { state: 'paid', amount: 12_800 },
    live: { sale, refund: null, shows: 'paid', amount: 12_800 },
  })
  // The square also finds the sale at a till.
  const found = await till.call('GET', `/v1/sales?code=${encodeURIComponent(receipt.qr.data)}`)
  expect(found.body.sales).toMatchObject([{ no: sale }])
})

test('an altered amount does not match, in print, in the square or in both', async () => {
  const { no } = await refunded()
  const { verification, qr } = await paperOf(`/v1/refunds/${no}`)
  const forged = qr.data.replace('*1200*', '*120000*')
  expect((await check({ code: no, check: verification, amount: 120_000 })).body).toMatchObject({
    answer: 'mismatch',
    differs: ['amount'],
    claim: { amount: 1_200 },
  })
  expect((await check({ code: qr.data, amount: 120_000 })).body).toMatchObject({
    answer: 'mismatch',
    differs: ['amount'],
  })
  for (const given of [{ code: forged }, { code: forged, amount: 120_000 }]) {
    expect((await check(given)).body).toMatchObject({ answer: 'mismatch', differs: ['amount'] })
  }
})

test('a code of another slip, an invented one and none at all prove nothing', async () => {
  const { no } = await refunded()
  const other = await refunded(1_300)
  const { verification } = await paperOf(`/v1/refunds/${other.no}`)
  for (const code of [verification, '00000-00000-00000', 'nonsense']) {
    expect((await check({ code: no, check: code })).body, code).toMatchObject({
      answer: 'mismatch',
      differs: ['code'],
      claim: null,
      live: { refund: no },
    })
  }
  expect((await check({ code: no })).body).toMatchObject({ answer: 'unproven', claim: null })
  expect((await check({ code: no, amount: 9_900 })).body).toMatchObject({
    answer: 'mismatch',
    differs: ['amount'],
  })
  expect((await check({ code: newNumber('refund'), check: verification })).body).toEqual({
    answer: 'unknown',
    differs: [],
    says: '本店没有这个单号的小票。请勿凭此单退款或付款。',
    claim: null,
    live: null,
  })
})

test('a pending slip goes on matching after the end, and tells the end', async () => {
  const payment = await pay(till, 50_000)
  const asked = wish(payment.no)
  await till.call('POST', '/v1/refunds', asked)
  const { qr } = await paperOf(`/v1/refunds/${asked.no}`)
  expect((await check({ code: qr.data })).body).toMatchObject({
    answer: 'match',
    claim: { state: 'requested' },
    live: { shows: 'requested' },
  })
  await till.call('POST', `/v1/refunds/${asked.no}/reject`, { reason: 'no_proof' }, 'li')
  expect((await check({ code: qr.data })).body).toMatchObject({
    answer: 'match',
    claim: { state: 'requested' },
    live: { shows: 'rejected' },
  })
})

test('checking the slip of a refund under way asks the channel, and answers what it says', async () => {
  const payment = await pay(till)
  const asked = wish(payment.no, { amount: 1_200 })
  expect((await till.call('POST', '/v1/refunds', asked)).body.state).toBe('sending')
  const { qr } = await paperOf(`/v1/refunds/${asked.no}`)
  await till.sandbox.advance(2 * MINUTE)
  till.clock.advance(2 * MINUTE)
  expect((await check({ code: qr.data })).body).toMatchObject({
    answer: 'match',
    claim: { state: 'processing', amount: 1_200 },
    live: { shows: 'succeeded' },
  })
})

test('another shop learns nothing of a slip, and its own code vouches for nothing of ours', async () => {
  const { no } = await refunded()
  const { qr } = await paperOf(`/v1/refunds/${no}`)
  const unused = qr.data.replace(no, newNumber('refund'))
  const theirs = (code: string) => send(till.url, 'POST', '/v1/slips/check', till.foreign, { code })
  const answer = await theirs(qr.data)
  expect(answer.body).toMatchObject({ answer: 'unknown', claim: null, live: null })
  expect(answer.body).toEqual((await theirs(unused)).body)
  expect((await send(till.url, 'POST', '/v1/slips/check', {}, { code: qr.data })).status).toBe(401)
})

test.each([
  [{}, 'body_invalid'],
  [{ code: '' }, 'body_invalid'],
  [{ code: 'x'.repeat(401) }, 'body_invalid'],
  [{ code: '7326112200098765432103', amount: '12' }, 'body_invalid'],
  [{ code: '7326112200098765432103', more: 1 }, 'body_invalid'],
  [{ code: '130012345678901234' }, 'code_is_payment_code'],
  [{ code: 'https://example.com/' }, 'code_is_web_address'],
  [{ code: '！' }, 'code_unreadable'],
])('%j is refused as %s', async (given, code) => {
  expect(await check(given)).toMatchObject({ status: expect.any(Number), body: { code } })
})
