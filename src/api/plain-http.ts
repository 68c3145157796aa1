/** What plain HTTP may still do on a server that speaks HTTPS. */
import type { FastifyRequest } from 'fastify'
import { refuse } from '../domain/problems.ts'
import type { Api } from './api.ts'
import { AUTHORITY_PATH } from './authority.ts'
import { issueProblem } from './guards.ts'
import { Problem } from './problem.ts'

/**
 * Programs on this machine (the sandbox's notifications, a proxy in front) go on as they are: nobody stands between. From
 * elsewhere a browser that asks for a page is sent on to HTTPS. All else is refused, and never sent on: whoever sent a
 * key or an amount in the clear must learn of it, and a repeated body is not ours to order.
 */
export function keepPlainHttpOut(app: Api): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.protocol === 'https' || isFromThisMachine(request)) return
    // A device that does not trust us yet has to get this first.
    if (request.url === AUTHORITY_PATH) return
    if (!isPage(request)) throw new Problem(refuse('https_needed', {}))
    // For now only: a browser that remembered it would be locked out when HTTPS is switched off.
    return reply.redirect(`https://${hostOf(request)}${request.url}`, 307)
  })
}

/** From loopback, or from an address of our own to the same one. */
function isFromThisMachine({ socket: { remoteAddress, localAddress } }: FastifyRequest): boolean {
  return (
    remoteAddress !== undefined && (LOOPBACK.test(remoteAddress) || remoteAddress === localAddress)
  )
}

const LOOPBACK = /^(::1|(::ffff:)?127(\.\d{1,3}){3})$/

const isPage = ({ method, url }: FastifyRequest): boolean =>
  (method === 'GET' || method === 'HEAD') && /^\/(?!(v1|notify)(\/|$))/.test(url)

const HOST = /^([a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(:\d{1,5})?$/i

function hostOf(request: FastifyRequest): string {
  const host = request.headers.host ?? ''
  if (!HOST.test(host)) throw issueProblem(request, 'header/host', 'format_wrong')
  return host
}
