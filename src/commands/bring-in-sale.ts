/** Brings in sales this system did not take: found at a channel by a scanned number, or handed over by another system. */
import type { Exchange, Found } from '../channels/channel.ts'
import { inTenant, type Tx } from '../db/connect.ts'
import type { Actor } from '../domain/actor.ts'
import { fingerprintOf, sealEvents } from '../domain/evidence.ts'
import { subFen, ZERO, type Fen } from '../domain/money.ts'
import { makeNumber } from '../domain/numbers.ts'
import type { PayOutcome } from '../domain/outcome.ts'
import { refuse, type Refusal } from '../domain/problems.ts'
import { spreadOverItems, type ItemInput } from '../domain/sale.ts'
import { dayOf } from '../domain/time.ts'
import { listAccounts } from '../store/accounts.ts'
import { insertCalls } from '../store/calls.ts'
import { insertEvents } from '../store/events.ts'
import { findPaymentByChannelNumber, insertPayment, readPayments } from '../store/payments.ts'
import { insertSale, readSale } from '../store/sales.ts'
import { openAccount } from './accounts.ts'
import { againAfterFault } from './again.ts'
import type { Core } from './core.ts'
import { must } from './desk.ts'
import { askPayment, settlePayment } from './drive-payments.ts'

export type BroughtIn =
  | { readonly kind: 'found'; readonly saleNo: string }
  | { readonly kind: 'not_found' }
  /** At least one channel could not be asked: "not found" would be a guess. */
  | { readonly kind: 'unknown'; readonly cause: string }

/** Asks every account of the merchant for the number; the first that knows it brings the sale in, without items. */
export async function bringInSale(
  core: Core,
  actor: Actor,
  code: string,
  now: Date,
): Promise<BroughtIn> {
  const accounts = await inTenant(core.db, actor.tenant, async (tx) =>
    (await listAccounts(tx)).map((row) => openAccount(core, actor.tenant, row)),
  )
  let unknown: string | null = null
  for (const account of accounts) {
    const channel = core.channel(account.channel)
    if (!channel.findSale) continue
    const exchanges: Exchange[] = []
    const found = await channel.findSale(code, {
      account,
      timeoutMs: core.settings.channelTimeoutMs,
      record: (each) => exchanges.push(each),
    })
    if (found.kind === 'unknown') unknown = found.cause
    if (found.kind !== 'found') continue
    // An order nobody has paid is nothing to bring in; one whose state was not understood may be.
    const { outcome } = found
    if (outcome.kind === 'unknown') unknown = outcome.cause
    if (outcome.kind !== 'paid') continue
    const paymentNo = await againAfterFault(() =>
      writeFound(core, actor, account, { ...found, outcome }, exchanges, now),
    )
    await settlePayment(core, actor, { paymentNo, fence: null }, 'query', outcome)
    const saleNo = await inTenant(
      core.db,
      actor.tenant,
      async (tx) => must((await readPayments(tx, [paymentNo], 0))[0]).sale_no,
    )
    return { kind: 'found', saleNo }
  }
  return unknown === null ? { kind: 'not_found' } : { kind: 'unknown', cause: unknown }
}

type PaidOutcome = Extract<PayOutcome, { kind: 'paid' }>

async function writeFound(
  core: Core,
  actor: Actor,
  account: { readonly accountNo: string; readonly channel: string },
  found: Extract<Found, { kind: 'found' }> & { readonly outcome: PaidOutcome },
  exchanges: readonly Exchange[],
  now: Date,
): Promise<string> {
  return inTenant(core.db, actor.tenant, async (tx) => {
    const known = await findPaymentByChannelNumber(tx, account.accountNo, found.channelNumber)
    if (known !== null) return known
    const paid = found.outcome.paidFen
    const saleNo = makeNumber('sale', dayOf(now), core.random.digits(13))
    const paymentNo = makeNumber('payment', dayOf(now), core.random.digits(13))
    await insertSale(
      tx,
      {
        tenant_id: actor.tenant,
        sale_no: saleNo,
        store_no: null,
        terminal_no: null,
        staff_no: null,
        source: 'channel',
        order_fen: paid,
        discount_fen: ZERO,
        paid_fen: paid,
        description: '',
        fingerprint: fingerprintOf({ broughtIn: found.channelNo }),
        created_at: now,
      },
      [],
    )
    await insertFollowed(
      tx,
      actor,
      { saleNo, paymentNo, account, channelNumber: found.channelNumber, paid },
      now,
    )
    const { accountNo } = account
    const about = { accountNo, refundNo: null, seq: null, paymentNo }
    await insertCalls(tx, actor.tenant, [{ ...about, exchanges }])
    return paymentNo
  })
}

export type ImportInput = {
  readonly saleNo: string
  readonly paymentNo: string
  readonly accountNo: string
  /** The number the channel knows the payment by (商户单号). */
  readonly channelNumber: string
  readonly orderFen: Fen
  readonly paidFen: Fen
  readonly description: string
  readonly items: readonly ItemInput[]
}

