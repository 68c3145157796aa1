/** What a person at a shell meets who mistypes, comes twice or asks for help. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { freePort, runCommand } from '../support/command-line.ts'

/** Holds a port of 127.0.0.1 till the end of the test; one that somebody else holds is as good. */
async function taken(port = 0): Promise<number> {
  const server = createServer()
  const listening = once(server, 'listening').catch(() => undefined)
  server.listen(port, '127.0.0.1')
  await listening
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo | null)?.port ?? port
}

async function dataDir(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'yuanlu-cli-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

test('a command asked for help tells and does nothing', async () => {
  const { code, stdout, stderr } = await runCommand(['serve', '--help'], {})
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain('  serve ')
})

test('a shop file that is not there is one sentence', async () => {
  expect(await runCommand(['shop', 'nowhere.json'], {})).toEqual({
    code: 1,
    stdout: '',
    stderr: 'the shop file is not usable:\n  nowhere.json cannot be read (ENOENT)\n',
  })
})

test('a demo beside another one says so and ends', async () => {
  await taken(8443)
  const { code, stdout, stderr } = await runCommand(['demo'], { YUANLU_DATA_DIR: await dataDir() })
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(/^port 8443 is taken by another program, perhaps another demo; .*--once/)
})

test('a sandbox whose second port is taken lets go of the first and ends', async () => {
  const [port, plain] = [await freePort(), await taken()]
  const args = ['sandbox', '--port', String(port), '--http-port', String(plain)]
  const { code, stdout, stderr } = await runCommand(args, {})
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(/EADDRINUSE.*\n\nyuanlu sandbox \[--port N\]/)
})

test('an option that the sandbox does not know is told beside those it knows', async () => {
  const { code, stderr } = await runCommand(['sandbox', '--prot', '1'], {})
  expect(code).toBe(1)
  expect(stderr).toMatch(/^Unknown option '--prot'[^]*\n\nyuanlu sandbox \[--port N\]/)
})

test('a data directory that the database cannot have is named with its setting', async () => {
  const env = { YUANLU_DATA_DIR: '/dev/null/yuanlu' }
  const { code, stderr } = await runCommand(['serve'], env)
  expect(code).toBe(1)
  expect(stderr).toBe(
    'YUANLU_DATA_DIR: /dev/null/yuanlu/postgres cannot be made (ENOTDIR); choose another directory\n',
  )
})
