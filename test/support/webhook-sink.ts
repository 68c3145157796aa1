/** A receiver of webhooks on this machine: keeps what arrives and answers as the test says. */
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export type Received = {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** `hang`: the connection is taken and never answered. */
export type Answer =
  | 'hang'
  | {
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string
    }

export type Sink = {
  readonly url: string
  readonly port: number
  readonly received: Received[]
  /** Connections ever opened, whether or not a request came over them. */
  readonly connections: () => number
  /** Said in order; after the last one every request is answered 204. */
  readonly answers: Answer[]
}

export async function webhookSink(): Promise<Sink> {
  const received: Received[] = []
  const answers: Answer[] = []
  let connections = 0
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8')
      received.push({ path: request.url ?? '', headers: request.headers, body })
      const answer = answers.shift() ?? { status: 204 }
      if (answer === 'hang') return
      response.writeHead(answer.status, answer.headers).end(answer.body)
    })
  })
  server.on('connection', () => (connections += 1))
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening)
  })
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((closed) => {
      server.close(closed)
    })
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/hook`,
    port,
    received,
    answers,
    connections: () => connections,
  }
}
