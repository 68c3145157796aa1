/**
 * TLS in front of the HTTP server, on the same port: a connection whose first byte begins a TLS handshake is decrypted,
 * any other is handed on as it came. So `http://` typed into a browser can be sent on to `https://`, and programs on this
 * machine need no certificate. What plain HTTP may do is decided behind the door, in `api/plain-http.ts`.
 */
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { createServer, type TlsOptions } from 'node:tls'
import type { Log } from '../log.ts'
import type { KeptCertificate } from './keeper.ts'
import type { KeyAndCertificate } from './x509.ts'

/** The type of a TLS record that carries a handshake; no HTTP method begins with it. */
const HANDSHAKE = 0x16
/** For the first byte, and again for the handshake: whoever sends nothing must not hold a socket. */
const PATIENCE_MS = 10_000

/**
 * @param server not listening yet
 * @returns ends the connections that are still at the door; call it before the server is closed, which ends the others
 */
export function standBefore(server: Server, kept: KeptCertificate, log: Log): () => void {
  const serve = server.listeners('connection') as ((socket: Socket) => void)[]
  const tls = createServer({
    ...contextOf(kept.current()),
    handshakeTimeout: PATIENCE_MS,
    ALPNProtocols: ['http/1.1'],
  })
  kept.onChange((pair) => tls.setSecureContext(contextOf(pair)))

  const atDoor = new Map<string, Socket>()
  let closed = false
  const handOver = (socket: Socket): void => {
    atDoor.delete(tupleOf(socket))
    for (const each of serve) each.call(server, socket)
  }
  tls.on('secureConnection', handOver)
  tls.on('tlsClientError', (error, socket) => {
    // Mostly a device that does not trust the authority yet.
    log.debug({ err: error }, 'tls.refused')
    socket.destroy()
  })

  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) => {
    if (closed) return void socket.destroy()
    const tuple = tupleOf(socket)
    atDoor.set(tuple, socket)
    socket.once('close', () => {
      if (atDoor.get(tuple) === socket) atDoor.delete(tuple)
    })
    awaitFirstByte(socket, (byte) => {
      if (byte === HANDSHAKE) tls.emit('connection', socket)
      else handOver(socket)
    })
  })
  return () => {
    closed = true
    for (const socket of atDoor.values()) socket.destroy()
  }
}

const contextOf = ({ keyPem, certificatePem }: KeyAndCertificate): TlsOptions => ({
  key: keyPem,
  cert: certificatePem,
})

/** Tells connections apart, and is the same before and after decryption. */
const tupleOf = ({ localAddress, localPort, remoteAddress, remotePort }: Socket): string =>
  [localAddress, localPort, remoteAddress, remotePort].join(' ')

/** Looks at the first byte and puts it back; a connection that ends, fails or waits too long before it is destroyed. */
function awaitFirstByte(socket: Socket, then: (byte: number) => void): void {
  const giveUp = (): void => void socket.destroy()
  const timer = setTimeout(giveUp, PATIENCE_MS)
  socket.once('error', giveUp)
  socket.once('close', () => clearTimeout(timer))
  socket.once('readable', () => {
    clearTimeout(timer)
    socket.off('error', giveUp)
    const first = socket.read(1) as Buffer | null
    if (first === null) return giveUp()
    socket.unshift(first)
    then(first.readUInt8())
  })
}
