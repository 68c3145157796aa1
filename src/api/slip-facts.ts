/** From stored rows to what stands on a slip. */
import type { Core } from '../commands/core.ts'
import { readInTenant, type Tx } from '../db/connect.ts'
import { addFen } from '../domain/money.ts'
import { refuse } from '../domain/problems.ts'
import {
  refundSlip,
  saleSlip,
  SLIP_CHANNELS,
  type RefundKindSlip,
  type SaleSlip,
  type SlipChannel,
  type SlipCopy,
  type SlipFacts,
  type Stamp,
} from '../domain/slip.ts'
import { stampOf, type SlipMac } from '../domain/slip-code.ts'
import { NOBODY, refundSlipFacts } from '../domain/slip-facts.ts'
import type { PaymentFacts } from '../store/payment-reads.ts'
import { readSlipRows } from '../store/refund-slips.ts'
import { findSale, type SaleFacts } from '../store/sale-reads.ts'
import { readPlace } from '../store/shop.ts'
import { readPeople } from '../store/slip-reads.ts'
import { reasonText } from '../texts/reasons.ts'
import type { Language } from '../texts/language.ts'
import { present } from './found.ts'
import { Problem } from './problem.ts'

/** Vouches for this merchant's slips and for nobody else's. */
export const slipMac =
  (core: Core, tenant: number): SlipMac =>
  (text) =>
    core.vault.mac(text, `slip/${tenant}`)

const stamp = (core: Core, tenant: number): Stamp =>
  stampOf(core.clock.now(), slipMac(core, tenant))

/** Throws Problem `payment_unpaid` while no payment of the sale is paid. */
export const saleSlipOf = (
  core: Core,
  tenant: number,
  saleNo: string,
  copy: SlipCopy,
): Promise<SaleSlip> =>
  readInTenant(core.db, tenant, async (tx) => {
    const sale = present(await findSale(tx, saleNo), 'sale')
    const paid = sale.payments.filter((each) => each.state === 'paid')
    const [first] = paid
    if (!first) throw new Problem(refuse('payment_unpaid', {}))
    const facts = await common(tx, sale, first, {
      storeNo: sale.sale.store_no,
      terminalNo: sale.sale.terminal_no,
      staffNo: sale.sale.staff_no,
    })
    return saleSlip(
      {
        ...facts,
        sandbox: paid.some((each) => each.sandbox),
        lines: sale.items.map((item) => ({
          name: item.name,
          quantity: item.quantity,
          fen: item.price_fen,
        })),
        amounts: {
          order: sale.sale.order_fen,
          discount: sale.sale.discount_fen,
          paid: addFen(...paid.map((each) => each.paid_fen)),
          refunded: addFen(...paid.map((each) => each.refunded_fen)),
        },
      },
      copy,
      stamp(core, tenant),
    )
  })

/** Throws Problem `state_changed` where there is nothing to hand over: after an end without money. */
export const refundSlipOf = (
  core: Core,
  tenant: number,
  of: { readonly no: string; readonly copy: SlipCopy; readonly language: Language },
): Promise<RefundKindSlip> =>
  readInTenant(core.db, tenant, async (tx) => {
    const rows = present((await readSlipRows(tx, [of.no])).get(of.no), 'refund')
    const made = refundSlipFacts(rows, {
      arrival: core.channel(rows.payment.channel).can.arrival,
      customerPage: null,
      reprint: 0,
    })
    if (made === null) throw new Problem(refuse('state_changed', { state: rows.refund.state }))
    const reason = reasonText(of.language, made.refund.reason)
    return refundSlip(made.facts, { ...made.refund, reason }, of.copy, stamp(core, tenant))
  })

async function common(
  tx: Tx,
  { sale }: SaleFacts,
  payment: PaymentFacts,
  of: {
    readonly storeNo: string | null
    readonly terminalNo: string | null
    readonly staffNo: string | null
  },
): Promise<Omit<SlipFacts, 'lines' | 'amounts'>> {
  const place = await readPlace(tx, of.storeNo ?? sale.store_no)
  const people = await readPeople(tx, of)
  return {
    store: {
      name: place?.store_name ?? place?.merchant_name ?? '',
      address: place?.store_address || null,
      phone: place?.store_phone || place?.merchant_phone || null,
    },
    terminal: people.terminal ?? NOBODY,
    cashier: people.cashier ?? NOBODY,
    orderNo: sale.sale_no,
    channel: slipChannel(payment.channel),
    paidAt: payment.paid_at ?? payment.created_at,
    reprint: 0,
    sandbox: payment.sandbox,
    training: place?.training ?? false,
    customerPage: null,
  }
}

function slipChannel(channel: string): SlipChannel {
  const known = SLIP_CHANNELS.find((each) => each === channel)
  if (!known) throw new Error(`slips have no word for the channel ${channel}`)
  return known
}
