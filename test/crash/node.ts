/** A node in a process of its own that stops at a named point until it is told to go on, if ever: see falls.ts. */
import { readSync, writeSync } from 'node:fs'
import type { CrashPoint } from '../../src/commands/core.ts'
import { connect } from '../../src/db/connect.ts'
import { testClock, testCore } from '../support/core.ts'
import type { Given, KeptNotice } from './acts.ts'
import { PATHS } from './paths.ts'

export type NodeSettings = {
  readonly databaseUrl: string
  /** Base64. */
  readonly masterKey: string
  readonly notifyBase: string
  /** By which the database knows its connections. */
  readonly name: string
}

export type NodeJob = {
  readonly path: string
  readonly step: number
  readonly stopAt: CrashPoint
  readonly tenant: number
  readonly given: Given
  readonly notices: readonly KeptNotice[]
  /** Of the clock of whoever asks. */
  readonly offsetMs: number
}

export type NodeAnswer = { readonly acknowledged: readonly string[]; readonly error: string | null }

const CONNECTIONS_MAX = 4
const STDIN = 0
const STDOUT = 1

const settings = JSON.parse(process.argv[2] ?? '') as NodeSettings
const { databaseUrl, notifyBase, name } = settings
const db = connect({ url: databaseUrl, applicationName: name, maxConnections: CONNECTIONS_MAX })

/** The whole thread stands still: no timer, no socket, no finally. */
function standStill(): void {
  writeSync(STDOUT, '.')
  readSync(STDIN, Buffer.alloc(1))
}

async function work(job: NodeJob): Promise<NodeAnswer> {
  let isStopped = false
  const core = testCore(db, {
    clock: testClock(job.offsetMs),
    masterKey: Buffer.from(settings.masterKey, 'base64'),
    notifyBase,
    crashPoint: (point) => {
      if (point !== job.stopAt || isStopped) return
      isStopped = true
      standStill()
    },
  })
  const { tenant, given, notices } = job
  const step = PATHS.find((each) => each.name === job.path)?.steps[job.step]
  if (!step) throw new Error(`no step ${job.step} of ${job.path}`)
  try {
    return {
      acknowledged: await step.act({ core, tenant, given, notices, databaseUrl }),
      error: null,
    }
  } catch (error) {
    return { acknowledged: [], error: String(error) }
  }
}

process.on('message', (job: NodeJob) => {
  void work(job).then((answer) => process.send?.(answer))
})
process.once('disconnect', () => process.exit())
process.send?.('ready')
