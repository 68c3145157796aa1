/** A person gets another PIN; whatever the old one opened is closed. */
import { inTenant, type Tx } from '../db/connect.ts'
import type { Actor } from '../domain/actor.ts'
import { isEasyPin, noTries } from '../domain/pin.ts'
import { refuse, type Refusal } from '../domain/problems.ts'
import { findPerson } from '../store/people.ts'
import { savePin, saveTries } from '../store/pins.ts'
import { deleteCodesOf, deleteOpenGrantsOf } from '../store/seconds.ts'
import { deleteSessionsOf } from '../store/sessions.ts'
import { checkPin, pinHolds, pinOwner } from './check-pin.ts'
import type { Core } from './core.ts'

/** @returns why not; null when it is done. */
export async function changePin(
  core: Core,
  actor: Actor,
  pin: string,
  newPin: string,
  now: Date,
): Promise<Refusal | null> {
  const { tenant, staff } = actor
  if (staff === null) return refuse('staff_needed', {})
  if (isEasyPin(newPin)) return refuse('pin_too_easy', {})
  const checked = await checkPin(core, tenant, { staff, pin, store: null }, now)
  if (checked.kind === 'refused') return checked.refusal
  const hash = await hashPin(core, tenant, staff, newPin)
  return inTenant(core.db, tenant, async (tx) => {
    if (!(await pinHolds(tx, checked, now))) return refuse('state_changed', { state: 'pin' })
    await replacePin(tx, tenant, staff, hash, now)
    return null
  })
}

/** From the command line, by whoever runs the machine. @returns why not; null when it is done. */
export async function setPin(
  core: Core,
  tenant: number,
  staff: string,
  pin: string,
  now: Date,
): Promise<Refusal | null> {
  if (isEasyPin(pin)) return refuse('pin_too_easy', {})
  const hash = await hashPin(core, tenant, staff, pin)
  return inTenant(core.db, tenant, async (tx) => {
    if ((await findPerson(tx, staff)) === null) return refuse('not_found', { what: 'staff' })
    await replacePin(tx, tenant, staff, hash, now)
    await saveTries(tx, staff, noTries(now))
    return null
  })
}

export const hashPin = (core: Core, tenant: number, staff: string, pin: string): Promise<string> =>
  core.pins.inTurn((hasher) => hasher.hash(pin, pinOwner(tenant, staff)))

async function replacePin(
  tx: Tx,
  tenant: number,
  staff: string,
  hash: string,
  now: Date,
): Promise<void> {
  await savePin(tx, { tenant_id: tenant, staff_no: staff, hash, set_at: now })
  await deleteSessionsOf(tx, staff)
  await deleteOpenGrantsOf(tx, staff)
  await deleteCodesOf(tx, staff)
}
