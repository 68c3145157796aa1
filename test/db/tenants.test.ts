/** The walls between merchants, and what the application may not do even to its own rows. */
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { closeDay } from '../../src/commands/close-day.ts'
import { closeShift } from '../../src/commands/close-shift.ts'
import { answerCash } from '../../src/commands/handle-attempts.ts'
import { openShift } from '../../src/commands/open-shift.ts'
import { keyMaker } from '../../src/api/key-maker.ts'
import { lowerRefund } from '../../src/commands/decide-refunds.ts'
import { makeEnrolment } from '../../src/commands/enrol-terminal.ts'
import { giveApprovalCode, giveSecond } from '../../src/commands/give-second.ts'
import { requestRefunds } from '../../src/commands/request-refunds.ts'
import { sendAttempts } from '../../src/commands/send-attempts.ts'
import { setPin } from '../../src/commands/set-pin.ts'
import { signInAtTill } from '../../src/commands/sign-in-at-till.ts'
import { inTenant, type Tx } from '../../src/db/connect.ts'
import { fen } from '../../src/domain/money.ts'
import { dayOf, daySpan } from '../../src/domain/time.ts'
import { claimAttempts } from '../../src/store/attempts.ts'
import { testDatabase } from '../support/database.ts'
import { newNumber, request } from '../support/given.ts'
import { cashier, owner, seconded, supervisor, TENANT } from '../support/shop.ts'
import {
  leasesOf,
  playedChannel,
  playedShop,
  plantSales,
  UNKNOWN,
} from '../support/played-channel.ts'

const OTHER = 2
const database = await testDatabase()
const played = playedChannel()
const core = await playedShop(database, played)
await playedShop(database, played, {}, OTHER)
played.script.refund = () => UNKNOWN
const [small = '', large = '', inCash = ''] = await plantSales(core, 3, { fen: 100_000 })
const sent = request(small, { kind: 'items', items: [{ line: 1, quantity: 1 }] }, { note: 'cold' })
const kept = request(large)
await sendAttempts(
  core,
  TENANT,
  leasesOf(await requestRefunds(core, seconded(supervisor), [sent], core.clock.now())),
)
await requestRefunds(core, cashier, [kept], core.clock.now())
await lowerRefund(core, owner, kept.no, fen(500), core.clock.now())
const shift = { no: newNumber('shift'), openingCash: fen(50_000) }
await openShift(core, cashier, shift, core.clock.now())
const cash = request(inCash, { kind: 'amount', fen: fen(900) }, { method: 'cash' })
await requestRefunds(core, seconded(cashier), [cash], core.clock.now())
await answerCash(core, cashier, cash.no, 'paid', core.clock.now())
await closeShift(
  core,
  cashier,
  { no: shift.no, countedCash: fen(49_100), note: '' },
  core.clock.now(),
)
const today = dayOf(core.clock.now())
const span = daySpan(today)
if (span === null) throw new Error('today is no day')
await closeDay(
  core,
  owner,
  { no: newNumber('day_close'), storeNo: 's1', day: today, span },
  core.clock.now(),
)
await peopleAtWork()

/** Somebody with a PIN signs in after a slip of the finger, and stands second in both ways; a device is awaited. */
async function peopleAtWork(): Promise<void> {
  const now = core.clock.now()
  const key = keyMaker(core)
  const pin = '7391'
  const claim = { act: 'refund', payment: large, amount: fen(500), method: 'original' } as const
  expect(await setPin(core, TENANT, 'li', pin, now)).toBeNull()
  const done = [
    await signInAtTill(core, cashier, { staff: 'zhang', pin }, key, now),
    await signInAtTill(core, cashier, { staff: 'li', pin }, key, now),
    await giveSecond(
      core,
      cashier,
      { for: claim, by: { kind: 'pin', staff: 'li', pin } },
      key,
      now,
    ),
    await giveApprovalCode(core, supervisor, claim, now),
    await makeEnrolment(core, owner, 't1', now),
  ]
  expect(done.map((each) => each.kind)).toEqual([
    'refused',
    'signed_in',
    'granted',
    'given',
    'made',
  ])
}

