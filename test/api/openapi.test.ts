/** The document that integrators read is the server's own. */
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { emptyApp, openApiText } from '../../scripts/openapi-text.ts'
import { routesOf } from './routes.ts'

type Document = {
  readonly openapi: string
  readonly paths: Record<string, Record<string, { readonly responses: Record<string, unknown> }>>
}

test('the OpenAPI document lists every route, each with how it refuses', async () => {
  const app = emptyApp()
  const routes = await routesOf(app)
  await app.close()
  const document = JSON.parse(await openApiText()) as Document
  expect(document.openapi).toBe('3.1.0')
  const listed = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  expect(listed.toSorted()).toEqual(routes.filter((route) => route !== 'GET /v1/openapi.json'))
  expect(routes).toContain('POST /v1/refunds/{no}/approve')
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const { responses } of Object.values(methods)) {
      expect(responses).toHaveProperty('default')
      expect(Object.keys(responses), path).toContainEqual(expect.stringMatching(/^2/))
    }
  }
})

test('it says which of the answers are no JSON', async () => {
  const { paths } = JSON.parse(await openApiText()) as Document
  const typesOf = (path: string) =>
    Object.keys(Object(Object(paths[path]?.['get']?.responses['200']).content) as object)
  for (const of of ['refunds', 'sales']) {
    expect(typesOf(`/v1/${of}/{no}/slip`).toSorted()).toEqual([
      'application/json',
      'application/octet-stream',
      'image/svg+xml',
    ])
  }
  expect(typesOf('/v1/refunds/{no}/events')).toEqual(['application/json', 'text/event-stream'])
})

test('docs/openapi.json is what `node scripts/openapi.ts` would write now', async () => {
  const stored = await readFile(new URL('../../docs/openapi.json', import.meta.url), 'utf8')
  expect(stored).toBe(await openApiText())
})
