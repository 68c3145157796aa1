/** X.509 in small: one certificate, put together, signed and given as PEM; names and addresses as it writes them. */
import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  X509Certificate,
  type KeyObject,
} from 'node:crypto'
import { isIP } from 'node:net'
import { Integer, OctetString, Utf8String } from 'asn1js'
import ipaddr from 'ipaddr.js'
import {
  AttributeTypeAndValue,
  AuthorityKeyIdentifier,
  Certificate,
  Extension,
  GeneralName,
  RelativeDistinguishedNames,
  Time,
} from 'pkijs'

/** A private key and the certificate of its public half, both PEM. */
export type KeyAndCertificate = { readonly keyPem: string; readonly certificatePem: string }

export type KeyPair = { readonly privateKey: KeyObject; readonly publicKey: KeyObject }

export type ToSign = {
  readonly subject: RelativeDistinguishedNames
  readonly issuer: RelativeDistinguishedNames
  readonly signingKey: KeyObject
  readonly keys: KeyPair
  readonly from: Date
  readonly until: Date
  readonly extensions: readonly Extension[]
}

export const OID = {
  commonName: '2.5.4.3',
  subjectKey: '2.5.29.14',
  keyUsage: '2.5.29.15',
  alternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  authorityKey: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuthentication: '1.3.6.1.5.5.7.3.1',
} as const

/** Kinds of GeneralName. */
export const DNS_NAME = 2
export const IP_ADDRESS = 7

const CURVE = { name: 'ECDSA', namedCurve: 'P-256' } as const
const SERIAL_BYTES = 16
const KEY_IDENTIFIER_BYTES = 20

/** P-256 with SHA-256: what the oldest WebView of the tills knows, and quick on a small machine. */
export const newKeys = (): KeyPair => generateKeyPairSync('ec', { namedCurve: CURVE.namedCurve })

export async function signed(of: ToSign): Promise<KeyAndCertificate> {
  const certificate = new Certificate({
    version: 2,
    serialNumber: new Integer({ valueHex: newSerial() }),
    subject: of.subject,
    issuer: of.issuer,
    notBefore: time(of.from),
    notAfter: time(of.until),
    extensions: [...of.extensions, ...keyIdentifiers(of)],
  })
  const { keys, signingKey } = of
  await certificate.subjectPublicKeyInfo.importKey(
    keys.publicKey.toCryptoKey(CURVE, true, ['verify']),
  )
  await certificate.sign(signingKey.toCryptoKey(CURVE, false, ['sign']), 'SHA-256')
  return {
    keyPem: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    certificatePem: new X509Certificate(Buffer.from(certificate.toSchema(true).toBER())).toString(),
  }
}

export const endOf = (pem: string): Date => new X509Certificate(pem).validToDate

/** SHA-256 as `AA:BB:…`, as devices show it to whoever installs the certificate. */
export const fingerprintOf = (pem: string): string => new X509Certificate(pem).fingerprint256

export const parsed = (pem: string): Certificate =>
  Certificate.fromBER(new Uint8Array(new X509Certificate(pem).raw))

export const extension = (
  extnID: string,
  critical: boolean,
  value: { toBER(): ArrayBuffer },
): Extension => new Extension({ extnID, critical, extnValue: value.toBER() })

/** One attribute only: the library would put a second one into the same set, which few readers expect. */
export const distinguishedName = (commonName: string): RelativeDistinguishedNames =>
  new RelativeDistinguishedNames({
    typesAndValues: [
      new AttributeTypeAndValue({
        type: OID.commonName,
        value: new Utf8String({ value: commonName }),
      }),
    ],
  })

export const hostName = (host: string): GeneralName =>
  isIP(host) === 0
    ? new GeneralName({ type: DNS_NAME, value: host })
    : addressName(ipaddr.parse(host).toByteArray())

/** @param bytes an address, or an address and its mask */
export const addressName = (bytes: readonly number[]): GeneralName =>
  new GeneralName({
    type: IP_ADDRESS,
    value: new OctetString({ valueHex: Uint8Array.from(bytes).buffer }),
  })

/** Positive in DER: the first bit is 0; the second is 1, so that the length is always the same. */
function newSerial(): ArrayBuffer {
  const bytes = Uint8Array.from(randomBytes(SERIAL_BYTES))
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes.buffer
}

/**
 * Which key signed and which is certified. Two authorities of one name may stand in one trust store; without these a
 * verifier tries the wrong one and gives up.
 */
const keyIdentifiers = ({ keys, signingKey }: ToSign): readonly Extension[] => [
  extension(OID.subjectKey, false, keyIdentifier(keys.publicKey)),
  extension(
    OID.authorityKey,
    false,
    new AuthorityKeyIdentifier({
      keyIdentifier: keyIdentifier(createPublicKey(signingKey)),
    }).toSchema(),
  ),
]

/** Any digest of the key will do, as long as issuer and subject agree on it. */
function keyIdentifier(key: KeyObject): OctetString {
  const digest = createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest()
  return new OctetString({
    valueHex: Uint8Array.from(digest).slice(0, KEY_IDENTIFIER_BYTES).buffer,
  })
}

const UTC_TIME = 0
const GENERALIZED_TIME = 1

/** Strict readers want the one form before 2050 and the other from then on. */
const time = (value: Date): Time =>
  new Time({ type: value.getUTCFullYear() < 2050 ? UTC_TIME : GENERALIZED_TIME, value })
