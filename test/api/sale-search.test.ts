/** Sales found without a receipt, and listed by till: filters, pages, and no more read than the page needs. */
import { sql, type RawBuilder } from 'kysely'
import { expect, test } from 'vitest'
import { inTenant } from '../../src/db/connect.ts'
import { fen } from '../../src/domain/money.ts'
import { saleSearch, type SaleSearch } from '../../src/store/sale-search.ts'
import { testDatabase } from '../support/database.ts'
import { newNumber } from '../support/given.ts'
import { OPENING_OFFSET_MS, TENANT } from '../support/shop.ts'
import { openTill, pay, saleOf, send, type Answer, type Till } from '../support/till.ts'

const time = (till: Till, ms: number) =>
  encodeURIComponent(new Date(till.clock.now().getTime() + ms).toISOString())
const search = (till: Till, query: string): Promise<Answer> =>
  till.call('GET', `/v1/sales?from=${time(till, -3_600_000)}&to=${time(till, 3_600_000)}&${query}`)
const numbers = (answer: Answer): string[] =>
  (answer.body.sales as { no: string }[]).map((sale) => sale.no)

test('sales are found by amount, place, channel and the end of any number, alone or together', async () => {
  const till = await openTill((await testDatabase()).db)
  const lunch = await pay(till, 4_321)
  const dinner = await pay(till, 8_000)
  const { mchid } = till.sandbox.merchant
  till.sandbox.paidOrder({ mchid, outTradeNo: 'OLD-POS-0000123', total: 4_321 })
  const found = await till.call('POST', '/v1/sales/find', { code: 'OLD-POS-0000123' })
  const [taken = ''] = numbers(found)
  const elsewhere = {
    ...till.headers('zhang'),
    authorization: `Bearer ${till.keys.terminals['t2']}`,
  }
  const customer = till.sandbox.createCustomer()
  const other = {
    no: newNumber('payment'),
    sale: saleOf(5_000),
    amount: 5_000,
    method: 'code',
    paymentCode: till.sandbox.paymentCode(customer),
  }
  await send(till.url, 'POST', '/v1/payments', elsewhere, other)

  const sales = async (query: string) => numbers(await search(till, query)).toSorted()
  const both = (...nos: string[]) => nos.toSorted()
  expect(await sales('')).toEqual(both(lunch.sale, dinner.sale, taken, other.sale.no))
  expect(await sales('amount=4321')).toEqual(both(lunch.sale, taken))
  expect(await sales('store=s2')).toEqual([other.sale.no])
  expect(await sales('terminal=t2')).toEqual([other.sale.no])
  expect(await sales('store=s1&terminal=t2')).toEqual([])
  expect(await sales('staff=zhang&terminal=t2')).toEqual([other.sale.no])
  expect(await sales('staff=li')).toEqual([])
  expect(await sales('channel=wechatpay&amount=8000')).toEqual([dinner.sale])
  expect(await sales('channel=alipay')).toEqual([])
  for (const no of [lunch.billNo, lunch.channelNo, lunch.sale] as string[]) {
    for (const digits of [4, 5, 6]) {
      const query = `amount=4321&terminal=t1&last=${no.slice(-digits)}`
      expect(await sales(query), query).toEqual([lunch.sale])
    }
  }
  expect(await sales('last=0123')).toContain(taken)
  const late = await till.call(
    'GET',
    `/v1/sales?from=${time(till, 60_000)}&to=${time(till, 3_600_000)}`,
  )
  expect(numbers(late)).toEqual([])
})

test('pages follow each other without a gap or a repetition, also through payments of one moment', async () => {
  const till = await openTill((await testDatabase()).db)
  const first = await pay(till, 100)
  await plant(till, 45)
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const more: string = cursor === null ? '' : `&cursor=${cursor}`
    const page: Answer = await search(till, `limit=7${more}`)
    expect(page.status).toBe(200)
    expect(numbers(page).length).toBeLessThanOrEqual(7)
    seen.push(...numbers(page))
    cursor = page.body.next as string | null
  } while (cursor !== null)
  expect(seen).toHaveLength(46)
  expect(new Set(seen).size).toBe(46)
  expect(seen).toContain(first.sale)
  expect((await search(till, '')).body.sales).toHaveLength(20)
  expect((await search(till, 'limit=21')).status).toBe(400)
})

