/**
 * Builds the web apps into `web/dist`, compressed besides, so that a slow network carries as little as it can.
 * `--if-stale`: only when something they are made of has changed since; what the demo, the server and the tests call.
 */
import { createHash } from 'node:crypto'
import { existsSync, globSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'
import { build } from 'vite'
import { CHROME_FLOOR } from '../web/till/floor.ts'

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

/**
 * The till's service worker knows every file of the build by name, and those whose names stay by their content; so it is
 * made last.
 */
async function buildWorker(): Promise<void> {
  const folder = join(DIST, 'till')
  const files = globSync('**/*', { cwd: folder, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  const entries = await Promise.all(
    files.map(async ({ parentPath, name }) => {
      const path = join(parentPath, name)
      const url = relative(folder, path)
      const revision = url.startsWith('assets/')
        ? null
        : createHash('sha256')
            .update(await readFile(path))
            .digest('hex')
      return { url: `/till/${url}`, revision }
    }),
  )
  await build({
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    define: { FILES: JSON.stringify(entries), 'process.env.NODE_ENV': '"production"' },
    build: {
      outDir: folder,
      emptyOutDir: false,
      target: `chrome${CHROME_FLOOR}`,
      lib: {
        entry: join(ROOT, 'web/till/offline/worker.ts'),
        formats: ['iife'],
        name: 'worker',
        fileName: () => 'worker.js',
      },
    },
  })
}

const digest = await sourcesDigest()
const isFresh = existsSync(STAMP) && (await readFile(STAMP, 'utf8')) === digest
if (!process.argv.includes('--if-stale') || !isFresh) {
  process.stderr.write('building the web apps…\n')
  for (const app of APPS) {
    await build({ configFile: join(ROOT, 'web', app, 'vite.config.ts'), logLevel: 'error' })
  }
  await buildWorker()
  await compress()
  await mkdir(DIST, { recursive: true })
  await writeFile(STAMP, digest)
}
