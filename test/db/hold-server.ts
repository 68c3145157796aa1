/** Starts the server in the directory given and uses it until it is told `stop`, or killed. */
import { once } from 'node:events'
import { startEmbedded } from '../../src/db/embedded.ts'

const [dataDir = ''] = process.argv.slice(2)
const quiet = { info: () => undefined, warn: () => undefined }
const server = await startEmbedded({ dataDir, log: quiet })
process.stdout.write(`${server.url}\n`)
await once(process.stdin, 'data')
await server.stop()
process.exit()
