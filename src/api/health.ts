/** Two addresses for whoever keeps the process running; they tell no more than yes or no for each check. */
import { z } from 'zod'
import type { Api, Checks } from './api.ts'

/** A check that hangs is a no: whoever asks has a timeout of its own, and it is not much longer. */
const CHECK_TIMEOUT_MS = 2_000

const alive = z.strictObject({ status: z.literal('alive') })
const readiness = z.strictObject({
  ready: z.boolean(),
  database: z.boolean(),
  migrations: z.boolean(),
  sweeper: z.boolean(),
})

/** `/healthz`: the process answers. `/readyz`: it can do its work; 503 when not, and while it shuts down. */
export function healthRoutes(app: Api, checks: Checks): void {
  app.get(
    '/healthz',
    { schema: { summary: 'Does the process answer?', security: [], response: { 200: alive } } },
    () => ({ status: 'alive' as const }),
  )

  app.get(
    '/readyz',
    {
      schema: {
        summary: 'Can it do its work?',
        security: [],
        response: { 200: readiness, 503: readiness },
      },
    },
    async (_request, reply) => {
      const [database, migrations, sweeper] = await Promise.all([
        isTrue(() => checks.database()),
        isTrue(() => checks.migrations()),
        isTrue(() => checks.sweeper()),
      ])
      const ready = database && migrations && sweeper
      return reply.code(ready ? 200 : 503).send({ ready, database, migrations, sweeper })
    },
  )
}

async function isTrue(check: () => Promise<boolean>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(false), CHECK_TIMEOUT_MS)
  try {
    return await Promise.race([check(), late])
  } catch {
    return false
  } finally {
    clearTimeout(timer)
  }
}
