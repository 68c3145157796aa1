import { expect, test } from 'vitest'
import { testDatabase } from '../support/database.ts'
import { openTill } from '../support/till.ts'

const url = 'https://hooks.example/yuanlu'

test('the owner registers a receiver and sees it listed, its secret only once', async () => {
  const till = await openTill((await testDatabase()).db)
  const added = await till.call('POST', '/v1/webhooks', { url }, 'wang')
  expect(added).toMatchObject({ status: 201, body: { secret: expect.stringMatching(/^whsec_/) } })
  const list = await till.call('GET', '/v1/webhooks', undefined, 'wang')
  expect(list.body).toMatchObject({ webhooks: [{ url, allowPrivate: false, paused: false }] })
  expect(list.text).not.toContain('whsec_')
})

test('nobody else registers or sees receivers, and a wrong address is named in the caller’s language', async () => {
  const till = await openTill((await testDatabase()).db)
  expect(await till.call('POST', '/v1/webhooks', { url }, 'li')).toMatchObject({
    status: 403,
    body: { code: 'not_allowed' },
  })
  expect(await till.call('GET', '/v1/webhooks', undefined, 'zhang')).toMatchObject({ status: 403 })
  expect(
    await till.call('POST', '/v1/webhooks', { url: 'http://example.com/' }, 'wang'),
  ).toMatchObject({
    status: 400,
    body: {
      code: 'body_invalid',
      params: { issues: [{ path: 'body/url', message: '必须是 https 地址' }] },
    },
  })
})
