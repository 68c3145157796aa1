/** What a person can put right when the service does not start: one line with the setting and what to do. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { dataDirOf } from '../../src/main.ts'
import { runCommand } from '../support/command-line.ts'
import { serviceUrl, testDatabase } from '../support/database.ts'

const serving = async () => ({
  DATABASE_URL: await serviceUrl(await testDatabase()),
  YUANLU_MASTER_KEY: randomBytes(32).toString('base64'),
  LOG_LEVEL: 'error',
})

test('a port that another program has', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  expect(await runCommand(['serve'], { ...(await serving()), PORT: String(port) })).toEqual({
    code: 1,
    stdout: '',
    stderr: `PORT is ${port}, which another program has at 127.0.0.1; end that program, or set another port\n`,
  })
})

test('an address that this machine does not have', async () => {
  const env = { ...(await serving()), HOST: '192.0.2.1', PORT: '0' }
  expect(await runCommand(['serve'], env)).toMatchObject({
    code: 1,
    stderr:
      'HOST is 192.0.2.1, which is no address of this machine; set one of its own, or 0.0.0.0 for all\n',
  })
})

test('a place for the data that cannot be', async () => {
  const env = { YUANLU_DATA_DIR: `${import.meta.filename}/data` }
  const { code, stderr } = await runCommand(['serve'], env)
  expect(code).toBe(1)
  expect(stderr).toMatch(/^YUANLU_DATA_DIR: .* cannot be made \(.*\); choose another place\n$/)
})

test('without a place for the data it lies where the server of the database can reach it', () => {
  const dir = dataDirOf({ dataDir: null, userDataDir: '/home/shop/.data' })
  expect(dir).toBe(process.getuid?.() === 0 ? '/var/lib/yuanlu/data' : '/home/shop/.data/yuanlu')
  expect(dataDirOf({ dataDir: 'here', userDataDir: null })).toBe('here')
})
