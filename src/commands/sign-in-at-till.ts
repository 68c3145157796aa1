/** A person signs in at a terminal by PIN, and out again. */
import { inTenant } from '../db/connect.ts'
import type { Actor } from '../domain/actor.ts'
import { refuse, type Refusal } from '../domain/problems.ts'
import type { PersonRow } from '../store/people.ts'
import { deleteSession, insertSession } from '../store/sessions.ts'
import { checkPin, pinHolds } from './check-pin.ts'
import type { Core } from './core.ts'
import type { KeyMaker } from './set-up-shop.ts'

/** The longest working day. */
const SESSION_MS = 16 * 3_600_000

export type SignedIn =
  | {
      readonly kind: 'signed_in'
      readonly token: string
      readonly person: PersonRow
      readonly expiresAt: Date
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

/** `actor`: the terminal. The token is good beside this terminal's key and no other. */
export async function signInAtTill(
  core: Core,
  actor: Actor,
  given: { readonly staff: string; readonly pin: string },
  makeKey: KeyMaker,
  now: Date,
): Promise<SignedIn> {
  const { tenant, terminal, store } = actor
  if (terminal === null) return { kind: 'refused', refusal: refuse('terminal_needed', {}) }
  const checked = await checkPin(core, tenant, { ...given, store }, now)
  if (checked.kind === 'refused') return checked
  const token = makeKey(tenant, 'session')
  const expiresAt = new Date(now.getTime() + SESSION_MS)
  return inTenant(core.db, tenant, async (tx) => {
    if (!(await pinHolds(tx, checked, now)))
      return { kind: 'refused', refusal: refuse('state_changed', { state: 'pin' }) }
    await insertSession(tx, {
      tenant_id: tenant,
      token_hash: token.hash,
      staff_no: checked.person.staff_no,
      terminal_no: terminal,
      made_at: now,
      expires_at: expiresAt,
    })
    return { kind: 'signed_in', token: token.text, person: checked.person, expiresAt }
  })
}

/** False when there was nothing to end. */
export const signOut = (core: Core, tenant: number, tokenHash: Buffer): Promise<boolean> =>
  inTenant(core.db, tenant, (tx) => deleteSession(tx, tokenHash))
