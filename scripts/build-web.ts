/**
 * Builds the web apps into `web/dist`, compressed besides, so that a slow network carries as little as it can.
 * `--if-stale`: only when something they are made of has changed since; what the demo, the server and the tests call.
 */
import { createHash } from 'node:crypto'
import { existsSync, globSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'
import { build } from 'vite'

const ROOT = join(import.meta.dirname, '..')
const DIST = join(ROOT, 'web/dist')
const STAMP = join(DIST, 'made-from')
const APPS = ['till'] as const

/** Everything a bundle can be made of; sandbox, server and tests are not. */
const SOURCES = ['web/!(dist)/**/*', 'src/{api,domain,texts}/**/*.ts', 'package-lock.json']
const COMPRESSED = /\.(?:js|css|html|svg|wasm|json|webmanifest)$/

async function sourcesDigest(): Promise<string> {
  const hash = createHash('sha256')
  const files = globSync(SOURCES, { cwd: ROOT, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
  for (const file of files) hash.update(file.slice(ROOT.length)).update(await readFile(file))
  return hash.digest('hex')
}

async function compress(): Promise<void> {
  const files = globSync('**/*', { cwd: DIST }).filter((file) => COMPRESSED.test(file))
  for (const file of files) {
    const bytes = await readFile(join(DIST, file))
    await writeFile(join(DIST, `${file}.gz`), await promisify(gzip)(bytes, { level: 9 }))
    await writeFile(join(DIST, `${file}.br`), await promisify(brotliCompress)(bytes))
  }
}

const digest = await sourcesDigest()
const isFresh = existsSync(STAMP) && (await readFile(STAMP, 'utf8')) === digest
if (!process.argv.includes('--if-stale') || !isFresh) {
  process.stderr.write('building the web apps…\n')
  for (const app of APPS) {
    await build({ configFile: join(ROOT, 'web', app, 'vite.config.ts'), logLevel: 'error' })
  }
  await compress()
  await mkdir(DIST, { recursive: true })
  await writeFile(STAMP, digest)
}
