/**
 * The one way a web app speaks to the server. An answer is a value; a refusal is thrown with the server's own words;
 * where no answer came, `Unanswered` is thrown, and nobody may conclude that nothing happened.
 */
import { currentLanguage } from './language.ts'

/** What the server refused: `title` and `detail` are sentences in the reader's language. */
export class Refused extends Error {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string
  readonly params: Readonly<Record<string, unknown>>

  constructor(status: number, body: ProblemBody) {
    super(body.code)
    this.name = 'Refused'
    this.status = status
    this.code = body.code
    this.title = body.title
    this.detail = body.detail ?? ''
    this.params = body.params ?? {}
  }
}

/** The request may or may not have arrived. */
export class Unanswered extends Error {
  constructor(cause: unknown) {
    super('no answer', { cause })
    this.name = 'Unanswered'
  }
}

type ProblemBody = {
  readonly code: string
  readonly title: string
  readonly detail?: string
  readonly params?: Readonly<Record<string, unknown>>
}

export type Credentials = {
  /** Key of this terminal. */
  readonly terminal: string | null
  /** Token of the person who signed in. */
  readonly staff: string | null
}

export type Asking = {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly body?: unknown
  /** Token of a second person who stands behind this very act. */
  readonly second?: string | null
  readonly timeoutMs?: number
  readonly as?: 'json' | 'text' | 'bytes'
}

/** Longer than the server itself waits for a channel before it answers with what it has. */
const TIMEOUT_MS = 12_000

export function headersFor(
  { terminal, staff }: Credentials,
  second: string | null,
): Record<string, string> {
  return {
    'accept-language': currentLanguage(),
    ...(terminal !== null && { authorization: `Bearer ${terminal}` }),
    ...(staff !== null && { 'yuanlu-staff': staff }),
    ...(second !== null && { 'yuanlu-second': second }),
  }
}

/** @param path below `/v1`, such as `/refunds/73…`. Throws Refused or Unanswered. */
export async function ask<Answer>(
  credentials: Credentials,
  path: string,
  asking: Asking = {},
): Promise<Answer> {
  const { method = 'GET', body, second = null, timeoutMs = TIMEOUT_MS, as = 'json' } = asking
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), timeoutMs)
  try {
    const response = await fetch(`/v1${path}`, {
      method,
      headers: {
        ...headersFor(credentials, second),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      signal: controller.signal,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw await refusedBy(response)
    return (await readAs(response, as)) as Answer
  } catch (error) {
    throw error instanceof Refused ? error : new Unanswered(error)
  } finally {
    clearTimeout(timer)
  }
}

function readAs(response: Response, as: NonNullable<Asking['as']>): Promise<unknown> {
  if (response.status === 204) return Promise.resolve(null)
  if (as === 'text') return response.text()
  if (as === 'bytes') return response.arrayBuffer()
  return response.json() as Promise<unknown>
}

/** A page of a proxy on the way is no answer of ours: nothing is known then. */
async function refusedBy(response: Response): Promise<Refused | Unanswered> {
  const type = response.headers.get('content-type') ?? ''
  if (!type.startsWith('application/problem+json')) return new Unanswered(response.status)
  return new Refused(response.status, (await response.json()) as ProblemBody)
}
