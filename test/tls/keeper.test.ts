/** Given files, and a certificate that changes while the server runs. */
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeLog } from '../../src/log.ts'
import { keepCertificate, type CertificateSource } from '../../src/tls/keeper.ts'
import { thisMachine } from '../../src/tls/hosts.ts'
import type { KeyAndCertificate } from '../../src/tls/x509.ts'
import { inDays, make, testFolder } from './given.ts'

const LOOK_EVERY_MS = 20

async function files(pair: KeyAndCertificate) {
  const folder = await testFolder()
  await mkdir(folder, { recursive: true })
  const source = {
    kind: 'given' as const,
    certificate: join(folder, 'shop.crt'),
    key: join(folder, 'shop.key'),
  }
  const put = async (next: KeyAndCertificate) => {
    await writeFile(source.certificate, next.certificatePem)
    await writeFile(source.key, next.keyPem)
  }
  await put(pair)
  return { source, put }
}

async function keep(source: CertificateSource) {
  const logged: { event: string; days?: number }[] = []
  const log = makeLog('debug', { write: (line: string) => void logged.push(JSON.parse(line)) })
  const kept = await keepCertificate(source, log, LOOK_EVERY_MS)
  onTestFinished(() => kept?.stop())
  const events = () => logged.map(({ event }) => event)
  return { kept: kept!, logged, events }
}

const server = async (now?: Date) => (await make(await testFolder(), {}, now)).server

test('given files are shown as they are, and have no authority of ours', async () => {
  const pair = await server()
  const { source } = await files(pair)
  const { kept, events } = await keep(source)
  expect(kept.current()).toEqual(pair)
  expect(kept.authorityPem()).toBeNull()
  expect(events()).toEqual([])
})

test('files that are replaced while the server runs are taken up; half of a pair is waited for', async () => {
  const { source, put } = await files(await server())
  const { kept, events } = await keep(source)
  const told: KeyAndCertificate[] = []
  kept.onChange((pair) => told.push(pair))
  const next = await server()
  await writeFile(source.key, next.keyPem)
  await expect.poll(events).toContain('tls.unreadable')
  expect(told).toEqual([])
  await put(next)
  await expect.poll(() => told).toEqual([next])
  expect(kept.current()).toEqual(next)
})

test('a given certificate that has ended is served and told of', async () => {
  const { source } = await files(await server(inDays(-400)))
  const { logged } = await keep(source)
  expect(logged).toMatchObject([{ event: 'tls.ending', days: -5 }])
})

const refusal = async (source: CertificateSource): Promise<string> => {
  const fault: unknown = await keepCertificate(source, makeLog('silent')).catch(
    (error: unknown) => error,
  )
  expect(fault).toMatchObject({ name: 'TlsFault' })
  return (fault as Error).message
}

test('a wrong file is named with its setting, and no key is shown', async () => {
  const pair = await server()
  const { source } = await files(pair)
  const missing = `${source.key}.missing`
  expect(await refusal({ ...source, key: missing })).toBe(
    `TLS_KEY: ${missing} cannot be read (ENOENT)`,
  )
  expect(await refusal({ ...source, certificate: missing })).toBe(
    `TLS_CERT: ${missing} cannot be read (ENOENT)`,
  )
  expect(await refusal({ ...source, certificate: source.key })).toBe(
    `TLS_CERT: ${source.key} is no certificate in PEM`,
  )
  expect(await refusal({ ...source, key: source.certificate })).toBe(
    `TLS_KEY: ${source.certificate} is no private key in PEM`,
  )
})

test('a key of another certificate is named', async () => {
  const { source } = await files(await server())
  await writeFile(source.key, (await server()).keyPem)
  expect(await refusal(source)).toContain(
    `TLS_KEY: ${source.key} is not the key of the certificate in TLS_CERT (${source.certificate})`,
  )
})

test('a key behind a passphrase is named', async () => {
  const { source } = await files(await server())
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const locked = privateKey.export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'secret',
  })
  await writeFile(source.key, locked)
  expect(await refusal(source)).toBe(
    `TLS_KEY: ${source.key} asks for a passphrase; store the key without one`,
  )
})

test('a certificate of our own is renewed at start, and told of', async () => {
  const folder = await testFolder()
  const made = await make(folder, {}, inDays(-380), thisMachine())
  const { kept, logged } = await keep({ kind: 'own', folder })
  expect(logged).toMatchObject([{ event: 'tls.renewed', days: 395 }])
  expect(kept.current().keyPem).not.toBe(made.server.keyPem)
  expect(kept.authorityPem()).toBe(made.authorityPem)
})

test('what yuanlu cert makes beside a running server is taken up', async () => {
  const folder = await testFolder()
  await make(folder, {}, new Date(), thisMachine())
  const { kept } = await keep({ kind: 'own', folder })
  const made = await make(folder, { newAuthority: true }, new Date(), thisMachine())
  await expect.poll(() => kept.authorityPem()).toBe(made.authorityPem)
  // Should both have made one at once, either is good.
  const { publicKey } = new X509Certificate(made.authorityPem)
  await expect
    .poll(() => new X509Certificate(kept.current().certificatePem).verify(publicKey))
    .toBe(true)
})

test('nothing made: no HTTPS', async () => {
  const folder = await testFolder()
  expect(await keepCertificate({ kind: 'own', folder }, makeLog('silent'))).toBeNull()
})
