/** Refunds listed: by where, by whom, by when, by what is not finished; page after page while new ones come in. */
import { sql, type RawBuilder } from 'kysely'
import { beforeEach, expect, test } from 'vitest'
import { refundPage } from '../../src/api/contract.ts'
import { inTenant } from '../../src/db/connect.ts'
import { refundList, type RefundList } from '../../src/store/refund-reads.ts'
import { testDatabase, type TestDatabase } from '../support/database.ts'
import { pass } from '../support/given.ts'
import { TENANT } from '../support/shop.ts'
import { openTill, pay, send, wish, type Till } from '../support/till.ts'
import { act, ask } from '../support/walk.ts'

let database: TestDatabase
let till: Till
beforeEach(async () => {
  database = await testDatabase()
  till = await openTill(database.db)
})

async function list(
  query: string,
): Promise<{ readonly nos: string[]; readonly next: string | null }> {
  const { status, text, body } = await till.call('GET', `/v1/refunds?${query}`, undefined, 'nobody')
  expect(status, text).toBe(200)
  const page = refundPage.parse(body)
  return { nos: page.refunds.map((each) => each.no), next: page.next }
}

/** One paid back, one waiting for a decision, one withdrawn, and one of the other store's terminal. */
async function someRefunds() {
  const payment = await pay(till, 100_000)
  const done = await ask(till, wish(payment.no, { amount: 100 }))
  await pass(till, 120_000)
  const waits = await ask(till, wish(payment.no, { amount: 30_000 }))
  const gone = await ask(till, wish(payment.no, { amount: 30_001 }))
  await act(till, gone.no, 'withdraw')
  const headers = {
    authorization: `Bearer ${till.keys.terminals['t2']}`,
    'yuanlu-staff': till.keys.staff['wang'] ?? '',
  }
  const elsewhere = wish(payment.no, { amount: 200 })
  expect((await send(till.url, 'POST', '/v1/refunds', headers, elsewhere)).status).toBe(202)
  return { done: done.no, waits: waits.no, gone: gone.no, elsewhere: elsewhere.no }
}

test('every filter by itself and together with others', async () => {
  const { done, waits, gone, elsewhere } = await someRefunds()
  const all = [elsewhere, gone, waits, done]
  const created = async (no: string) =>
    encodeURIComponent((await till.call('GET', `/v1/refunds/${no}`)).body.createdAt as string)
  const cases: [string, string[]][] = [
    ['', all],
    ['terminal=t1', [gone, waits, done]],
    ['terminal=t2', [elsewhere]],
    ['staff=wang', [elsewhere]],
    ['store=s1', [gone, waits, done]],
    ['store=s2', [elsewhere]],
    ['unfinished=true', [elsewhere, waits]],
    ['unfinished=true&terminal=t1', [waits]],
    ['unfinished=true&terminal=t1&staff=zhang&store=s1&state=requested', [waits]],
    ['unfinished=true&state=withdrawn', []],
    ['state=withdrawn', [gone]],
    ['state=requested&terminal=t2', []],
    ['staff=nobody-of-ours', []],
    [`from=${await created(waits)}`, [elsewhere, gone, waits]],
    [`to=${await created(waits)}`, [waits, done]],
    [`from=${await created(waits)}&to=${await created(gone)}`, [gone, waits]],
    [`from=${await created(waits)}&state=succeeded`, []],
  ]
  for (const [query, nos] of cases) expect(await list(query), query).toEqual({ nos, next: null })
  const wrong = [
    'unfinished=false',
    'terminal=',
    'from=yesterday',
    'from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z',
    'cursor=x',
    'who=me',
  ]
  for (const query of wrong) {
    expect(await till.call('GET', `/v1/refunds?${query}`), query).toMatchObject({
      status: 400,
      body: { code: 'body_invalid' },
    })
  }
})

test('a page that is begun stays as it was while new refunds come in, none left out and none twice', async () => {
  await plant(60, 't1')
  const before = (await list('limit=100&terminal=t1')).nos
  expect(before).toHaveLength(60)
  const seen: string[] = []
  let cursor: string | null = null
  let round = 0
  do {
    const more: string = cursor === null ? '' : `&cursor=${cursor}`
    const page = await list(`limit=7&terminal=t1${more}`)
    seen.push(...page.nos)
    cursor = page.next
    // Newer ones, and some of the very moments of those that are already listed.
    round += 1
    await plant(3, 't1', { ageSeconds: -round })
    await plant(2, 't2', { ageSeconds: 0 })
  } while (cursor !== null)
  expect(seen).toEqual(before)
})

