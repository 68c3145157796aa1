import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { pageResource } from '../../src/api/pages.ts'
import { makeApp, orders } from './app.ts'

const INLINE = "document.title = '收银台'"
const STYLE = 'body{margin:0}'
const HTML = `<!doctype html><style>${STYLE}</style><script>${INLINE}</script>
<script type="module" src="/till/assets/app-4f2a.js"></script>
<script nomodule id="old" data-src="/till/assets/old-1.js">load()</script>`
const OUTSIDE = 'lies beside the build'
const SCRIPT = 'console.log(1)'.repeat(100)

/** A built app of a few files. */
async function built() {
  const around = await mkdtemp(join(tmpdir(), 'yuanlu-pages-'))
  onTestFinished(() => rm(around, { recursive: true, force: true }))
  const folder = join(around, 'till')
  await mkdir(join(folder, 'assets'), { recursive: true })
  await writeFile(join(around, 'outside.txt'), OUTSIDE)
  const put = (name: string, content: string | Buffer) => writeFile(join(folder, name), content)
  await put('index.html', HTML)
  await put('sw.js', 'self.skipWaiting()')
  await put('.secret', OUTSIDE)
  await put('assets/app-4f2a.js', SCRIPT)
  await put('assets/app-4f2a.js.br', brotliCompressSync(SCRIPT))
  await put('assets/app-4f2a.js.gz', gzipSync(SCRIPT))
  await put('assets/zxing-77.wasm', Buffer.from('0061736d01000000', 'hex'))
  return { folder, put }
}

function served(folder: string) {
  const { app } = makeApp({}, [orders], [pageResource(folder)])
  return (
    url: string,
    headers: Record<string, string> = {},
    method: 'GET' | 'HEAD' | 'POST' = 'GET',
  ) => app.inject({ method, url, headers })
}

const PERSON = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

test('the bare address leads to the till', async () => {
  const get = served((await built()).folder)
  for (const url of ['/', '/till']) {
    const answer = await get(url)
    expect(answer.statusCode).toBe(302)
    expect(answer.headers.location).toBe('/till/')
  }
})

test('every address a person opens below it is the one page, asked for anew each time', async () => {
  const get = served((await built()).folder)
  for (const url of ['/till/', '/till/index.html', '/till/display', '/till/refunds/73?x=1']) {
    const answer = await get(url, PERSON)
    expect(answer.statusCode).toBe(200)
    expect(answer.body).toBe(HTML)
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
    })
  }
  expect((await get('/till/', PERSON, 'HEAD')).body).toBe('')
})

test('what the app asks for and is not there is missing, and never the page', async () => {
  const get = served((await built()).folder)
  for (const answer of [
    await get('/till/display', { accept: '*/*' }),
    await get('/till/assets/gone-1.js', PERSON),
    await get('/till/assets/gone', PERSON),
    await get('/till/gone.json', PERSON),
    await get('/till/display', PERSON, 'POST'),
    await get('/elsewhere', PERSON),
  ]) {
    expect(answer.statusCode).toBe(404)
    expect(answer.headers['content-type']).toContain('application/problem+json')
  }
})

test('files named by their content are kept for a year, others are asked about', async () => {
  const get = served((await built()).folder)
  const script = await get('/till/assets/app-4f2a.js')
  expect(script.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  expect(script.headers['content-type']).toMatch(/^(text|application)\/javascript/)
  expect(script.body).toBe(SCRIPT)
  const wasm = await get('/till/assets/zxing-77.wasm')
  expect(wasm.headers['content-type']).toBe('application/wasm')
  const worker = await get('/till/sw.js')
  expect(worker.headers['cache-control']).toBe('no-cache')
  const again = await get('/till/sw.js', { 'if-none-match': String(worker.headers.etag) })
  expect(again.statusCode).toBe(304)
})

test('files compressed by the build are sent so to whoever reads them', async () => {
  const get = served((await built()).folder)
  const url = '/till/assets/app-4f2a.js'
  const br = await get(url, { 'accept-encoding': 'gzip, deflate, br' })
  expect(br.headers).toMatchObject({ 'content-encoding': 'br', vary: 'accept-encoding' })
  expect(br.headers['content-type']).toMatch(/javascript/)
  expect(br.headers['cache-control']).toContain('immutable')
  expect(br.rawPayload).toEqual(brotliCompressSync(SCRIPT))
  const gzip = await get(url, { 'accept-encoding': 'gzip' })
  expect(gzip.headers['content-encoding']).toBe('gzip')
  const plain = await get('/till/sw.js', { 'accept-encoding': 'br' })
  expect(plain.headers['content-encoding']).toBeUndefined()
})

test('nothing outside of the build is served', async () => {
  const get = served((await built()).folder)
  for (const url of [
    '/till/../outside.txt',
    '/till/..%2foutside.txt',
    '/till/%2e%2e/outside.txt',
    '/till/assets/..%5c..%5coutside.txt',
    '/till/.secret',
    '/till//etc/passwd',
  ]) {
    const answer = await get(url, PERSON)
    expect([400, 403, 404]).toContain(answer.statusCode)
    expect(answer.body).not.toContain(OUTSIDE)
  }
})

test('the page runs its own scripts only, speaks to this server only and is framed by nobody', async () => {
  const get = served((await built()).folder)
  const { headers } = await get('/till/', PERSON)
  const policy = new Map(
    String(headers['content-security-policy'])
      .split('; ')
      .map((part): [string, string] => {
        const [name = '', ...sources] = part.split(' ')
        return [name, sources.join(' ')]
      }),
  )
  expect(policy.get('default-src')).toBe("'none'")
  expect(policy.get('script-src')).toBe(
    `'self' 'wasm-unsafe-eval' ${hashOf(INLINE)} ${hashOf('load()')}`,
  )
  expect(policy.get('style-src')).toBe(`'self' ${hashOf(STYLE)}`)
  expect(policy.get('worker-src')).toBe("'self' blob:")
  expect(policy.get('connect-src')).toBe("'self'")
  expect(policy.get('frame-ancestors')).toBe("'none'")
  expect(policy.get('base-uri')).toBe("'none'")
  expect(headers['permissions-policy']).toMatch(/^camera=\(self\), microphone=\(\)/)
  expect(headers).toMatchObject({ 'x-frame-options': 'DENY', 'referrer-policy': 'no-referrer' })
})

test("a worker's own file may compile WebAssembly in old browsers, and speaks to this server only", async () => {
  const get = served((await built()).folder)
  const { headers } = await get('/till/assets/app-4f2a.js')
  expect(headers['content-security-policy']).toMatch(
    /^default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'unsafe-eval'; connect-src 'self'/,
  )
})

test('without a build the page says which command to run, and comes by itself', async () => {
  const { folder, put } = await built()
  await rm(folder, { recursive: true })
  const get = served(folder)
  for (const url of ['/till/', '/till/display']) {
    const answer = await get(url, PERSON)
    expect(answer.statusCode).toBe(503)
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8')
    expect(answer.body).toContain('npm run build')
    expect(answer.headers['cache-control']).toBe('no-store')
  }
  expect((await get('/till/assets/app-4f2a.js')).statusCode).toBe(404)
  expect((await get('/v1/orders/7126112212345678901234')).statusCode).toBe(200)
  await mkdir(join(folder, 'assets'), { recursive: true })
  await put('index.html', HTML)
  await put('assets/app-4f2a.js', SCRIPT)
  expect((await get('/till/', PERSON)).body).toBe(HTML)
  expect((await get('/till/assets/app-4f2a.js')).body).toBe(SCRIPT)
})
