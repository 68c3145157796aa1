/** From stored rows to what stands on a slip. */
import type { Core } from '../commands/core.ts'
import { readInTenant, type Tx } from '../db/connect.ts'
import { addFen, ZERO } from '../domain/money.ts'
import { refuse } from '../domain/problems.ts'
import { slipState } from '../domain/shown.ts'
import {
  refundSlip,
  saleSlip,
  SLIP_CHANNELS,
  type PendingRefundSlip,
  type RefundSlip,
  type SaleSlip,
  type SlipChannel,
  type SlipCopy,
  type SlipFacts,
} from '../domain/slip.ts'
import { DESTINATIONS, type ArrivalText, type Destination } from '../domain/capabilities.ts'
import type { PaymentFacts } from '../store/payment-reads.ts'
import { findRefund, type RefundFacts } from '../store/refund-reads.ts'
import { findSale, type SaleFacts } from '../store/sale-reads.ts'
import { readPlace } from '../store/shop.ts'
import { readPeople } from '../store/slip-reads.ts'
import { reasonText } from '../texts/reasons.ts'
import type { Language } from '../texts/slip.ts'
import { present } from './found.ts'
import { Problem } from './problem.ts'
import { wordOf } from './show.ts'

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
    )
  })

/** Throws Problem `state_changed` where there is nothing to hand over: before a decision or after an end without money. */
export const refundSlipOf = (
  core: Core,
  tenant: number,
  of: { readonly no: string; readonly copy: SlipCopy; readonly language: Language },
): Promise<RefundSlip | PendingRefundSlip> =>
  readInTenant(core.db, tenant, async (tx) => {
    const refund = present(await findRefund(tx, of.no), 'refund')
    const state = slipState(wordOf(refund))
    if (state === null) throw new Problem(refuse('state_changed', { state: refund.state }))
    const sale = present(await findSale(tx, refund.sale_no), 'sale')
    const payment = present(
      sale.payments.find((each) => each.payment_no === refund.payment_no),
      'payment',
    )
    const facts = await common(tx, sale, payment, {
      storeNo: refund.store_no,
      terminalNo: refund.terminal_no,
      staffNo: refund.requested_by,
    })
    const success = refund.attempts.find((each) => each.state === 'succeeded')
    const whole = sale.payments.length === 1
    return refundSlip(
      {
        ...facts,
        lines: refund.lines.map(({ name, quantity, fen }) => ({ name, quantity, fen })),
        amounts: {
          order: whole ? sale.sale.order_fen : payment.paid_fen,
          discount: whole ? sale.sale.discount_fen : ZERO,
          paid: payment.paid_fen,
          refunded: payment.refunded_fen,
        },
      },
      {
        state,
        at: success?.settled_at ? new Date(success.settled_at) : refund.created_at,
        refundNo: refund.refund_no,
        amount: refund.amount_fen,
        feeKept: refund.fee_kept_fen,
        payerFen: success?.payer_fen ?? null,
        destination: success?.destination_text ?? null,
        payer: payment.payer_masked,
        arrival: arrivalOf(core, payment, refund),
        reason: reasonText(of.language, refund.reason_code),
      },
      of.copy,
    )
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
    training: false,
    verification: null,
    customerPage: null,
  }
}

/** Stands where a sale or refund did not come from a till or a person of ours. */
const NOBODY = '-'

function slipChannel(channel: string): SlipChannel {
  const known = SLIP_CHANNELS.find((each) => each === channel)
  if (!known) throw new Error(`slips have no word for the channel ${channel}`)
  return known
}

function arrivalOf(core: Core, payment: PaymentFacts, refund: RefundFacts): ArrivalText {
  const last = refund.attempts.at(-1)
  if (last?.kind === 'cash' || (!last && refund.method === 'cash')) return 'by_hand'
  const { arrival } = core.channel(payment.channel).can
  const success = refund.attempts.find((each) => each.state === 'succeeded')
  return arrival[destinationOf(success?.destination ?? null)]
}

const destinationOf = (text: string | null): Destination =>
  DESTINATIONS.find((each) => each === text) ?? 'original'
