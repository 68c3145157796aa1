/** Certificates in a folder of the test's own, and servers that show them. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { get, request } from 'node:https'
import { createServer, type Server } from 'node:http'
import { isIP, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import { onTestFinished } from 'vitest'
import { makeLog } from '../../src/log.ts'
import { standBefore } from '../../src/tls/door.ts'
import type { Machine } from '../../src/tls/hosts.ts'
import type { KeptCertificate } from '../../src/tls/keeper.ts'
import { makeOwn, type OwnRequest } from '../../src/tls/own.ts'
import type { KeyAndCertificate } from '../../src/tls/x509.ts'

export const MACHINE: Machine = {
  name: 'till-pc',
  addresses: ['192.168.1.5', 'fe80::1', 'fd00::5'],
}
export const DAY_MS = 86_400_000
export const inDays = (days: number): Date => new Date(Date.now() + days * DAY_MS)

export async function testFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'yuanlu-tls-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return join(folder, 'tls')
}

export const make = (
  folder: string,
  request: Partial<OwnRequest> = {},
  now = new Date(),
  machine = MACHINE,
) => makeOwn(folder, { hosts: null, newAuthority: false, ...request }, machine, now)

/** A certificate as the keeper holds it, for a test to change. */
export function keptOf(pair: KeyAndCertificate) {
  let now = pair
  let tell: (pair: KeyAndCertificate) => void = () => undefined
  const kept: KeptCertificate = {
    current: () => now,
    authorityPem: () => null,
    onChange: (listener) => {
      tell = listener
    },
    stop: async () => undefined,
  }
  return {
    kept,
    change: (next: KeyAndCertificate) => {
      now = next
      tell(next)
    },
  }
}

/** A server that repeats what it is sent; TLS and plain HTTP on one port. */
export async function echoServer(kept: KeptCertificate) {
  const server = createServer((incoming, outgoing) => {
    const { encrypted = false } = incoming.socket as { encrypted?: boolean }
    outgoing.writeHead(200, { 'x-encrypted': String(encrypted) })
    incoming.pipe(outgoing)
  })
  const leave = standBefore(server, kept, makeLog('silent'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async () => {
    leave()
    server.closeIdleConnections()
    server.close()
    await once(server, 'close')
  }
  onTestFinished(async () => {
    if (server.listening) await close()
  })
  return { server, port: portOf(server), close }
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port

export type Visit = {
  readonly port: number
  readonly ca?: string
  /** Whose certificate it must be, and what is asked for; a name of this machine without it. */
  readonly servername?: string
  readonly method?: string
  readonly path?: string
  readonly body?: string | Buffer
}

/** One HTTPS request to this machine. Rejects as Node's TLS does. */
export function visit({
  port,
  ca,
  servername = 'localhost',
  method = 'GET',
  path = '/',
  body,
}: Visit): Promise<{
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  readonly certificate: string
}> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      ca,
      // An address is not asked for in the handshake, and is checked all the same.
      servername: isIP(servername) === 0 ? servername : '',
      checkServerIdentity: (_: string, certificate: PeerCertificate) =>
        checkServerIdentity(servername, certificate),
      method,
      path,
      agent: false,
    }
    const asked = (method === 'GET' ? get : request)(options, (answer) => {
      const { socket } = answer as unknown as {
        socket: { getPeerCertificate(): { fingerprint256: string } }
      }
      const certificate = socket.getPeerCertificate().fingerprint256
      text(answer).then(
        (all) =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            text: all,
            certificate,
          }),
        reject,
      )
    })
    asked.on('error', reject)
    if (body !== undefined) asked.write(body)
    asked.end()
  })
}