test('pages end where several refunds have one moment', async () => {
  await plant(20, 't1', { ageSeconds: 100 })
  const all = (await list('limit=100')).nos
  const first = await list('limit=13')
  const rest = await list(`limit=13&cursor=${first.next}`)
  expect([...first.nos, ...rest.nos]).toEqual(all)
  expect(rest.next).toBeNull()
})

const WANT: RefundList = {
  state: null,
  unfinished: false,
  terminalNo: null,
  staffNo: null,
  storeNo: null,
  from: null,
  to: null,
  after: null,
  most: 21,
}

test('every list walks an index of its own and reads no more than its page', async () => {
  await plant(4_000, 't1')
  await sql`analyze refund`.execute(database.ownerDb)
  const after = { at: new Date(), no: '9' }
  const cases: [Partial<RefundList>, string][] = [
    [{}, 'refund_recent'],
    [{ after }, 'refund_recent'],
    [{ from: new Date(0), to: new Date() }, 'refund_recent'],
    [{ terminalNo: 'none' }, 'refund_terminal'],
    [{ terminalNo: 't1', after, state: 'rejected' }, 'refund_terminal'],
    [{ staffNo: 'none', from: new Date(0) }, 'refund_staff'],
    [{ storeNo: 'none' }, 'refund_store'],
    [{ unfinished: true }, 'refund_open'],
    [{ unfinished: true, terminalNo: 't1', after }, 'refund_open'],
    [{ state: 'owed' }, 'refund_open'],
  ]
  for (const [want, index] of cases) {
    const plan = await planOf(refundList({ ...WANT, ...want }))
    const ofRefund = plan.filter((node) => node['Relation Name'] === 'refund')
    expect(
      ofRefund.map((node) => node['Index Name']),
      JSON.stringify(want),
    ).toEqual([index])
    expect(Math.max(...ofRefund.map((node) => node['Actual Rows'] ?? 0))).toBeLessThanOrEqual(21)
    expect(plan.map((node) => node['Node Type'])).not.toContain('Sort')
  }
})

type Node = {
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  'Actual Rows'?: number
  Plans?: Node[]
}
const nodesOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)]

const planOf = (query: RawBuilder<unknown>): Promise<Node[]> =>
  inTenant(till.core.db, TENANT, async (tx) => {
    const { rows } = await sql<{ 'QUERY PLAN': [{ Plan: Node }] }>`
      explain (analyze, format json) ${query}`.execute(tx)
    const [row] = rows
    if (!row) throw new Error('no plan')
    // Under the sort of lines and attempts of one refund stand other tables; of refunds there is none.
    return nodesOf(row['QUERY PLAN'][0].Plan).filter(
      (node) => node['Relation Name'] === 'refund' || node['Node Type'] === 'Sort',
    )
  })

let planted = 0

/** Rejected refunds as rows alone, four in each second: there to be listed. They moved no money, so no book misses them. */
async function plant(
  count: number,
  terminal: string,
  { ageSeconds }: { readonly ageSeconds?: number } = {},
): Promise<void> {
  const first = planted
  planted += count
  const payment = await pay(till, 100)
  const at =
    ageSeconds === undefined
      ? sql`date_trunc('second', now()) - make_interval(secs => 10 + n / 4)`
      : sql`date_trunc('second', now()) - make_interval(secs => ${ageSeconds}::integer)`
  await inTenant(till.core.db, TENANT, (tx) =>
    sql`
      insert into refund (tenant_id, refund_no, payment_no, sale_no, state, method, amount_fen, reason_code, store_no,
                          terminal_no, requested_by, judgement, fingerprint, created_at)
      select ${TENANT}::integer, '79' || lpad((${first}::integer + n)::text, 20, '0'), ${payment.no}, ${payment.sale},
             'rejected', 'original', 1, 'quality', 's1', ${terminal}, 'zhang', '{}', '', ${at}
        from generate_series(1, ${count}::integer) n`.execute(tx),
  )
}
