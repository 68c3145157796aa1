import type { FastifyInstance } from 'fastify'

/**
 * Which methods an address would have answered to, so that a wrong one gets 405 with `Allow` instead of a
 * misleading 404. Asked only after no route matched; knows fixed segments and `:parameters`.
 */
export function methodsAt(app: Pick<FastifyInstance, 'addHook'>): (address: string) => string[] {
  const routes = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ url, method }) => {
    const methods = routes.get(url) ?? new Set()
    for (const each of [method].flat()) methods.add(each)
    routes.set(url, methods)
  })
  return (address) => {
    const segments = (address.split('?')[0] ?? '').split('/')
    const matching = [...routes].filter(([pattern]) => fits(pattern.split('/'), segments))
    return [...new Set(matching.flatMap(([, methods]) => [...methods]))].toSorted()
  }
}

function fits(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, place) =>
      part.startsWith(':') ? segments[place] !== '' : part === segments[place],
    )
  )
}
