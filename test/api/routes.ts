/** What the server answers to. */
import type { Api } from '../../src/api/api.ts'

/** `GET /v1/refunds/{no}` and so on; HEAD goes with GET and is left out. */
export async function routesOf(app: Api): Promise<string[]> {
  const routes: string[] = []
  app.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat()) {
      if (each !== 'HEAD') routes.push(`${each} ${url.replace(/:(\w+)/g, '{$1}')}`)
    }
  })
  await app.ready()
  return routes.toSorted()
}
