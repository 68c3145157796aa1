/** The certificate of our own authority, for the devices that shall trust it. It is public, and needs no HTTPS to get. */
import { refuse } from '../domain/problems.ts'
import type { Resource } from './api.ts'
import { Problem } from './problem.ts'

export const AUTHORITY_PATH = '/ca.crt'

/** @param authorityPem null when there is no authority of our own */
export const authorityResource =
  (authorityPem: () => string | null): Resource =>
  (app) => {
    app.get(AUTHORITY_PATH, { schema: { hide: true } }, (_request, reply) => {
      const pem = authorityPem()
      if (pem === null) throw new Problem(refuse('not_found', { what: 'route' }))
      // By this type Android, iOS and Windows know what to do with it.
      return reply.type('application/x-x509-ca-cert').send(pem)
    })
  }
