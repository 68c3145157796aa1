/** Control requests are JSON; Fastify hands over raw bytes, because signatures need them. */
export const jsonBody = (body: unknown): unknown => {
  const text = Buffer.isBuffer(body) ? body.toString('utf8') : ''
  return text === '' ? {} : JSON.parse(text)
}
