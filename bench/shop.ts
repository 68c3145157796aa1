/** What is refunded: one shop for each channel, paid sales written in bulk, and a past of settled refunds. */
import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { makeKey } from '../src/auth/keys.ts'
import type { Core } from '../src/commands/core.ts'
import { setUpShop, type AccountInput } from '../src/commands/set-up-shop.ts'
import { inTenant, type Db, type Tx } from '../src/db/connect.ts'
import type { Actor } from '../src/domain/actor.ts'
import { rightsOf } from '../src/domain/rights.ts'
import { paymentNumber } from './load.ts'

/** One item in so many pieces of so many fen: a cashier alone may refund one, so every refund goes out at once. */
export const PIECES = 100
const PIECE_FEN = 300
export const SALE_FEN = PIECES * PIECE_FEN

const ACCOUNT = 'a1'
/** A limit for the day would let one person's refunds pass one by one only. */
const RIGHTS = { perDayFen: null }
const PAST_REFUNDS = 20_000
const CHUNK = 10_000

export type Shop = {
  readonly tenant: number
  readonly channel: string
  readonly actor: Actor
  /** What a till of this shop sends along with every request. */
  readonly headers: Readonly<Record<string, string>>
}

export async function openShop(
  core: Core,
  tenant: number,
  account: Omit<AccountInput, 'no' | 'contract'>,
): Promise<Shop> {
  const keys = await setUpShop(
    core,
    {
      tenant,
      name: '测速小馆',
      phone: '028-12345678',
      stores: [{ no: 's1', name: '测速小馆', address: '成都市', phone: '028-12345678' }],
      terminals: [{ no: 't1', store: 's1', name: '1号机', printer: null }],
      staff: [{ no: 'zhang', store: 's1', name: '张三', role: 'cashier', rights: RIGHTS }],
      accounts: [{ ...account, no: ACCOUNT, contract: { windowDays: null, countMax: null } }],
    },
    (of, kind) => makeKey(of, kind, randomBytes(32)),
  )
  if (keys === null) throw new Error(`shop ${tenant} exists already`)
  return {
    tenant,
    channel: account.channel,
    actor: {
      tenant,
      store: 's1',
      terminal: 't1',
      staff: 'zhang',
      way: 'key',
      roles: ['cashier'],
      rights: rightsOf('cashier', RIGHTS),
      second: null,
    },
    headers: {
      authorization: `Bearer ${keys.terminals['t1']}`,
      'yuanlu-staff': keys.staff['zhang'] ?? '',
    },
  }
}

/** Payments `from` … `from + count - 1`, each of a sale with one item, paid a moment ago and never refunded. */
export async function writePayments(
  db: Db,
  shop: Shop,
  from: number,
  count: number,
): Promise<void> {
  for (let done = 0; done < count; done += CHUNK) {
    const numbers = Array.from({ length: Math.min(CHUNK, count - done) }, (_, place) =>
      paymentNumber(from + done + place),
    )
    await inTenant(db, shop.tenant, (tx) => insertPaid(tx, shop, numbers))
  }
}

async function insertPaid(tx: Tx, shop: Shop, numbers: readonly string[]): Promise<void> {
  const paid = sql`unnest(${numbers}::text[]) as t (no)`
  await sql`
    insert into sale (tenant_id, sale_no, store_no, terminal_no, staff_no, source, order_fen, discount_fen,
                      paid_fen, description, fingerprint, created_at)
    select ${shop.tenant}::integer, '71' || substr(no, 3), 's1', 't1', 'zhang', 'till', ${SALE_FEN}::bigint, 0,
           ${SALE_FEN}::bigint, '套餐', sha256(no::bytea), now()
      from ${paid}`.execute(tx)
  await sql`
    insert into sale_item (tenant_id, sale_no, line, name, quantity, price_fen, fen)
    select ${shop.tenant}::integer, '71' || substr(no, 3), 1, '套餐', ${PIECES}::integer, ${PIECE_FEN}::bigint, ${SALE_FEN}::bigint
      from ${paid}`.execute(tx)
  await sql`
    insert into payment (tenant_id, payment_no, sale_no, account_no, channel, method, state, paid_fen,
                         payer_total_fen, channel_number, bill_no, paid_at, body, fingerprint, created_at)
    select ${shop.tenant}::integer, no, '71' || substr(no, 3), ${ACCOUNT}::text, ${shop.channel}::text, 'code', 'paid',
           ${SALE_FEN}::bigint, ${SALE_FEN}::bigint, no, no, now(), '{}', sha256(no::bytea), now()
      from ${paid}`.execute(tx)
}

/** Refunds that succeeded long ago, with all the rows they left behind; takes payments 0 … count - 1. */
export async function writePast(db: Db, shop: Shop): Promise<number> {
  await writePayments(db, shop, 0, PAST_REFUNDS)
  await inTenant(db, shop.tenant, async (tx) => {
    await sql`update payment set refunded_fen = paid_fen, refund_count = 1`.execute(tx)
    await sql`update sale_item set refunded_quantity = quantity, refunded_fen = fen`.execute(tx)
    await sql`
      insert into refund (tenant_id, refund_no, payment_no, sale_no, state, method, amount_fen, reason_code,
                          store_no, terminal_no, requested_by, judgement, attempts, fingerprint, event_seq,
                          event_head, created_at, settled_at)
      select tenant_id, '73' || substr(payment_no, 3), payment_no, sale_no, 'succeeded', 'original', paid_fen,
             'quality', 's1', 't1', 'zhang', '{"verdict":"allow","rules":[]}', 1, fingerprint, 3,
             sha256(('73' || substr(payment_no, 3) || '3')::bytea), now(), now()
        from payment`.execute(tx)
    await sql`
      insert into refund_item (tenant_id, refund_no, sale_no, line, quantity, fen, standing, counted_quantity, counted_fen)
      select r.tenant_id, r.refund_no, i.sale_no, i.line, i.quantity, i.fen, 'refunded', i.quantity, i.fen
        from refund r join sale_item i using (tenant_id, sale_no)`.execute(tx)
    await sql`
      insert into attempt (tenant_id, refund_no, seq, payment_no, account_no, kind, state, channel_number, channel_no,
                           body, amount_fen, fence, sends, created_at, settled_at)
      select tenant_id, refund_no, 1, payment_no, ${ACCOUNT}, 'refund', 'succeeded', refund_no || '01',
             'n' || refund_no || '01', '{}', amount_fen, 1, 1, now(), now()
        from refund`.execute(tx)
    await sql`
      insert into transfer (tenant_id, payment_no, refund_no, kind, debit, credit, fen, at)
      select tenant_id, payment_no, refund_no, kind, debit, credit, amount_fen, now()
        from refund, (values ('hold', 'refundable', 'held'), ('pay_back', 'held', 'channel')) legs (kind, debit, credit)`.execute(
      tx,
    )
    await sql`
      insert into event (tenant_id, subject, subject_no, seq, type, at, body, prev, hash, relayed_at)
      select tenant_id, 'refund', refund_no, seq, type, now(), '{}',
             case when seq > 1 then sha256((refund_no || (seq - 1))::bytea) end, sha256((refund_no || seq)::bytea), now()
        from refund, (values (1, 'refund.requested'), (2, 'refund.sending'), (3, 'refund.succeeded')) steps (seq, type)`.execute(
      tx,
    )
  })
  return PAST_REFUNDS
}
