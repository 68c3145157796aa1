/** Orders at the channel of a story: taken, asked about and undone as the sandbox does it, and what customers do meanwhile. */
import type { Account as Merchant } from '../sandbox/accounts.ts'
import type { Helpers } from '../sandbox/helpers.ts'
import { closeOrder, reverseOrder } from '../sandbox/wechatpay/endings.ts'
import type { Fields } from '../sandbox/wechatpay/fields.ts'
import type { Order } from '../sandbox/wechatpay/ledger.ts'
import { describeOrder, queryOrder } from '../sandbox/wechatpay/orders.ts'
import { payByCode, prepay } from '../sandbox/wechatpay/payments.ts'
import type { World } from '../sandbox/world.ts'
import type { Said } from '../src/channels/wechatpay/client.ts'
import type { Settings } from '../src/channels/wechatpay/settings.ts'
import type { Draw } from './draw.ts'

export type Orders = {
  /** By a customer's code, or by a code that is shown: the body says which. */
  readonly pay: (body: string) => Promise<Said>
  readonly ask: (number: string) => Promise<Said>
  readonly reverse: (number: string) => Promise<Said>
  readonly close: (number: string) => Promise<Said>
  /** The channel's own record of an order. */
  readonly of: (number: string) => Order | undefined
  /** 18 digits off the phone of a customer who pays at once, must type a password, or is short of money. */
  readonly paymentCode: (draw: Draw) => string
  /** Some customer, whose password or scan is waited for, does it, or walks away. @returns what was done; null: nobody waits. */
  readonly someoneActs: (draw: Draw) => string | null
  /** What the channel had to say of orders that were paid, oldest first. */
  readonly notices: () => readonly SpokenOrder[]
}

export type SpokenOrder = { readonly number: string; readonly said: Fields }

/** How the sandbox's operations are answered: signed, or refused. */
type AnswerOf = (work: () => ReturnType<typeof queryOrder>) => Promise<Said>

export function openOrders(
  world: World,
  helpers: Helpers,
  merchant: Merchant,
  answerOf: AnswerOf,
): Orders {
  const scope = { mchid: merchant.mchid, subMchid: null }
  const us = { appid: merchant.appid, mchid: merchant.mchid }
  const people = [
    helpers.createCustomer({ passwordAbove: null }),
    helpers.createCustomer({ passwordAbove: 0 }),
    helpers.createCustomer({ passwordAbove: null, balance: 0 }),
  ]
  const told: SpokenOrder[] = []
  const heard = new Set<string>()
  const of = (number: string) => world.ledger.order(scope, number)
  const waiting = () => [
    ...people.flatMap((each) => world.ledger.waitingOrders(each.id)),
    ...world.ledger.shownCodes().filter((each) => each.state === 'NOTPAY'),
  ]
  return {
    of,
    pay: (body) =>
      answerOf(() => {
        const fields = JSON.parse(body) as Fields
        return 'payer' in fields
          ? payByCode(world, merchant, false, fields, false)
          : prepay(world, merchant, false, 'NATIVE', fields)
      }),
    ask: (number) => answerOf(() => queryOrder(world, merchant, false, us, () => of(number))),
    reverse: (number) => answerOf(() => reverseOrder(world, merchant, false, number, us)),
    close: (number) => answerOf(() => closeOrder(world, merchant, false, number, us)),
    paymentCode: (draw) => helpers.paymentCode(draw.pick(people)),
    someoneActs: (draw) => {
      const orders = waiting()
      if (orders.length === 0) return null
      const { outTradeNo, state, codeUrl } = draw.pick(orders)
      if (state === 'NOTPAY') {
        const result = helpers.scanAndPay(codeUrl ?? '', draw.pick(people), '123456')
        return `the code of ${outTradeNo} is scanned: ${result.kind}`
      }
      if (draw.chance(0.2)) {
        helpers.cancelPayment(outTradeNo, scope)
        return `the customer of ${outTradeNo} walks away`
      }
      const result = helpers.enterPassword(outTradeNo, scope)
      return `the password for ${outTradeNo} is typed: ${result.kind}`
    },
    notices: () => {
      for (const order of world.ledger.allOrders()) {
        if (order.paidAt === null || heard.has(order.outTradeNo)) continue
        heard.add(order.outTradeNo)
        const said = JSON.parse(JSON.stringify(describeOrder(order))) as Fields
        told.push({ number: order.outTradeNo, said })
      }
      return told
    },
  }
}

/** As whom the product's own code words its requests, and reads what it is answered. */
export const settingsOf = ({ appid, mchid }: Merchant): Settings =>
  // Keys are for signing, and nothing is signed here.
  ({ mode: 'direct', appid, mchid }) as Settings