const tables = (
  await sql<{ name: string; tenant: boolean; row: boolean; force: boolean; policies: string[] }>`
    select c.relname as name, c.relrowsecurity as row, c.relforcerowsecurity as force,
           exists (select from pg_attribute a
                    where a.attrelid = c.oid and a.attname = 'tenant_id' and a.attnotnull) as tenant,
           array(select p.polname::text || ' ' || p.polcmd::text || ' ' || pg_get_expr(p.polqual, p.polrelid)
                   from pg_policy p where p.polrelid = c.oid and p.polroles = '{0}') as policies
      from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
     order by c.relname`.execute(database.ownerDb)
).rows
const names = tables.map((table) => table.name)

const OF_THE_TENANT =
  "tenant * (tenant_id = ( SELECT (NULLIF(current_setting('yuanlu.tenant'::text, true), ''::text))::integer AS \"nullif\"))"

test('every table belongs to tenants, is closed by force, and opens to all by one policy only', () => {
  expect(names.length).toBeGreaterThan(20)
  for (const table of tables) {
    expect(table).toMatchObject({ tenant: true, row: true, force: true })
    expect(table.policies).toEqual([OF_THE_TENANT])
  }
})

test('every key, unique index and foreign key of a table begins with its tenant', async () => {
  const { rows } = await sql<{ name: string }>`
    select i.indexrelid::regclass::text as name from pg_index i join pg_class c on c.oid = i.indrelid
     where c.relnamespace = 'public'::regnamespace and i.indisunique
       and (select attname from pg_attribute where attrelid = c.oid and attnum = i.indkey[0]) <> 'tenant_id'
    union all
    select conname from pg_constraint k
     where k.contype = 'f' and k.connamespace = 'public'::regnamespace
       and not (select attnum from pg_attribute
                 where attrelid = k.conrelid and attname = 'tenant_id') = any (k.conkey)`.execute(
    database.ownerDb,
  )
  expect(rows).toEqual([])
})

class Undo extends Error {}

/** What `work` says inside a transaction of `tenant` that is undone: its rows, or its refusal's code. */
async function tried(tenant: number | null, text: string): Promise<number | string> {
  let rows = 0
  const work = async (tx: Tx) => {
    const result = await sql.raw<{ count?: number }>(text).execute(tx)
    rows = result.rows[0]?.count ?? Number(result.numAffectedRows ?? 0)
    throw new Undo()
  }
  const running =
    tenant === null ? core.db.transaction().execute(work) : inTenant(core.db, tenant, work)
  return running.then(
    () => 'not undone',
    (error: unknown) =>
      error instanceof Undo ? rows : ((error as { code?: string }).code ?? String(error)),
  )
}

const DENIED = '42501'
const count = (table: string) => `select count(*)::integer as count from ${table}`

/** Tables this file's shop has no rows in, so that reading them proves nothing. */
const EMPTY = [
  'channel_call',
  'incident',
  'raw_notice',
  'refund_slip',
  'slip',
  'unproven_notice',
  'webhook',
  'webhook_delivery',
]

test.for(names)('%s: another merchant reads, writes, moves and deletes nothing', async (table) => {
  const own = await tried(TENANT, count(table))
  expect(own === 0).toBe(EMPTY.includes(table))
  const theirs = `from ${table} where tenant_id = ${TENANT}`
  expect(await tried(OTHER, `select count(*)::integer as count ${theirs}`)).toBe(0)
  expect(await tried(null, count(table))).toBe(0)
  expect(await tried(OTHER, `insert into ${table} (tenant_id) values (${TENANT})`)).toBe(DENIED)
  expect(await tried(null, `insert into ${table} (tenant_id) values (${TENANT})`)).toBe(DENIED)
  expect([0, DENIED]).toContain(
    await tried(OTHER, `update ${table} set tenant_id = ${OTHER} where tenant_id = ${TENANT}`),
  )
  expect([0, DENIED]).toContain(await tried(OTHER, `delete ${theirs}`))
  const gaveAway = await tried(TENANT, `update ${table} set tenant_id = ${OTHER}`)
  expect(own === 0 ? DENIED : gaveAway).toBe(DENIED)
})

