// The command behind `yuanlu sandbox`: starts a sandbox and says where everything is.
import { parseArgs } from 'node:util'
import { startSandbox, type SandboxOptions } from './main.ts'

const USAGE = `yuanlu sandbox [--port N] [--http-port N] [--host H] [--dir D] [--seed N]

  --port       https port (default 8443; 0 takes a free one)
  --http-port  also listen for plain http, for clients that cannot be given a CA
  --host       address to listen on (default 127.0.0.1)
  --dir        keep keys, customers, orders, refunds and the book there
  --seed       seed of numbers and drawn faults (default 1)
`

const DEFAULT_PORT = 8443

const number = (value: string | undefined, name: string): number | undefined => {
  if (value === undefined) return undefined
  if (!/^\d{1,9}$/.test(value)) throw new RangeError(`--${name} takes a number, not "${value}"`)
  return Number(value)
}

const readOptions = (args: readonly string[]): SandboxOptions | 'help' => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string' },
      'http-port': { type: 'string' },
      host: { type: 'string' },
      dir: { type: 'string' },
      seed: { type: 'string' },
      help: { type: 'boolean' },
    } as const,
  })
  if (values.help === true) return 'help'
  return {
    port: number(values.port, 'port') ?? DEFAULT_PORT,
    host: values.host,
    dir: values.dir,
    plainHttpPort: number(values['http-port'], 'http-port'),
    seed: number(values.seed, 'seed'),
  }
}

/** Runs until SIGINT or SIGTERM; resolves with the exit code. What the options made impossible is told beside them. */
export const runSandbox = async (args: readonly string[]): Promise<number> => {
  try {
    const options = readOptions(args)
    if (options !== 'help') return await run(options)
    process.stdout.write(USAGE)
    return 0
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`)
    return 1
  }
}

const run = async (options: SandboxOptions): Promise<number> => {
  const sandbox = await startSandbox(options)
  if (sandbox.customerIds().length === 0) sandbox.createCustomer({ name: '小原' })
  const page = sandbox.plainUrl ?? sandbox.url
  process.stdout.write(
    [
      '沙盒已启动，不涉及真实资金 / sandbox is running, no real money',
      `  API      ${sandbox.url}${sandbox.plainUrl === null ? '' : `  ${sandbox.plainUrl}`}`,
      `  钱包     ${page}/wallet`,
      `  配置     ${page}/_sandbox/config   (商户号 ${sandbox.merchant.mchid}，服务商 ${sandbox.partner.mchid})`,
      `  根证书   ${page}/_sandbox/ca.pem`,
      '',
    ].join('\n'),
  )
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
  await sandbox.close()
  return 0
}

if (import.meta.main) process.exitCode = await runSandbox(process.argv.slice(2))
