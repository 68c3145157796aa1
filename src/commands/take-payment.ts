/**
 * Takes a scan payment: writes down the sale and the payment with its body frozen, held by this process. Nothing has
 * been sent when it returns. While one payment of a sale is unclear no second one starts.
 */
import { ConfigFault } from '../channels/channel.ts'
import { inTenant, type Tx } from '../db/connect.ts'
import type { Actor } from '../domain/actor.ts'
import { fingerprintOf, sealEvents, type Json } from '../domain/evidence.ts'
import { subFen, type Fen } from '../domain/money.ts'
import { channelNumber, readScan } from '../domain/numbers.ts'
import { whyNoMorePayment } from '../domain/payment-look.ts'
import { refuse, type Refusal } from '../domain/problems.ts'
import { spreadOverItems, type ItemInput } from '../domain/sale.ts'
import { listAccounts, type AccountRow } from '../store/accounts.ts'
import { insertEvents } from '../store/events.ts'
import { insertPayment, readPayments, readPaymentsOfSale } from '../store/payments.ts'
import { insertSale, lockSale, readSale, type SaleRow } from '../store/sales.ts'
import { openAccount } from './accounts.ts'
import { againAfterFault } from './again.ts'
import type { Core } from './core.ts'
import type { PaymentLease } from './drive-payments.ts'

export type SaleInput = {
  readonly no: string
  readonly orderFen: Fen
  /** What is to be paid; the rest of the order is the shop's own discount. */
  readonly paidFen: Fen
  readonly description: string
  readonly items: readonly ItemInput[]
}

export type PaymentInput = {
  readonly no: string
  readonly sale: SaleInput
  /** This payment's part of the sale. */
  readonly amount: Fen
  readonly method: 'code' | 'qr'
  readonly paymentCode: string | null
  /** Null: the merchant's default account. */
  readonly accountNo: string | null
}

export type Taken =
  | { readonly kind: 'stored'; readonly paymentNo: string; readonly lease: PaymentLease | null }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

const refused = (refusal: Refusal): Taken => ({ kind: 'refused', refusal })

export async function takePayment(
  core: Core,
  actor: Actor,
  input: PaymentInput,
  now: Date,
): Promise<Taken> {
  const wrong = whyWrong(input)
  if (wrong) return refused(wrong)
  const fingerprint = fingerprintOf(fingerprinted(input))
  const taken = await againAfterFault(() => write(core, actor, input, fingerprint, now)).catch(
    (error: unknown): Taken => {
      if (isNoticeAddressMissing(error))
        return refused(refuse('channel_cannot', { act: 'pay_by_qr' }))
      throw error
    },
  )
  core.crashPoint('pay.after_commit')
  return taken
}

/** A code can only be shown where the channel has an address to tell that it was paid. */
const isNoticeAddressMissing = (error: unknown): boolean =>
  error instanceof ConfigFault && error.field === 'notifyUrl'

function write(
  core: Core,
  actor: Actor,
  input: PaymentInput,
  fingerprint: Buffer,
  now: Date,
): Promise<Taken> {
  return inTenant(core.db, actor.tenant, async (tx) => {
    // Locked before the number is looked up: of two equal requests in the same moment the second finds the first. A
    // sale that is new to both has nothing to lock; its primary key tells the second to look again.
    await lockSale(tx, input.sale.no)
    const repeated = await storedUnder(tx, input.no, fingerprint)
    if (repeated) return repeated
    const account = accountFor(await listAccounts(tx), input)
    if (!account) return refused(refuse('not_found', { what: 'channel_account' }))
    const { can } = core.channel(account.channel)
    if (can.payment === null || (input.method === 'code' ? !can.payByCode : !can.payByQr)) {
      return refused(refuse('channel_cannot', { act: `pay_by_${input.method}` }))
    }
    const refusal = await openSale(tx, actor, input, now)
    // The same request may have been committed since the first look, sale and all: then it is no obstacle to itself.
    if (refusal) return (await storedUnder(tx, input.no, fingerprint)) ?? refused(refusal)
    await writePayment(core, tx, actor, input, account, fingerprint, now)
    core.crashPoint('pay.before_commit')
    return {
      kind: 'stored' as const,
      paymentNo: input.no,
      lease: { paymentNo: input.no, fence: 1 },
    }
  })
}

/** What a number that was used before is answered; null for a fresh one. */
async function storedUnder(tx: Tx, paymentNo: string, fingerprint: Buffer): Promise<Taken | null> {
  const [known] = await readPayments(tx, [paymentNo], 0)
  if (!known) return null
  return known.fingerprint.equals(fingerprint)
    ? { kind: 'stored', paymentNo, lease: null }
    : refused(refuse('number_taken', { number: paymentNo, stored: { payment: paymentNo } }))
}

