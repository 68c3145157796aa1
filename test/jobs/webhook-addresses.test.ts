import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { kindOfAddress } from '../../src/notify/addresses.ts'
import { sendWebhook, webhookSecret, webhookUrlFault } from '../../src/notify/webhook.ts'
import { webhookSink } from '../support/webhook-sink.ts'

const SECRET = webhookSecret(Buffer.alloc(32, 7))
const MESSAGE = { id: 'evt_1_1', body: '{}' }
const target = (url: string, allowPrivate = false) => ({ url, secret: SECRET, allowPrivate })

/** Listens on every address of this machine and counts who comes in. */
async function guardedPort(): Promise<{ port: number; connections: () => number }> {
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    socket.destroy()
  })
  await new Promise<void>((listening) => {
    server.listen(0, '::', listening)
  })
  onTestFinished(async () => {
    await new Promise((closed) => {
      server.close(closed)
    })
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { port: address.port, connections: () => connections }
}

/** Hosts that must never be spoken to; `{port}` stands for the port that is watched. */
const INSIDE = [
  'https://127.0.0.1:{port}/',
  'https://127.1:{port}/',
  'https://127.0.1:{port}/',
  'https://2130706433:{port}/',
  'https://0x7f000001:{port}/',
  'https://0x7f.0.0.1:{port}/',
  'https://0x7f.1:{port}/',
  'https://017700000001:{port}/',
  'https://0177.0.0.1:{port}/',
  'https://0177.0x0.0.1:{port}/',
  'https://127.000.000.001:{port}/',
  'https://127.255.255.254:{port}/',
  'https://１２７.０.０.１:{port}/',
  'https://127。0。0。1:{port}/',
  'https://①②⑦.⓪.⓪.①:{port}/',
  'https://%31%32%37.0.0.1:{port}/',
  'https://127.0.0.1.:{port}/',
  'https://localhost:{port}/',
  'https://LOCALHOST:{port}/',
  'https://localhost.:{port}/',
  'https://shop.localhost:{port}/',
  'https://0.0.0.0:{port}/',
  'https://0:{port}/',
  'https://0x0:{port}/',
  'https://[::1]:{port}/',
  'https://[0:0:0:0:0:0:0:1]:{port}/',
  'https://[::]:{port}/',
  'https://[::ffff:127.0.0.1]:{port}/',
  'https://[::ffff:7f00:1]:{port}/',
  'https://[0:0:0:0:0:ffff:7f00:0001]:{port}/',
  'https://[::127.0.0.1]:{port}/',
  'https://[::ffff:0:127.0.0.1]:{port}/',
  'https://[64:ff9b::127.0.0.1]:{port}/',
  'https://[64:ff9b::7f00:1]:{port}/',
  'https://[64:ff9b:1::7f00:1]:{port}/',
  'https://[2002:7f00:1::]:{port}/',
  'https://[2001:0:7f00:1::]:{port}/',
  'https://[fe80::1]:{port}/',
  'https://[fc00::1]:{port}/',
  'https://[fd00:ec2::254]:{port}/',
  'https://[fec0::1]:{port}/',
  'https://[ff02::1]:{port}/',
  'https://169.254.169.254:{port}/latest/meta-data/',
  'https://2852039166:{port}/',
  'https://0xa9fea9fe:{port}/',
  'https://0251.0376.0251.0376:{port}/',
  'https://[::ffff:a9fe:a9fe]:{port}/',
  'https://100.100.100.200:{port}/',
  'https://168.63.129.16:{port}/',
  'https://192.0.0.192:{port}/',
  'https://10.0.0.1:{port}/',
  'https://10.1:{port}/',
  'https://172.16.0.1:{port}/',
  'https://172.31.255.255:{port}/',
  'https://192.168.1.1:{port}/',
  'https://192.168.257:{port}/',
  'https://100.64.0.1:{port}/',
  'https://198.18.0.1:{port}/',
  'https://192.0.2.1:{port}/',
  'https://224.0.0.1:{port}/',
  'https://255.255.255.255:{port}/',
  'https://good.example@127.0.0.1:{port}/',
  'https://user:password@good.example:{port}/',
  'https:127.0.0.1:{port}/',
  'https:\\\\127.0.0.1:{port}/',
  'https://127.0.0.1\t:{port}/',
  'https://good.example#@127.0.0.1:{port}/',
  'http://good.example:{port}/',
  'http://127.0.0.1:{port}/',
  'http://[::1]:{port}/',
  'ftp://127.0.0.1:{port}/',
  'gopher://127.0.0.1:{port}/_',
  'file:///etc/passwd',
  'data:text/plain,x',
  'javascript:0',
  '//127.0.0.1:{port}/',
  '',
]

test('no spelling of an inner address is ever connected to', async () => {
  expect(INSIDE.length).toBeGreaterThanOrEqual(40)
  const guarded = await guardedPort()
  for (const each of INSIDE) {
    const url = each.replace('{port}', String(guarded.port))
    const result = await sendWebhook(target(url), MESSAGE, new Date(), {
      loopbackHttp: true,
      // A resolver that an attacker owns answers every name with this machine.
      resolve: async () => ['127.0.0.1'],
    })
    expect(result, url).toMatchObject({ kind: 'forbidden' })
  }
  expect(guarded.connections()).toBe(0)
})

test('the watched port would be reached by these spellings if nothing held them back', async () => {
  const guarded = await guardedPort()
  const spellings = ['2130706433', '0x7f.1', '0177.0.0.1', '１２７.０.０.１', '[::1]', 'localhost']
  for (const host of spellings) {
    const url = `https://${host}:${guarded.port}/`
    const result = await sendWebhook(target(url, true), MESSAGE, new Date(), {
      loopbackHttp: false,
    })
    expect(result, url).toMatchObject({ kind: 'failed', status: null })
  }
  expect(guarded.connections()).toBeGreaterThanOrEqual(spellings.length)
})

test.each([
  ['this machine', ['127.0.0.1']],
  ['this machine in IPv6', ['::1']],
  ['this machine, mapped', ['::ffff:127.0.0.1']],
  ['this machine, mapped in hexadecimal', ['::ffff:7f00:1']],
  ['metadata', ['169.254.169.254']],
  ['the shop network', ['192.168.1.20']],
  ['a good address and a bad one', ['203.1.113.9', '127.0.0.1']],
  ['a link-local address with its card', ['fe80::1%eth0']],
  ['nothing', []],
  ['what is no address', ['localhost']],
])('a name that resolves to %s is not connected to', async (_what, addresses) => {
  const guarded = await guardedPort()
  const result = await sendWebhook(
    target(`https://hooks.example:${guarded.port}/`),
    MESSAGE,
    new Date(),
    {
      loopbackHttp: true,
      resolve: async () => addresses,
    },
  )
  expect(result).toEqual({ kind: 'forbidden', error: 'address_forbidden' })
  expect(guarded.connections()).toBe(0)
})

test('a name is resolved once, and the connection goes to what was checked', async () => {
  const sink = await webhookSink()
  const answers = [['127.0.0.1'], ['192.0.2.9']]
  let asked = 0
  const result = await sendWebhook(
    target(`http://hooks.localhost:${sink.port}/`, true),
    MESSAGE,
    new Date(),
    {
      loopbackHttp: true,
      resolve: async () => {
        asked += 1
        return answers.shift() ?? []
      },
    },
  )
  expect(result).toEqual({ kind: 'delivered', status: 204 })
  expect(asked).toBe(1)
  expect(sink.received[0]?.headers.host).toBe(`hooks.localhost:${sink.port}`)
})

test.each([301, 302, 303, 307, 308])(
  'a redirect (%i) is a failure and is not followed',
  async (status) => {
    const sink = await webhookSink()
    const guarded = await guardedPort()
    sink.answers.push({
      status,
      headers: { location: `http://127.0.0.1:${guarded.port}/latest/meta-data/` },
    })
    const result = await sendWebhook(target(sink.url, true), MESSAGE, new Date(), {
      loopbackHttp: true,
    })
    expect(result).toMatchObject({ kind: 'failed', status })
    expect(guarded.connections()).toBe(0)
    expect(sink.received).toHaveLength(1)
  },
)

test('a receiver in the shop may be marked as such, metadata and other inner addresses never', () => {
  const of = { allowPrivate: true, loopbackHttp: false }
  expect(webhookUrlFault('https://192.168.1.20/hook', of)).toBe(null)
  expect(webhookUrlFault('https://[fd12:3456::1]/hook', of)).toBe(null)
  expect(webhookUrlFault('https://127.0.0.1/hook', of)).toBe(null)
  expect(webhookUrlFault('http://127.0.0.1/hook', of)).toBe('not_https')
  // In development the scheme is right, and only the word that it stands inside is missing.
  for (const host of ['127.0.0.1:9000', 'localhost:9000', '[::1]:9000']) {
    const developing = { allowPrivate: false, loopbackHttp: true }
    expect(webhookUrlFault(`http://${host}/`, developing)).toBe('address_forbidden')
  }
  expect(webhookUrlFault('http://192.168.1.20/hook', { ...of, loopbackHttp: true })).toBe(
    'not_https',
  )
  for (const host of [
    '169.254.169.254',
    '[fd00:ec2::254]',
    '100.100.100.200',
    '0.0.0.0',
    '[fe80::1]',
  ]) {
    expect(webhookUrlFault(`https://${host}/`, of), host).toBe('address_forbidden')
  }
})

test('plain http reaches this machine only, whatever a name says it is', async () => {
  const guarded = await guardedPort()
  const result = await sendWebhook(
    target(`http://shop.localhost:${guarded.port}/`, true),
    MESSAGE,
    new Date(),
    { loopbackHttp: true, resolve: async () => ['192.168.1.20'] },
  )
  expect(result).toEqual({ kind: 'forbidden', error: 'address_forbidden' })
})

test('public addresses pass', () => {
  for (const address of [
    '8.8.8.8',
    '119.29.29.29',
    '172.32.0.1',
    '2400:3200::1',
    '2606:4700::1111',
  ]) {
    expect(kindOfAddress(address), address).toBe('public')
  }
})
