/** The real command line in processes of their own, with nothing of our environment but the PATH. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

const CLI = new URL('../../src/cli.ts', import.meta.url).pathname

export type Env = Readonly<Record<string, string>>

export type Ended = {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command to its end; `input`: what is piped into it. */
export async function runCommand(args: readonly string[], env: Env, input = ''): Promise<Ended> {
  const child = start(args, env)
  // One that ends without having read it is no failure.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), exit(child)])
  return { code: child.exitCode, stdout, stderr }
}

export type Node = {
  readonly url: string
  readonly kill: (signal: NodeJS.Signals) => Promise<number | NodeJS.Signals | null>
}

/** `yuanlu serve`, once it listens; killed at the end of the test if it still runs. */
export async function serveNode(env: Env): Promise<Node> {
  const child = start(['serve'], { HOST: '127.0.0.1', PORT: '0', ...env })
  const kill = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    await exit(child)
    return child.exitCode ?? child.signalCode
  }
  onTestFinished(async () => {
    await kill('SIGKILL')
  })
  const said = text(child.stderr)
  for await (const line of createInterface(child.stdout)) {
    const { event, port } = JSON.parse(line) as { event: string; port?: number }
    if (event !== 'server.listening') continue
    // Whatever else it says must not fill the pipe.
    child.stdout.resume()
    return { url: `http://127.0.0.1:${port}`, kill }
  }
  throw new Error(`yuanlu serve ended: ${await said}`)
}

const start = (args: readonly string[], env: Env) =>
  spawn(process.execPath, [CLI, ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })

async function exit(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

/** A port nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
