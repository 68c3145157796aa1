/** Payments as they are shown. Read only; nothing of who drives them. */
import { sql } from 'kysely'
import type { Tx } from '../db/connect.ts'
import type { EventType } from '../domain/evidence.ts'
import type { Fen } from '../domain/money.ts'
import type { PaymentState } from '../domain/payment.ts'
import type { PaymentMethod } from './payments.ts'

export type PaymentFacts = {
  payment_no: string
  sale_no: string
  account_no: string
  channel: string
  sandbox: boolean
  method: PaymentMethod
  state: PaymentState
  paid_fen: Fen
  payer_total_fen: Fen | null
  held_fen: Fen
  refunded_fen: Fen
  kept_fen: Fen
  excess_fen: Fen
  channel_number: string
  channel_no: string | null
  bill_no: string | null
  payer_masked: string | null
  blocked: string | null
  refusal: string | null
  imported_with_refunds: boolean
  code_url: string | null
  valid_until: Date | null
  paid_at: Date | null
  created_at: Date
  /** Given up here, and found paid afterwards. */
  restored: boolean
  /** Somebody has said that money which was not in the books stays. */
  accepted: boolean
}

const happened = (type: EventType) => sql`
  exists (select from event e
           where e.tenant_id = p.tenant_id and e.subject = 'payment' and e.subject_no = p.payment_no and e.type = ${type})`

const columns = sql`
  p.payment_no, p.sale_no, p.account_no, p.channel, c.sandbox, p.method, p.state, p.paid_fen,
  p.payer_total_fen, p.held_fen, p.refunded_fen, p.kept_fen, p.excess_fen, p.channel_number, p.channel_no,
  p.bill_no, p.payer_masked, p.blocked, p.refusal, p.imported_with_refunds, p.code_url, p.valid_until,
  p.paid_at, p.created_at, ${happened('payment.restored')} as restored, ${happened('payment.accepted')} as accepted`

export async function findPayment(tx: Tx, paymentNo: string): Promise<PaymentFacts | null> {
  const { rows } = await sql<PaymentFacts>`
    select ${columns} from payment p join channel_account c on c.account_no = p.account_no
     where p.payment_no = ${paymentNo}`.execute(tx)
  return rows[0] ?? null
}

/** In the order they were made. */
export async function paymentsOfSales(tx: Tx, saleNos: readonly string[]): Promise<PaymentFacts[]> {
  const { rows } = await sql<PaymentFacts>`
    select ${columns} from payment p join channel_account c on c.account_no = p.account_no
     where p.sale_no = any(${saleNos}) order by p.created_at, p.payment_no`.execute(tx)
  return rows
}

/** What the channel calls one of the account's paid payments, rather a late one; null: it has none. */
export async function somePaidNumber(tx: Tx, accountNo: string): Promise<string | null> {
  // By the index that holds these numbers unique; ours begin with their day.
  const row = await tx
    .selectFrom('payment')
    .select('channel_number')
    .where('account_no', '=', accountNo)
    .where('state', '=', 'paid')
    .orderBy('channel_number', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.channel_number ?? null
}