function whyWrong(input: PaymentInput): Refusal | null {
  if (input.amount <= 0 || input.sale.paidFen <= 0 || input.sale.paidFen > input.sale.orderFen) {
    return refuse('amount_wrong', {})
  }
  if (input.amount > input.sale.paidFen) return refuse('amount_wrong', {})
  const itemsFen = input.sale.items.reduce((sum, item) => sum + item.fen, 0)
  if (input.sale.items.length > 0 && itemsFen !== input.sale.orderFen)
    return refuse('amount_wrong', {})
  if (input.method === 'code') {
    const scanned = readScan(input.paymentCode ?? '')
    if (scanned.kind !== 'payment_code') return refuse('payment_code_wrong', {})
  }
  return null
}

const accountFor = (
  accounts: readonly AccountRow[],
  input: PaymentInput,
): AccountRow | undefined =>
  input.accountNo === null
    ? accounts.find((account) => account.is_default)
    : accounts.find((account) => account.account_no === input.accountNo)

/** Makes the sale, or checks that a second payment of it may start; the sale is locked. @returns why not, or null. */
async function openSale(
  tx: Tx,
  actor: Actor,
  input: PaymentInput,
  now: Date,
): Promise<Refusal | null> {
  const fingerprint = fingerprintOf(saleFingerprint(input.sale))
  const known = await readSale(tx, input.sale.no)
  if (known) return mayPayMore(tx, known, fingerprint, input)
  const shares = spreadOverItems(input.sale.items, input.sale.paidFen)
  await insertSale(
    tx,
    {
      tenant_id: actor.tenant,
      sale_no: input.sale.no,
      store_no: actor.store,
      terminal_no: actor.terminal,
      staff_no: actor.staff,
      source: 'till',
      order_fen: input.sale.orderFen,
      discount_fen: subFen(input.sale.orderFen, input.sale.paidFen),
      paid_fen: input.sale.paidFen,
      description: input.sale.description,
      fingerprint,
      created_at: now,
    },
    input.sale.items.map((item, place) => ({
      line: place + 1,
      name: item.name,
      quantity: item.quantity,
      price_fen: item.fen,
      fen: shares[place] ?? item.fen,
    })),
  )
  return null
}

async function mayPayMore(
  tx: Tx,
  known: SaleRow,
  fingerprint: Buffer,
  input: PaymentInput,
): Promise<Refusal | null> {
  if (!known.fingerprint.equals(fingerprint)) {
    return refuse('number_taken', { number: known.sale_no, stored: { sale: known.sale_no } })
  }
  const payments = await readPaymentsOfSale(tx, known.sale_no)
  return whyNoMorePayment(known.paid_fen, payments, input.amount)
}

async function writePayment(
  core: Core,
  tx: Tx,
  actor: Actor,
  input: PaymentInput,
  row: AccountRow,
  fingerprint: Buffer,
  now: Date,
): Promise<void> {
  const channel = core.channel(row.channel)
  const account = openAccount(core, actor.tenant, row)
  const number = channelNumber(input.no, 0, channel.can.requestNo)
  const validMs = channel.can.payment?.qrValidMs ?? 0
  const validUntil = input.method === 'qr' ? new Date(now.getTime() + validMs) : null
  const body = channel.freezePayment(
    {
      channelNumber: number,
      method: input.method,
      amount: input.amount,
      description: input.sale.description,
      storeNo: actor.store ?? '',
      terminalNo: actor.terminal,
      paymentCode: input.method === 'code' ? cleanCode(input.paymentCode ?? '') : null,
      validUntil,
    },
    account,
  )
  const { events, head } = sealEvents(
    [
      {
        subject: 'payment',
        no: input.no,
        type: 'payment.submitted',
        facts: {
          sale: input.sale.no,
          amount: input.amount,
          method: input.method,
          channel_number: number,
        },
      },
    ],
    { seq: 0, hash: null },
    actor,
    now,
  )
  await insertPayment(tx, {
    tenant_id: actor.tenant,
    payment_no: input.no,
    sale_no: input.sale.no,
    account_no: row.account_no,
    channel: row.channel,
    method: input.method,
    state: 'submitted',
    paid_fen: input.amount,
    channel_number: number,
    body,
    valid_until: validUntil,
    fingerprint,
    created_at: now,
    due_at: now,
    lease_ms: core.settings.leaseMs,
    send_within_ms: core.settings.sendWithinMs,
    event_seq: head.seq,
    event_head: head.hash,
  })
  await insertEvents(tx, actor.tenant, events)
}

const cleanCode = (code: string): string => code.replace(/\D/g, '')

const saleFingerprint = (sale: SaleInput): Json => ({
  order: sale.orderFen,
  paid: sale.paidFen,
  items: sale.items.map((item) => ({ name: item.name, quantity: item.quantity, fen: item.fen })),
})

/** The payment code is left out: it is single use, and a repeated request may no longer have it. */
const fingerprinted = (input: PaymentInput): Json => ({
  sale: input.sale.no,
  content: saleFingerprint(input.sale),
  amount: input.amount,
  method: input.method,
  account: input.accountNo,
})
