/** The shapes that every file of this room shares: the server, what it is given, and what adds routes to it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { KeyHeaders } from '../auth/keys.ts'
import type { Actor } from '../domain/actor.ts'
import type { Refusal } from '../domain/problems.ts'
import type { Log } from '../log.ts'

export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>

/** Each resolves to true when all is well; a rejection counts as no. */
export type Checks = {
  /** The database answers, as the role that row level security binds. */
  database(): Promise<boolean>
  migrations(): Promise<boolean>
  sweeper(): Promise<boolean>
}

export type ApiDeps = {
  readonly config: {
    /** How long `close()` waits for requests that are under way before it cuts them off. */
    readonly drainMs: number
  }
  readonly log: Log
  readonly authenticate: (headers: KeyHeaders) => Promise<Actor | Refusal>
  readonly checks: Checks
}

/**
 * Adds the routes of one resource. Below `/v1` every request has an actor; resources outside of it are named apart in
 * `buildApp` and prove their callers themselves.
 */
export type Resource = (app: Api) => void

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A write that a terminal may make before anybody has signed in there. */
    terminalAlone?: true
    /** The act uses up what a second person confirmed at this terminal; anywhere else that is refused. */
    usesGrant?: true
  }
  interface FastifyRequest {
    /** Set below `/v1` only; read it by `who`. */
    actor: Actor | null
  }
  interface FastifyInstance {
    /** Aborts when the server begins to shut down: open streams end themselves. */
    ending: AbortSignal
    authenticate: ApiDeps['authenticate']
    /** Ours; Fastify's own `log` is switched off. */
    facts: Log
  }
}
