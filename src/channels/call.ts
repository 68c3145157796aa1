/**
 * The only HTTP to a channel. It never throws and never judges: it says what came back, or why nothing did. A request
 * whose answer did not arrive may have been executed, so the caller can only read `lost` as "unknown".
 */
import { Agent, request } from 'undici'

export type CallRequest = {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Sent byte for byte as it was signed. */
  readonly body: string
  readonly timeoutMs: number
  /** PEM of an own certificate authority to trust besides the system's, for sandboxes and private gateways. */
  readonly caPem: string | null
}

export type CallReply =
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly headers: Readonly<Record<string, string>>
      readonly body: Buffer
      readonly tookMs: number
    }
  | { readonly kind: 'lost'; readonly cause: string; readonly tookMs: number }

/** A channel's answer is small; a statement is not. Past this many bytes an answer is dropped as broken. */
const ANSWER_BYTES_MAX = 512 * 1024 * 1024
const CONNECTIONS_PER_HOST = 64
const CONNECT_TIMEOUT_MS = 10_000

const agents = new Map<string, Agent>()

/** One connection pool for each trusted authority; kept for the life of the process. */
function agentFor(caPem: string | null): Agent {
  const key = caPem ?? ''
  let agent = agents.get(key)
  if (!agent) {
    agent = new Agent({
      connections: CONNECTIONS_PER_HOST,
      // A pipelined request could be executed on a connection whose earlier answer was lost.
      pipelining: 1,
      maxResponseSize: ANSWER_BYTES_MAX,
      connect: { timeout: CONNECT_TIMEOUT_MS, ...(caPem === null ? {} : { ca: caPem }) },
    })
    agents.set(key, agent)
  }
  return agent
}

export async function call(wanted: CallRequest): Promise<CallReply> {
  const started = performance.now()
  const tookMs = () => Math.round(performance.now() - started)
  try {
    // One deadline for head and body together: a body that drips in must not hold a lease for ever.
    const signal = AbortSignal.timeout(wanted.timeoutMs)
    const answer = await request(wanted.url, {
      method: wanted.method,
      headers: wanted.headers,
      body: wanted.body === '' ? null : wanted.body,
      dispatcher: agentFor(wanted.caPem),
      signal,
    })
    const body = Buffer.from(await answer.body.arrayBuffer())
    return {
      kind: 'answered',
      status: answer.statusCode,
      headers: plain(answer.headers),
      body,
      tookMs: tookMs(),
    }
  } catch (error) {
    return { kind: 'lost', cause: describe(error), tookMs: tookMs() }
  }
}

/** Closes every pool, at the end of the process. */
export async function closeCalls(): Promise<void> {
  const open = [...agents.values()]
  agents.clear()
  await Promise.all(open.map((agent) => agent.close()))
}

function plain(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined)
      flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value
  }
  return flat
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  return `${code}: ${error.message}`
}
