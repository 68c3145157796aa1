/** Who does the harm: one for each node, one for the wires, one for the channel, one for the database, each on its own. */
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { FaultRule } from '../sandbox/faults.ts'
import type { Draw } from '../sim/draw.ts'
import { killBackend, killPostmaster } from './processes.ts'
import type { Node, Stage } from './stage.ts'

/** What was done, and survived: a kill counts once what was killed works again. */
export type Harm = {
  nodeKills: number
  dbKills: number
  stops: number
  /** Wires that were cut, slow or silent for a while. */
  cuts: number
}

/** For a time between the two, ms, drawn; cut short when the campaign is over. */
export type Wait = (leastMs: number, mostMs: number) => Promise<void>

type Scene = {
  readonly stage: Stage
  readonly draw: Draw
  readonly harm: Harm
  readonly wait: Wait
}

export type Gremlin = {
  /** Between two of its strikes, ms, at the least and at the most. */
  readonly rest: readonly [number, number]
  readonly strike: (scene: Scene) => Promise<void>
}

/** kill -9, and begun again; or stopped for longer than its lease lasts, or not quite, and let go on. */
export const onNode = ({ program }: Node, rest: Gremlin['rest']): Gremlin => ({
  rest,
  strike: async ({ draw, harm, wait }) => {
    if (draw.chance(0.6)) {
      await program.kill()
      await wait(0, 2_000)
      await program.begin()
      harm.nodeKills += 1
      return
    }
    program.signal('SIGSTOP')
    await wait(500, 8_000)
    program.signal('SIGCONT')
    harm.stops += 1
  },
})

/** Mostly the database's: there an answer that is lost is a COMMIT that may or may not have been. */
export const onWires: Gremlin = {
  rest: [200, 2_000],
  strike: async ({ stage: { nodes, channel, front }, draw, harm, wait }) => {
    const wire = draw.pick([...nodes.map(({ database }) => database), channel, channel, front])
    switch (draw.pick(['cut', 'cut', 'cut', 'slow', 'swallow'] as const)) {
      case 'cut':
        wire.cut()
        break
      case 'slow':
        wire.slow(20 + draw.below(300))
        await wait(1_000, 4_000)
        break
      case 'swallow':
        wire.swallow(true)
        await wait(500, 5_000)
        break
    }
    wire.mend()
    harm.cuts += 1
  },
}

const REPLIES = [
  'executed_then_timeout',
  'lost',
  'error_500_executed',
  'error_500_not_executed',
  'error_429_executed',
  'error_429_not_executed',
  'drop_connection_executed',
  'drop_connection_not_executed',
  'bad_signature',
  'truncated_body',
  'html_body',
  'slow',
] as const
const SLOW_MAX_MS = 3_000
const STRIKES_MAX = 6
/** More would leave no exchange alone, and the nodes would only wait for a channel that is down. */
const RULES_MAX = 4
const STRIKES = 0.5

/** No unsigned refusals and no money sent back to the merchant: what they call for takes longer than a campaign, or a person. */
export const onChannel: Gremlin = {
  rest: [200, 1_500],
  strike: async ({ stage: { sandbox }, draw }) => {
    const rules = sandbox.faults.list()
    for (const { id, struck, times = 0 } of rules) if (struck >= times) sandbox.faults.clear(id)
    if (sandbox.faults.list().length < RULES_MAX)
      sandbox.faults.set({ ...ruleFrom(draw), probability: STRIKES })
  },
}

function ruleFrom(draw: Draw): FaultRule {
  const times = 1 + draw.below(STRIKES_MAX)
  const choice: readonly FaultRule[] = [
    { on: 'refund', kind: draw.pick(REPLIES), times, ms: draw.below(SLOW_MAX_MS) },
    { on: 'refund', kind: draw.pick(REPLIES), times, ms: draw.below(SLOW_MAX_MS) },
    { on: 'refund', kind: draw.pick(['abnormal', 'closed']), times: 1 },
    {
      on: 'refund_query',
      kind: draw.pick([...REPLIES, 'not_found_although_executed', 'stale_processing']),
      times,
      ms: draw.below(SLOW_MAX_MS),
    },
    {
      on: 'notify',
      kind: draw.pick([
        'duplicate',
        'early',
        'late',
        'never',
        'forged',
        'signtest',
        'other_merchant',
      ]),
      times,
      ms: draw.below(SLOW_MAX_MS),
    },
  ]
  return draw.pick(choice)
}

export const onDatabase = (rest: Gremlin['rest']): Gremlin => ({
  rest,
  strike: async ({ stage, draw, harm }) => {
    if (await killDatabase(stage, draw)) harm.dbKills += 1
  },
})

const BACK_WITHIN_MS = 60_000
const LOOK_EVERY_MS = 20

/**
 * kill -9 of one backend, which makes PostgreSQL end all others and recover, or of the server with all of them.
 * The pages they had written stay with the kernel, so this is a crash and no power cut.
 *
 * @returns whether anything was killed, once connections are taken again
 */
async function killDatabase({ pgdata, ownerUrl }: Stage, draw: Draw): Promise<boolean> {
  const witness = await connected(ownerUrl)
  const ended = new Promise<void>((resolve) => {
    witness.on('error', () => resolve())
    witness.on('end', () => resolve())
  })
  const killed = draw.chance(0.3)
    ? await killPostmaster(pgdata)
    : (await killBackend(pgdata, draw.pick)) !== null
  if (!killed) {
    await witness.end()
    return false
  }
  // Whoever asks too early is let in by a server that does not know yet what has happened to it.
  await ended
  const again = await connected(ownerUrl)
  await again.end()
  return true
}

async function connected(url: string): Promise<pg.Client> {
  const until = performance.now() + BACK_WITHIN_MS
  for (;;) {
    const client = new pg.Client({ connectionString: url, application_name: 'chaos witness' })
    client.on('error', () => undefined)
    try {
      await client.connect()
      await client.query('select 1')
      return client
    } catch (error) {
      await client.end().catch(() => undefined)
      if (performance.now() > until)
        throw new Error(`the database did not come back within ${BACK_WITHIN_MS} ms`, {
          cause: error,
        })
    }
    await delay(LOOK_EVERY_MS)
  }
}
