import type pg from 'pg'
import { APP_ROLE } from './connect.ts'
import { JOB_SCHEMA, missingJobs, type JobQueue } from './job-schema.ts'
import { openMigrations } from './migration-book.ts'
import { readMigrations } from './migration-files.ts'
import { CLAIM_ROLE } from './roles.ts'
import { DatabaseFault, quoted, signIn } from './sign-in.ts'

export type ReadyOptions = {
  /** Of the login that serves. */
  url: string
  /** The folder with `NNNN_name.sql` files. */
  directory: string
  /** The job queues that must exist. */
  queues: readonly JobQueue[]
}

/** PostgreSQL's own roles that write without a grant, or reach the server's files and programs. */
const PAST_ALL_GRANTS = `'pg_write_all_data', 'pg_read_server_files', 'pg_write_server_files',
                         'pg_execute_server_program'`
const STATEMENT_TIMEOUT_MS = 15_000
const MIGRATE = 'run "yuanlu migrate" with DATABASE_OWNER_URL first'

/**
 * Refuses to serve where the walls do not stand: as a login that row security does not bind or that
 * could take it away, or on tables that are not those of this version. It changes nothing.
 *
 * @throws DatabaseFault that says what to do
 */
export async function assertReady({ url, directory, queues }: ReadyOptions): Promise<void> {
  const files = await readMigrations(directory)
  const client = await signIn({
    url,
    applicationName: 'yuanlu start',
    settings: { statement_timeout: STATEMENT_TIMEOUT_MS },
  })
  try {
    await refusePower(client)
    await takeRole(client)
    const open = await openMigrations(client, files)
    if (open.length > 0) {
      const names = open.map((file) => file.name).join(', ')
      throw new DatabaseFault(`this database lacks the migrations ${names}; ${MIGRATE}`)
    }
    const missing = await missingJobs(client, queues)
    if (missing) throw new DatabaseFault(`this database lacks ${missing}; ${MIGRATE}`)
  } finally {
    await client.end()
  }
}

/**
 * The login counts with everything it may act as: what has leaked into it could `set role` to any of
 * that, also where the pools are only ever the application role.
 */
async function refusePower(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ login: string; role: string; power: string }>(`
    with ours as (select oid, nspowner from pg_namespace
                   where nspname in ('public', 'yuanlu_meta', '${JOB_SCHEMA}'))
    select * from (
      select session_user::text as login, r.rolname::text as role,
             case when r.rolsuper then 'is a superuser'
                  when r.rolbypassrls then 'has BYPASSRLS'
                  when r.rolreplication then 'has REPLICATION'
                  when r.rolname in (${PAST_ALL_GRANTS}) then 'reaches past all grants'
                  when r.rolname = '${CLAIM_ROLE}' then 'looks across merchants'
                  when exists (select from pg_database where datname = current_database() and datdba = r.oid)
                  then 'owns this database'
                  when exists (select from ours where nspowner = r.oid)
                    or exists (select from pg_class join ours on ours.oid = relnamespace where relowner = r.oid)
                  then 'owns its tables' end as power
        from pg_roles r
       -- The owner of the database is found by name; everything of pg_database_owner is the owner's.
       where pg_has_role(session_user, r.oid, 'member') and r.rolname <> 'pg_database_owner'
    ) may where power is not null order by role <> login, role limit 1`)
  const [found] = rows
  if (!found) return
  const who =
    found.role === found.login
      ? `the login "${found.login}"`
      : `the login "${found.login}" may act as "${found.role}", which`
  throw new DatabaseFault(
    `${who} ${found.power}, so it could see every merchant and rewrite what happened; ` +
      `serve as a login that is a member of "${APP_ROLE}" and of nothing else`,
  )
}

async function takeRole(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ login: string; booked: boolean; may: boolean | null }>(`
    select session_user::text as login,
           exists (select from pg_class where relnamespace = to_regnamespace('yuanlu_meta')
                                          and relname = 'migration') as booked,
           (select pg_has_role(session_user, oid, 'set') from pg_roles where rolname = '${APP_ROLE}') as may`)
  const [found] = rows
  if (!found?.booked || found.may === null) {
    throw new DatabaseFault(`this database has not been set up; ${MIGRATE}`)
  }
  if (!found.may) {
    throw new DatabaseFault(
      `the login "${found.login}" may not act as "${APP_ROLE}"; ${MIGRATE}, ` +
        `or let the DBA run: grant ${APP_ROLE} to ${quoted(found.login)}`,
    )
  }
  await client.query(`set role ${APP_ROLE}`)
}
