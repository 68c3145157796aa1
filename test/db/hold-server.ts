/**
 * `hold-server.ts <directory>` starts the server and uses it until a line arrives, or it is killed.
 * With `leave` as second argument it just ends, without stopping the server.
 */
import { once } from 'node:events'
import { startEmbedded } from '../../src/db/embedded.ts'

const [dataDir = '', mode] = process.argv.slice(2)
const quiet = { info: () => undefined, warn: () => undefined }
const server = await startEmbedded({ dataDir, log: quiet })
process.stdout.write(`${server.ownerUrl}\n`)
if (mode !== 'leave') {
  await once(process.stdin, 'data')
  await server.stop()
  process.stdin.destroy()
}
