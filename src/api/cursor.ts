/** Places in lists, as text that callers only carry back to us. */
import type { FastifyRequest } from 'fastify'
import type { RefundPlace } from '../store/refund-reads.ts'
import { issueProblem } from './guards.ts'
import type { Problem } from './problem.ts'

const encode = (text: string): string => Buffer.from(text, 'latin1').toString('base64url')

/** Null unless the text is exactly what `encode` makes of what it holds. */
function decode(cursor: string): string | null {
  const text = Buffer.from(cursor, 'base64url').toString('latin1')
  return encode(text) === cursor ? text : null
}

export const refundCursor = ({ createdAt, no }: RefundPlace): string =>
  encode(`${createdAt.getTime()}.${no}`)

/** Throws Problem `body_invalid` for anything that is no cursor of ours. */
export function readRefundCursor(request: FastifyRequest, cursor: string): RefundPlace {
  const [, ms, no] = /^(\d{1,15})\.([0-9A-Za-z-]{1,32})$/.exec(decode(cursor) ?? '') ?? []
  const createdAt = new Date(Number(ms))
  if (no === undefined || Number.isNaN(createdAt.getTime())) throw wrongCursor(request)
  return { createdAt, no }
}

export const idCursor = (id: number): string => encode(String(id))

export function readIdCursor(request: FastifyRequest, cursor: string): number {
  const id = Number(/^[1-9]\d{0,14}$/.exec(decode(cursor) ?? '')?.[0])
  if (Number.isNaN(id)) throw wrongCursor(request)
  return id
}

const wrongCursor = (request: FastifyRequest): Problem =>
  issueProblem(request, 'query/cursor', 'format_wrong')
