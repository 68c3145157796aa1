/** Real TLS, judged by OpenSSL inside Node: what a device that trusts the authority accepts, and what it refuses. */
import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { issue } from '../../src/tls/authority.ts'
import { echoServer, inDays, keptOf, make, testFolder, visit } from './given.ts'

async function authorityIn(folder: string) {
  const pem = await readFile(join(folder, 'authority.pem'), 'utf8')
  const at = pem.indexOf('-----BEGIN CERTIFICATE')
  return { keyPem: pem.slice(0, at), certificatePem: pem.slice(at) }
}

test('a device that trusts the authority reaches the till by name and by address', async () => {
  const made = await make(await testFolder(), { hosts: ['till.shop.cn'] })
  const { port } = await echoServer(keptOf(made.server).kept)
  for (const servername of [
    'localhost',
    'till-pc.local',
    'till.shop.cn',
    '127.0.0.1',
    '192.168.1.5',
  ]) {
    const answer = await visit({ port, ca: made.authorityPem, servername })
    expect(answer.headers['x-encrypted']).toBe('true')
  }
})

test('under any other name or address it is refused', async () => {
  const made = await make(await testFolder())
  const { port } = await echoServer(keptOf(made.server).kept)
  for (const servername of ['till.shop.cn', 'pc.local', '192.168.1.6', '10.0.0.1']) {
    await expect(visit({ port, ca: made.authorityPem, servername })).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    })
  }
})

test('a device that does not trust the authority refuses it', async () => {
  const made = await make(await testFolder())
  const other = await make(await testFolder())
  const { port } = await echoServer(keptOf(made.server).kept)
  await expect(visit({ port })).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
  await expect(visit({ port, ca: other.authorityPem })).rejects.toMatchObject({
    code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  })
})

test.each(['api.mch.weixin.qq.com', 'local.example.com', '203.0.113.9', '2001:db8::1'])(
  'with the stolen key of the authority nobody can be %s',
  async (host) => {
    const folder = await testFolder()
    await make(folder)
    const authority = await authorityIn(folder)
    const forged = await issue(authority, [host], new Date())
    const { port } = await echoServer(keptOf(forged).kept)
    await expect(visit({ port, ca: authority.certificatePem, servername: host })).rejects.toThrow(
      'permitted subtree violation',
    )
  },
)

test('nor can a server of the shop make certificates itself', async () => {
  const folder = await testFolder()
  const { server, authorityPem } = await make(folder)
  const forged = await issue(server, ['localhost'], new Date())
  const chain = { ...forged, certificatePem: forged.certificatePem + server.certificatePem }
  const { port } = await echoServer(keptOf(chain).kept)
  await expect(visit({ port, ca: authorityPem })).rejects.toThrow(
    'key usage does not include certificate signing',
  )
})

test.each([
  [-400, 'CERT_HAS_EXPIRED'],
  [2, 'CERT_NOT_YET_VALID'],
])('a certificate made %i days from now is refused', async (days, code) => {
  const folder = await testFolder()
  await make(folder, {}, inDays(-500))
  const authority = await authorityIn(folder)
  const server = await issue(authority, ['localhost'], inDays(days))
  const { port } = await echoServer(keptOf(server).kept)
  await expect(visit({ port, ca: authority.certificatePem })).rejects.toMatchObject({ code })
})

test('from 2050 on, dates are written in their other form', async () => {
  const folder = await testFolder()
  const made = await make(folder, {}, new Date('2045-06-01T00:00:00Z'))
  const { port } = await echoServer(keptOf(made.server).kept)
  await expect(visit({ port, ca: made.authorityPem })).rejects.toMatchObject({
    code: 'CERT_NOT_YET_VALID',
  })
  const { validToDate } = new X509Certificate(made.authorityPem)
  expect(validToDate.toISOString()).toBe('2055-05-30T00:00:00.000Z')
})
