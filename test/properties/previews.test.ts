/**
 * What is said before anybody confirms is what happens: for sales, shops, channels and people of every kind, a preview
 * says exactly what the request then does, on real PostgreSQL.
 */
import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { registry } from '../../src/channels/index.ts'
import type { Core } from '../../src/commands/core.ts'
import { lookAhead } from '../../src/commands/preview-refund.ts'
import { requestRefunds } from '../../src/commands/request-refunds.ts'
import { inTenant } from '../../src/db/connect.ts'
import type { Actor } from '../../src/domain/actor.ts'
import { fen } from '../../src/domain/money.ts'
import { roomOf } from '../../src/domain/payment.ts'
import { DEFAULT_PARAMS, RULES } from '../../src/domain/policy/rules/index.ts'
import { REFUND_REASONS } from '../../src/domain/reasons.ts'
import type { RefundWish } from '../../src/domain/request.ts'
import { testDatabase } from '../support/database.ts'
import { newNumber, readAttempts, readPayment, readRefund } from '../support/given.ts'
import { playedChannel, playedShop, plantSales } from '../support/played-channel.ts'
import { cashier, owner, seconded, supervisor, TENANT } from '../support/shop.ts'

/** Each a sale of its own with up to four wishes; a failing run prints its seed. */
const RUNS = 100
const DAY_MS = 86_400_000

type Circumstances = {
  readonly paid: number
  readonly state: 'paid' | 'waiting' | 'reversed'
  readonly blocked: boolean
  readonly ageDays: number
  readonly storeNo: 's1' | 's2' | null
  readonly broughtIn: boolean
  readonly paused: boolean
  readonly down: boolean
  readonly feePermille: number
  readonly can: {
    readonly windowDays: number | null
    readonly countMax: number | null
    readonly spacingMs: number
    readonly partial: boolean
    readonly amountMinFen: number
  }
}

/** Mostly all is well: otherwise nearly every wish would be refused for the first of many reasons. */
const seldom = fc.integer({ min: 0, max: 9 }).map((n) => n === 0)
const rarely = <T>(usual: T, ...others: T[]) =>
  fc
    .integer({ min: 0, max: 5 })
    .chain((n) => (n > 0 ? fc.constant(usual) : fc.constantFrom(...others)))

const circumstances = fc.record<Circumstances>({
  paid: fc.integer({ min: 1, max: 60_000 }).map((half) => 2 * half),
  state: rarely<Circumstances['state']>('paid', 'waiting', 'reversed'),
  blocked: seldom,
  ageDays: rarely(0, 29, 31),
  storeNo: fc.constantFrom('s1', 's2', null),
  broughtIn: seldom,
  paused: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
  down: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
  feePermille: fc.constantFrom(0, 0, 50, 1_000),
  can: fc.record({
    windowDays: fc.constantFrom(null, 30, 365),
    countMax: fc.constantFrom(null, 1, 50),
    spacingMs: fc.constantFrom(0, 60_000),
    partial: rarely(true, false),
    amountMinFen: rarely(1, 500),
  }),
})

type Wish = {
  readonly who: Actor
  /** Of what was paid, in thousandths, where it goes by amount. */
  readonly ask:
    | 'full'
    | { readonly permille: number }
    | readonly { readonly line: number; readonly quantity: number }[]
  readonly method: RefundWish['method']
  readonly reason: string
  readonly note: string
  /** Afterwards its attempt comes back without an answer. */
  readonly getsLost: boolean
}

const people = [cashier, supervisor, owner].flatMap((each) => [each, seconded(each)])
const wishes = fc.array(
  fc.record<Wish>({
    who: fc.constantFrom(...people),
    ask: fc.oneof(
      fc.constant('full' as const),
      fc.record({ permille: fc.integer({ min: -10, max: 1_100 }) }),
      fc.array(
        fc.record({
          line: fc.integer({ min: 1, max: 3 }),
          quantity: fc.integer({ min: 1, max: 3 }),
        }),
        { minLength: 1, maxLength: 2 },
      ),
    ),
    method: rarely<Wish['method']>('original', 'cash'),
    reason: fc.constantFrom(...REFUND_REASONS),
    note: fc.constantFrom('', '顾客说不要了'),
    getsLost: fc.boolean(),
  }),
  { minLength: 1, maxLength: 4 },
)

