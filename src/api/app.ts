/**
 * The HTTP server without its resources: strict bodies, problems as answers, who acts, OpenAPI from the same
 * schemas, draining. Nothing is coerced anywhere: bodies, parameters and queries reach Zod as they came.
 */
import { randomUUID } from 'node:crypto'
import fastify from 'fastify'
import {
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod'
import { refuse } from '../domain/problems.ts'
import type { Api, ApiDeps, Resource } from './api.ts'
import { answerClientError, answerError } from './errors.ts'
import { BODY_BYTES_MAX, guardHead, HEADER_BYTES_MAX, readBodies } from './guards.ts'
import { healthRoutes } from './health.ts'
import { methodsAt } from './methods.ts'
import { describe } from './openapi.ts'
import { Problem } from './problem.ts'
import { signIn } from './sign-in.ts'
import { refuseUndescribed } from './undescribed.ts'

/** A request must have arrived whole within this time, its head within the next one (slow senders hold sockets). */
const REQUEST_TIMEOUT_MS = 30_000
const HEADERS_TIMEOUT_MS = 10_000
const TIMEOUT_CHECK_INTERVAL_MS = 1_000
const PARAM_CHARACTERS_MAX = 100

/**
 * Not listening yet. `close()` refuses new requests, ends streams, and waits up to `drainMs` for the rest.
 * `open`: routes outside `/v1`, each in a scope of its own, where nobody signs in.
 */
export function buildApp(
  deps: ApiDeps,
  resources: readonly Resource[] = [],
  open: readonly Resource[] = [],
): Api {
  const { log } = deps
  const app = fastify({
    logger: false,
    genReqId: () => randomUUID(),
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    // Ours answers with a problem instead of Fastify's own words.
    return503OnClosing: false,
    routerOptions: { maxParamLength: PARAM_CHARACTERS_MAX },
    http: {
      maxHeaderSize: HEADER_BYTES_MAX,
      // guardHead asks for it: Node's own answer would be no problem+json.
      requireHostHeader: false,
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_INTERVAL_MS,
    },
    frameworkErrors: (error, request, reply) => void answerError(log, error, request, reply),
    clientErrorHandler: answerClientError,
  }).withTypeProvider<ZodTypeProvider>()

  // Node answers an unknown `Expect` by itself, without a body; such a request is simply answered.
  app.server.on('checkExpectation', (request, response) => app.routing(request, response))
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler((error, request, reply) => answerError(log, error, request, reply))
  app.decorateRequest('actor', null)
  app.decorate('authenticate', deps.authenticate)
  app.decorate('facts', log)
  const isEnding = drain(app, deps.config.drainMs)
  refuseUnknownRoutes(app)
  readBodies(app)

  app.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff')
    if (isEnding()) throw new Problem(refuse('busy', {}))
    guardHead(request)
  })
  app.addHook('onResponse', async (request, reply) => {
    const { actor } = request
    log.info(
      {
        request: request.id,
        method: request.method,
        // The pattern, never the address: numbers in it may be somebody's, and queries anything.
        route: request.routeOptions.url,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        tenant: actor?.tenant,
        terminal: actor?.terminal,
        staff: actor?.staff,
      },
      'http.answered',
    )
  })

  describe(app)
  app.register(async (health) =>
    healthRoutes(health.withTypeProvider<ZodTypeProvider>(), deps.checks),
  )
  for (const resource of open) {
    app.register(async (scope) => resource(scope.withTypeProvider<ZodTypeProvider>()))
  }
  app.register(
    async (scope) => {
      const v1 = scope.withTypeProvider<ZodTypeProvider>()
      v1.addHook('onRequest', async (request) => signIn(request))
      refuseUndescribed(v1)
      for (const resource of resources) resource(v1)
    },
    { prefix: '/v1' },
  )
  return app
}

function refuseUnknownRoutes(app: Api): void {
  const methodsOf = methodsAt(app)
  app.setNotFoundHandler((request, reply) => {
    const methods = methodsOf(request.raw.url ?? '')
    if (methods.length === 0) throw new Problem(refuse('not_found', { what: 'route' }))
    reply.header('allow', methods.join(', '))
    throw new Problem(refuse('not_found', { what: 'method' }), 405)
  })
}

/** Returns whether the server is shutting down. */
function drain(app: Api, drainMs: number): () => boolean {
  const controller = new AbortController()
  let cut: NodeJS.Timeout | undefined
  app.decorate('ending', controller.signal)
  app.addHook('preClose', async () => {
    controller.abort()
    cut = setTimeout(() => app.server.closeAllConnections(), drainMs)
  })
  // A connection that just got its answer would otherwise idle until the cut.
  app.addHook('onSend', async (_request, reply) => {
    if (controller.signal.aborted) reply.header('connection', 'close')
  })
  app.addHook('onClose', async () => clearTimeout(cut))
  return () => controller.signal.aborted
}
