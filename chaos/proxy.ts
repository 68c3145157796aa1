/** A wire of our own between two processes on this machine, which can be slow, silent or cut. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export type Proxy = {
  readonly port: number
  /** Ends every connection in the middle of whatever it carries. */
  readonly cut: () => void
  /** Each piece of data takes this long, ms; 0 ends it. Pieces keep their order. */
  readonly slow: (ms: number) => void
  /** Takes everything and passes nothing on; what was swallowed is gone, so its connections are cut at the end. */
  readonly swallow: (on: boolean) => void
  readonly mend: () => void
  readonly close: () => Promise<void>
}

/** @param target a port on 127.0.0.1; asked at each connection, so that what listens there may move. */
export async function openProxy(target: () => number): Promise<Proxy> {
  const pairs = new Set<readonly [Socket, Socket]>()
  let delayMs = 0
  let silent = false

  const carry = (from: Socket, to: Socket) => {
    let queue = Promise.resolve()
    from.on('data', (data) => {
      if (silent) return
      if (delayMs === 0) return void (queue = queue.then(() => void to.write(data)))
      const wait = delayMs
      queue = queue
        .then(() => new Promise<void>((resolve) => setTimeout(resolve, wait)))
        .then(() => void (to.destroyed || to.write(data)))
    })
    from.on('end', () => void queue.then(() => to.end()))
    from.on('error', () => to.destroy())
    from.on('close', () => void queue.then(() => to.destroy()))
  }
  const server = createServer((client) => {
    const there = connect(target(), '127.0.0.1')
    const pair = [client, there] as const
    pairs.add(pair)
    client.once('close', () => pairs.delete(pair))
    carry(client, there)
    carry(there, client)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  const cut = () => {
    for (const pair of pairs) {
      for (const socket of pair) {
        // A socket that was ended already refuses the reset, and Node then forgets to close it.
        if (socket.writableEnded) socket.destroy()
        else socket.resetAndDestroy()
      }
    }
  }
  const swallow = (on: boolean) => {
    if (silent && !on) cut()
    silent = on
  }
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    slow: (ms) => void (delayMs = ms),
    swallow,
    mend: () => {
      delayMs = 0
      swallow(false)
    },
    close: async () => {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
