/** Is it their PIN? Asked before anything that a PIN opens; what it opens is written by the caller, with `pinHolds`. */
import { inTenant, type Tx } from '../db/connect.ts'
import { lockedUntil, noTries, oneTryMore, triesLeft, type PinTries } from '../domain/pin.ts'
import { refuse, type Refusal } from '../domain/problems.ts'
import { findPerson, type PersonRow } from '../store/people.ts'
import { findPin, holdPin, lockTries, saveTries } from '../store/pins.ts'
import type { Core } from './core.ts'

export type PinGiven = {
  readonly staff: string
  readonly pin: string
  /** Only people of this store and of all stores; null: whoever it is. */
  readonly store: string | null
}

export type PinChecked =
  | { readonly kind: 'right'; readonly person: PersonRow; readonly hash: string }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

/** Names one PIN's owner for its hash. */
export const pinOwner = (tenant: number, staff: string): string => `${tenant}/${staff}`

/**
 * The try is counted, and committed, before the PIN is looked at; a right one takes the count back in the caller's
 * transaction. So guesses at many terminals at once get no more answers than guesses one after the other. Whoever does
 * not exist, left or belongs elsewhere is answered like somebody whose PIN is wrong, in the same time.
 * Throws PinsBusy, nothing counted.
 */
export function checkPin(
  core: Core,
  tenant: number,
  given: PinGiven,
  now: Date,
): Promise<PinChecked> {
  return core.pins.inTurn(async (hasher) => {
    const tried = await countTry(core, tenant, given, now)
    if (tried.kind === 'locked') return locked(tried.until)
    const { tries, person, hash } = tried
    const right = await hasher.matches(hash, given.pin, pinOwner(tenant, given.staff))
    if (right && person !== null && hash !== null) return { kind: 'right', person, hash }
    if (triesLeft(tries) > 0) return refused(refuse('pin_wrong', { left: triesLeft(tries) }))
    core.log.warn({ tenant, staff: person?.staff_no }, 'pin.locked')
    return locked(tries.until)
  })
}

const refused = (refusal: Refusal): PinChecked => ({ kind: 'refused', refusal })
const locked = (until: Date): PinChecked =>
  refused(refuse('pin_locked', { until: until.toISOString() }))

type Tried =
  | { readonly kind: 'locked'; readonly until: Date }
  | {
      readonly kind: 'counted'
      readonly tries: PinTries
      readonly person: PersonRow | null
      readonly hash: string | null
    }

function countTry(core: Core, tenant: number, given: PinGiven, now: Date): Promise<Tried> {
  return inTenant(core.db, tenant, async (tx) => {
    const before = await lockTries(tx, tenant, given.staff, now)
    const until = lockedUntil(before, now)
    if (until) return { kind: 'locked', until }
    const tries = oneTryMore(before, now)
    await saveTries(tx, given.staff, tries)
    const person = await findPerson(tx, given.staff)
    const hash = await findPin(tx, given.staff)
    const isHere =
      given.store === null || person?.store_no === null || person?.store_no === given.store
    return isHere
      ? { kind: 'counted', tries, person, hash }
      : { kind: 'counted', tries, person: null, hash: null }
  })
}

/**
 * For the transaction that writes what the PIN opens: the PIN is still the one that was right, and stays it until the
 * end; the wrong tries before it are forgotten. False when it was changed in between.
 */
export async function pinHolds(
  tx: Tx,
  { person, hash }: Extract<PinChecked, { kind: 'right' }>,
  now: Date,
): Promise<boolean> {
  if ((await holdPin(tx, person.staff_no)) !== hash) return false
  await saveTries(tx, person.staff_no, noTries(now))
  return true
}
