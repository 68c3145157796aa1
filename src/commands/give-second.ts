/** A second person says yes to one act at this terminal: there by PIN, or from elsewhere by a one-time code. */
import { inTenant, type Tx } from '../db/connect.ts'
import { mayDecide, type Actor } from '../domain/actor.ts'
import { refuse, type Refusal } from '../domain/problems.ts'
import {
  APPROVAL_CODE_DIGITS,
  APPROVAL_CODE_MS,
  APPROVAL_CODE_TRIES_MAX,
  claimBinding,
  GRANT_MS,
  grantBinding,
  type SecondFor,
} from '../domain/second.ts'
import { findPerson, type PersonRow } from '../store/people.ts'
import { findRefund } from '../store/refund-reads.ts'
import { countWrongCode, deleteCode, insertGrant, lockCode, saveCode } from '../store/seconds.ts'
import { checkPin, pinHolds } from './check-pin.ts'
import type { Core } from './core.ts'
import type { KeyMaker } from './set-up-shop.ts'
import { beyondTill } from './use-second.ts'

export type SecondGiven = {
  readonly for: SecondFor
  readonly by:
    | { readonly kind: 'pin'; readonly staff: string; readonly pin: string }
    | { readonly kind: 'code'; readonly code: string }
}

type Refused = { readonly kind: 'refused'; readonly refusal: Refusal }
const refused = (refusal: Refusal): Refused => ({ kind: 'refused', refusal })

export type Granted =
  | {
      readonly kind: 'granted'
      readonly token: string
      readonly person: PersonRow
      readonly expiresAt: Date
    }
  | Refused

/** `actor`: who asks for it, at a terminal. */
export async function giveSecond(
  core: Core,
  actor: Actor,
  given: SecondGiven,
  makeKey: KeyMaker,
  now: Date,
): Promise<Granted> {
  const asker = askerOf(actor)
  if (asker.kind === 'refused') return asker
  const no = await inTenant(core.db, actor.tenant, (tx) => notAtTill(core, tx, given.for))
  if (no) return refused(no)
  const { by } = given
  const grant = (person: PersonRow, way: 'pin' | 'code') =>
    newGrant(actor.tenant, asker, given.for, person, way, makeKey, now)
  return by.kind === 'pin'
    ? byPin(core, asker, by, actor, grant, now)
    : byCode(core, asker, by.code, given.for, actor.tenant, grant, now)
}

type Asker = { readonly kind: 'asker'; readonly staff: string; readonly terminal: string }

function askerOf({ staff, terminal }: Actor): Asker | Refused {
  if (terminal === null) return refused(refuse('terminal_needed', {}))
  if (staff === null) return refused(refuse('staff_needed', {}))
  return { kind: 'asker', staff, terminal }
}

/** Acts on a refund beyond the limit are not confirmed at a till at all; a request beyond it waits for a decision. */
async function notAtTill(core: Core, tx: Tx, act: SecondFor): Promise<Refusal | null> {
  if (act.act === 'refund') return null
  const refund = await findRefund(tx, act.refund)
  if (refund === null) return refuse('not_found', { what: 'refund' })
  return beyondTill(core, refund.amount_fen)
}

type NewGrant = {
  readonly token: string
  readonly person: PersonRow
  readonly expiresAt: Date
  readonly row: Parameters<typeof insertGrant>[1]
}

function newGrant(
  tenant: number,
  asker: Asker,
  act: SecondFor,
  person: PersonRow,
  way: 'pin' | 'code',
  makeKey: KeyMaker,
  now: Date,
): NewGrant {
  const key = makeKey(tenant, 'grant')
  const expiresAt = new Date(now.getTime() + GRANT_MS)
  return {
    token: key.text,
    person,
    expiresAt,
    row: {
      tenant_id: tenant,
      grant_hash: key.hash,
      staff_no: person.staff_no,
      requested_by: asker.staff,
      terminal_no: asker.terminal,
      way,
      binding: grantBinding(act, asker),
      made_at: now,
      expires_at: expiresAt,
    },
  }
}

type Grant = (person: PersonRow, way: 'pin' | 'code') => NewGrant

async function writeGrant(tx: Tx, { row, ...granted }: NewGrant): Promise<Granted> {
  await insertGrant(tx, row)
  return { kind: 'granted', ...granted }
}

async function byPin(
  core: Core,
  asker: Asker,
  { staff, pin }: { readonly staff: string; readonly pin: string },
  { tenant, store }: Actor,
  grant: Grant,
  now: Date,
): Promise<Granted> {
  if (staff === asker.staff) return refused(refuse('second_person_same', {}))
  const checked = await checkPin(core, tenant, { staff, pin, store }, now)
  if (checked.kind === 'refused') return checked
  return inTenant(core.db, tenant, async (tx) => {
    if (!(await pinHolds(tx, checked, now)))
      return refused(refuse('state_changed', { state: 'pin' }))
    if (!mayDecide({ roles: [checked.person.role] })) {
      return refused(refuse('not_allowed', { right: 'second' }))
    }
    return writeGrant(tx, grant(checked.person, 'pin'))
  })
}

function byCode(
  core: Core,
  asker: Asker,
  code: string,
  act: SecondFor,
  tenant: number,
  grant: Grant,
  now: Date,
): Promise<Granted> {
  const binding = claimBinding(act)
  return inTenant(core.db, tenant, async (tx) => {
    const wrong = refused(refuse('approval_code_wrong', {}))
    const row = await lockCode(tx, binding)
    if (!row || row.expires_at <= now || row.failures >= APPROVAL_CODE_TRIES_MAX) return wrong
    if (!row.code_mac.equals(codeMac(core, tenant, binding, code))) {
      await countWrongCode(tx, binding)
      return wrong
    }
    if (row.staff_no === asker.staff) return refused(refuse('second_person_same', {}))
    const person = await findPerson(tx, row.staff_no)
    if (person === null || !mayDecide({ roles: [person.role] })) return wrong
    await deleteCode(tx, binding)
    return writeGrant(tx, grant(person, 'code'))
  })
}

const codeMac = (core: Core, tenant: number, binding: Buffer, code: string): Buffer =>
  core.vault.mac(`${binding.toString('hex')}/${code}`, `approval-code/${tenant}`)

export type CodeGiven =
  { readonly kind: 'given'; readonly code: string; readonly expiresAt: Date } | Refused

/** A code to be read to a colleague over the phone, for exactly this claim; it takes the place of an earlier one. */
export async function giveApprovalCode(
  core: Core,
  actor: Actor,
  act: Extract<SecondFor, { act: 'refund' }>,
  now: Date,
): Promise<CodeGiven> {
  const { tenant, staff } = actor
  if (staff === null) return refused(refuse('staff_needed', {}))
  if (!mayDecide(actor)) return refused(refuse('supervisor_needed', {}))
  const no = beyondTill(core, act.amount)
  if (no) return refused(no)
  const code = core.random.digits(APPROVAL_CODE_DIGITS)
  const binding = claimBinding(act)
  const expiresAt = new Date(now.getTime() + APPROVAL_CODE_MS)
  await inTenant(core.db, tenant, (tx) =>
    saveCode(tx, {
      tenant_id: tenant,
      binding,
      code_mac: codeMac(core, tenant, binding, code),
      staff_no: staff,
      made_at: now,
      expires_at: expiresAt,
    }),
  )
  return { kind: 'given', code, expiresAt }
}