/** Chance would find these seldom: each way a plan waits, met by a second refund of the same payment. */
const calm: Circumstances = {
  paid: 10_000,
  state: 'paid',
  blocked: false,
  ageDays: 0,
  storeNo: 's1',
  broughtIn: false,
  paused: false,
  down: false,
  feePermille: 0,
  can: { windowDays: null, countMax: null, spacingMs: 0, partial: true, amountMinFen: 1 },
}
const tenth: Wish = {
  who: cashier,
  ask: { permille: 100 },
  method: 'original',
  reason: 'quality',
  note: '',
  getsLost: false,
}
const EXAMPLES: [Circumstances, Wish[]][] = [
  calm,
  { ...calm, can: { ...calm.can, spacingMs: 60_000 } },
  { ...calm, paused: true },
  { ...calm, down: true },
].map((each) => [each, [tenth, tenth]])

test(
  'a preview is the request: refusal, amount, fee, verdict and its reasons, plan, what is left',
  { timeout: 60_000 },
  async () => {
    const database = await testDatabase()
    const base = await playedShop(database, playedChannel())
    await inTenant(base.db, TENANT, (tx) =>
      sql`insert into store (tenant_id, store_no, name) values (${TENANT}, 's2', 's2')`.execute(tx),
    )
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(circumstances, wishes, async (given, wanted) => {
        const core = coreFor(base, given)
        const paymentNo = await plant(core, given)
        for (const wish of wanted) {
          for (const word of await compare(core, wish, given, paymentNo)) seen.add(word)
          if (wish.getsLost) await loseAnswers(core, paymentNo)
        }
      }),
      // Shrinking would run on for minutes on a database; the seed is enough to come back to a failure.
      { numRuns: RUNS, endOnFailure: true, examples: EXAMPLES },
    )
    // Not one kind of end only.
    expect([...seen]).toEqual(
      expect.arrayContaining(
        'allow needs_approval refused none pin_or_code now spacing in_flight paused channel_down'.split(
          ' ',
        ),
      ),
    )
  },
)

/** @returns the words that were said, to see that all of them come up. */
async function compare(
  core: Core,
  wish: Wish,
  { paid }: Circumstances,
  paymentNo: string,
): Promise<string[]> {
  const { who, ask, method, reason, note } = wish
  const asked: RefundWish = {
    paymentNo,
    ask:
      ask === 'full'
        ? { kind: 'full' }
        : 'permille' in ask
          ? { kind: 'amount', fen: fen(Math.floor((paid * ask.permille) / 1000)) }
          : { kind: 'items', items: ask },
    method,
    reason,
    note,
    replaces: null,
  }
  const now = core.clock.now()
  const ahead = await lookAhead(core, who, asked, now)
  const both = await lookAhead(core, who.second ? who : seconded(who), asked, now)
  const no = newNumber('refund')
  const [done] = await requestRefunds(core, who, [{ ...asked, no, replaces: null }], now)
  const refusals = [ahead, done].map((each) => (each?.kind === 'refused' ? each.refusal : null))
  expect(refusals[0]).toEqual(refusals[1])
  if (ahead.kind === 'refused') return ['refused']
  const { preview } = ahead
  const stored = await readRefund(core, no)
  const judgement = stored.judgement as {
    verdict: string
    rules: { id: string; verdict: string }[]
  }
  expect(preview).toMatchObject({
    amount: stored.amount_fen,
    feeKept: stored.fee_kept_fen,
    verdict: judgement.verdict,
    why: judgement.rules.filter((rule) => rule.verdict !== 'allow').map((rule) => rule.id),
    kind: method === 'cash' ? 'cash' : 'refund',
    refundableAfter: await roomLeft(core, paymentNo),
  })
  await expectPlanned(core, no, preview)
  // Said to be enough, a second person at this till is.
  const together = both.kind === 'previewed' && both.preview.verdict === 'allow'
  expect(preview.second).toBe(
    preview.verdict === 'allow' ? 'none' : together ? 'pin_or_code' : 'elsewhere',
  )
  const { plan, second } = preview
  return [preview.verdict, second, plan.kind === 'now' ? 'now' : plan.reason]
}