test.for([
  `update event set body = ''`,
  `delete from event`,
  `update transfer set fen = 1`,
  `delete from transfer`,
  `update channel_call set response_body = ''`,
  `delete from channel_call`,
  `update raw_notice set verdict = ''`,
  `delete from raw_notice`,
  `delete from sale`,
  `delete from sale_item`,
  `delete from payment`,
  `delete from refund`,
  `delete from refund_item`,
  `delete from attempt`,
  `delete from approval`,
  `update approval set staff_no = 'wang'`,
  `update approval set binding = ''`,
  `update approval set way = 'key'`,
  `update second_grant set binding = ''`,
  `update second_grant set expires_at = now() + interval '1 day'`,
  `delete from incident`,
  `delete from shift`,
  `update shift set opening_fen = 0`,
  `update shift set opened_at = now()`,
  `delete from cash_handout`,
  `update cash_handout set shift_no = null`,
  `delete from day_close`,
  `update day_close set totals = '{}'`,
  `truncate event`,
  `truncate refund cascade`,
  `alter table refund disable row level security`,
  `alter table refund no force row level security`,
  `drop policy tenant on refund`,
  `create table public.mine (n integer)`,
  `create function public.mine() returns integer language sql as 'select 1'`,
  `set local session_replication_role = replica`,
])('the application may not: %s', async (text) => {
  expect(await tried(TENANT, text)).toBe(DENIED)
})

test('the application is no member of the role that looks across merchants, and nobody logs in as it', async () => {
  const { rows } = await sql<{ role: string; member: boolean; login: boolean; super: boolean }>`
    select rolname as role, pg_has_role('yuanlu_app', 'yuanlu_claim', 'member') as member,
           rolcanlogin as login, rolsuper or rolbypassrls or rolcreaterole or rolcreatedb as super
      from pg_roles where rolname in ('yuanlu_app', 'yuanlu_claim') order by rolname`.execute(
    core.db,
  )
  expect(rows).toEqual([
    { role: 'yuanlu_app', member: false, login: false, super: false },
    { role: 'yuanlu_claim', member: false, login: false, super: false },
  ])
})

test('functions with their owner’s rights pin their search path, belong to the claim role and are not public', async () => {
  const { rows } = await sql<{ name: string; owner: string; path: string; open: boolean }>`
    select p.proname as name, p.proowner::regrole::text as owner, array_to_string(p.proconfig, ',') as path,
           exists (select from aclexplode(p.proacl) a where a.grantee = 0) as open
      from pg_proc p where p.prosecdef and p.pronamespace = 'public'::regnamespace
     order by p.proname`.execute(database.ownerDb)
  expect(rows.map((row) => row.name)).toEqual([
    'claim_attempts',
    'claim_payments',
    'claim_refunds',
    'tenants_after',
    'tenants_to_relay',
  ])
  for (const row of rows) {
    expect(row).toMatchObject({
      owner: 'yuanlu_claim',
      path: 'search_path=public, pg_temp',
      open: false,
    })
  }
})

test('the claim role may change who holds work, and neither amounts nor states nor anything else', async () => {
  const { rows } = await sql<{ privilege: string }>`
    select table_name || '.' || column_name as privilege from information_schema.column_privileges
     where grantee = 'yuanlu_claim' and privilege_type <> 'SELECT' order by 1`.execute(
    database.ownerDb,
  )
  expect(rows.map((row) => row.privilege)).toEqual([
    'attempt.fence',
    'attempt.lease_until',
    'attempt.send_by',
    'payment.fence',
    'payment.lease_until',
    'payment.send_by',
    'refund.lease_until',
  ])
})

test('a claim takes no more than it asked for, and no attempt twice', async () => {
  const payments = await plantSales(core, 12)
  await requestRefunds(
    core,
    cashier,
    payments.map((payment) => request(payment, { kind: 'amount', fen: fen(1) })),
    core.clock.now(),
  )
  await inTenant(core.db, TENANT, (tx) =>
    tx.updateTable('attempt').set({ lease_until: null }).execute(),
  )
  const claim = () =>
    claimAttempts(core.db, { most: 4, leaseMs: 30_000, sendWithinMs: 20_000, offsetMs: 60_000 })
  const claims = await Promise.all([claim(), claim(), claim()])
  for (const each of claims) expect(each.length).toBeLessThanOrEqual(4)
  const taken = claims.flat().map((row) => row.refund_no)
  expect(new Set(taken).size).toBe(taken.length)
})
