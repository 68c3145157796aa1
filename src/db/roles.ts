import type pg from 'pg'
import { setTimeout as delay } from 'node:timers/promises'
import { APP_ROLE } from './connect.ts'

/** Owns the few functions that look across tenants to claim due work; nobody logs in as it. */
const CLAIM_ROLE = 'yuanlu_claim'

const TRIES_MAX = 10
const PAUSE_MS = 50

// Roles belong to the whole server while our migration lock belongs to one database, so two
// databases may create them in the same moment. PostgreSQL then reports one of: duplicate object,
// unique violation, or the plain internal error "tuple concurrently updated".
const RACE_CODES = new Set(['42710', '23505'])
const RACE_MESSAGE = /tuple concurrently (updated|deleted)/

/**
 * Creates the roles of the product where they are missing and lets the owner act as them. The owner
 * needs CREATEROLE, not superuser.
 *
 * @throws Error with the statement a superuser has to run when the owner may not do it
 */
export async function ensureRoles(owner: pg.Client): Promise<void> {
  for (const role of [APP_ROLE, CLAIM_ROLE]) {
    await retryRaces(async () => {
      if (!(await asks(owner, `exists (select from pg_roles where rolname = '${role}')`))) {
        await owner.query(`create role ${role} nologin`)
      }
    }).catch((cause: Error) => {
      throw denied(`create role ${role} nologin`, cause)
    })
    await retryRaces(async () => {
      if (!(await asks(owner, `pg_has_role(current_user, '${role}', 'set')`))) {
        await owner.query(`grant ${role} to current_user with inherit true, set true`)
      }
    }).catch((cause: Error) => {
      throw denied(`grant ${role} to the owner of this database`, cause)
    })
  }
}

async function asks(client: pg.Client, condition: string): Promise<boolean> {
  const { rows } = await client.query<{ yes: boolean }>(`select ${condition} as yes`)
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

const denied = (statement: string, cause: Error): Error =>
  new Error(`The database refused: ${statement} (${cause.message}). Let a superuser do it once.`, {
    cause,
  })
