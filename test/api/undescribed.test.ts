/** What a route does not describe it does not take: nobody must believe that it was heard. */
import { expect, test } from 'vitest'
import { openApiText } from '../../scripts/openapi-text.ts'
import { testDatabase } from '../support/database.ts'
import { openTill, pay, send, wish, type Answer } from '../support/till.ts'

type Operation = { readonly requestBody?: unknown }
type Document = { readonly paths: Record<string, Record<string, Operation>> }

const issuesOf = ({ status, body }: Answer) => ({
  status,
  issues: body.params?.issues?.slice(0, 1),
})

test('every route refuses queries it does not know, and acts without content refuse content', async () => {
  const till = await openTill((await testDatabase()).db)
  const payment = await pay(till, 50_000)
  const asked = wish(payment.no)
  await till.call('POST', '/v1/refunds', asked)
  const { paths } = JSON.parse(await openApiText()) as Document
  const routes = Object.entries(paths)
    .filter(([path]) => path.startsWith('/v1/'))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { requestBody }]) => ({
        method: method.toUpperCase() as 'GET' | 'POST',
        hasBody: requestBody !== undefined,
        path: path
          .replace('{event}', '1')
          .replace('{no}', path.includes('/refunds/') ? asked.no : payment.no),
      })),
    )
  const headers = till.headers('wang')
  for (const { method, path, hasBody } of routes) {
    const body = hasBody ? {} : undefined
    const answer = await send(till.url, method, `${path}?dryRun=true`, headers, body)
    expect(issuesOf(answer), `${method} ${path}`).toMatchObject({
      status: 400,
      issues: [{ path: expect.stringMatching(hasBody ? /^(body|query)/ : /^query$/) }],
    })
  }
  for (const { path } of routes.filter(({ method, hasBody }) => method === 'POST' && !hasBody)) {
    expect(issuesOf(await send(till.url, 'POST', path, headers, { amount: 1 })), path).toEqual({
      status: 400,
      issues: [{ path: 'body', message: '有不认识的字段: amount' }],
    })
  }
  expect((await till.call('GET', `/v1/refunds/${asked.no}`)).body.state).toBe('requested')
  // No content and empty content say the same.
  const approved = await send(till.url, 'POST', `/v1/refunds/${asked.no}/approve`, headers, {})
  expect(approved).toMatchObject({ status: 200, body: { amount: 50_000 } })
})

test('a query is refused before anything is done, with a sound body beside it', async () => {
  const till = await openTill((await testDatabase()).db)
  const payment = await pay(till)
  const asked = wish(payment.no)
  const answer = await till.call('POST', '/v1/refunds?dryRun=true', asked)
  expect(answer).toMatchObject({ status: 400, body: { code: 'body_invalid' } })
  expect(await till.call('GET', `/v1/refunds/${asked.no}`)).toMatchObject({ status: 404 })
})
