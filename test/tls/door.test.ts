import { once } from 'node:events'
import { connect as connectPlain } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { expect, test } from 'vitest'
import { echoServer, keptOf, make, testFolder, visit } from './given.ts'

async function opened() {
  const made = await make(await testFolder())
  const { kept, change } = keptOf(made.server)
  return { made, change, ...(await echoServer(kept)) }
}

test('one port speaks HTTPS and HTTP, and the server knows which', async () => {
  const { port, made } = await opened()
  const secure = await visit({ port, ca: made.authorityPem })
  expect(secure.headers['x-encrypted']).toBe('true')
  const plain = await fetch(`http://127.0.0.1:${port}/`)
  expect(plain.headers.get('x-encrypted')).toBe('false')
})

test('bodies arrive whole either way, also when they come byte by byte', async () => {
  const { port, made } = await opened()
  const body = Buffer.alloc(300_000, '原路')
  const secure = await visit({ port, ca: made.authorityPem, method: 'POST', body })
  expect(secure.text).toBe(body.toString())
  const plain = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body })
  expect(await plain.text()).toBe(body.toString())

  const socket = connectPlain(port, '127.0.0.1')
  for (const byte of 'POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 3\r\n\r\nabc') {
    socket.write(byte)
    await delay(1)
  }
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 200[^]*a[^]*b[^]*c/)
})

test('a connection is used again, with and without TLS', async () => {
  const { port, made } = await opened()
  const asked = 'GET / HTTP/1.1\r\nhost: localhost\r\n\r\n'
  for (const socket of [
    connectPlain(port, '127.0.0.1'),
    connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca: made.authorityPem }),
  ]) {
    let answers = ''
    socket.on('data', (chunk: Buffer) => (answers += chunk.toString()))
    socket.write(asked)
    await expect.poll(() => answers.split('HTTP/1.1 200').length - 1).toBe(1)
    // Two at once.
    socket.write(asked + asked)
    await expect.poll(() => answers.split('HTTP/1.1 200').length - 1).toBe(3)
    socket.destroy()
  }
})

test('a renewed certificate is shown from the next connection on; open ones go on', async () => {
  const { port, made, change } = await opened()
  const open = connectTls({
    port,
    host: '127.0.0.1',
    servername: 'localhost',
    ca: made.authorityPem,
  })
  await once(open, 'secureConnect')
  const before = await visit({ port, ca: made.authorityPem })
  const folder = await testFolder()
  const next = await make(folder)
  change(next.server)
  const after = await visit({ port, ca: next.authorityPem })
  expect(after.certificate).not.toBe(before.certificate)
  open.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
  const [answer] = (await once(open, 'data')) as [Buffer]
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 200/)
  open.destroy()
})

test('whoever says nothing, breaks off or sends nonsense harms nobody, and closing does not wait for them', async () => {
  const { port, made, close } = await opened()
  const silent = connectPlain(port, '127.0.0.1')
  const halfway = connectPlain(port, '127.0.0.1')
  // The head of a handshake that never comes.
  halfway.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00]))
  const nonsense = connectPlain(port, '127.0.0.1')
  nonsense.write(Buffer.concat([Buffer.from([0x16]), Buffer.alloc(64, 0x41)]))
  const gone = connectPlain(port, '127.0.0.1')
  gone.on('connect', () => gone.resetAndDestroy())
  const ended = connectPlain(port, '127.0.0.1')
  ended.end()
  for (const socket of [silent, halfway, nonsense, gone, ended]) {
    socket.on('error', () => undefined)
    socket.resume()
  }
  await Promise.all([once(nonsense, 'close'), once(ended, 'close')])
  expect((await visit({ port, ca: made.authorityPem })).status).toBe(200)
  const started = performance.now()
  await close()
  expect(performance.now() - started).toBeLessThan(2_000)
})

test('nothing older than TLS 1.2 is spoken', async () => {
  const { port, made } = await opened()
  const socket = connectTls({
    port,
    host: '127.0.0.1',
    servername: 'localhost',
    ca: made.authorityPem,
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
  })
  await expect(once(socket, 'secureConnect')).rejects.toMatchObject({
    code: expect.stringMatching(/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|NO_PROTOCOLS_AVAILABLE/),
  })
})
