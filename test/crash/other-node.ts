/** Nodes in processes of their own, one at a time for each stand. One that was killed is followed by another. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { afterAll } from 'vitest'
import { MASTER_KEY } from '../support/shop.ts'
import type { NodeAnswer, NodeJob, NodeSettings } from './node.ts'
import type { Stand } from './stand.ts'

export type OtherNode = {
  /** @returns whether it stands still at the job's point, or did the job without coming there. */
  readonly run: (job: NodeJob) => Promise<'stopped' | 'done'>
  /** It goes on where it stands. */
  readonly goOn: () => Promise<NodeAnswer>
  /** SIGKILL. Its transactions are undone when this returns. */
  readonly kill: () => Promise<void>
  /** Ends its connections to the database. */
  readonly cut: (which: 'all' | 'in_transaction') => Promise<void>
}

const FILE = fileURLToPath(new URL('node.ts', import.meta.url))
const NAME = 'other node'

const running = new Map<Stand, OtherNode>()

export async function openOtherNode(stand: Stand): Promise<OtherNode> {
  const known = running.get(stand)
  if (known) return known
  const settings: NodeSettings = {
    databaseUrl: stand.databaseUrl,
    masterKey: MASTER_KEY.toString('base64'),
    notifyBase: stand.notifyBase,
    name: NAME,
  }
  const child = spawn(process.execPath, [FILE, JSON.stringify(settings)], {
    stdio: ['pipe', 'pipe', 'inherit', 'ipc'],
  })
  await once(child, 'message')
  const node = around(stand, child)
  running.set(stand, node)
  return node
}

/** Called at the top of a test file, after its stand: its node ends before its database does. */
export const endOtherNodes = (stand: Stand): void =>
  afterAll(async () => {
    await running.get(stand)?.kill()
  })

function around(stand: Stand, child: ChildProcess): OtherNode {
  const { stdout } = child
  if (stdout === null) throw new Error('no output')
  let answer: Promise<NodeAnswer>
  let over: AbortController
  return {
    run: async (job) => {
      over = new AbortController()
      const { signal } = over
      // By itself it never ends; where it does, nobody waits for its answer in vain.
      const ended = once(child, 'exit', { signal }).then(() =>
        Promise.reject(new Error('it ended')),
      )
      answer = Promise.race([once(child, 'message').then(([told]) => told as NodeAnswer), ended])
      const stopped = once(stdout, 'data', { signal }).then(() => 'stopped' as const)
      for (const each of [ended, stopped, answer]) each.catch(() => undefined)
      child.send(job)
      const result = await Promise.race([stopped, answer.then(() => 'done' as const)])
      if (result === 'done') over.abort()
      return result
    },
    goOn: async () => {
      child.stdin?.write('.')
      const told = await answer
      over.abort()
      return told
    },
    kill: async () => {
      running.delete(stand)
      child.kill('SIGKILL')
      await once(child, 'exit')
      await end(stand, 'all')
    },
    cut: (which) => end(stand, which),
  }
}

const ROUNDS_MAX = 500
const ROUND_MS = 10

/** Ends them until there are none; one that is busy comes to be idle in its transaction a moment later. */
async function end({ ownerDb }: Stand, which: 'all' | 'in_transaction'): Promise<void> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const { rows } = await sql<{ state: string }>`
      select pg_terminate_backend(pid), state
        from pg_stat_activity
       where datname = current_database() and application_name = ${NAME}
         and (${which} = 'all' or state like 'idle in transaction%' or state = 'active')`.execute(
      ownerDb,
    )
    if (rows.length === 0) return
    await setTimeout(ROUND_MS)
  }
  throw new Error(`connections of the ${NAME} do not end`)
}
