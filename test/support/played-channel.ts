/** A shop whose channel the test plays itself, word by word, and paid sales put straight into its books. */
import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { makeKey } from '../../src/auth/keys.ts'
import type { AttemptOnWire, Channel } from '../../src/channels/channel.ts'
import { registry } from '../../src/channels/index.ts'
import { can as realCan } from '../../src/channels/wechatpay/capabilities.ts'
import type { Core } from '../../src/commands/core.ts'
import type { Requested } from '../../src/commands/request-refunds.ts'
import type { Lease } from '../../src/commands/send-attempts.ts'
import { setUpShop } from '../../src/commands/set-up-shop.ts'
import { inTenant, type Db } from '../../src/db/connect.ts'
import type { Capabilities } from '../../src/domain/capabilities.ts'
import { fen } from '../../src/domain/money.ts'
import type { Outcome, PayOutcome } from '../../src/domain/outcome.ts'
import type { TestDatabase } from './database.ts'
import { plainShop, TENANT, testClock, testCore } from './shop.ts'

export type Sent = { readonly number: string; readonly amount: number; readonly at: number }

/** What the test says for the channel; every word may wait. */
export type Script = {
  refund: (attempt: AttemptOnWire) => Outcome | Promise<Outcome>
  query: (attempt: AttemptOnWire) => Outcome | Promise<Outcome>
  remedy: (attempt: AttemptOnWire) => Outcome | Promise<Outcome>
  pay: () => PayOutcome | Promise<PayOutcome>
  queryPayment: () => PayOutcome | Promise<PayOutcome>
  sign: (attempt: AttemptOnWire) => void
}

export type Played = {
  readonly script: Script
  /** Every refund request whose first byte left. */
  readonly sends: Sent[]
  readonly queries: string[]
  readonly remedies: (string | null)[]
  readonly channel: Channel
}

export const succeeded = (channelNo: string, amount: number, at = new Date()): Outcome => ({
  kind: 'succeeded',
  at,
  channelNo,
  destination: 'balance',
  account: null,
  payerFen: fen(amount),
  settlementFen: fen(amount),
  discountFen: fen(0),
  feeReturnedFen: null,
})

export const UNKNOWN: Outcome = { kind: 'unknown', cause: 'lost', alarm: false }

export function playedChannel(can: Partial<Capabilities> = {}): Played {
  const script: Script = {
    refund: (attempt) => succeeded(`c${attempt.channelNumber}`, attempt.amount),
    query: () => UNKNOWN,
    remedy: () => UNKNOWN,
    pay: () => ({ kind: 'unknown', cause: 'lost', alarm: false }),
    queryPayment: () => ({ kind: 'unknown', cause: 'lost', alarm: false }),
    sign: () => undefined,
  }
  const sends: Sent[] = []
  const queries: string[] = []
  const remedies: (string | null)[] = []
  const channel: Channel = {
    id: 'played',
    can: { ...realCan, spacingMs: 0, rate: { perSecond: 1_000_000 }, ...can },
    checkSettings: () => undefined,
    freezePayment: (brief) => JSON.stringify({ number: brief.channelNumber, amount: brief.amount }),
    freezeRefund: (brief) => JSON.stringify({ number: brief.channelNumber, amount: brief.amount }),
    freezeRemedy: (brief) =>
      JSON.stringify({ remedy: brief.remedy, card: brief.card?.number ?? null }),
    pay: () => async () => script.pay(),
    reversePayment: () => async () => script.queryPayment(),
    closePayment: () => async () => script.queryPayment(),
    refund: (attempt) => {
      script.sign(attempt)
      return async () => {
        sends.push({ number: attempt.channelNumber, amount: attempt.amount, at: Date.now() })
        return script.refund(attempt)
      }
    },
    remedy: (attempt) => async () => {
      remedies.push(attempt.remedyBody)
      return script.remedy(attempt)
    },
    queryPayment: async () => script.queryPayment(),
    queryRefund: async (attempt) => {
      queries.push(attempt.channelNumber)
      return script.query(attempt)
    },
    check: async () => ({ kind: 'well', signed: true }),
    readNotice: async () => ({ kind: 'refused', cause: 'not played', signed: false }),
    answerNotice: (taken) => ({ status: taken ? 200 : 400, body: '', contentType: 'text/plain' }),
  }
  return { script, sends, queries, remedies, channel }
}

/** A core whose one channel is the played one, with a shop of tenant `tenant`. */
export async function playedShop(
  database: Pick<TestDatabase, 'db'>,
  played: Played,
  options: Parameters<typeof testCore>[1] = {},
  tenant = TENANT,
): Promise<Core> {
  const core: Core = {
    ...testCore(database.db, { clock: testClock(), ...options }),
    channel: registry([played.channel]),
  }
  await setUpShop(core, plainShop(tenant, 'played', ['p1', 'p2']), (of, kind) =>
    makeKey(of, kind, randomBytes(32)),
  )
  return core
}

/** Paid sales of `fen` each, two equal items, one payment. @returns the payments' numbers. */
export async function plantSales(
  core: Core,
  count: number,
  wish: { fen?: number; account?: string; tenant?: number } = {},
): Promise<string[]> {
  const paid = wish.fen ?? 10_000
  const tenant = wish.tenant ?? TENANT
  const first = Math.floor(Math.random() * 1e9) * 1_000_000
  const numbers = Array.from({ length: count }, (_, place) =>
    String(first + place).padStart(20, '0'),
  )
  const account = wish.account ?? 'p1'
  const at = core.clock.now()
  await inTenant(core.db, tenant, async (tx) => {
    await sql`
      insert into sale (tenant_id, sale_no, store_no, source, order_fen, discount_fen, paid_fen, fingerprint, created_at)
      select ${tenant}::integer, '71' || n, 's1', 'till', ${paid}::bigint, 0, ${paid}::bigint, '', ${at}::timestamptz
        from unnest(${numbers}::text[]) n`.execute(tx)
    await sql`
      insert into sale_item (tenant_id, sale_no, line, name, quantity, price_fen, fen)
      select ${tenant}::integer, '71' || n, line, 'item', 2, ${paid / 2}::bigint, ${paid / 2}::bigint
        from unnest(${numbers}::text[]) n, generate_series(1, 2) line`.execute(tx)
    await sql`
      insert into payment (tenant_id, payment_no, sale_no, account_no, channel, method, state, paid_fen,
                           channel_number, body, fingerprint, created_at, paid_at)
      select ${tenant}::integer, '72' || n, '71' || n, ${account}::text, 'played', 'code', 'paid', ${paid}::bigint,
             '72' || n || '00', '', '', ${at}::timestamptz, ${at}::timestamptz
        from unnest(${numbers}::text[]) n`.execute(tx)
  })
  return numbers.map((number) => `72${number}`)
}

export const leasesOf = (results: readonly Requested[]): Lease[] =>
  results.flatMap((each) => (each.kind === 'stored' && each.lease ? [each.lease] : []))

/** Resolves when let go: to hold a word of the channel, or a transaction, in the middle. */
export function gate(): { readonly wait: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined
  const wait = new Promise<void>((resolve) => {
    open = resolve
  })
  return { wait, open }
}

/** Until this many statements of the database wait for a lock. */
export async function lockWaits(ownerDb: Db, count: number): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ count: number }>`
      select count(*)::integer as count from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock'`.execute(ownerDb)
    if ((rows[0]?.count ?? 0) >= count) return
  }
}
