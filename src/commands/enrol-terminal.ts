/** A device becomes a terminal: somebody who may decide lets it, and the device fetches the terminal's key by a code. */
import { inTenant } from '../db/connect.ts'
import { mayDecide, type Actor } from '../domain/actor.ts'
import {
  ENROLMENT_BYTES,
  ENROLMENT_MS,
  makeEnrolmentCode,
  writeEnrolmentCode,
  type EnrolmentCode,
} from '../domain/enrolment.ts'
import { refuse, type Refusal } from '../domain/problems.ts'
import { saveEnrolment, takeEnrolment } from '../store/enrolments.ts'
import { revokeTerminalKeys } from '../store/keys.ts'
import { findPerson, findTerminal } from '../store/people.ts'
import { deleteSessionsAt } from '../store/sessions.ts'
import { insertKey } from '../store/shop.ts'
import type { Core } from './core.ts'
import type { KeyMaker } from './set-up-shop.ts'

type Refused = { readonly kind: 'refused'; readonly refusal: Refusal }
const refused = (refusal: Refusal): Refused => ({ kind: 'refused', refusal })

export type EnrolmentMade =
  { readonly kind: 'made'; readonly code: string; readonly expiresAt: Date } | Refused

/** The code takes the place of an earlier one for the same terminal. The system may, from the command line. */
export function makeEnrolment(
  core: Core,
  actor: Actor,
  terminalNo: string,
  now: Date,
): Promise<EnrolmentMade> {
  const { tenant, staff } = actor
  return inTenant(core.db, tenant, async (tx) => {
    if (!mayDecide(actor)) return refused(refuse('supervisor_needed', {}))
    const terminal = await findTerminal(tx, terminalNo)
    if (terminal === null) return refused(refuse('not_found', { what: 'terminal' }))
    const home = staff === null ? null : ((await findPerson(tx, staff))?.store_no ?? null)
    if (home !== null && home !== terminal.store_no) {
      return refused(refuse('not_allowed', { right: 'enrol' }))
    }
    const code = makeEnrolmentCode(tenant, core.random.bytes(ENROLMENT_BYTES))
    const expiresAt = new Date(now.getTime() + ENROLMENT_MS)
    await saveEnrolment(tx, {
      tenant_id: tenant,
      terminal_no: terminalNo,
      code_mac: codeMac(core, code),
      made_by: staff,
      made_at: now,
      expires_at: expiresAt,
    })
    return { kind: 'made', code: writeEnrolmentCode(code), expiresAt }
  })
}

/** Forty bits would be found again from any plain hash. */
const codeMac = (core: Core, { tenant, secret }: EnrolmentCode): Buffer =>
  core.vault.mac(secret, `enrolment/${tenant}`)

export type Enrolled =
  { readonly kind: 'enrolled'; readonly terminal: string; readonly key: string } | Refused

/** The device is the terminal from now on: earlier keys of it are revoked, and whoever was signed in at it is out. */
export function enrolTerminal(
  core: Core,
  code: EnrolmentCode,
  makeKey: KeyMaker,
  now: Date,
): Promise<Enrolled> {
  return inTenant(core.db, code.tenant, async (tx) => {
    const terminal = await takeEnrolment(tx, codeMac(core, code), now)
    if (terminal === null) return refused(refuse('enrolment_unknown', {}))
    await revokeTerminalKeys(tx, terminal, now)
    await deleteSessionsAt(tx, terminal)
    const key = makeKey(code.tenant, 'terminal')
    await insertKey(tx, {
      tenant_id: code.tenant,
      key_hash: key.hash,
      terminal_no: terminal,
      staff_no: null,
    })
    core.log.info({ tenant: code.tenant, terminal }, 'terminal.enrolled')
    return { kind: 'enrolled', terminal, key: key.text }
  })
}
