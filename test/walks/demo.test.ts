/** What a newcomer does first, as a process of its own with nothing prepared for it. */
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { runCommand } from '../support/command-line.ts'

/** The last line of `demo --once`, exactly. */
const done = z.strictObject({
  refund: z.strictObject({
    no: z.string().regex(/^73\d{20}$/),
    state: z.literal('succeeded'),
    amount: z.literal(1_200),
  }),
  attempts: z.literal(1),
  book: z.strictObject({ refunds: z.literal(1), refundedFen: z.literal(1_200) }),
  slip: z.string().endsWith('.svg'),
  tookMs: z.int().positive(),
})

/** A folder that is gone after the test, open to the OS user that PostgreSQL runs as where we are root. */
async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'yuanlu-demo-test-'))
  await chmod(folder, 0o755)
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A port on which somebody listens until the test ends. */
async function takenPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

test('demo --once pays and refunds by itself, says so as JSON, and leaves the slip alone behind', async () => {
  const TMPDIR = await temporary()
  const ended = await runCommand(['demo', '--once'], { TMPDIR })
  expect(ended.code, ended.stderr).toBe(0)
  const said = done.parse(JSON.parse(ended.stdout.trimEnd().split('\n').at(-1) ?? ''))
  const picture = (await readFile(said.slip, 'utf8')).replace(/<[^>]*>|&#xa0;/g, '')
  for (const part of ['沙盒演示', '退款成功', '￥12.00', said.refund.no]) {
    expect(picture).toContain(part)
  }
  expect(await readdir(TMPDIR)).toEqual([`yuanlu-slip-${said.refund.no}.svg`])
}, 60_000)

test('a port that is taken is told in one sentence with the way out', async () => {
  const port = await takenPort()
  const env = { HOST: '127.0.0.1', PORT: String(port), YUANLU_DATA_DIR: await temporary() }
  const ended = await runCommand(['serve'], env)
  expect(ended).toMatchObject({
    code: 1,
    stderr: `PORT is ${port}, where another program listens; end that one, or set another PORT\n`,
  })
}, 60_000)
