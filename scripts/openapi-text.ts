/** The server's routes and its OpenAPI document, from a server that never listens and has nothing behind it. */
import type { Api } from '../src/api/api.ts'
import { buildApp } from '../src/api/app.ts'
import { openResources, resources } from '../src/api/index.ts'
import type { Core } from '../src/commands/core.ts'
import { openRefundLanes } from '../src/commands/refund-lanes.ts'
import { refuse } from '../src/domain/problems.ts'
import { makeLog } from '../src/log.ts'

/** Routes are added without touching the core; only requests would. */
const NOTHING = {} as Core

export function emptyApp(): Api {
  const no = async (): Promise<boolean> => false
  const lanes = openRefundLanes(NOTHING)
  return buildApp(
    {
      config: { drainMs: 0 },
      log: makeLog('silent'),
      authenticate: async () => refuse('not_signed_in', {}),
      checks: { database: no, migrations: no, sweeper: no },
    },
    resources(NOTHING, lanes),
    openResources(NOTHING, lanes),
  )
}

export async function openApiText(): Promise<string> {
  const app = emptyApp()
  await app.ready()
  const text = `${JSON.stringify(app.swagger(), null, 2)}\n`
  await app.close()
  return text
}
