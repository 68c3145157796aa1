/** Second persons at the till: a yes there by PIN or by a one-time code, and the code itself. */
import type { Core } from '../commands/core.ts'
import { giveApprovalCode, giveSecond } from '../commands/give-second.ts'
import { fen } from '../domain/money.ts'
import type { SecondFor } from '../domain/second.ts'
import type { Resource } from './api.ts'
import {
  approvalCodeGiven,
  approvalCodeShown,
  secondGiven,
  secondShown,
  type SecondForGiven,
} from './contract-people.ts'
import { accepted } from './found.ts'
import { keyMaker } from './key-maker.ts'
import { who } from './sign-in.ts'

export const secondResource =
  (core: Core): Resource =>
  (v1) => {
    v1.post(
      '/seconds',
      {
        schema: {
          summary: 'A second person says yes to one act at this terminal',
          description:
            'By their PIN, or by a code they gave. The token stands behind exactly this act of whoever is signed in here, once, within three minutes.',
          body: secondGiven,
          response: { 201: secondShown },
        },
      },
      async (request, reply) => {
        const actor = who(request)
        const { body } = request
        const given = {
          for: secondFor(body.for),
          by:
            'code' in body
              ? ({ kind: 'code', code: body.code } as const)
              : ({ kind: 'pin', staff: body.staff, pin: body.pin } as const),
        }
        const answer = await giveSecond(core, actor, given, keyMaker(core), core.clock.now())
        const { token, person, expiresAt } = await accepted(core, actor.tenant, answer)
        return reply.code(201).send({
          token,
          staff: { no: person.staff_no, name: person.name },
          expiresAt: expiresAt.toISOString(),
        })
      },
    )

    v1.post(
      '/approval-codes',
      {
        schema: {
          summary: 'A one-time code for a claim, to be read over the phone (supervisor)',
          description:
            'Good once, for five minutes; five wrong tries end it, and so does another one.',
          body: approvalCodeGiven,
          response: { 201: approvalCodeShown },
        },
      },
      async (request, reply) => {
        const actor = who(request)
        const { for: claim } = request.body
        const act = { ...claim, amount: fen(claim.amount) }
        const answer = await giveApprovalCode(core, actor, act, core.clock.now())
        const { code, expiresAt } = await accepted(core, actor.tenant, answer)
        return reply.code(201).send({ code, expiresAt: expiresAt.toISOString() })
      },
    )
  }

const secondFor = (given: SecondForGiven): SecondFor =>
  given.act === 'refund' ? { ...given, amount: fen(given.amount) } : given
