/** A certificate authority of the shop's own, and the certificates it gives to this machine. */
import { createPrivateKey } from 'node:crypto'
import { BitString } from 'asn1js'
import { AltName, BasicConstraints, ExtKeyUsage, type Extension } from 'pkijs'
import { permitting } from './constraints.ts'
import {
  distinguishedName,
  extension,
  hostName,
  newKeys,
  OID,
  parsed,
  signed,
  type KeyAndCertificate,
} from './x509.ts'

export const DAY_MS = 86_400_000
const AUTHORITY_DAYS = 3_650
/** All of it, the backdated day included: what public authorities keep to; Apple refuses more than 825. */
const SERVER_DAYS = 397
/** A till whose clock is a little behind must not find the certificate to be of tomorrow. */
const BACKDATED_DAYS = 1

/**
 * @param name shown by the devices that are asked to trust it
 * @param hosts what it may vouch for besides private names and addresses
 */
export function makeAuthority(
  name: string,
  hosts: readonly string[],
  now: Date,
): Promise<KeyAndCertificate> {
  const keys = newKeys()
  const subject = distinguishedName(name)
  return signed({
    subject,
    issuer: subject,
    signingKey: keys.privateKey,
    keys,
    from: daysFrom(now, -BACKDATED_DAYS),
    until: daysFrom(now, AUTHORITY_DAYS),
    extensions: [
      // No authority below it.
      basic(new BasicConstraints({ cA: true, pathLenConstraint: 0 })),
      usage(CERTIFICATE_AND_LIST_SIGNING),
      extension(OID.nameConstraints, true, permitting(hosts).toSchema()),
    ],
  })
}

/** A server's certificate for `hosts`, with a new key; it never outlives the authority. */
export function issue(
  authority: KeyAndCertificate,
  hosts: readonly string[],
  now: Date,
): Promise<KeyAndCertificate> {
  const { subject: issuer, notAfter } = parsed(authority.certificatePem)
  const until = daysFrom(now, SERVER_DAYS - BACKDATED_DAYS)
  return signed({
    // No host in it: a verifier might take one for a name and hold it against the constraints.
    subject: distinguishedName('Yuanlu till server'),
    issuer,
    signingKey: createPrivateKey(authority.keyPem),
    keys: newKeys(),
    from: daysFrom(now, -BACKDATED_DAYS),
    until: until < notAfter.value ? until : notAfter.value,
    extensions: [
      basic(new BasicConstraints({ cA: false })),
      usage(DIGITAL_SIGNATURE),
      extension(
        OID.extendedKeyUsage,
        false,
        new ExtKeyUsage({ keyPurposes: [OID.serverAuthentication] }).toSchema(),
      ),
      extension(
        OID.alternativeName,
        false,
        new AltName({ altNames: hosts.map(hostName) }).toSchema(),
      ),
    ],
  })
}

const daysFrom = (now: Date, days: number): Date => new Date(now.getTime() + days * DAY_MS)

const basic = (constraints: BasicConstraints): Extension =>
  extension(OID.basicConstraints, true, constraints.toSchema())

type Usage = { readonly bits: number; readonly unusedBits: number }
const DIGITAL_SIGNATURE: Usage = { bits: 0x80, unusedBits: 7 }
const CERTIFICATE_AND_LIST_SIGNING: Usage = { bits: 0x06, unusedBits: 1 }

const usage = ({ bits, unusedBits }: Usage): Extension =>
  extension(OID.keyUsage, true, new BitString({ valueHex: Uint8Array.of(bits).buffer, unusedBits }))
