/** What people do with a refund after it was asked for; each act answers the refund as it is then stored. */
import type { z } from 'zod'
import type { Acted } from '../commands/act-on-refund.ts'
import type { Core } from '../commands/core.ts'
import {
  approveRefund,
  lowerRefund,
  rejectRefund,
  withdrawRefund,
} from '../commands/decide-refunds.ts'
import {
  answerCash,
  closeRefund,
  remedyRefund,
  sendAgain,
  stopRefund,
} from '../commands/handle-attempts.ts'
import type { RefundLanes } from '../commands/refund-lanes.ts'
import { askNow } from '../commands/sweep-refunds.ts'
import type { Actor } from '../domain/actor.ts'
import { fen } from '../domain/money.ts'
import type { Resource } from './api.ts'
import {
  cashGiven,
  lowerGiven,
  numberParams,
  reasonGiven,
  refundShown,
  remedyGiven,
  sendAgainGiven,
} from './contract.ts'
import { accepted, refundOf } from './found.ts'
import { who } from './sign-in.ts'
import { turnsOf, type TakeTurn } from './turns.ts'

export const refundActs =
  (core: Core, lanes: RefundLanes): Resource =>
  (v1) => {
    const takeTurn = turnsOf(v1)
    const answer = (actor: Actor, no: string, acted: Promise<Acted>) =>
      finish(core, lanes, takeTurn, actor, no, acted)
    const schema = { params: numberParams, response: { 200: refundShown } }

    v1.post('/refunds/:no/approve', { schema: { ...schema, summary: 'Approve' } }, (request) => {
      const [actor, no] = [who(request), request.params.no]
      return answer(actor, no, approveRefund(core, actor, no, core.clock.now()))
    })

    v1.post('/refunds/:no/withdraw', { schema: { ...schema, summary: 'Take back' } }, (request) => {
      const [actor, no] = [who(request), request.params.no]
      return answer(actor, no, withdrawRefund(core, actor, no, core.clock.now()))
    })

    v1.post(
      '/refunds/:no/reject',
      { schema: { ...schema, summary: 'Reject', body: reasonGiven } },
      (request) => {
        const [actor, no] = [who(request), request.params.no]
        const { reason } = request.body
        return answer(actor, no, rejectRefund(core, actor, no, reason, core.clock.now()))
      },
    )

    v1.post(
      '/refunds/:no/lower',
      { schema: { ...schema, summary: 'Lower the amount', body: lowerGiven } },
      (request) => {
        const [actor, no] = [who(request), request.params.no]
        const claim = fen(request.body.amount)
        return answer(actor, no, lowerRefund(core, actor, no, claim, core.clock.now()))
      },
    )

    v1.post(
      '/refunds/:no/send-again',
      {
        config: { usesGrant: true },
        schema: { ...schema, summary: 'Send what is owed again', body: sendAgainGiven },
      },
      (request) => {
        const [actor, no] = [who(request), request.params.no]
        const { method } = request.body
        return answer(actor, no, sendAgain(core, actor, no, method, core.clock.now()))
      },
    )

    v1.post(
      '/refunds/:no/stop',
      {
        config: { usesGrant: true },
        schema: { ...schema, summary: 'Send no more', body: reasonGiven },
      },
      (request) => {
        const [actor, no] = [who(request), request.params.no]
        const { reason } = request.body
        return answer(actor, no, stopRefund(core, actor, no, reason, core.clock.now()))
      },
    )

    v1.post(
      '/refunds/:no/remedy',
      { schema: { ...schema, summary: 'Decide about stuck money', body: remedyGiven } },
      async (request) => {
        const [actor, no] = [who(request), request.params.no]
        const { remedy, card = null } = request.body
        const now = core.clock.now()
        await accepted(core, actor.tenant, await remedyRefund(core, actor, no, remedy, card, now))
        await takeTurn(() => askNow(core, actor.tenant, no))
        return refundOf(core, actor.tenant, no)
      },
    )

    v1.post(
      '/refunds/:no/cash',
      {
        config: { usesGrant: true },
        schema: { ...schema, summary: 'Say what became of the cash', body: cashGiven },
      },
      (request) => {
        const [actor, no] = [who(request), request.params.no]
        return answer(actor, no, answerCash(core, actor, no, request.body.answer, core.clock.now()))
      },
    )

    v1.post(
      '/refunds/:no/close',
      {
        config: { usesGrant: true },
        schema: { ...schema, summary: 'End without money', body: reasonGiven },
      },
      (request) => {
        const [actor, no] = [who(request), request.params.no]
        const { reason } = request.body
        return answer(actor, no, closeRefund(core, actor, no, reason, core.clock.now()))
      },
    )

    v1.post(
      '/refunds/:no/query',
      { schema: { ...schema, summary: 'Ask the channel now' } },
      async (request) => {
        const [{ tenant }, no] = [who(request), request.params.no]
        await refundOf(core, tenant, no)
        await takeTurn(() => askNow(core, tenant, no))
        return refundOf(core, tenant, no)
      },
    )
  }

async function finish(
  core: Core,
  lanes: RefundLanes,
  takeTurn: TakeTurn,
  actor: Actor,
  no: string,
  acted: Promise<Acted>,
): Promise<z.infer<typeof refundShown>> {
  const { lease } = await accepted(core, actor.tenant, await acted)
  if (lease) await takeTurn(() => lanes.send(actor.tenant, lease))
  return refundOf(core, actor.tenant, no)
}
