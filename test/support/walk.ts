/** What people do with refunds and look at, over HTTP; each answer is read by the contract. */
import { expect } from 'vitest'
import type { z } from 'zod'
import {
  callPage,
  eventPage,
  incidentPage,
  paymentShown,
  refundShown,
  salesShown,
  type PaymentShown,
  type RefundShown,
  type SaleShown,
} from '../../src/api/contract.ts'
import type { Answer, RefundWish, Till, Who } from './till.ts'

async function shown<Shape extends z.ZodType>(
  schema: Shape,
  answer: Promise<Answer>,
): Promise<z.output<Shape>> {
  const { status, text, body } = await answer
  expect(status, text).toBeLessThan(300)
  return schema.parse(body)
}

export const readRefund = (till: Till, no: string): Promise<RefundShown> =>
  shown(refundShown, till.call('GET', `/v1/refunds/${no}`))

export const readPayment = (till: Till, no: string): Promise<PaymentShown> =>
  shown(paymentShown, till.call('GET', `/v1/payments/${no}`))

/** An answer of any kind: for what may be refused. */
export const tryAsk = (till: Till, given: RefundWish, who?: Who, second?: Who): Promise<Answer> =>
  till.call('POST', '/v1/refunds', given, who, second)

export const ask = (till: Till, given: RefundWish, who?: Who, second?: Who): Promise<RefundShown> =>
  shown(refundShown, tryAsk(till, given, who, second))

/** An act of a person on a refund, such as `approve`; an answer of any kind. */
export const tryAct = (
  till: Till,
  no: string,
  name: string,
  body?: unknown,
  who?: Who,
  second?: Who,
): Promise<Answer> => till.call('POST', `/v1/refunds/${no}/${name}`, body, who, second)

export const act = (...given: Parameters<typeof tryAct>): Promise<RefundShown> =>
  shown(refundShown, tryAct(...given))

export const findAtChannels = async (till: Till, code: string): Promise<SaleShown[]> =>
  (await shown(salesShown, till.call('POST', '/v1/sales/find', { code }))).sales

/** The types of what happened, in order. */
export const stepsOf = async (
  till: Till,
  of: 'refunds' | 'payments',
  no: string,
): Promise<string[]> =>
  (await shown(eventPage, till.call('GET', `/v1/${of}/${no}/events?limit=100`))).events.map(
    (step) => step.type,
  )

/** What was said to the channel about a refund, in order: `refund`, `refund_query` and so on. */
export const saidOf = async (till: Till, no: string): Promise<string[]> =>
  (
    await shown(callPage, till.call('GET', `/v1/refunds/${no}/calls?limit=100`, undefined, 'li'))
  ).calls.map((call) => call.act)

type Incident = z.output<typeof incidentPage>['incidents'][number]

/** What a person has to look at, or had to, newest first. */
export const incidentsOf = async (till: Till, open = true): Promise<Incident[]> =>
  (
    await shown(
      incidentPage,
      till.call('GET', `/v1/incidents?open=${open}&limit=100`, undefined, 'li'),
    )
  ).incidents
