/** What is refunded: one shop for each channel, and paid sales written in bulk. */
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

export const ACCOUNT = 'a1'
/** A limit for the day would let one person's refunds pass one by one only. */
const RIGHTS = { perDayFen: null }
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
    await inTenant(db, shop.tenant, (tx) => insertPaid(tx, shop, numbers, 'untouched'))
  }
}

/** @param as `refunded`: in full, by one refund that the caller writes */
export async function insertPaid(
  tx: Tx,
  shop: Shop,
  numbers: readonly string[],
  as: 'untouched' | 'refunded',
): Promise<void> {
  const refunded =
    as === 'refunded'
      ? { pieces: PIECES, fen: SALE_FEN, count: 1 }
      : { pieces: 0, fen: 0, count: 0 }
  const paid = sql`unnest(${numbers}::text[]) as t (no)`
  await sql`
    insert into sale (tenant_id, sale_no, store_no, terminal_no, staff_no, source, order_fen, discount_fen,
                      paid_fen, description, fingerprint, created_at)
    select ${shop.tenant}::integer, '71' || substr(no, 3), 's1', 't1', 'zhang', 'till', ${SALE_FEN}::bigint, 0,
           ${SALE_FEN}::bigint, '套餐', sha256(no::bytea), now()
      from ${paid}`.execute(tx)
  await sql`
    insert into sale_item (tenant_id, sale_no, line, name, quantity, price_fen, fen, refunded_quantity, refunded_fen)
    select ${shop.tenant}::integer, '71' || substr(no, 3), 1, '套餐', ${PIECES}::integer, ${PIECE_FEN}::bigint,
           ${SALE_FEN}::bigint, ${refunded.pieces}::integer, ${refunded.fen}::bigint
      from ${paid}`.execute(tx)
  await sql`
    insert into payment (tenant_id, payment_no, sale_no, account_no, channel, method, state, paid_fen,
                         payer_total_fen, channel_number, bill_no, paid_at, body, fingerprint, created_at,
                         refunded_fen, refund_count)
    select ${shop.tenant}::integer, no, '71' || substr(no, 3), ${ACCOUNT}::text, ${shop.channel}::text, 'code', 'paid',
           ${SALE_FEN}::bigint, ${SALE_FEN}::bigint, no, no, now(), '{}', sha256(no::bytea), now(),
           ${refunded.fen}::bigint, ${refunded.count}::integer
      from ${paid}`.execute(tx)
}
