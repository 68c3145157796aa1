/** What a till is told before anybody confirms a refund. */
import { sql } from 'kysely'
import { beforeEach, expect, test } from 'vitest'
import { previewShown } from '../../src/api/contract-till.ts'
import { testDatabase, type TestDatabase } from '../support/database.ts'
import { newNumber } from '../support/given.ts'
import { openTill, pay, send, wish, type Answer, type Till, type Who } from '../support/till.ts'
import { ask } from '../support/walk.ts'

let database: TestDatabase
let till: Till
beforeEach(async () => {
  database = await testDatabase()
  till = await openTill(database.db)
})

const preview = (of: Record<string, unknown>, who?: Who, second?: Who): Promise<Answer> =>
  till.call('POST', '/v1/refunds/preview', of, who, second)

const wanted = (payment: string, more: Record<string, unknown> = { full: true }) => {
  const { no: _no, ...rest } = wish(payment, {})
  return { ...rest, ...more }
}

test('amount, route, arrival and plan are said before anybody confirms', async () => {
  const payment = await pay(till, 12_800)
  const { status, body } = await preview(wanted(payment.no, { amount: 1_200 }))
  expect(status).toBe(200)
  expect(previewShown.parse(body)).toEqual({
    amount: 1_200,
    feeKept: 0,
    refundableAfter: 11_600,
    currency: 'CNY',
    kind: 'refund',
    plan: { when: 'now', at: null, reason: null, says: '马上提交渠道。' },
    verdict: 'allow',
    why: [],
    second: 'none',
    payer: payment.payer,
    route: `原路退回 微信支付 ${payment.payer}`,
    arrival: {
      key: 'days_1_3',
      says: '退到零钱或余额：几分钟内到账；退到银行卡：1–3 个工作日到账。',
    },
    discountNote: null,
  })
})

test('the same in English', async () => {
  const payment = await pay(till, 30_000)
  const headers = { ...till.headers('zhang'), 'accept-language': 'en' }
  const answer = await send(till.url, 'POST', '/v1/refunds/preview', headers, wanted(payment.no))
  expect(answer.body).toMatchObject({
    plan: { says: 'Once approved, it goes to the channel at once.' },
    verdict: 'needs_approval',
    why: [
      {
        rule: 'per_refund',
        says: 'It is above the ¥200.00 you may refund at once.',
      },
    ],
    second: 'pin_or_code',
    route: `By the original route: WeChat Pay ${payment.payer}`,
    arrival: {
      says: 'To a balance, there within minutes; to a bank card, there in 1–3 working days.',
    },
  })
})

test('one behind another says when it goes', async () => {
  const payment = await pay(till, 12_800)
  await ask(till, wish(payment.no, { amount: 1_000 }))
  const { body } = await preview(wanted(payment.no, { amount: 500 }))
  expect(body).toMatchObject({
    refundableAfter: 11_300,
    plan: { when: 'at', reason: 'spacing' },
  })
  const stored = await ask(till, wish(payment.no, { amount: 500 }))
  expect(stored).toMatchObject({ state: 'approved', sendReason: 'spacing' })
  // Counted from the last send, whoever asks and whenever.
  expect(stored.sendAt).toBe(body.plan.at)
  expect(body.plan.says).toMatch(
    /^渠道要求两次退款之间有间隔，\d\d:\d\d:\d\d 自动提交，不用守着。$/,
  )
})

test('cash says so, and that a second person is always wanted', async () => {
  const payment = await pay(till, 5_000)
  const cash = wanted(payment.no, { full: true, method: 'cash' })
  expect((await preview(cash, 'li')).body).toMatchObject({
    kind: 'cash',
    plan: { when: 'now', says: '授权后，把现金当面退给顾客，然后在本机确认已付。' },
    verdict: 'needs_approval',
    why: [{ rule: 'cash' }],
    second: 'pin_or_code',
    route: '现金当面退给顾客',
    arrival: { key: 'by_hand', says: '现金当面退还' },
  })
  expect((await preview(cash, 'li', 'wang')).body).toMatchObject({
    verdict: 'allow',
    why: [],
    second: 'none',
  })
})

test("discounts are told: the shop's with its figures, the channel's with what comes back", async () => {
  const shops = await pay(till, 4_500, { orderAmount: 5_000, paidAmount: 4_500 })
  expect((await preview(wanted(shops.no))).body.discountNote).toBe(
    '订单 ¥50.00，优惠 ¥5.00，实付 ¥45.00：按实付退，优惠不退。',
  )
  const customer = till.sandbox.createCustomer({
    coupons: [{ type: 'COUPON', amount: 500 }],
  })
  const channels = await pay(till, 4_500, {}, customer)
  expect(channels.payerAmount).toBe(4_000)
  expect((await preview(wanted(channels.no, { amount: 900 }))).body.discountNote).toBe(
    '实付 ¥45.00 中顾客自己付了 ¥40.00，其余是支付时的优惠券，不退给顾客。这次顾客约退到 ¥8.00，以渠道结果为准。',
  )
  expect((await preview(wanted(channels.no))).body.discountNote).toMatch(/这次顾客实退 ¥40\.00。$/)
})

