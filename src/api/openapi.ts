/** `/v1/openapi.json`, made from the routes' own schemas: what integrators read is what the server does. */
import swagger from '@fastify/swagger'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import type { Api } from './api.ts'
import { PROBLEM_SCHEMA, PROBLEM_TYPE } from './problem.ts'
import { withoutNoBody } from './undescribed.ts'

const PROBLEM_RESPONSE = {
  description: 'A refusal',
  content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
}

const header = (name: string, description: string) =>
  ({ type: 'apiKey', in: 'header', name, description }) as const

/** Who may sign in how: alone, at a terminal, and with a second person behind. */
const SIGNED_IN = [
  { key: [] },
  { key: [], staff: [] },
  { key: [], second: [] },
  { key: [], staff: [], second: [] },
]

/** Every operation may answer with a problem. */
export function describe(app: Api): void {
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Yuanlu',
        description: 'Refunds for scan-to-pay shops, by the original route, exactly once.',
        version: '1',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      security: SIGNED_IN,
      components: {
        schemas: { Problem: PROBLEM_SCHEMA },
        securitySchemes: {
          key: {
            type: 'http',
            scheme: 'bearer',
            description:
              'A key of a terminal or of a person. Whatever is not a GET needs a person: by this key or by the next.',
          },
          staff: header('Yuanlu-Staff', "Beside a terminal's key: the key of who stands there"),
          second: header('Yuanlu-Second', 'The key of the second person, who confirms'),
        },
      },
    },
    transform: (document) => {
      const { schema, url } = jsonSchemaTransform({
        ...document,
        schema: document.schema && withoutNoBody(document.schema),
      })
      const operationId = operationIdOf([document.route.method].flat()[0] ?? '', url)
      const response = { ...(schema.response as object | undefined), default: PROBLEM_RESPONSE }
      return { schema: { operationId, ...schema, response }, url }
    },
    transformObject: (document) => withoutUnused(jsonSchemaTransformObject(document)),
  })
  app.register(async (open) => {
    open.get('/v1/openapi.json', { schema: { hide: true } }, () => app.swagger())
  })
}

/** `POST /v1/refunds/:no/send-again` is `postRefundsByNoSendAgain`: what generated clients call it. */
const operationIdOf = (method: string, url: string): string =>
  method.toLowerCase() +
  url
    .replace(/^\/v1\//, '')
    .replaceAll(/:(\w+)/g, 'by-$1')
    .split(/[/-]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')

/** Shapes are made for requests and replies alike; those that no address leads to would only puzzle a reader. */
function withoutUnused<D extends object>(document: D): D {
  const { components, ...rest } = document as { components?: { schemas?: Record<string, unknown> } }
  const schemas = components?.schemas ?? {}
  const used = new Set<string>()
  const follow = (part: unknown): void => {
    for (const [, name = ''] of JSON.stringify(part).matchAll(
      /"#\/components\/schemas\/([^"]+)"/g,
    )) {
      if (used.has(name)) continue
      used.add(name)
      follow(schemas[name])
    }
  }
  follow(rest)
  for (const name of Object.keys(schemas)) if (!used.has(name)) delete schemas[name]
  return document
}
