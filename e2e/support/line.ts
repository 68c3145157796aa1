/** A line between till and server that is as bad as a test wants: slow, lossy, cut. On this machine alone. */
import { connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export type Line = {
  /** Where the till finds its server. */
  readonly url: string
  /** Nothing comes through any more, and what was open breaks. */
  readonly cut: () => void
  readonly mend: () => void
  /** Each piece takes `delayMs` each way; the `share` that is lost comes after another `againMs`, as TCP does it. */
  readonly worsen: (how: { delayMs: number; share: number; againMs: number }) => void
  /** The answer to the next request whose bytes contain this never arrives, and the line is cut. */
  readonly swallowAnswerTo: (text: string) => void
}

export async function openLine(serverUrl: string): Promise<Line> {
  const { hostname, port } = new URL(serverUrl)
  const open = new Set<Socket>()
  let isCut = false
  let how = { delayMs: 0, share: 0, againMs: 0 }
  let swallow: string | null = null
  /** Every `1 / share`th piece, so that each run loses as many. */
  let pieces = 0

  const cut = (): void => {
    isCut = true
    for (const each of open) each.destroy()
  }
  const late = (): number => {
    pieces += 1
    const isLost = how.share > 0 && pieces % Math.round(1 / how.share) === 0
    return how.delayMs + (isLost ? how.againMs : 0)
  }
  const carry = (from: Socket, to: Socket, seen: (piece: Buffer) => void): void => {
    // One behind the other, however late each is.
    let before: Promise<unknown> = Promise.resolve()
    from.on('data', (piece) => {
      seen(piece)
      const due = performance.now() + late()
      before = before.then(async () => {
        const ms = due - performance.now()
        if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
        if (!to.destroyed) to.write(piece)
      })
    })
    from.on('end', () => void before.then(() => to.end()))
    from.on('error', () => to.destroy())
    from.on('close', () => void before.then(() => to.destroy()))
  }
  const server = createServer((till) => {
    if (isCut) {
      till.destroy()
      return
    }
    const shop = connect(Number(port), hostname)
    for (const each of [till, shop]) {
      open.add(each)
      each.on('close', () => open.delete(each))
    }
    let isSwallowed = false
    carry(till, shop, (piece) => {
      if (swallow === null || !piece.includes(swallow)) return
      swallow = null
      isSwallowed = true
    })
    carry(shop, till, () => {
      if (isSwallowed) cut()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    for (const each of open) each.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut,
    mend: () => void (isCut = false),
    worsen: (next) => void (how = next),
    swallowAnswerTo: (text) => void (swallow = text),
  }
}
