/** Writes src/store/schema.ts from a freshly migrated database, so that column names and types come from the SQL alone. */
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { defaultDataRoot } from '../src/db/cluster.ts'
import { startEmbedded } from '../src/db/embedded.ts'
import { migrate } from '../src/db/migrate.ts'

const ignore = () => undefined
const dataDir = join(defaultDataRoot(null), `types-${process.pid}`)
const server = await startEmbedded({ dataDir, log: { info: ignore, warn: console.error } })
try {
  await migrate({ url: server.ownerUrl, directory: join(import.meta.dirname, '../migrations') })
  execFileSync(
    'kysely-codegen',
    [
      '--dialect=postgres',
      `--url=${server.ownerUrl}`,
      '--out-file=src/store/schema.ts',
      '--default-schema=public',
      '--include-pattern=public.*',
      '--no-domains',
      '--date-parser=string',
      '--numeric-parser=string',
      '--type-mapping={"int8":"number","timestamptz":"Date"}',
    ],
    { stdio: 'inherit' },
  )
} finally {
  await server.stop()
  rmSync(dataDir, { recursive: true, force: true })
}
