/** What an account of WeChat Pay needs: its numbers, its keys and which of WeChat's keys it trusts. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  X509Certificate,
  type KeyObject,
} from 'node:crypto'
import { z } from 'zod'
import { ConfigFault, type Account } from '../channel.ts'

/** Main host of the channel; `https://api2.mch.weixin.qq.com` is its disaster backup, set by hand as `baseUrl`. */
const MAIN_URL = 'https://api.mch.weixin.qq.com'

/** What the APIv3 key must be: 32 bytes of ASCII, used as the AES-256 key as it stands. */
const API_V3_KEY_BYTES = 32
const RSA_BITS_MIN = 2048

const pem = z.string().startsWith('-----BEGIN ')

const common = {
  /** Serial of the merchant's API certificate, 40 hex digits. */
  merchantSerial: z.string().regex(/^[0-9A-F]{40}$/, 'is 40 upper-case hex digits'),
  /** The WeChat Pay public key of the account and its id; new merchants have only this. */
  publicKeyId: z
    .string()
    .regex(/^PUB_KEY_ID_[0-9A-Za-z]+$/)
    .optional(),
  publicKey: pem.optional(),
  /** Older merchants: platform certificates, given here or fetched from `/v3/certificates`. */
  platformCertificates: z.array(pem).default([]),
  fetchCertificates: z.boolean().default(false),
  baseUrl: z
    .string()
    .regex(/^https?:\/\/[^/?#]+$/, 'is scheme and host only')
    .default(MAIN_URL),
  caPem: pem.optional(),
  /** Number of the store at WeChat Pay, sent with payments by code beside our own store number. */
  storeInfoId: z.string().min(1).max(32).optional(),
}

const merchantNumber = z.string().regex(/^\d{8,32}$/, 'is a merchant number in digits')
const appNumber = z.string().min(1).max(32)

const settingsShape = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('direct'), mchid: merchantNumber, appid: appNumber, ...common }),
  z.strictObject({
    mode: z.literal('partner'),
    spMchid: merchantNumber,
    spAppid: appNumber,
    subMchid: merchantNumber,
    subAppid: appNumber.optional(),
    ...common,
  }),
])

const secretsShape = z.strictObject({
  /** PEM of the merchant API private key. */
  privateKey: pem,
  apiV3Key: z
    .string()
    .refine((key) => Buffer.byteLength(key) === API_V3_KEY_BYTES, 'is 32 bytes long'),
})

export type Settings = z.infer<typeof settingsShape>

/** A key of WeChat's that signs answers: by public key id or by certificate serial. */
export type TrustedKey = {
  readonly id: string
  readonly key: KeyObject
  /** Certificates end; public keys do not. */
  readonly from: Date | null
  readonly until: Date | null
}

/** An account with everything parsed once. */
export type Opened = {
  readonly settings: Settings
  /** Who signs: the merchant itself, or the partner for its sub-merchant. */
  readonly signer: string
  readonly privateKey: KeyObject
  readonly apiV3Key: Buffer
  readonly trusted: readonly TrustedKey[]
  readonly caPem: string | null
  /** Changes whenever a setting or secret does. */
  readonly fingerprint: string
}

const opened = new Map<string, Opened>()
const OPENED_MAX = 10_000

/** Parses settings and secrets, once per version of them. Throws ConfigFault naming the field; never shows a secret. */
export function openAccount(account: Account): Opened {
  const place = `${account.tenant}/${account.accountNo}`
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([account.tenant, account.accountNo, account.settings, account.secrets]))
    .digest('hex')
  const known = opened.get(place)
  if (known?.fingerprint === fingerprint) return known
  const fresh = parse(account, fingerprint)
  if (opened.size >= OPENED_MAX) opened.clear()
  opened.set(place, fresh)
  return fresh
}

function parse(account: Account, fingerprint: string): Opened {
  const settings = parsed(settingsShape, account.settings, 'settings')
  const secrets = parsed(secretsShape, account.secrets, 'secrets')
  if ((settings.publicKey === undefined) !== (settings.publicKeyId === undefined)) {
    throw new ConfigFault(
      settings.publicKey === undefined ? 'settings.publicKey' : 'settings.publicKeyId',
      'the public key and its id go together',
    )
  }
  const trusted: TrustedKey[] = settings.platformCertificates.map((text, place) =>
    certificateKey(text, `settings.platformCertificates.${place}`),
  )
  if (settings.publicKey !== undefined && settings.publicKeyId !== undefined) {
    const key = rsaKey(settings.publicKey, 'settings.publicKey', createPublicKey)
    trusted.unshift({ id: settings.publicKeyId, key, from: null, until: null })
  }
  if (trusted.length === 0 && !settings.fetchCertificates) {
    throw new ConfigFault('settings.publicKey', 'nothing is set to verify answers with')
  }
  return {
    settings,
    signer: settings.mode === 'direct' ? settings.mchid : settings.spMchid,
    privateKey: rsaKey(secrets.privateKey, 'secrets.privateKey', createPrivateKey),
    apiV3Key: Buffer.from(secrets.apiV3Key),
    trusted,
    caPem: settings.caPem ?? null,
    fingerprint,
  }
}

/** The key in a platform certificate. Throws ConfigFault when it is not an RSA certificate. */
export function certificateKey(text: string, field: string): TrustedKey {
  let certificate: X509Certificate
  try {
    certificate = new X509Certificate(text)
  } catch {
    throw new ConfigFault(field, 'is not a certificate')
  }
  return {
    id: certificate.serialNumber.toUpperCase(),
    key: demandRsa(certificate.publicKey, field),
    from: new Date(certificate.validFrom),
    until: new Date(certificate.validTo),
  }
}

function rsaKey(text: string, field: string, create: (pem: string) => KeyObject): KeyObject {
  let key: KeyObject
  try {
    key = create(text)
  } catch {
    // The parser's message can quote the key; the cause is left out on purpose.
    throw new ConfigFault(field, 'is not a key in PEM')
  }
  return demandRsa(key, field)
}

function demandRsa(key: KeyObject, field: string): KeyObject {
  if (
    key.asymmetricKeyType !== 'rsa' ||
    (key.asymmetricKeyDetails?.modulusLength ?? 0) < RSA_BITS_MIN
  ) {
    throw new ConfigFault(field, `is not an RSA key of ${RSA_BITS_MIN} bits or more`)
  }
  return key
}

function parsed<T>(shape: z.ZodType<T>, value: unknown, at: string): T {
  const result = shape.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  // An unknown key has the path of the object that holds it; its name is what has to be mended.
  const keys = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : []
  const field = [at, ...(issue?.path.map(String) ?? []), ...keys].join('.')
  throw new ConfigFault(field, issue?.message ?? 'is not usable')
}