test('what the request would be refused for, the preview is refused for in the same words', async () => {
  const payment = await pay(till, 40_000, { items: [{ name: '面', quantity: 2, amount: 40_000 }] })
  await ask(till, wish(payment.no, { amount: 3_000 }))
  const cases: [string, Record<string, unknown>, number][] = [
    ['over_room', { amount: 37_001 }, 409],
    ['amount_not_positive', { amount: 0 }, 422],
    ['no_such_item', { items: [{ line: 2, quantity: 1 }] }, 422],
    ['items_taken', { items: [{ line: 1, quantity: 3 }] }, 409],
    ['cash_not_allowed', { amount: 25_000, method: 'cash' }, 403],
    ['reason_needed', { amount: 100, method: 'cash', reason: 'other' }, 422],
  ]
  for (const [code, more, status] of cases) {
    const of = wanted(payment.no, more)
    const [said, done] = [
      await preview(of),
      await till.call('POST', '/v1/refunds', { ...of, no: newNumber('refund') }),
    ]
    expect({ ...said.body, instance: '' }, code).toEqual({ ...done.body, instance: '' })
    expect(said, code).toMatchObject({ status, body: { code } })
  }
  expect(await preview(wanted(newNumber('refund')))).toMatchObject({
    status: 422,
    body: { code: 'refund_of_refund' },
  })
  expect(await preview(wanted(newNumber('payment')))).toMatchObject({
    status: 404,
    body: { code: 'not_found', params: { what: 'payment' } },
  })
})

test('a number or two measures have no place in it; neither has a till without a person', async () => {
  const payment = await pay(till)
  for (const more of [{ full: true, no: newNumber('refund') }, { full: true, amount: 1 }, {}]) {
    expect(await preview(wanted(payment.no, more))).toMatchObject({
      status: 400,
      body: { code: 'body_invalid' },
    })
  }
  expect(await preview(wanted(payment.no), 'nobody')).toMatchObject({
    status: 403,
    body: { code: 'staff_needed' },
  })
})

test('what takes the place of an open request is looked at with that one out of the way', async () => {
  const items = [
    { name: '水煮鱼', quantity: 2, amount: 40_000 },
    { name: '米饭', quantity: 1, amount: 5_000 },
  ]
  const payment = await pay(till, 45_000, { items })
  const open = await ask(till, wish(payment.no, { items: [{ line: 1, quantity: 2 }] }))
  expect(open.state).toBe('requested')
  const fish = { items: [{ line: 1, quantity: 1 }] }
  expect(await preview(wanted(payment.no, fish), 'li')).toMatchObject({
    body: { code: 'items_taken' },
  })
  const instead = { ...fish, replaces: open.no }
  expect(await preview(wanted(payment.no, instead), 'li')).toMatchObject({
    status: 200,
    body: { amount: 20_000, refundableAfter: 25_000, verdict: 'allow' },
  })
  expect(
    (await preview(wanted(payment.no, { full: true, replaces: open.no }), 'li')).body,
  ).toMatchObject({ amount: 45_000, refundableAfter: 0 })
  expect(await preview(wanted(payment.no, instead))).toMatchObject({
    body: { code: 'supervisor_needed' },
  })
  const other = await pay(till, 45_000)
  expect(await preview(wanted(other.no, { full: true, replaces: open.no }), 'li')).toMatchObject({
    body: { code: 'not_found' },
  })
  const asked = wish(payment.no, instead)
  expect(await till.call('POST', '/v1/refunds', asked, 'li')).toMatchObject({
    status: 202,
    body: { amount: 20_000, replaces: open.no },
  })
  expect((await till.call('GET', `/v1/payments/${payment.no}`)).body.refundable).toBe(25_000)
  expect(await preview(wanted(payment.no, instead), 'li')).toMatchObject({
    body: { code: 'state_changed' },
  })
})

test('looking writes nothing, in any table, and leaves nothing held', async () => {
  const payment = await pay(till, 30_000)
  await ask(till, wish(payment.no, { amount: 1_000 }))
  const before = await everyRow()
  for (const more of [{ full: true }, { amount: 100 }, { amount: 99_999 }]) {
    await preview(wanted(payment.no, more))
    await preview(wanted(payment.no, { ...more, method: 'cash' }), 'li', 'wang')
  }
  expect(await everyRow()).toEqual(before)
})

/** Every table's rows as one digest. */
async function everyRow(): Promise<Record<string, string>> {
  const { rows: tables } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables
     where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`.execute(
    database.ownerDb,
  )
  const digests: Record<string, string> = {}
  for (const { name } of tables) {
    const { rows } = await sql<{ digest: string }>`
      select coalesce(md5(string_agg(t::text || t.xmin::text, E'\n' order by t::text)), '') as digest
        from ${sql.table(name)} t`.execute(database.ownerDb)
    digests[name] = rows[0]?.digest ?? ''
  }
  expect(Object.keys(digests).length).toBeGreaterThan(20)
  expect(digests['refund']).not.toBe('')
  return digests
}
