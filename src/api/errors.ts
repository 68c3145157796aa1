/** Everything that can be thrown at or by the HTTP layer becomes one of our problems here. */
import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { PinsBusy } from '../auth/pins.ts'
import { LaneFull } from '../commands/coalesce.ts'
import { refuse } from '../domain/problems.ts'
import type { Log } from '../log.ts'
import { issueText, type IssueWord } from '../texts/issues.ts'
import type { Wrong } from './contract.ts'
import { BODY_BYTES_MAX, issueProblem } from './guards.ts'
import { languageOf, Problem, problemBody, PROBLEM_TYPE } from './problem.ts'

const RETRY_AFTER_SECONDS = 2

/** Answers with problem+json; logs what is our fault or the database's, with the request's id. */
export function answerError(
  log: Log,
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const problem = toProblem(thrown, request)
  if (problem.refusal.code === 'internal') {
    log.error({ request: request.id, err: thrown }, 'http.failed')
  } else if (problem.refusal.code === 'busy') {
    log.warn({ request: request.id, err: thrown }, 'http.busy')
    reply.header('retry-after', String(RETRY_AFTER_SECONDS))
  }
  return sendProblem(problem, request, reply)
}

function sendProblem(problem: Problem, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (problem.status === STATUS_UNAUTHORISED) reply.header('www-authenticate', 'Bearer')
  const language = languageOf(request.headers['accept-language'])
  // As text: a route's own response schema must not be asked to serialise a refusal.
  return reply
    .code(problem.status)
    .header('content-type', PROBLEM_TYPE)
    .header('content-language', language)
    .header('vary', 'accept-language')
    .send(JSON.stringify(problemBody(problem, language, request.id)))
}

const STATUS_UNAUTHORISED = 401

function toProblem(thrown: unknown, request: FastifyRequest): Problem {
  if (thrown instanceof Problem) return thrown
  if (hasZodFastifySchemaValidationErrors(thrown)) return schemaProblem(thrown, request)
  if (isBusy(thrown)) return new Problem(refuse('busy', {}))
  switch (codeOf(thrown)) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new Problem(refuse('body_too_large', { limitBytes: BODY_BYTES_MAX }))
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_ROUTE_MISSING_CONTENT_TYPE':
      return new Problem(refuse('media_type', {}))
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return issueProblem(request, 'header/content-length', 'http_malformed')
    case 'FST_ERR_BAD_URL':
      return issueProblem(request, 'address', 'address_malformed')
    // A path that leads out of the folder of pages, or is written in two ways.
    case 'FST_STATIC_FORBIDDEN_PATH':
      return new Problem(refuse('not_found', { what: 'route' }))
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return issueProblem(request, 'address', 'address_too_long', 414)
    // The caller went away in the middle of its own body, and nobody reads the answer. Once the body is here it was the
    // database that did: what was asked for may be stored, so the answer must not be a no.
    case 'ECONNRESET':
    case 'ERR_STREAM_PREMATURE_CLOSE':
      return request.raw.readableAborted
        ? issueProblem(request, 'body', 'http_malformed')
        : new Problem(refuse('busy', {}))
    default:
      return new Problem(refuse('internal', {}))
  }
}

const PARTS = new Map([
  ['querystring', 'query'],
  ['params', 'path'],
  ['headers', 'header'],
])

const ISSUE_WORDS = new Map<string, IssueWord>([
  ['invalid_type', 'type_wrong'],
  ['invalid_union', 'type_wrong'],
  ['unrecognized_keys', 'name_unknown'],
  ['too_small', 'too_small'],
  ['too_big', 'too_big'],
  ['invalid_format', 'format_wrong'],
  ['not_multiple_of', 'format_wrong'],
  ['invalid_value', 'value_not_allowed'],
  ['invalid_key', 'name_not_allowed'],
])

const ISSUES_SHOWN_MAX = 20
const PATH_CHARACTERS_MAX = 200

type SchemaIssue = {
  readonly keyword?: string
  readonly instancePath?: string
  readonly params?: unknown
}

