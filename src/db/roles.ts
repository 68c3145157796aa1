import pg from 'pg'
import { setTimeout as delay } from 'node:timers/promises'
import { APP_ROLE } from './connect.ts'
import { DatabaseFault, quoted } from './sign-in.ts'

/** Owns the few functions that look across tenants to claim due work; nobody logs in as it. */
export const CLAIM_ROLE = 'yuanlu_claim'

const TRIES_MAX = 10
const PAUSE_MS = 50

// Roles belong to the whole server while our migration lock belongs to one database, so two
// databases may create them in the same moment. PostgreSQL then reports one of: duplicate object,
// unique violation, or the plain internal error "tuple concurrently updated".
const RACE_CODES = new Set(['42710', '23505'])
const RACE_MESSAGE = /tuple concurrently (updated|deleted)/

type Step = { done: string; statement: string }

/**
 * Creates the roles of the product where they are missing, and lets the owner and the login that
 * will serve act as them. The owner needs CREATEROLE, not superuser; where the DBA has done all of
 * it already, not even that.
 *
 * @throws DatabaseFault with every statement the DBA has to run when the owner may not
 */
export async function ensureRoles(owner: pg.Client, login: string | null): Promise<void> {
  if (login !== null && !(await asks(owner, `to_regrole($1) is not null`, [quoted(login)]))) {
    throw new DatabaseFault(
      `there is no login "${login}" to serve as; let the DBA run: create role ${quoted(login)} login password '…'`,
    )
  }
  const { rows } = await owner.query<{ name: string }>('select current_user::text as name')
  const steps = stepsFor(rows[0]?.name ?? '', login)
  for (const step of steps) {
    await retryRaces(async () => {
      if (!(await asks(owner, step.done))) await owner.query(step.statement)
    }).catch(async (cause: Error) => {
      throw await denied(owner, steps, cause)
    })
  }
}

const stepsFor = (owner: string, login: string | null): Step[] => [
  ...[APP_ROLE, CLAIM_ROLE].flatMap((role) => [
    {
      done: `exists (select from pg_roles where rolname = '${role}')`,
      statement: `create role ${role} nologin`,
    },
    {
      done: mayAct(quoted(owner), role),
      statement: `grant ${role} to ${quoted(owner)} with inherit true, set true`,
    },
  ]),
  ...(login === null
    ? []
    : [
        {
          done: mayAct(quoted(login), APP_ROLE),
          statement: `grant ${APP_ROLE} to ${quoted(login)}`,
        },
      ]),
]

const mayAct = (name: string, role: string): string =>
  `exists (select from pg_roles where rolname = '${role}'
             and pg_has_role(to_regrole(${pg.escapeLiteral(name)}), oid, 'set'))`

async function asks(client: pg.Client, condition: string, values: string[] = []): Promise<boolean> {
  const { rows } = await client.query<{ yes: boolean }>(`select ${condition} as yes`, values)
  return rows[0]?.yes === true
}

async function retryRaces(work: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      const { code, message } = error as { code?: string; message: string }
      const race = RACE_CODES.has(code ?? '') || RACE_MESSAGE.test(message)
      if (!race || tries === TRIES_MAX) throw error
      await delay(PAUSE_MS)
    }
  }
}

async function denied(owner: pg.Client, steps: Step[], cause: Error): Promise<DatabaseFault> {
  const open: string[] = []
  for (const { done, statement } of steps) {
    if (!(await asks(owner, done))) open.push(statement)
  }
  return new DatabaseFault(
    `the server refused us a role (${cause.message}); let a superuser run: ${open.join('; ')}`,
    { cause },
  )
}
