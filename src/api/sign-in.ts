/** From a request's headers to the actor behind it. */
import type { FastifyRequest } from 'fastify'
import { isRefusal, type KeyHeaders } from '../auth/keys.ts'
import type { Actor } from '../domain/actor.ts'
import { refuse } from '../domain/problems.ts'
import { Problem } from './problem.ts'

/** Who acts in a request below `/v1`. Throws Problem `not_signed_in` anywhere else. */
export function who(request: FastifyRequest): Actor {
  if (request.actor === null) throw new Problem(refuse('not_signed_in', {}))
  return request.actor
}

export const keyHeaders = (request: FastifyRequest): KeyHeaders => ({
  authorization: request.headers.authorization,
  staffKey: single(request.headers['yuanlu-staff']),
  secondKey: single(request.headers['yuanlu-second']),
})
// guardHead has refused repeated ones; should one still arrive as a list, it is no key.
const single = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header.join(',') : header

const READS = new Set(['GET', 'HEAD'])

/** Runs before the body is read: nobody unknown makes us parse anything. */
export async function signIn(request: FastifyRequest): Promise<void> {
  const answer = await request.server.authenticate(keyHeaders(request))
  if (isRefusal(answer)) throw new Problem(answer)
  request.actor = answer
  const { terminalAlone = false, usesGrant = false } = request.routeOptions.config
  if (answer.staff === null && !READS.has(request.method) && !terminalAlone) {
    throw new Problem(refuse('staff_needed', {}))
  }
  if (answer.second !== null && answer.second.grant !== null && !usesGrant) {
    throw new Problem(refuse('second_not_for_this', {}))
  }
}
