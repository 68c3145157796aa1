/** A sale as long as the API takes one. */
import { beforeEach, expect, test } from 'vitest'
import { testDatabase } from '../support/database.ts'
import { newNumber, pass } from '../support/given.ts'
import { openTill, saleOf, wish, type Answer, type Till } from '../support/till.ts'

const ITEMS = 200
const MINUTE = 60_000

let till: Till
beforeEach(async () => {
  till = await openTill((await testDatabase()).db)
})
/** `count` lines of two pieces each, a discount of ten yuan over all of them. */
function longSale(count: number) {
  const items = Array.from({ length: count }, (_, place) => ({
    name: `第 ${place + 1} 行：手工酸辣粉（加麻加辣、多放香菜）`,
    quantity: 2,
    amount: 200 + 2 * place,
  }))
  const order = items.reduce((sum, item) => sum + item.amount, 0)
  return saleOf(order, { paidAmount: order - 1_000, items })
}

async function imported(): Promise<Answer['body']> {
  const sale = longSale(ITEMS)
  const { mchid } = till.sandbox.merchant
  till.sandbox.paidOrder({ mchid, outTradeNo: 'ERP-200', total: sale.paidAmount })
  const given = { payment: newNumber('payment'), sale, account: 'wx1', channelNumber: 'ERP-200' }
  const answer = await till.call('POST', '/v1/sales/import', given)
  expect(answer.status).toBe(200)
  expect(answer.body.items).toHaveLength(ITEMS)
  return answer.body
}

test('200 items are taken over and refunded by items, half of each and then the rest', async () => {
  const sale = await imported()
  const { no, refundable } = sale.payments[0] as { no: string; refundable: number }
  const items = Array.from({ length: ITEMS }, (_, place) => ({ line: place + 1, quantity: 1 }))
  let left = refundable
  for (const round of [1, 2]) {
    const asked = wish(no, { items })
    const answer = await till.call('POST', '/v1/refunds', asked, 'li', 'wang')
    expect(answer, `round ${round}`).toMatchObject({ status: 202 })
    expect(answer.body.items).toHaveLength(ITEMS)
    left -= answer.body.amount as number
    await pass(till, 2 * MINUTE)
    expect((await till.call('GET', `/v1/refunds/${asked.no}`)).body.state).toBe('succeeded')
    const slip = await till.call('GET', `/v1/refunds/${asked.no}/slip?format=json`)
    expect(slip.body.lines).toHaveLength(ITEMS)
  }
  expect(left).toBe(0)
  const after = await till.call('GET', `/v1/sales/${sale.no}`)
  expect(
    (after.body.items as { refunded: { quantity: number } }[]).every(
      (item) => item.refunded.quantity === 2,
    ),
  ).toBe(true)
  expect(after.body.payments).toMatchObject([{ refundable: 0 }])
})

test('one item more, or a body beyond the limit, is refused and nothing is stored', async () => {
  const given = { payment: newNumber('payment'), account: 'wx1', channelNumber: 'ERP-201' }
  const tooMany = { ...given, sale: longSale(ITEMS + 1) }
  expect(await till.call('POST', '/v1/sales/import', tooMany)).toMatchObject({
    status: 400,
    body: { code: 'body_invalid', params: { issues: [{ path: 'body/sale/items' }] } },
  })
  const sale = longSale(ITEMS)
  const items = sale.items.map((item) => ({ ...(item as object), name: '粉'.repeat(120) }))
  expect(
    await till.call('POST', '/v1/sales/import', { ...given, sale: { ...sale, items } }),
  ).toMatchObject({ status: 413, body: { code: 'body_too_large' } })
  expect((await till.call('GET', `/v1/sales/${sale.no}`)).status).toBe(404)
})
