/**
 * What a route does not describe it does not take. Ignored silently, `approve` with an amount or a refund with
 * `?dryRun=true` would do something else than its caller believes, and with money.
 */
import { z } from 'zod'
import type { Api } from './api.ts'

const NO_QUERY = z.strictObject({})
/** Not sent at all, or sent as `{}` by clients that always send something. */
const NO_BODY = z.strictObject({}).nullish()

/** Every route that is added to `scope` from now on takes the queries and the content it describes, and no others. */
export function refuseUndescribed(scope: Api): void {
  scope.addHook('onRoute', (route) => {
    const takesBody = [route.method].flat().includes('POST')
    route.schema = {
      querystring: NO_QUERY,
      ...(takesBody && { body: NO_BODY }),
      ...route.schema,
    }
  })
}

/** The same schema as integrators read it: content that has to be empty is none. */
export const withoutNoBody = <S extends { readonly body?: unknown }>(schema: S): S =>
  schema.body === NO_BODY ? { ...schema, body: undefined } : schema