/** Paths are `body/items/0/quantity`, `query/limit`, `path/number`; what the caller sent there is not repeated. */
function schemaProblem(
  error: {
    readonly validation: readonly SchemaIssue[]
    readonly validationContext?: string | undefined
  },
  request: FastifyRequest,
): Problem {
  const language = languageOf(request.headers['accept-language'])
  const { validationContext: context = 'body' } = error
  const part = PARTS.get(context) ?? context
  const sent =
    context === 'body' ? request.body : context === 'params' ? request.params : request.query
  const issues = error.validation.slice(0, ISSUES_SHOWN_MAX).map((issue) => {
    const { instancePath = '/' } = issue
    const place = instancePath === '/' ? '' : instancePath
    const { word, names } = wrongAt(issue, sent)
    const named = names.length === 0 ? '' : `: ${names.join(', ')}`
    return {
      path: `${part}${place}`.slice(0, PATH_CHARACTERS_MAX),
      message: `${issueText(language, word)}${named}`,
    }
  })
  return new Problem(refuse('body_invalid', { issues }))
}

const NAMES_SHOWN_MAX = 20
const NAME_CHARACTERS_MAX = 40

/** What is wrong there, with the names of fields or values without which nobody could put it right. */
function wrongAt({ keyword = '', instancePath = '/', params }: SchemaIssue, sent: unknown): Wrong {
  const {
    keys,
    values,
    params: own,
  } = (params ?? {}) as {
    readonly keys?: unknown
    readonly values?: unknown
    readonly params?: Wrong
  }
  if (own !== undefined) return own
  if (isMissing(instancePath, sent)) return { word: 'value_missing', names: [] }
  const named = [keys, values].find((each) => Array.isArray(each)) ?? []
  return {
    word: ISSUE_WORDS.get(keyword) ?? 'value_not_allowed',
    names: named
      .slice(0, NAMES_SHOWN_MAX)
      .map((each: unknown) => String(each).slice(0, NAME_CHARACTERS_MAX)),
  }
}

/** A whole that is not there has the wrong type; only a place inside of it can be missing. */
function isMissing(instancePath: string, sent: unknown): boolean {
  if (instancePath === '/') return false
  let at = sent
  for (const name of instancePath.slice(1).split('/')) {
    at = at === null || typeof at !== 'object' ? undefined : (at as Record<string, unknown>)[name]
  }
  return at === undefined
}

const codeOf = (thrown: unknown): string => {
  const code = (thrown as { readonly code?: unknown } | null | undefined)?.code
  return typeof code === 'string' ? code : ''
}

/**
 * The database cannot be reached, is starting or stopping, is out of connections, or ended a statement that
 * waited too long or met a deadlock. The same number sent again later is answered correctly in each case.
 */
const DATABASE_AWAY =
  /^(08\w{3}|53\w{3}|57P0[123]|57014|55P03|25P0[34]|40001|40P01|ECONNREFUSED|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)$/
/** `pg` gives these no code. */
const CONNECTION_LOST =
  /^(timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error)/

const isBusy = (thrown: unknown): boolean =>
  isDatabaseAway(thrown) || thrown instanceof PinsBusy || thrown instanceof LaneFull

function isDatabaseAway(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false
  return DATABASE_AWAY.test(codeOf(thrown)) || CONNECTION_LOST.test(thrown.message)
}

/**
 * Answers bytes that Node's parser refused, so no request exists. Without a readable head the language is the
 * default. Afterwards the connection is closed: where the next request would begin is unknown.
 */
export function answerClientError(
  error: { readonly code?: string | undefined },
  socket: Socket,
): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const { status, phrase, path, word } = clientFault(error.code ?? '')
  const refusal = refuse('body_invalid', { issues: [{ path, message: issueText('zh', word) }] })
  const body = JSON.stringify(problemBody(new Problem(refusal, status), 'zh', randomUUID()))
  socket.end(
    `HTTP/1.1 ${status} ${phrase}\r\n` +
      `Content-Type: ${PROBLEM_TYPE}\r\nContent-Language: zh\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Connection: close\r\n\r\n${body}`,
  )
}

type ClientFault = { status: number; phrase: string; path: string; word: IssueWord }

function clientFault(code: string): ClientFault {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return {
        status: 431,
        phrase: 'Request Header Fields Too Large',
        path: 'header',
        word: 'header_too_large',
      }
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, phrase: 'Request Timeout', path: 'request', word: 'too_slow' }
    default:
      return { status: 400, phrase: 'Bad Request', path: 'request', word: 'http_malformed' }
  }
}
