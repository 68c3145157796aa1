/** A node of which one thing goes wrong once: its N-th statement or its N-th call to a channel. */
import { Kysely, PostgresDialect, type PostgresPoolClient } from 'kysely'
import type { Pool, PoolClient } from 'pg'
import type { Channel, Send } from '../../src/channels/channel.ts'
import type { Core } from '../../src/commands/core.ts'
import type { DB } from '../../src/store/schema.ts'
import type { Finding } from '../../sim/judge.ts'
import { play, type Befall, type Place } from './cell.ts'
import { nodeIn } from './falls.ts'
import { atNode, endLeases, type Stand } from './stand.ts'

const CALLS = ['a request never leaves', 'an answer is lost'] as const
const STATEMENTS = [
  'a statement is refused',
  'a connection ends before a statement',
  'a connection ends once a statement is done',
] as const
export const WRONGS = [...STATEMENTS, ...CALLS] as const
type WrongCall = (typeof CALLS)[number]
type WrongStatement = (typeof STATEMENTS)[number]
export type Wrong = WrongCall | WrongStatement

/** True once: at the N-th. */
type IsNow = () => boolean

type Befallen = { readonly runs: number; readonly findings: readonly Finding[] }

/** The first of them goes wrong, then the second, until the step gets through without any. */
export async function eachInTurn(
  stand: Stand,
  step: Pick<Place, 'path' | 'step'>,
  wrong: Wrong,
): Promise<Befallen> {
  const findings: Finding[] = []
  for (let place = 1; ; place += 1) {
    const judged = await play(stand, step, nth(wrong, place))
    if (judged === null) return { runs: place - 1, findings }
    findings.push(...judged.map((each) => ({ ...each, what: `${place}: ${each.what}` })))
  }
}

/** @param place the N-th, from 1; a step with fewer of them gets through. */
const nth =
  (wrong: Wrong, place: number): Befall =>
  async ({ cell, path, step }, takeOver) => {
    let seen = 0
    const isNow = () => (seen += 1) === place
    const healthy = nodeIn(cell, () => undefined)
    const core = isCall(wrong)
      ? { ...healthy, channel: (id: string) => failingChannel(healthy.channel(id), wrong, isNow) }
      : { ...healthy, db: failingDatabase(cell.stand.pool, wrong, isNow) }
    await tryStep(core, { cell, path, step })
    if (seen < place) return false
    await endLeases(cell)
    await takeOver()
    return true
  }

const isCall = (wrong: Wrong): wrong is WrongCall => CALLS.some((each) => each === wrong)

/** Whoever is told of an error of ours asks again, as after no answer. */
async function tryStep(core: Core, { cell, path, step }: Parameters<Befall>[0]): Promise<void> {
  try {
    const numbers = (await path.steps[step]?.act(atNode(cell, core))) ?? []
    for (const no of numbers) cell.acknowledged.add(no)
  } catch (error) {
    const { code } = error as { code?: string }
    if (code !== REFUSED && code !== LOST) throw error
  }
}

const UNKNOWN = { kind: 'unknown', cause: 'lost', alarm: false } as const

function failingChannel(channel: Channel, wrong: WrongCall, isNow: IsNow): Channel {
  const asked = async <T>(send: Send<T>): Promise<T | typeof UNKNOWN> => {
    if (!isNow()) return send()
    if (wrong === 'an answer is lost') await send()
    return UNKNOWN
  }
  const later =
    <T>(send: Send<T>) =>
    () =>
      asked(send)
  return {
    ...channel,
    pay: (...wire) => later(channel.pay(...wire)),
    reversePayment: (...wire) => later(channel.reversePayment(...wire)),
    closePayment: (...wire) => later(channel.closePayment(...wire)),
    refund: (...wire) => later(channel.refund(...wire)),
    queryPayment: (...wire) => asked(() => channel.queryPayment(...wire)),
    queryRefund: (...wire) => asked(() => channel.queryRefund(...wire)),
    remedy: (...wire) => {
      const send = channel.remedy?.(...wire)
      if (!send) throw new Error(`${channel.id} has no remedies`)
      return later(send)
    },
  }
}

const REFUSED = '57014'
const LOST = '08006'
const refused = (): Error => Object.assign(new Error('canceled'), { code: REFUSED })
const lost = (): Error => Object.assign(new Error('Connection ended'), { code: LOST })

/** Ends with the pool. */
const failingDatabase = (pool: Pool, wrong: WrongStatement, isNow: IsNow): Kysely<DB> =>
  new Kysely<DB>({
    dialect: new PostgresDialect({
      pool: {
        connect: async () => failingClient(await pool.connect(), wrong, isNow),
        end: async () => undefined,
        options: {},
      },
    }),
  })

type Query = (text: string, values?: readonly unknown[]) => Promise<unknown>

function failingClient(
  client: PoolClient,
  wrong: WrongStatement,
  isNow: IsNow,
): PostgresPoolClient {
  const query = client.query.bind(client) as unknown as Query
  let hasEnded = false
  const failing: Query = async (text, values) => {
    if (hasEnded) throw lost()
    if (text === 'rollback' || !isNow()) return query(text, values)
    if (wrong === 'a statement is refused') throw refused()
    if (wrong === 'a connection ends once a statement is done') await query(text, values)
    hasEnded = true
    throw lost()
  }
  return Object.assign(Object.create(client) as PostgresPoolClient, {
    query: failing,
    release: () => client.release(hasEnded),
  })
}
