/** A database whose statements go through the stage's gates, and whose clock is the story's. */
import { Kysely, PostgresDialect, type PostgresPoolClient } from 'kysely'
import type { Pool, PoolClient } from 'pg'
import { openPool, type Db } from '../src/db/connect.ts'
import { prepareStatements } from '../src/db/prepared.ts'
import type { DB } from '../src/store/schema.ts'
import { withClient } from '../test/support/server.ts'
import { goOn, type Stage } from './stage.ts'

const CONNECTIONS = 30
/** By which the server knows its connections. */
export const STORY_NAME = 'story'

export type StoryDatabase = {
  readonly pool: Pool
  /** As the owner: sets the clock, looks at locks, ends connections. */
  readonly control: Pool
  readonly setTime: (now: Date) => Promise<void>
  /** From now on the owner sees this merchant's rows: without a merchant row security hides some tables from it as well. */
  readonly lookAt: (tenant: number) => Promise<void>
  readonly blocked: (pids: readonly number[]) => Promise<ReadonlySet<number>>
  readonly end: () => Promise<void>
}

/** The functions of the product that ask the database what time it is look here first. */
const STORY_CLOCK = `
  create schema sim;
  create unlogged table sim.story (at timestamptz not null);
  insert into sim.story values (now());
  create function sim.clock_timestamp() returns timestamptz language sql volatile as 'select at from sim.story';
  create function sim.now() returns timestamptz language sql volatile as 'select at from sim.story';
  grant usage on schema sim to public;
  grant select on sim.story to public;
  do $$
  declare f regprocedure;
  begin
    for f in select oid::regprocedure from pg_proc
              where pronamespace = 'public'::regnamespace and proconfig::text like '%search_path%' loop
      execute format('alter function %s set search_path = sim, public, pg_catalog, pg_temp', f);
    end loop;
  end $$`

const WITHOUT_HASTE =
  'set lock_timeout = 0; set statement_timeout = 0; set idle_in_transaction_session_timeout = 0'

/** @param url the owner's, of a database that nobody else uses. */
export async function openStoryDatabase(url: string): Promise<StoryDatabase> {
  await withClient(url, (client) => client.query(STORY_CLOCK))
  const forStory = new URL(url)
  forStory.searchParams.set(
    'options',
    '-c search_path=sim,public,pg_catalog -c synchronous_commit=off',
  )
  const pool = openPool({
    url: forStory.toString(),
    applicationName: STORY_NAME,
    maxConnections: CONNECTIONS,
  })
  prepareStatements(pool)
  // Real time has no part in a story: who waits for a lock waits until the seed lets its holder go on.
  pool.on('connect', (client) => {
    client.query(WITHOUT_HASTE).catch(() => undefined)
  })
  const control = openPool({ url, applicationName: 'story control', maxConnections: 1, role: null })
  return {
    pool,
    control,
    setTime: async (now) => void (await control.query('update sim.story set at = $1', [now])),
    lookAt: async (tenant) =>
      void (await control.query(`select set_config('yuanlu.tenant', $1, false)`, [String(tenant)])),
    blocked: async (pids) => {
      const { rows } = await control.query<{ pid: number }>(
        `select pid from unnest($1::int[]) pid where cardinality(pg_blocking_pids(pid)) > 0`,
        [pids],
      )
      return new Set(rows.map((row) => row.pid))
    },
    end: async () => {
      await Promise.all([pool.end(), control.end()])
    },
  }
}

/** A connection that a node holds, and the statement it has under way there. */
type Held = { isCut: boolean; underWay: Promise<unknown> }

/** The connections of one node. `cut` ends them all, as its death does. */
export type NodeDatabase = { readonly db: Db; readonly cut: () => Promise<void> }

export function nodeDatabase(story: StoryDatabase, stage: Stage): NodeDatabase {
  const held = new Map<PoolClient, Held>()
  const pool = {
    connect: async (): Promise<PostgresPoolClient> => {
      const client = await stage.during(story.pool.connect())
      if (stage.hasFallen()) {
        client.release()
        return new Promise(() => undefined)
      }
      const state: Held = { isCut: false, underWay: Promise.resolve() }
      held.set(client, state)
      return gated(client, state, stage, () => {
        if (held.delete(client)) client.release()
      })
    },
    end: async () => undefined,
    options: {},
  }
  return {
    db: new Kysely<DB>({ dialect: new PostgresDialect({ pool }) }),
    cut: async () => {
      const clients = [...held]
      held.clear()
      const pids = clients.map(([client]) => pidOf(client))
      for (const pid of pids) goOn(pid)
      if (pids.length > 0) {
        await story.control.query('select pg_cancel_backend(pid) from unnest($1::int[]) pid', [
          pids,
        ])
      }
      for (const [client, state] of clients) {
        state.isCut = true
        await abandon(client, state)
        client.release()
      }
      stage.freed()
    },
  }
}

const pidOf = (client: PoolClient): number => (client as unknown as { processID: number }).processID

/**
 * What a connection had under way is undone, as when it ends. Whoever used it is told that it has ended; the connection
 * itself goes to the next one, since a new server process costs as much as fifty statements of an old one.
 */
async function abandon(client: PoolClient, { underWay }: Held): Promise<void> {
  await underWay.catch(() => undefined)
  await client.query('rollback')
}

type Query = (sql: string, values?: readonly unknown[]) => Promise<unknown>

function gated(
  client: PoolClient,
  state: Held,
  stage: Stage,
  release: () => void,
): PostgresPoolClient {
  const query = client.query.bind(client) as unknown as Query
  const cut = async () => {
    state.isCut = true
    await stage.during(abandon(client, state))
    stage.freed()
  }
  const run: Query = async (sql, values) => {
    if (state.isCut) throw lost()
    if (UNSEEN.test(sql)) {
      const unseen = query(sql, values).finally(() => sql === 'rollback' && stage.freed())
      return stage.during(unseen)
    }
    const kind = sql === 'commit' ? 'commit' : 'statement'
    const verdict = await stage.gate(kind, shortOf(sql), JSON.stringify(values))
    if (verdict === 'cut_before') {
      await cut()
      throw lost()
    }
    if (verdict === 'fail') throw Object.assign(new Error('canceled'), { code: '57014' })
    const done = query(sql, values)
    state.underWay = done
    stage.inFlight(done, pidOf(client), JSON.stringify([sql, values]))
    const result = await done
    if (kind === 'commit') stage.freed()
    if (verdict === 'cut_after') {
      await cut()
      throw lost()
    }
    return result
  }
  return Object.assign(Object.create(client) as PostgresPoolClient, { query: run, release })
}

/** Nobody can tell when they happen. */
const UNSEEN = /^\s*(?:begin|start transaction|rollback|select set_config)/

const SQL_SHOWN = 72
const shortOf = (sql: string): string => sql.replaceAll(/\s+/g, ' ').trim().slice(0, SQL_SHOWN)

const lost = (): Error =>
  Object.assign(new Error('Connection terminated unexpectedly'), { code: '08006' })
