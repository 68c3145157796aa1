// The sandbox's certificate authority and the RSA keys of its merchants and of the platform.
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  generateKeyPairSync,
  randomBytes,
  type KeyObject,
  X509Certificate,
} from 'node:crypto'
import { promisify } from 'node:util'
import { createCertificate, type CertificateRequest } from './certificates.ts'
import type { Journal } from './journal.ts'

export type KeyPair = { readonly privatePem: string; readonly publicPem: string }
export type SigningCertificate = KeyPair & {
  readonly certificatePem: string
  /** 40 upper-case hexadecimal digits. */
  readonly serial: string
}
export type Authority = {
  readonly caPem: string
  readonly server: { readonly key: string; readonly cert: string }
  /** A certificate for a merchant or for the platform. */
  readonly issue: (subject: string, keys: KeyPair) => SigningCertificate
}

const DAY_MS = 86_400_000
const YEARS_5_MS = 5 * 365 * DAY_MS
/** Browsers and Apple refuse server certificates that last longer than 825 days. */
const SERVER_MS = 800 * DAY_MS
const AUTHORITY_NAME = 'Yuanlu Sandbox CA (no real money)'

const asPem = (pair: {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}): KeyPair => ({
  privatePem: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  publicPem: pair.publicKey.export({ type: 'spki', format: 'pem' }) as string,
})

const generate = promisify(generateKeyPair)

export const rsaKeyPair = async (): Promise<KeyPair> =>
  asPem(await generate('rsa', { modulusLength: 2048 }))

const shared = new Map<string, Promise<KeyPair>>()

/**
 * A key pair by name, made once per process. Sandboxes that keep nothing on disk take theirs here:
 * a test run starts dozens of them, and RSA keys would be most of its time.
 */
export const sharedKeyPair = (name: string): Promise<KeyPair> => {
  const known = shared.get(name) ?? rsaKeyPair()
  shared.set(name, known)
  return known
}

const ecKeyPair = (): KeyPair => asPem(generateKeyPairSync('ec', { namedCurve: 'P-256' }))

/** Twenty bytes whose first digit is 1 to 7: always 40 digits, and positive in DER. */
const newSerial = (): string => {
  const bytes = randomBytes(20)
  bytes.writeUInt8((bytes.readUInt8() & 0x6f) | 0x10)
  return bytes.toString('hex').toUpperCase()
}

const certify = (
  authority: KeyPair,
  keys: KeyPair,
  subject: string,
  lastsMs: number,
  use: CertificateRequest['use'],
) => {
  const serial = newSerial()
  const signingKey = createPrivateKey(authority.privatePem)
  const publicKey = createPublicKey(keys.publicPem)
  const notBefore = new Date(Date.now() - DAY_MS)
  const notAfter = new Date(Date.now() + lastsMs)
  const certificatePem = createCertificate({
    subject,
    issuer: AUTHORITY_NAME,
    serial,
    publicKey,
    signingKey,
    notBefore,
    notAfter,
    use,
  })
  return { certificatePem, serial }
}

const RENEW_BEFORE_MS = 30 * DAY_MS

/** Opens the authority kept in the journal or makes a new one for `hosts`. */
export const openAuthority = (journal: Journal, hosts: readonly string[]): Authority => {
  type Kept = KeyPair & { caPem: string; hosts: string; server: { key: string; cert: string } }
  let [kept] = journal.load<Kept>('authority')
  const stale = (pem: string) =>
    Date.parse(new X509Certificate(pem).validTo) < Date.now() + RENEW_BEFORE_MS
  if (
    kept === undefined ||
    stale(kept.caPem) ||
    stale(kept.server.cert) ||
    kept.hosts !== hosts.join(',')
  ) {
    const keys = ecKeyPair()
    const ca = certify(keys, keys, AUTHORITY_NAME, YEARS_5_MS, { kind: 'authority' })
    const serverKeys = ecKeyPair()
    const use = { kind: 'server', hosts } as const
    const { certificatePem } = certify(keys, serverKeys, 'localhost', SERVER_MS, use)
    const server = { key: serverKeys.privatePem, cert: certificatePem }
    kept = { ...keys, caPem: ca.certificatePem, hosts: hosts.join(','), server }
    journal.put('authority', 'ca', kept)
  }
  const keys: KeyPair = kept
  return {
    caPem: kept.caPem,
    server: kept.server,
    issue: (subject, pair) => ({
      ...pair,
      ...certify(keys, pair, subject, YEARS_5_MS, { kind: 'signing' }),
    }),
  }
}
