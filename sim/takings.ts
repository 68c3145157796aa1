/** What tills take in a story: a sale paid by a customer's code or by a code that is shown, at once or in parts, and given up. */
import type { Core } from '../src/commands/core.ts'
import { askPayment, drivePayment, reversePayment } from '../src/commands/drive-payments.ts'
import { takePayment, type PaymentInput, type SaleInput } from '../src/commands/take-payment.ts'
import { fen, subFen } from '../src/domain/money.ts'
import { makeNumber } from '../src/domain/numbers.ts'
import { cashier } from '../test/support/core.ts'
import type { Draw } from './draw.ts'
import { ofShop, type Play } from './play.ts'
import { STORY_DAY } from './shop.ts'
import type { Act } from './tills.ts'

const ORDER = fen(8_000)
const PART = fen(3_000)

export function taking(play: Play, draw: Draw): Act {
  const known = play.takings.length === 0 ? null : draw.pick(play.takings)
  const kind = draw.below(8)
  if (known === null || kind < 3) return take(play, newPayment(play, newSale(draw), draw))
  switch (kind) {
    case 3:
    case 4:
      return take(play, newPayment(play, known.sale, draw))
    case 5:
      return take(play, known)
    case 6:
      return async (core) => {
        await askPayment(core, play.tenant, known.no)
        return 'done'
      }
    default:
      return async (core) => {
        await reversePayment(core, ofShop(play, cashier), known.no, play.time.now())
        return 'done'
      }
  }
}

const newSale = (draw: Draw): SaleInput => ({
  no: makeNumber('sale', STORY_DAY, draw.digits(13)),
  orderFen: ORDER,
  paidFen: ORDER,
  description: 'story',
  items: [1, 2].map(() => ({ name: 'item', quantity: 2, fen: fen(ORDER / 2) })),
})

/** Of a sale of which something was taken before it may be too much. */
function newPayment(play: Play, sale: SaleInput, draw: Draw): PaymentInput {
  const method = draw.chance(0.6) ? 'code' : 'qr'
  const payment = {
    no: makeNumber('payment', STORY_DAY, draw.digits(13)),
    sale,
    amount: draw.pick([ORDER, PART, subFen(ORDER, PART)]),
    method,
    paymentCode: method === 'code' ? play.bank.orders.paymentCode(draw) : null,
    accountNo: null,
  } as const
  play.takings.push(payment)
  play.payments.push(payment.no)
  return payment
}

const take =
  (play: Play, input: PaymentInput): Act =>
  async (core: Core) => {
    const taken = await takePayment(core, ofShop(play, cashier), input, play.time.now())
    if (taken.kind === 'stored') {
      play.taken.add(taken.paymentNo)
      if (taken.lease) await drivePayment(core, play.tenant, taken.lease)
    }
    return 'done'
  }