export type Imported =
  | { readonly kind: 'stored'; readonly saleNo: string }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

/**
 * Takes over a sale of another system. What it says of the goods is believed; that the payment was made is not: the
 * channel is asked, and until it has said so the sale gives no refunds.
 */
export async function importSale(
  core: Core,
  actor: Actor,
  input: ImportInput,
  now: Date,
): Promise<Imported> {
  if (input.paidFen <= 0 || input.paidFen > input.orderFen)
    return { kind: 'refused', refusal: refuse('amount_wrong', {}) }
  const itemsFen = input.items.reduce((sum, item) => sum + item.fen, 0)
  if (input.items.length > 0 && itemsFen !== input.orderFen) {
    return { kind: 'refused', refusal: refuse('amount_wrong', {}) }
  }
  const fingerprint = fingerprintOf({
    account: input.accountNo,
    number: input.channelNumber,
    order: input.orderFen,
    paid: input.paidFen,
    items: input.items.map((item) => ({ name: item.name, quantity: item.quantity, fen: item.fen })),
  })
  const imported = await againAfterFault(() => writeImported(core, actor, input, fingerprint, now))
  if (imported.kind === 'stored') await askPayment(core, actor.tenant, input.paymentNo)
  return imported
}

function writeImported(
  core: Core,
  actor: Actor,
  input: ImportInput,
  fingerprint: Buffer,
  now: Date,
): Promise<Imported> {
  return inTenant(core.db, actor.tenant, async (tx): Promise<Imported> => {
    // In this order: what the same request committed in between is then found as a repetition, not as a stranger's.
    const taken = await findPaymentByChannelNumber(tx, input.accountNo, input.channelNumber)
    const [other] = await readPayments(tx, [input.paymentNo], 0)
    const known = await readSale(tx, input.saleNo)
    if (known) {
      return known.fingerprint.equals(fingerprint)
        ? { kind: 'stored', saleNo: input.saleNo }
        : {
            kind: 'refused',
            refusal: refuse('number_taken', {
              number: input.saleNo,
              stored: { sale: input.saleNo },
            }),
          }
    }
    const account = (await listAccounts(tx)).find((row) => row.account_no === input.accountNo)
    if (!account)
      return { kind: 'refused', refusal: refuse('not_found', { what: 'channel_account' }) }
    if (other) {
      return {
        kind: 'refused',
        refusal: refuse('number_taken', {
          number: input.paymentNo,
          stored: { payment: input.paymentNo },
        }),
      }
    }
    if (taken !== null) {
      return {
        kind: 'refused',
        refusal: refuse('number_taken', {
          number: input.channelNumber,
          stored: { payment: taken },
        }),
      }
    }
    const shares = spreadOverItems(input.items, input.paidFen)
    await insertSale(
      tx,
      {
        tenant_id: actor.tenant,
        sale_no: input.saleNo,
        store_no: actor.store,
        terminal_no: actor.terminal,
        staff_no: actor.staff,
        source: 'import',
        order_fen: input.orderFen,
        discount_fen: subFen(input.orderFen, input.paidFen),
        paid_fen: input.paidFen,
        description: input.description,
        fingerprint,
        created_at: now,
      },
      input.items.map((item, place) => ({
        line: place + 1,
        name: item.name,
        quantity: item.quantity,
        price_fen: item.fen,
        fen: must(shares[place]),
      })),
    )
    await insertFollowed(
      tx,
      actor,
      {
        saleNo: input.saleNo,
        paymentNo: input.paymentNo,
        account: { accountNo: account.account_no, channel: account.channel },
        channelNumber: input.channelNumber,
        paid: input.paidFen,
      },
      now,
    )
    return { kind: 'stored', saleNo: input.saleNo }
  })
}

/** A payment taken elsewhere: it is only ever asked about, never sent or reversed by us. */
async function insertFollowed(
  tx: Tx,
  actor: Actor,
  of: {
    saleNo: string
    paymentNo: string
    account: { readonly accountNo: string; readonly channel: string }
    channelNumber: string
    paid: Fen
  },
  now: Date,
): Promise<void> {
  const { events, head } = sealEvents(
    [
      {
        subject: 'payment',
        no: of.paymentNo,
        type: 'payment.imported',
        facts: { sale: of.saleNo, amount: of.paid, channel_number: of.channelNumber },
      },
    ],
    { seq: 0, hash: null },
    actor,
    now,
  )
  await insertPayment(tx, {
    tenant_id: actor.tenant,
    payment_no: of.paymentNo,
    sale_no: of.saleNo,
    account_no: of.account.accountNo,
    channel: of.account.channel,
    method: 'outside',
    state: 'submitted',
    paid_fen: of.paid,
    channel_number: of.channelNumber,
    body: '',
    valid_until: null,
    fingerprint: fingerprintOf({ followed: of.channelNumber }),
    created_at: now,
    due_at: now,
    lease_ms: null,
    send_within_ms: null,
    event_seq: head.seq,
    event_head: head.hash,
  })
  await insertEvents(tx, actor.tenant, events)
}
