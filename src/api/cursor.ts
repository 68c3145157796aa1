/** Places in lists, as text that callers only carry back to us. */
import type { FastifyRequest } from 'fastify'
import { issueProblem } from './guards.ts'
import type { Problem } from './problem.ts'

const encode = (text: string): string => Buffer.from(text, 'latin1').toString('base64url')

/** Null unless the text is exactly what `encode` makes of what it holds. */
function decode(cursor: string): string | null {
  const text = Buffer.from(cursor, 'base64url').toString('latin1')
  return encode(text) === cursor ? text : null
}

/** By time, and by number where several have the same. */
export type Place = { readonly at: Date; readonly no: string }

export const placeCursor = ({ at, no }: Place): string => encode(`${at.getTime()}.${no}`)

/** Throws Problem `body_invalid` for anything that is no cursor of ours. */
export function readPlaceCursor(request: FastifyRequest, cursor: string): Place {
  const [, ms, no] = /^(\d{1,15})\.([0-9A-Za-z-]{1,32})$/.exec(decode(cursor) ?? '') ?? []
  const at = new Date(Number(ms))
  if (no === undefined || Number.isNaN(at.getTime())) throw wrongCursor(request)
  return { at, no }
}

export const idCursor = (id: number): string => encode(String(id))

export function readIdCursor(request: FastifyRequest, cursor: string): number {
  const id = Number(/^[1-9]\d{0,14}$/.exec(decode(cursor) ?? '')?.[0])
  if (Number.isNaN(id)) throw wrongCursor(request)
  return id
}

const wrongCursor = (request: FastifyRequest): Problem =>
  issueProblem(request, 'query/cursor', 'format_wrong')