const NOW = Date.now() + OPENING_OFFSET_MS
const WANT: SaleSearch = {
  from: new Date(NOW - 31 * 24 * 3_600_000),
  to: new Date(NOW + 3_600_000),
  amount: null,
  storeNo: null,
  terminalNo: null,
  staffNo: null,
  channel: null,
  last: null,
  after: null,
  most: 21,
}

test('every search walks an index of its own and never a table', async () => {
  const database = await testDatabase()
  const till = await openTill(database.db)
  await pay(till, 100)
  await plant(till, 4_000)
  await sql`analyze payment`.execute(database.ownerDb)
  await sql`analyze sale`.execute(database.ownerDb)
  const after = { at: till.clock.now(), no: '7226112200012345678901' }
  const cases: [Partial<SaleSearch>, string[]][] = [
    [{}, ['payment_time']],
    [{ after }, ['payment_time']],
    [{ storeNo: 's1', terminalNo: 't1', channel: 'wechatpay' }, ['payment_time']],
    [{ terminalNo: 'none' }, ['payment_time']],
    [{ staffNo: 'none' }, ['payment_time']],
    [{ amount: fen(77) }, ['payment_amount']],
    [{ amount: fen(77), after }, ['payment_amount']],
    [{ last: '1234' }, ['payment_bill_end', 'payment_channel_end', 'payment_sale_end']],
    [{ last: '991234', after }, ['payment_bill_end', 'payment_channel_end', 'payment_sale_end']],
  ]
  for (const [want, indexes] of cases) {
    const plan = await planOf(till, saleSearch({ ...WANT, ...want }))
    const walked = plan.flatMap((node) => node['Index Name'] ?? [])
    expect(
      walked.filter((name) => name !== 'sale_pkey'),
      JSON.stringify(want),
    ).toEqual(indexes)
    expect(plan.map((node) => node['Node Type'])).not.toContain('Seq Scan')
    const rows = plan.map((node) => node['Actual Rows'] ?? 0)
    expect(Math.max(...rows), JSON.stringify(want)).toBeLessThanOrEqual(3 * WANT.most)
  }
})

type Node = {
  'Node Type': string
  'Index Name'?: string
  'Actual Rows'?: number
  Plans?: Node[]
}
const nodesOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)]

const planOf = (till: Till, query: RawBuilder<unknown>): Promise<Node[]> =>
  inTenant(till.core.db, TENANT, async (tx) => {
    const { rows } = await sql<{ 'QUERY PLAN': [{ Plan: Node }] }>`
      explain (analyze, format json) ${query}`.execute(tx)
    const [row] = rows
    if (!row) throw new Error('no plan')
    return nodesOf(row['QUERY PLAN'][0].Plan)
  })

/** Sales of the last hour as rows alone, three payments in each second: there to be searched and not to be refunded. */
const plant = (till: Till, count: number): Promise<void> =>
  inTenant(till.core.db, TENANT, async (tx) => {
    const at = sql`date_trunc('second', ${till.clock.now()}::timestamptz) - make_interval(secs => (n / 3) % 3000)`
    await sql`
      insert into sale (tenant_id, sale_no, store_no, terminal_no, source, order_fen, discount_fen, paid_fen, fingerprint, created_at)
      select ${TENANT}::integer, '79' || lpad((n * 7919)::text, 20, '0'), 's1', 't1', 'till', n, 0, n, '', ${at}
        from generate_series(1, ${count}::integer) n`.execute(tx)
    await sql`
      insert into payment (tenant_id, payment_no, sale_no, account_no, channel, method, state, paid_fen, channel_number,
                           channel_no, bill_no, paid_at, body, fingerprint, created_at)
      select ${TENANT}::integer, '78' || lpad(n::text, 20, '0'), '79' || lpad((n * 7919)::text, 20, '0'), 'wx1',
             'wechatpay', 'code', 'closed', n, 'c' || n, '4200' || lpad((n * 6007)::text, 10, '0'),
             'b' || lpad((n * 104729)::text, 10, '0'), ${at}, '', '', ${at}
        from generate_series(1, ${count}::integer) n`.execute(tx)
  })
