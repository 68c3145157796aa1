/** One story while it is played: its shop, its nodes, and what everybody in it knows. */
import { registry } from '../src/channels/index.ts'
import type { Core } from '../src/commands/core.ts'
import type { Actor } from '../src/domain/actor.ts'
import type { PaymentInput } from '../src/commands/take-payment.ts'
import type { RefundRequest } from '../src/domain/request.ts'
import { testCore } from '../test/support/core.ts'
import type { Bank } from './bank.ts'
import { nodeDatabase, type NodeDatabase, type StoryDatabase } from './database.ts'
import type { Draw } from './draw.ts'
import type { Finding } from './judge.ts'
import type { Network } from './network.ts'
import type { Node, Stage } from './stage.ts'
import type { Trouble } from './swarm.ts'
import type { StoryTime } from './time.ts'

/** A node and all that is its own. */
export type Place = { readonly node: Node; readonly database: NodeDatabase; readonly core: Core }

export type Play = {
  readonly database: StoryDatabase
  readonly stage: Stage
  readonly bank: Bank
  readonly network: Network
  readonly time: StoryTime
  readonly draw: Draw
  readonly tenant: number
  readonly trouble: Trouble
  readonly tell: (line: string) => void
  readonly places: readonly Place[]
  /** For what is no part of the story: setting up and judging. */
  readonly aside: Place
  readonly payments: string[]
  /** Everything that was ever asked for, to be asked again. */
  readonly wishes: RefundRequest[]
  /** Requests that somebody was told are stored. */
  readonly acknowledged: Set<string>
  /** The same of payments. */
  readonly takings: PaymentInput[]
  readonly taken: Set<string>
  readonly findings: Finding[]
  tillsLeft: number
  notices: number
  noticesUnderWay: number
}

export function openPlace(
  parts: Pick<Play, 'database' | 'stage' | 'network' | 'time' | 'draw'>,
  name: string,
): Place {
  const { stage, network, time, draw } = parts
  const database = nodeDatabase(parts.database, stage)
  const { digits, bytes } = draw.fork(name)
  const clock = { now: time.now, offsetMs: () => 0, advance: () => undefined }
  const core = {
    ...testCore(database.db, { clock }),
    channel: registry([network.channel]),
    random: { digits, bytes },
  }
  return { node: stage.node(name), database, core }
}

export const ofShop = (play: Play, actor: Actor): Actor => ({ ...actor, tenant: play.tenant })

export async function pass(play: Play, ms: number): Promise<void> {
  await play.time.advance(ms)
  await play.database.setTime(play.time.now())
}

/** What the stories do to connections and statements, and a lock waited for too long. */
const EXPECTED = /^(?:08...|57...|55P03)$/

/**
 * Whoever is told of an error asks again, as after no answer. Any other error is a finding: a constraint that had to hold
 * what the rules should have, a deadlock, a fault of our own.
 */
export function faultOf(play: Play, who: string, error: unknown): null {
  const { code, message = '', stack } = error as { code?: string; message?: string; stack?: string }
  play.tell(`${who} is told: ${code ?? message}`)
  const isExpected =
    code === undefined ? /^(?:Connection|Client)/.test(message) : EXPECTED.test(code)
  if (!isExpected) {
    play.findings.push({ promise: 'no command breaks', what: `${who}: ${stack ?? message}` })
  }
  return null
}