type PreviewOf = Extract<Awaited<ReturnType<typeof lookAhead>>, { kind: 'previewed' }>['preview']

async function expectPlanned(core: Core, no: string, preview: PreviewOf): Promise<void> {
  const { state, send_at, send_reason } = await readRefund(core, no)
  const attempts = (await readAttempts(core, no)).map((each) => each.kind)
  const { plan, verdict, kind } = preview
  const went = { state: 'sending', attempts: [kind], at: null, reason: null }
  const waits = { state: 'requested', attempts: [], at: null, reason: null }
  const planned =
    verdict === 'needs_approval'
      ? waits
      : plan.kind === 'now'
        ? went
        : { state: 'approved', attempts: [], at: plan.at, reason: plan.reason }
  expect({ state, attempts, at: send_at, reason: send_reason }).toEqual(planned)
}

async function roomLeft(core: Core, paymentNo: string): Promise<number> {
  const row = await readPayment(core, paymentNo)
  return roomOf(
    row.state as 'paid',
    {
      paid: row.paid_fen,
      held: row.held_fen,
      refunded: row.refunded_fen,
      kept: row.kept_fen,
      excess: row.excess_fen,
    } as Parameters<typeof roomOf>[1],
  )
}

const coreFor = (base: Core, { can, feePermille }: Circumstances): Core => ({
  ...base,
  channel: registry([playedChannel(can).channel]),
  settings: {
    ...base.settings,
    shop: {
      rules: RULES,
      params: DEFAULT_PARAMS,
      fee: { permille: feePermille, maxFen: fen(5_000), freeReasons: ['quality'] },
    },
  },
})

async function plant(core: Core, given: Circumstances): Promise<string> {
  const [paymentNo = ''] = await plantSales(core, 1, { fen: given.paid })
  const now = core.clock.now().getTime()
  await inTenant(core.db, TENANT, async (tx) => {
    const source = given.broughtIn ? 'channel' : 'till'
    await sql`
      update sale set store_no = ${given.storeNo}::text, source = ${source}
       where sale_no = (select sale_no from payment where payment_no = ${paymentNo})`.execute(tx)
    const due = given.state === 'waiting' ? new Date(now + DAY_MS) : null
    await sql`
      update payment
         set state = ${given.state}, blocked = ${given.blocked ? 'audit' : null}::text, due_at = ${due}::timestamptz,
             paid_at = ${new Date(now - given.ageDays * DAY_MS)}::timestamptz
       where payment_no = ${paymentNo}`.execute(tx)
    await sql`
      update channel_account set paused = ${given.paused ? 'by hand' : null}::text
       where account_no = 'p1'`.execute(tx)
    const probeAt = given.down ? new Date(now + 30_000) : null
    await sql`
      insert into account_traffic (tenant_id, account_no, second, probe_at)
      values (${TENANT}::integer, 'p1', now(), ${probeAt}::timestamptz)
          on conflict (tenant_id, account_no) do update set probe_at = excluded.probe_at`.execute(
      tx,
    )
  })
  return paymentNo
}

/** Everything of this payment that is under way comes back without an answer. */
const loseAnswers = (core: Core, paymentNo: string) =>
  inTenant(core.db, TENANT, (tx) =>
    sql`
      update attempt set tries = 1, lease_until = null
       where payment_no = ${paymentNo} and state = 'submitted' and kind = 'refund'`.execute(tx),
  )
