import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { ConfigError, readConfig, readMigrateConfig, type Env } from '../../src/config.ts'

const KEY = randomBytes(32).toString('base64')

function faultsOf(env: Env, read: (env: Env) => unknown = readConfig): readonly string[] {
  try {
    read(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
  return []
}

test('nothing set is a shop on one machine', () => {
  expect(readConfig({ PATH: '/bin' })).toEqual({
    production: false,
    host: '127.0.0.1',
    port: 8080,
    https: { kind: 'own', folder: join('.yuanlu', 'tls') },
    databaseUrl: null,
    databasePool: 10,
    dataDir: '.yuanlu',
    masterKey: null,
    publicUrl: null,
    notifyUrl: null,
    logLevel: 'info',
    channelTimeoutMs: 10_000,
    sweepIntervalMs: 1_000,
    leaseMs: 30_000,
    breaker: { failures: 5, windowMs: 60_000, pauseMs: 30_000 },
  })
})

test('everything set is read as it stands', () => {
  const config = readConfig({
    NODE_ENV: 'production',
    HOST: '0.0.0.0',
    PORT: '443',
    TLS_CERT: '/etc/yuanlu/shop.crt',
    TLS_KEY: '/etc/yuanlu/shop.key',
    DATABASE_URL: 'postgres://yuanlu:p%40ss@db:5432/yuanlu?sslmode=require',
    DATABASE_POOL: '20',
    YUANLU_DATA_DIR: '/var/lib/yuanlu',
    YUANLU_MASTER_KEY: KEY,
    PUBLIC_URL: 'https://refunds.example.com/shop/',
    NOTIFY_URL: 'https://notify.example.com',
    LOG_LEVEL: 'warn',
    CHANNEL_TIMEOUT_MS: '5000',
    SWEEP_INTERVAL_MS: '500',
    LEASE_MS: '40000',
    BREAKER_FAILURES: '9',
    BREAKER_WINDOW_MS: '120000',
    BREAKER_PAUSE_MS: '45000',
  })
  expect(config).toMatchObject({
    production: true,
    port: 443,
    https: { kind: 'given', certificate: '/etc/yuanlu/shop.crt', key: '/etc/yuanlu/shop.key' },
    databaseUrl: 'postgres://yuanlu:p%40ss@db:5432/yuanlu?sslmode=require',
    publicUrl: 'https://refunds.example.com/shop',
    notifyUrl: 'https://notify.example.com',
    leaseMs: 40_000,
    breaker: { failures: 9, windowMs: 120_000, pauseMs: 45_000 },
  })
  expect(config.masterKey?.export().toString('base64')).toBe(KEY)
})

test('HTTPS can be switched off, whatever certificate there is', () => {
  const files = { TLS_CERT: 'shop.crt', TLS_KEY: 'shop.key' }
  expect(readConfig({ HTTPS: 'off', ...files }).https).toEqual({ kind: 'off' })
  expect(readConfig({ HTTPS: 'auto', ...files }).https).toMatchObject({ kind: 'given' })
  expect(readConfig({ YUANLU_DATA_DIR: '/srv/yuanlu' }).https).toEqual({
    kind: 'own',
    folder: join('/srv/yuanlu', 'tls'),
  })
})

test('the settings cannot be changed', () => {
  expect(Object.isFrozen(readConfig({}))).toBe(true)
})

test('what is set but empty is not set', () => {
  expect(readConfig({ PORT: '', DATABASE_URL: '  ', NODE_ENV: '' })).toEqual(readConfig({}))
})

test('channels notify the public address unless told another', () => {
  expect(readConfig({ PUBLIC_URL: 'https://a.example' }).notifyUrl).toBe('https://a.example')
})

describe('each fault names its variable and the way out', () => {
  test.each<[Env, RegExp]>([
    [{ PORT: '1e3' }, /^PORT is "1e3"; set a whole number of a port from 0 to 65535/],
    [{ PORT: '65536' }, /^PORT /],
    [{ PORT: '-1' }, /^PORT /],
    [{ PORT: '080' }, /^PORT /],
    [{ PORT: '8080.0' }, /^PORT /],
    [{ HOST: 'a b' }, /^HOST is not a host name/],
    [{ HTTPS: 'on' }, /^HTTPS is "on"; set one of auto, off, or leave it out for auto/],
    [{ TLS_CERT: 'shop.crt' }, /^TLS_KEY is missing; TLS_CERT needs it beside: set both/],
    [{ TLS_KEY: 'shop.key' }, /^TLS_CERT is missing; TLS_KEY needs it beside: set both/],
    [{ NODE_ENV: 'prod' }, /^NODE_ENV is "prod"; set one of development, test, production/],
    [{ LOG_LEVEL: 'loud' }, /^LOG_LEVEL is "loud"/],
    [{ DATABASE_POOL: '0' }, /^DATABASE_POOL /],
    [{ LEASE_MS: '0' }, /^LEASE_MS /],
    [{ PUBLIC_URL: 'refunds.example.com' }, /^PUBLIC_URL is not a web address; set it like/],
    [{ PUBLIC_URL: 'http://refunds.example.com' }, /^PUBLIC_URL is plain http outside/],
    [{ NOTIFY_URL: 'https://a.example/?x=1' }, /^NOTIFY_URL carries a \? or # part/],
    [{ NOTIFY_URL: 'ftp://a.example' }, /^NOTIFY_URL is not a web address/],
    [
      { DATABASE_URL: 'postgres://u@db', YUANLU_MASTER_KEY: KEY },
      /^DATABASE_URL is not the address/,
    ],
    [{ DATABASE_URL: 'postgres://db/x', YUANLU_MASTER_KEY: KEY }, /^DATABASE_URL is not.*login:/],
    [{ DATABASE_URL: 'postgres://u:p%@db/x', YUANLU_MASTER_KEY: KEY }, /^DATABASE_URL .*%-escapes/],
    [{ DATABASE_URL: 'postgres://u@db/yuanlu' }, /^YUANLU_MASTER_KEY is missing.*openssl rand/],
    [
      { NODE_ENV: 'production', LEASE_MS: '5000' },
      /^LEASE_MS is 5000, not longer than CHANNEL_TIMEOUT_MS 10000/,
    ],
  ])('%j', (env, sentence) => {
    const faults = faultsOf(env)
    expect(faults).toHaveLength(1)
    expect(faults[0]).toMatch(sentence)
  })

  test('all of them at once', () => {
    const faults = faultsOf({ PORT: 'x', LOG_LEVEL: 'x', YUANLU_MASTER_KEY: 'x', PUBLIC_URL: 'x' })
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual([
      'PORT',
      'YUANLU_MASTER_KEY',
      'PUBLIC_URL',
      'LOG_LEVEL',
    ])
  })
})

test('migrate needs both logins and no master key, and repeats no password', () => {
  const both = {
    DATABASE_URL: 'postgres://yuanlu_service@db/yuanlu',
    DATABASE_OWNER_URL: 'postgres://yuanlu_owner:secret@db/yuanlu',
  }
  expect(readMigrateConfig(both)).toEqual({
    databaseUrl: both.DATABASE_URL,
    databaseOwnerUrl: both.DATABASE_OWNER_URL,
  })
  expect(faultsOf({}, readMigrateConfig)).toEqual([
    expect.stringMatching(/^DATABASE_URL is missing; set the address .* the login that serves/),
    expect.stringMatching(/^DATABASE_OWNER_URL is missing; set the address .* login that owns it/),
  ])
  const [fault = ''] = faultsOf(
    { ...both, DATABASE_OWNER_URL: 'mysql://u:canary@db/x' },
    readMigrateConfig,
  )
  expect(fault).toMatch(/^DATABASE_OWNER_URL is not the address/)
  expect(fault).not.toContain('canary')
})

test.each(['http://127.0.0.1:8080', 'http://localhost:1', 'http://[::1]:8080'])(
  'plain http is fine on this machine: %s',
  (url) => expect(readConfig({ NOTIFY_URL: url }).notifyUrl).toBe(url),
)

test.each(['http://127.0.0.1.evil.example', 'http://localhost.evil.example'])(
  'and not where a name only looks like it: %s',
  (url) => expect(faultsOf({ NOTIFY_URL: url })).toHaveLength(1),
)

describe('secrets', () => {
  test.each([
    randomBytes(31).toString('base64'),
    randomBytes(33).toString('base64'),
    randomBytes(32).toString('hex'),
    KEY.replace('=', ''),
    `${KEY} x`,
  ])('a key that is not one is not repeated (%#)', (key) => {
    const [fault = ''] = faultsOf({ YUANLU_MASTER_KEY: key })
    expect(fault).toMatch(/^YUANLU_MASTER_KEY is not base64 of exactly 32 bytes; make one with/)
    expect(fault).not.toContain(key.slice(0, 8))
  })

  test('addresses with passwords are not repeated', () => {
    const faults = faultsOf({
      DATABASE_URL: 'mysql://u:canary@db/x',
      PUBLIC_URL: 'https://u:canary@a.example',
      NOTIFY_URL: 'ftp://u:canary@a.example',
    })
    expect(faults).toHaveLength(3)
    expect(faults.join()).not.toContain('canary')
  })

  test('a printed config does not show the key', () => {
    const config = readConfig({ YUANLU_MASTER_KEY: KEY })
    for (const printed of [JSON.stringify(config), inspect(config, { depth: 9 })]) {
      expect(printed).not.toContain(KEY.slice(0, 8))
      expect(printed).not.toContain(Buffer.from(KEY, 'base64').toString('hex').slice(0, 8))
    }
  })
})
