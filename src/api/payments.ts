/** Payments: taken from the customer's phone, asked about, given up. */
import { acceptPayment } from '../commands/accept-payment.ts'
import type { Core } from '../commands/core.ts'
import { askPayment, drivePayment, reversePayment } from '../commands/drive-payments.ts'
import { takePayment, type SaleInput } from '../commands/take-payment.ts'
import { unblockPayment } from '../commands/unblock-payment.ts'
import { fen } from '../domain/money.ts'
import { UNCLEAR_STATES } from '../domain/payment.ts'
import type { z } from 'zod'
import type { Resource } from './api.ts'
import { numberParams, paymentGiven, paymentShown, reasonGiven } from './contract.ts'
import { accepted, paymentOf } from './found.ts'
import { who } from './sign-in.ts'
import { turnsOf } from './turns.ts'

export const paymentResource =
  (core: Core): Resource =>
  (v1) => {
    const takeTurn = turnsOf(v1)

    v1.post(
      '/payments',
      {
        schema: {
          summary: 'Take a payment',
          description:
            '201: clear. 202: not known yet; follow it. 200: the number was used before.',
          body: paymentGiven,
          response: { 200: paymentShown, 201: paymentShown, 202: paymentShown },
        },
      },
      async (request, reply) => {
        const actor = who(request)
        const given = request.body
        const input = {
          no: given.no,
          sale: saleInput(given.sale),
          amount: fen(given.amount),
          method: given.method,
          paymentCode: given.paymentCode ?? null,
          accountNo: given.account ?? null,
        }
        const taken = await accepted(
          core,
          actor.tenant,
          await takePayment(core, actor, input, core.clock.now()),
        )
        const { lease } = taken
        if (lease) await takeTurn(() => drivePayment(core, actor.tenant, lease))
        const payment = await paymentOf(core, actor.tenant, given.no)
        if (!lease) return reply.code(200).send(payment)
        return reply.code(UNCLEAR_STATES.includes(payment.state) ? 202 : 201).send(payment)
      },
    )

    v1.get(
      '/payments/:no',
      {
        schema: {
          summary: 'A payment as it is stored',
          params: numberParams,
          response: { 200: paymentShown },
        },
      },
      (request) => paymentOf(core, who(request).tenant, request.params.no),
    )

    v1.post(
      '/payments/:no/query',
      {
        schema: {
          summary: 'Ask the channel about a payment now',
          params: numberParams,
          response: { 200: paymentShown },
        },
      },
      async (request) => {
        const { tenant } = who(request)
        const { no } = request.params
        await paymentOf(core, tenant, no)
        await takeTurn(() => askPayment(core, tenant, no))
        return paymentOf(core, tenant, no)
      },
    )

    v1.post(
      '/payments/:no/reverse',
      {
        schema: {
          summary: 'Give up a payment that is not clear',
          params: numberParams,
          response: { 200: paymentShown },
        },
      },
      async (request) => {
        const actor = who(request)
        const { no } = request.params
        await accepted(core, actor.tenant, await reversePayment(core, actor, no, core.clock.now()))
        return paymentOf(core, actor.tenant, no)
      },
    )

    v1.post(
      '/payments/:no/accept',
      {
        schema: {
          summary: 'Keep money that the channel had and our books had not',
          description: 'For a payment that is `restored: undecided`; the other way is a refund.',
          params: numberParams,
          response: { 200: paymentShown },
        },
      },
      async (request) => {
        const actor = who(request)
        const { no } = request.params
        await accepted(core, actor.tenant, await acceptPayment(core, actor, no, core.clock.now()))
        return paymentOf(core, actor.tenant, no)
      },
    )

    v1.post(
      '/payments/:no/unblock',
      {
        schema: {
          summary: 'Open a blocked payment again, by two people',
          params: numberParams,
          body: reasonGiven,
          response: { 200: paymentShown },
        },
      },
      async (request) => {
        const actor = who(request)
        const { no } = request.params
        await accepted(
          core,
          actor.tenant,
          await unblockPayment(core, actor, no, request.body.reason, core.clock.now()),
        )
        return paymentOf(core, actor.tenant, no)
      },
    )
  }

export const saleInput = (given: z.infer<typeof paymentGiven>['sale']): SaleInput => ({
  no: given.no,
  orderFen: fen(given.orderAmount),
  paidFen: fen(given.paidAmount),
  description: given.description,
  items: given.items.map(({ name, quantity, amount }) => ({ name, quantity, fen: fen(amount) })),
})
