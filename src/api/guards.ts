/** What every request must pass before a route sees it: sound headers and address, and a readable JSON body. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { refuse } from '../domain/problems.ts'
import { issueText, type IssueWord } from '../texts/issues.ts'
import { DEPTH_MAX, readJson } from './json.ts'
import { languageOf, Problem } from './problem.ts'

export const BODY_BYTES_MAX = 64 * 1024
export const HEADER_BYTES_MAX = 16 * 1024
export const ADDRESS_CHARACTERS_MAX = 2_048

/**
 * Headers that decide who acts or how the message is read. Node keeps the first of two and drops the other
 * silently, while a proxy in front may have judged the other one.
 */
const ONCE = new Set([
  'authorization',
  'yuanlu-staff',
  'yuanlu-second',
  'host',
  'content-type',
  'content-length',
  'content-encoding',
  'transfer-encoding',
  'last-event-id',
])

/** A `body_invalid` about one place, worded for the reader of this request. */
export function issueProblem(
  request: FastifyRequest,
  path: string,
  word: IssueWord,
  status?: number,
): Problem {
  const message = issueText(languageOf(request.headers['accept-language']), word)
  return new Problem(refuse('body_invalid', { issues: [{ path, message }] }), status)
}

/** Throws Problem for headers and addresses that could be read in two ways or stored in none. */
export function guardHead(request: FastifyRequest): void {
  const { rawHeaders } = request.raw
  const seen = new Set<string>()
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]?.toLowerCase() ?? ''
    if (!ONCE.has(name)) continue
    if (seen.has(name)) throw issueProblem(request, `header/${name}`, 'header_twice')
    seen.add(name)
  }
  if (!seen.has('host') && request.raw.httpVersion === '1.1') {
    throw issueProblem(request, 'header/host', 'header_missing')
  }
  const address = request.raw.url ?? ''
  if (address.length > ADDRESS_CHARACTERS_MAX) {
    throw issueProblem(request, 'address', 'address_too_long', 414)
  }
  // The only way for NUL into parameters; PostgreSQL would refuse it as late as in the query.
  if (address.includes('%00')) throw issueProblem(request, 'address', 'text_not_storable')
}

/** Makes JSON in UTF-8 the only body there is, read by `readJson`. */
export function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, bytes: Buffer): Promise<unknown> => {
      if (!isPlainUtf8(request)) throw new Problem(refuse('media_type', {}))
      const read = readJson(bytes)
      switch (read.kind) {
        case 'value':
          return read.value
        case 'not_json':
          throw new Problem(refuse('body_not_json', {}))
        case 'too_deep':
          throw new Problem(refuse('body_too_deep', { limit: DEPTH_MAX }))
        case 'key_twice':
          throw new Problem(refuse('key_twice', { key: read.key }))
        case 'issue':
          throw issueProblem(request, `body${read.path}`, read.word)
      }
    },
  )
}

/** RFC 8259 knows UTF-8 only, and a compressed body would pass the size limit before it is unpacked. */
function isPlainUtf8(request: FastifyRequest): boolean {
  const encoding = request.headers['content-encoding'] ?? 'identity'
  const parameters = (request.headers['content-type'] ?? '').split(';').slice(1)
  return (
    encoding.toLowerCase() === 'identity' &&
    parameters.every((parameter) => /^\s*(charset="?utf-8"?\s*)?$/i.test(parameter))
  )
}
