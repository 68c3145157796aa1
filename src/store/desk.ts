/** Refunds opened for a change: everything a change may touch, locked in the one order. */
import { sql } from 'kysely'
import type { Tx } from '../db/connect.ts'
import type { Fen } from '../domain/money.ts'
import type { PaymentState } from '../domain/payment.ts'
import type { RefundState } from '../domain/refund.ts'
import type { ItemJson } from './books.ts'
import { lockPayments } from './books.ts'
import type { RefundItemRow } from './refunds.ts'

export type DeskPaymentRow = {
  payment_no: string
  sale_no: string
  account_no: string
  channel: string
  channel_number: string
  channel_no: string | null
  method: 'code' | 'qr' | 'outside'
  body: string
  state: PaymentState
  blocked: string | null
  paid_fen: Fen
  held_fen: Fen
  refunded_fen: Fen
  kept_fen: Fen
  excess_fen: Fen
  refund_count: number
  last_refund_sent_at: Date | null
  paid_at: Date | null
  store_no: string | null
}

export type DeskRefundRow = {
  refund_no: string
  payment_no: string
  sale_no: string
  state: RefundState
  method: 'original' | 'cash'
  amount_fen: Fen
  fee_kept_fen: Fen
  reason_code: string
  store_no: string | null
  terminal_no: string | null
  requested_by: string | null
  send_at: Date | null
  send_reason: string | null
  ended_reason: string | null
  ended_as: RefundState | null
  outside: boolean
  attempts: number
  event_seq: number
  event_head: Buffer | null
  created_at: Date
  settled_at: Date | null
}

/**
 * Locks sales, payments, then the refunds themselves. One that is stored while this waits for a lock is left out: its
 * payment is not locked.
 *
 * @returns the numbers of what is locked.
 */
export async function lockRefunds(
  tx: Tx,
  refundNos: readonly string[],
): Promise<{ readonly refundNos: string[]; readonly paymentNos: string[] }> {
  const { rows } = await sql<{ refund_no: string; payment_no: string }>`
    select refund_no, payment_no from refund where refund_no = any(${refundNos})`.execute(tx)
  const locked = {
    refundNos: rows.map((row) => row.refund_no),
    paymentNos: [...new Set(rows.map((row) => row.payment_no))],
  }
  await lockPayments(tx, locked.paymentNos)
  await sql`
    select refund_no from refund where refund_no = any(${locked.refundNos})
     order by refund_no for no key update`.execute(tx)
  return locked
}

export async function readDeskPayments(
  tx: Tx,
  paymentNos: readonly string[],
): Promise<DeskPaymentRow[]> {
  const { rows } = await sql<DeskPaymentRow>`
    select p.payment_no, p.sale_no, p.account_no, p.channel, p.channel_number, p.channel_no, p.method,
           p.body, p.state, p.blocked, p.paid_fen, p.held_fen, p.refunded_fen, p.kept_fen, p.excess_fen,
           p.refund_count, p.last_refund_sent_at, p.paid_at, s.store_no
      from payment p join sale s on s.sale_no = p.sale_no
     where p.payment_no = any(${paymentNos})`.execute(tx)
  return rows
}

export async function readDeskRefunds(
  tx: Tx,
  refundNos: readonly string[],
): Promise<DeskRefundRow[]> {
  const { rows } = await sql<DeskRefundRow>`
    select refund_no, payment_no, sale_no, state, method, amount_fen, fee_kept_fen, reason_code,
           store_no, terminal_no, requested_by, send_at, send_reason, ended_reason, ended_as, outside, attempts,
           event_seq, event_head, created_at, settled_at
      from refund where refund_no = any(${refundNos})`.execute(tx)
  return rows
}

export async function readLines(tx: Tx, refundNos: readonly string[]): Promise<RefundItemRow[]> {
  const rows = await tx
    .selectFrom('refund_item')
    .select([
      'refund_no',
      'sale_no',
      'line',
      'quantity',
      'fen',
      'standing',
      'let_go',
      'counted_quantity',
      'counted_fen',
    ])
    .where('refund_no', '=', sql<string>`any(${refundNos})`)
    .orderBy('refund_no')
    .orderBy('line')
    .execute()
  return rows as RefundItemRow[]
}

/** Items of the sales that these refunds' lines name; sales without such lines are left out. */
export async function readItems(
  tx: Tx,
  saleNos: readonly string[],
): Promise<(ItemJson & { sale_no: string })[]> {
  const rows = await tx
    .selectFrom('sale_item')
    .select([
      'sale_no',
      'line',
      'quantity',
      'held_quantity',
      'refunded_quantity',
      'fen',
      'held_fen',
      'refunded_fen',
    ])
    .where('sale_no', '=', sql<string>`any(${saleNos})`)
    .orderBy('sale_no')
    .orderBy('line')
    .execute()
  return rows as (ItemJson & { sale_no: string })[]
}
