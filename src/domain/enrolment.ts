/** The code by which a device becomes a terminal: `<tenant>-XXXX-XXXX`, 40 random bits, good once and not for long. */
import { asTyped, BASE_32, writeBase32 } from './base32.ts'

export const ENROLMENT_MS = 15 * 60_000
export const ENROLMENT_BYTES = 5
const PLACES = 8
const GROUP = 4

export type EnrolmentCode = {
  readonly tenant: number
  /** The eight letters and digits, without dashes. */
  readonly secret: string
}

/** `random`: ENROLMENT_BYTES from a secure source. */
export function makeEnrolmentCode(tenant: number, random: Uint8Array): EnrolmentCode {
  if (random.length !== ENROLMENT_BYTES)
    throw new RangeError(`takes ${ENROLMENT_BYTES} random bytes`)
  const value = random.reduce((sum, byte) => sum * 256 + byte, 0)
  return { tenant, secret: writeBase32(value, PLACES) }
}

export const writeEnrolmentCode = ({ tenant, secret }: EnrolmentCode): string =>
  `${tenant}-${secret.slice(0, GROUP)}-${secret.slice(GROUP)}`

const CODE = new RegExp(`^([1-9]\\d{0,8})(${BASE_32}{${PLACES}})$`)

/** As typed or scanned; null for no code. */
export function readEnrolmentCode(text: string): EnrolmentCode | null {
  const [, tenant, secret] = CODE.exec(asTyped(text)) ?? []
  return tenant === undefined || secret === undefined ? null : { tenant: Number(tenant), secret }
}
