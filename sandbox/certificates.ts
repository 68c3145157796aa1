// X.509 certificates written as DER by hand. The sandbox needs only four plain kinds of them, and
// the certificate libraries on npm need a decorator-metadata polyfill to load at all.
import { createHash, createPublicKey, sign, type KeyObject } from 'node:crypto'
import { isIP } from 'node:net'

export type CertificateRequest = {
  readonly subject: string
  readonly issuer: string
  /** Hexadecimal; the first digit must be below 8, since DER integers are signed. */
  readonly serial: string
  readonly publicKey: KeyObject
  readonly signingKey: KeyObject
  readonly notBefore: Date
  readonly notAfter: Date
  readonly use:
    | { readonly kind: 'authority' }
    | { readonly kind: 'server'; readonly hosts: readonly string[] }
    | { readonly kind: 'signing' }
}

const tlv = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts)
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content])
  const digits = content.length.toString(16)
  const length = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex')
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, content])
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => tlv(0x30, ...parts)
const set = (...parts: readonly Uint8Array[]): Buffer => tlv(0x31, ...parts)
const octets = (content: Uint8Array): Buffer => tlv(0x04, content)
const bits = (content: Uint8Array, unused = 0): Buffer => tlv(0x03, Buffer.from([unused]), content)
const integer = (hex: string): Buffer => tlv(0x02, Buffer.from(hex, 'hex'))
const truth = tlv(0x01, Buffer.from([0xff]))
const utf8 = (text: string): Buffer => tlv(0x0c, Buffer.from(text))

/** An object identifier in its dotted form; every arc used here fits seven-bit groups. */
const oid = (dotted: string): Buffer => {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const arcs = rest.flatMap((arc) => {
    const groups = [arc & 0x7f]
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80)
    return groups
  })
  return tlv(0x06, Buffer.from([first * 40 + second, ...arcs]))
}

const COMMON_NAME = '2.5.4.3'
const ORGANISATION = '2.5.4.10'
const SHA256_WITH_RSA = '1.2.840.113549.1.1.11'
const SHA256_WITH_ECDSA = '1.2.840.10045.4.3.2'

const name = (common: string): Buffer =>
  sequence(
    set(sequence(oid(ORGANISATION), utf8('Yuanlu Sandbox'))),
    set(sequence(oid(COMMON_NAME), utf8(common))),
  )

/** GeneralizedTime throughout would be refused by strict readers: years before 2050 use UTCTime. */
const time = (date: Date): Buffer => {
  const compact = date.toISOString().replace(/[-:T]/g, '').slice(0, 14)
  return date.getUTCFullYear() < 2050
    ? tlv(0x17, Buffer.from(`${compact.slice(2)}Z`))
    : tlv(0x18, Buffer.from(`${compact}Z`))
}

const extension = (id: string, critical: boolean, value: Buffer): Buffer =>
  critical ? sequence(oid(id), truth, octets(value)) : sequence(oid(id), octets(value))

const hostName = (host: string): Buffer =>
  isIP(host) === 4
    ? tlv(0x87, Buffer.from(host.split('.').map(Number)))
    : tlv(0x82, Buffer.from(host, 'ascii'))

const SUBJECT_KEY = '2.5.29.14'
const AUTHORITY_KEY = '2.5.29.35'
const KEY_USAGE = '2.5.29.15'
const BASIC_CONSTRAINTS = '2.5.29.19'
const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17'
const EXTENDED_KEY_USAGE = '2.5.29.37'
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1'

/** Any digest of the key will do, as long as issuer and subject agree on it. */
const keyIdentifier = (publicKey: KeyObject): Buffer =>
  createHash('sha1')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest()

/**
 * Which key signed and which is certified. Two authorities of the same name may stand in one trust
 * store; without these a verifier tries the wrong one and gives up.
 */
const keyIdentifiers = ({ publicKey, signingKey }: CertificateRequest): readonly Buffer[] => [
  extension(SUBJECT_KEY, false, octets(keyIdentifier(publicKey))),
  extension(AUTHORITY_KEY, false, sequence(tlv(0x80, keyIdentifier(createPublicKey(signingKey))))),
]

const extensionsFor = (request: CertificateRequest): Buffer => {
  const { use } = request
  const identifiers = keyIdentifiers(request)
  switch (use.kind) {
    case 'authority':
      return sequence(
        ...identifiers,
        extension(BASIC_CONSTRAINTS, true, sequence(truth)),
        extension(KEY_USAGE, true, bits(Buffer.from([0x06]), 1)),
      )
    case 'server':
      return sequence(
        ...identifiers,
        extension(KEY_USAGE, true, bits(Buffer.from([0x80]), 7)),
        extension(EXTENDED_KEY_USAGE, false, sequence(oid(SERVER_AUTHENTICATION))),
        extension(SUBJECT_ALTERNATIVE_NAME, false, sequence(...use.hosts.map(hostName))),
      )
    case 'signing':
      return sequence(...identifiers, extension(KEY_USAGE, true, bits(Buffer.from([0xc0]), 6)))
  }
}

/** Builds and signs one certificate; returns PEM. */
export const createCertificate = (request: CertificateRequest): string => {
  const algorithm =
    request.signingKey.asymmetricKeyType === 'rsa'
      ? sequence(oid(SHA256_WITH_RSA), tlv(0x05))
      : sequence(oid(SHA256_WITH_ECDSA))
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    integer(request.serial),
    algorithm,
    name(request.issuer),
    sequence(time(request.notBefore), time(request.notAfter)),
    name(request.subject),
    request.publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, extensionsFor(request)),
  )
  const der = sequence(body, algorithm, bits(sign('sha256', body, request.signingKey)))
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
