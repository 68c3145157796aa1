#!/usr/bin/env node
/** `yuanlu …`: the commands people run. */
import { readFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { makeKey } from './auth/keys.ts'
import { ConfigFault } from './channels/channel.ts'
import { askSecret } from './cli/ask-secret.ts'
import { CERT_USAGE, makeCertificate } from './cli/cert.ts'
import { readShopFile, ShopFileError } from './cli/shop-file.ts'
import { auditBooks } from './commands/audit-books.ts'
import { makeEnrolment } from './commands/enrol-terminal.ts'
import { setPin } from './commands/set-pin.ts'
import { setUpShop } from './commands/set-up-shop.ts'
import { ConfigError, configOfProcess, migrateConfigOfProcess } from './config.ts'
import { readInTenant } from './db/connect.ts'
import { DatabaseFault } from './db/sign-in.ts'
import { runDemo } from './demo.ts'
import { systemOf } from './domain/actor.ts'
import { PIN_FORMAT } from './domain/pin.ts'
import type { Refusal } from './domain/problems.ts'
import { makeLog } from './log.ts'
import { migrateDatabase, startYuanlu, type Yuanlu } from './main.ts'
import { readPlace } from './store/shop.ts'
import { problemText } from './texts/problems.ts'
import { TlsFault } from './tls/fault.ts'
import { runSandbox } from '../sandbox/run.ts'

const USAGE = `yuanlu <command>

  serve            run the service (settings come from the environment, see docs/operations.md)
  migrate          bring a PostgreSQL server's database to this version, as its owner; before serve, once a version
  demo [--once]    a sample shop on the sandbox: pays and refunds once, then stays open for you to look around
                   (--once: on free ports, and ends)
  sandbox …        the payment channels on this machine, for developers; --help tells more
  shop <file>      set up a merchant from a JSON file (see docs/shop.md) and print its keys, once
  cert             make a certificate for HTTPS in the shop's network; docs/https.md
  enrol <tenant> <terminal>
                   a code by which a device becomes this terminal, good once, for a quarter of an hour
  pin <tenant> <staff>
                   give somebody a PIN for the till; asks for it, or reads it from a pipe
  audit <tenant>   derive every counter of a merchant again and list the differences
`

async function main(args: readonly string[]): Promise<number> {
  const [asked = 'help', ...rest] = args
  // Nobody who asks what a command does wants it done; the sandbox has a help of its own.
  const command = asked !== 'sandbox' && rest.includes('--help') ? 'help' : asked
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
    case 'enrol':
      return enrol(rest)
    case 'pin':
      return pin(rest)
    case 'audit':
      return audit(rest[0])
    case 'cert':
      return cert(rest)
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

async function shop(path: string | undefined): Promise<number> {
  if (path === undefined) return usage('yuanlu shop <file.json>')
  const input = readShopFile(await readText(path))
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

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new ShopFileError([`${path} cannot be read (${code})`])
  }
}

async function enrol([tenant, terminal]: readonly string[]): Promise<number> {
  if (!isTenant(tenant) || terminal === undefined) return usage('yuanlu enrol <tenant> <terminal>')
  return withCore(async ({ core }) => {
    const actor = systemOf(Number(tenant))
    const answer = await makeEnrolment(core, actor, terminal, core.clock.now())
    if (answer.kind === 'refused') return refused(answer.refusal)
    process.stdout.write(`${answer.code}\n`)
    const { publicUrl } = core.settings
    if (publicUrl !== null) process.stdout.write(`${publicUrl}/till/#/enrol/${answer.code}\n`)
    process.stderr.write(
      `Good once, until ${answer.expiresAt.toISOString()}; another device that is this terminal now will be out.\n`,
    )
    return 0
  })
}

async function pin([tenant, staff]: readonly string[]): Promise<number> {
  if (!isTenant(tenant) || staff === undefined) return usage('yuanlu pin <tenant> <staff>')
  const digits = (await askSecret('PIN, 4 to 8 digits: ')).trim()
  if (!PIN_FORMAT.test(digits)) return usage('a PIN has 4 to 8 digits; type it, or pipe it in')
  return withCore(async ({ core }) => {
    const refusal = await setPin(core, Number(tenant), staff, digits, core.clock.now())
    if (refusal) return refused(refusal)
    process.stderr.write('The PIN is set; whoever was signed in with an earlier one is out.\n')
    return 0
  })
}

const isTenant = (text: string | undefined): text is string => /^[1-9]\d{0,8}$/.test(text ?? '')

function refused(refusal: Refusal): number {
  process.stderr.write(`${problemText('en', refusal).filter(Boolean).join(' ')}\n`)
  return 1
}

async function audit(tenant: string | undefined): Promise<number> {
  if (!isTenant(tenant)) return usage('yuanlu audit <tenant number>')
  return withCore(async ({ core }) => {
    const place = await readInTenant(core.db, Number(tenant), (tx) => readPlace(tx, null))
    if (place === null) {
      process.stderr.write(`there is no merchant ${tenant}\n`)
      return 1
    }
    const differences = await auditBooks(core, Number(tenant), core.clock.now())
    for (const each of differences) process.stdout.write(`${JSON.stringify(each)}\n`)
    process.stderr.write(`${differences.length} differences\n`)
    return differences.length === 0 ? 0 : 1
  })
}

async function cert(args: readonly string[]): Promise<number> {
  const text = await makeCertificate(args, configOfProcess())
  if (text === null) return usage(CERT_USAGE)
  process.stdout.write(text)
  return 0
}

async function withCore(work: (yuanlu: Yuanlu) => Promise<number>): Promise<number> {
  const config = configOfProcess()
  // What is printed is for people and pipes; lines of the log would stand in between, and those of every day are left out.
  const log = makeLog(config.logLevel === 'info' ? 'warn' : config.logLevel, process.stderr)
  const yuanlu = await startYuanlu({ ...config, port: 0, https: { kind: 'off' } }, { log })
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
    error instanceof TlsFault ||
    error instanceof ShopFileError
  process.stderr.write(`${plain ? error.message : (error as Error).stack}\n`)
  // At once: whatever was half opened when it failed must not keep the process.
  process.exit(1)
}
