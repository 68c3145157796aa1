/** The whole server with a certificate, as `yuanlu cert` and `yuanlu serve` make it. */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { makeCertificate } from '../../src/cli/cert.ts'
import { readConfig } from '../../src/config.ts'
import { startYuanlu } from '../../src/main.ts'
import { freePort, runCommand, serveNode } from '../support/command-line.ts'
import { serviceUrl, testDatabase } from '../support/database.ts'
import { cashier, openShop, testSandbox } from '../support/shop.ts'
import { paidSale, readRefund, refund, request } from '../support/given.ts'
import { fen } from '../../src/domain/money.ts'
import { make, testFolder, visit } from './given.ts'

const WAIT = { timeout: 15_000, interval: 50 }

async function settings(dataDir: string) {
  const database = await testDatabase()
  return {
    DATABASE_URL: await serviceUrl(database),
    YUANLU_MASTER_KEY: randomBytes(32).toString('base64'),
    YUANLU_DATA_DIR: dataDir,
    LOG_LEVEL: 'info',
  }
}

test('the sandbox notifies a server that speaks HTTPS, on loopback and in the clear', async () => {
  const folder = await testFolder()
  const made = await make(folder)
  const sandbox = await testSandbox()
  const port = await freePort()
  const yuanlu = await startYuanlu(
    readConfig({
      ...(await settings(join(folder, '..'))),
      LOG_LEVEL: 'error',
      PORT: String(port),
      NOTIFY_URL: `http://127.0.0.1:${port}`,
      // Only a notification can tell soon enough.
      SWEEP_INTERVAL_MS: '600000',
    }),
  )
  onTestFinished(yuanlu.close)
  expect(yuanlu.url).toBe(`https://127.0.0.1:${port}`)
  expect(yuanlu.localUrl).toBe(`http://127.0.0.1:${port}`)
  expect((await visit({ port, ca: made.authorityPem, path: '/healthz' })).status).toBe(200)

  const { core } = yuanlu
  await openShop(core, sandbox)
  const payment = await paidSale(core, sandbox, {})
  const wanted = request(payment, { kind: 'amount', fen: fen(1200) })
  await refund(core, cashier, wanted)
  await sandbox.advance(70_000)
  expect(sandbox.deliveries().map(({ status }) => status)).toContain(204)
  await vi.waitFor(async () => {
    expect(await readRefund(core, wanted.no)).toMatchObject({ state: 'succeeded' })
  }, WAIT)
})

test('yuanlu cert says where to go and what to compare, and shows no key', async () => {
  const folder = await testFolder()
  const { code, stdout } = await runCommand(['cert', '--host', 'Till.Shop.CN'], {
    YUANLU_DATA_DIR: join(folder, '..'),
  })
  expect(code).toBe(0)
  expect(stdout).toContain('https://till.shop.cn:8080/')
  expect(stdout).toMatch(/([0-9A-F]{2}:){31}[0-9A-F]{2}/)
  expect(stdout).not.toContain('PRIVATE KEY')
})

test('yuanlu serve speaks HTTPS with what yuanlu cert made', async () => {
  const folder = await testFolder()
  const env = await settings(join(folder, '..'))
  await makeCertificate(['--host', 'till.shop.cn'], readConfig(env))
  const ca = await readFile(join(folder, 'ca.crt'), 'utf8')

  const node = await serveNode(env)
  const port = Number(new URL(node.url).port)
  const health = await visit({ port, ca, servername: 'till.shop.cn', path: '/healthz' })
  expect(health.text).toBe('{"status":"alive"}')
  expect((await visit({ port, ca, path: '/ca.crt' })).text).toBe(ca)
  expect((await visit({ port, ca, path: '/till/' })).status).toBe(503)
  expect((await fetch(`${node.url}/healthz`)).status).toBe(200)
  expect(await node.kill('SIGTERM')).toBe(0)
}, 60_000)

test('HTTPS=off serves plain HTTP beside a certificate', async () => {
  const folder = await testFolder()
  await make(folder)
  const env = {
    ...(await settings(join(folder, '..'))),
    HTTPS: 'off',
    PORT: '0',
    LOG_LEVEL: 'error',
  }
  const { url, close } = await startYuanlu(readConfig(env))
  onTestFinished(close)
  expect(url).toMatch(/^http:/)
  await expect(visit({ port: Number(new URL(url).port) })).rejects.toThrow(
    /wrong version number|packet length too long/i,
  )
  expect((await fetch(`${url}/ca.crt`)).status).toBe(404)
})

test('files that do not belong together are named, and nothing starts', async () => {
  const folder = await testFolder()
  await make(folder)
  const key = join(folder, 'authority.pem')
  const ended = await runCommand(['serve'], {
    YUANLU_DATA_DIR: join(folder, '..'),
    TLS_CERT: join(folder, 'server.pem'),
    TLS_KEY: key,
  })
  expect(ended.code).toBe(1)
  expect(ended.stderr).toMatch(/^TLS_KEY: .*authority\.pem is not the key of the certificate/)
  expect(ended.stderr.trim().split('\n')).toHaveLength(1)
})

test.each([['--host', 'a b'], ['--host'], ['--hosts', 'a'], ['a']])(
  'yuanlu cert does not understand %s %s',
  async (...args) => {
    expect(
      await makeCertificate(args, readConfig({ YUANLU_DATA_DIR: await testFolder() })),
    ).toBeNull()
  },
)

test.each([
  [{ HTTPS: 'off' }, /^HTTPS is off; leave it out/],
  [{ TLS_CERT: 'a', TLS_KEY: 'b' }, /^TLS_CERT is set, and its certificate is served/],
])('yuanlu cert makes nothing that would not be served: %j', async (env, sentence) => {
  const config = readConfig({ YUANLU_DATA_DIR: await testFolder(), ...env })
  await expect(makeCertificate([], config)).rejects.toThrow(sentence)
})
