/** A process that plays stories on a database of its own, as it is told to: `node player.ts <owner's url>`, by messages. */
import { openStoryDatabase } from './database.ts'
import { playGated, type Size } from './gated.ts'
import { unplayable } from './story.ts'

export type Told = { readonly seed: number; readonly size: Size }

const database = await openStoryDatabase(process.argv[2] ?? '')
let tenant = 0
let turn: Promise<void> = Promise.resolve()

process.on('message', ({ seed, size }: Told) => {
  turn = turn.then(async () => {
    tenant += 1
    process.send?.(await playGated(database, seed, tenant, size).catch(unplayable(seed)))
  })
})
// Connections that a story left in the middle would be waited for.
process.once('disconnect', () => void turn.then(() => process.exit()))
process.send?.('ready')
