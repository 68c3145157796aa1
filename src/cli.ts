#!/usr/bin/env node
/** `yuanlu …`: the commands people run. */
import { readFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { makeKey } from './auth/keys.ts'
import { ConfigFault } from './channels/channel.ts'
import { auditBooks } from './commands/audit-books.ts'
import { setUpShop } from './commands/set-up-shop.ts'
import { ConfigError, configOfProcess, migrateConfigOfProcess } from './config.ts'
import { DatabaseFault } from './db/sign-in.ts'
import { runDemo } from './demo.ts'
import { makeLog } from './log.ts'
import { migrateDatabase, startYuanlu, type Yuanlu } from './main.ts'
import { runSandbox } from '../sandbox/run.ts'

const USAGE = `yuanlu <command>

  serve            run the service (settings come from the environment, see README)
  migrate          bring a PostgreSQL server's database to this version, as its owner; before serve, once a version
  demo [--once]    a sample shop on the sandbox: pays and refunds once, then stays open for you to look around
  sandbox …        the payment channels on this machine, for developers; --help tells more
  shop <file>      set up a merchant from a JSON file and print its keys, once
  audit <tenant>   derive every counter of a merchant again and list the differences
`

async function main(args: readonly string[]): Promise<number> {
  const [command = 'help', ...rest] = args
  switch (command) {
    case 'serve':
      return serve()
    case 'migrate':
      return migrate()
    case 'demo':
      return runDemo(configOfProcess(), { once: rest.includes('--once') })
    case 'sandbox':
      return runSandbox(rest)
    case 'shop':
      return shop(rest[0])
    case 'audit':
      return audit(rest[0])
    default:
      process.stdout.write(USAGE)
      return command === '--help' || command === 'help' ? 0 : 2
  }
}

async function serve(): Promise<number> {
  const yuanlu = await startYuanlu(configOfProcess())
  await ended()
  await yuanlu.close()
  return 0
}

async function migrate(): Promise<number> {
  const applied = await migrateDatabase(migrateConfigOfProcess())
  for (const name of applied) process.stdout.write(`${name}\n`)
  process.stderr.write(`${applied.length} migrations applied; the database is ready\n`)
  return 0
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once, as people expect. */
function ended(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
}

const text = z.string().min(1).max(100)
const shopFile = z.strictObject({
  tenant: z.int().min(1).max(999_999),
  name: text,
  phone: z.string().max(40),
  stores: z
    .array(z.strictObject({ no: text, name: text, address: z.string(), phone: z.string() }))
    .min(1),
  terminals: z.array(
    z.strictObject({ no: text, store: text, name: text, printer: z.string().nullable() }),
  ),
  staff: z
    .array(
      z.strictObject({
        no: text,
        store: text.nullable(),
        name: text,
        role: z.enum(['cashier', 'supervisor', 'owner']),
      }),
    )
    .min(1),
  accounts: z.array(
    z.strictObject({
      no: text,
      channel: text,
      settings: z.record(z.string(), z.json()),
      secrets: z.record(z.string(), z.string()),
      contract: z.strictObject({
        windowDays: z.int().positive().nullable(),
        countMax: z.int().positive().nullable(),
      }),
    }),
  ),
})

async function shop(path: string | undefined): Promise<number> {
  if (path === undefined) return usage('yuanlu shop <file.json>')
  const input = shopFile.parse(JSON.parse(await readFile(path, 'utf8')))
  return withCore(async ({ core }) => {
    const keys = await setUpShop(core, input, (tenant, kind) =>
      makeKey(tenant, kind, randomBytes(32)),
    )
    if (keys === null) {
      process.stderr.write(`merchant ${input.tenant} exists already; nothing was changed\n`)
      return 1
    }
    process.stdout.write(`${JSON.stringify(keys, null, 2)}\n`)
    process.stderr.write(
      'These keys are shown once and kept nowhere in the clear: store them now.\n',
    )
    return 0
  })
}

async function audit(tenant: string | undefined): Promise<number> {
  if (tenant === undefined || !/^[1-9]\d{0,8}$/.test(tenant))
    return usage('yuanlu audit <tenant number>')
  return withCore(async ({ core }) => {
    const differences = await auditBooks(core, Number(tenant), core.clock.now())
    for (const each of differences) process.stdout.write(`${JSON.stringify(each)}\n`)
    process.stderr.write(`${differences.length} differences\n`)
    return differences.length === 0 ? 0 : 1
  })
}

async function withCore(work: (yuanlu: Yuanlu) => Promise<number>): Promise<number> {
  const config = configOfProcess()
  // What is printed is for people and pipes; lines of the log would stand in between.
  const log = makeLog(config.logLevel, process.stderr)
  const yuanlu = await startYuanlu({ ...config, port: 0 }, { log })
  try {
    return await work(yuanlu)
  } finally {
    await yuanlu.close()
  }
}

function usage(line: string): number {
  process.stderr.write(`usage: ${line}\n`)
  return 2
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  // What a person can put right is told as one sentence; anything else keeps its trace.
  const plain =
    error instanceof ConfigError ||
    error instanceof ConfigFault ||
    error instanceof DatabaseFault ||
    error instanceof z.ZodError
  process.stderr.write(`${plain ? error.message : (error as Error).stack}\n`)
  // At once: whatever was half opened when it failed must not keep the process.
  process.exit(1)
}
