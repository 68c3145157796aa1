/** The shop of a story, with payments that have been made before it begins. */
import { randomBytes } from 'node:crypto'
import { makeKey } from '../src/auth/keys.ts'
import type { Core } from '../src/commands/core.ts'
import { setUpShop } from '../src/commands/set-up-shop.ts'
import { inTenant } from '../src/db/connect.ts'
import { fen } from '../src/domain/money.ts'
import { makeNumber } from '../src/domain/numbers.ts'
import { plainShop } from '../test/support/core.ts'
import { MCHID } from './bank.ts'
import type { Play } from './play.ts'

/** `yymmdd`, as it stands in numbers. */
export const STORY_DAY = '261126'
const PAID = fen(10_000)
const HALF = fen(5_000)

export async function openStoryShop(play: Play, payments: number): Promise<void> {
  const { core } = play.aside
  await setUpShop(core, plainShop(play.tenant, 'sim', ['a1']), (of, kind) =>
    makeKey(of, kind, randomBytes(32)),
  )
  const draw = play.draw.fork('numbers')
  for (let each = 0; each < payments; each += 1) {
    const payment = makeNumber('payment', STORY_DAY, draw.digits(13))
    await plantPayment(core, play.tenant, payment, makeNumber('sale', STORY_DAY, draw.digits(13)))
    play.bank.helpers.paidOrder({ mchid: MCHID, outTradeNo: `${payment}00`, total: PAID })
    play.payments.push(payment)
  }
}

const plantPayment = (core: Core, tenant: number, payment: string, sale: string): Promise<void> =>
  inTenant(core.db, tenant, async (tx) => {
    const common = { tenant_id: tenant, fingerprint: Buffer.alloc(0), created_at: core.clock.now() }
    await tx
      .insertInto('sale')
      .values({
        ...common,
        sale_no: sale,
        store_no: 's1',
        source: 'till',
        order_fen: PAID,
        discount_fen: fen(0),
        paid_fen: PAID,
      })
      .execute()
    const item = { name: 'item', quantity: 2, price_fen: HALF, fen: HALF }
    await tx
      .insertInto('sale_item')
      .values([1, 2].map((line) => ({ tenant_id: tenant, sale_no: sale, line, ...item })))
      .execute()
    await tx
      .insertInto('payment')
      .values({
        ...common,
        payment_no: payment,
        sale_no: sale,
        account_no: 'a1',
        channel: 'sim',
        method: 'code',
        state: 'paid',
        paid_fen: PAID,
        channel_number: `${payment}00`,
        body: '',
        paid_at: core.clock.now(),
      })
      .execute()
  })
