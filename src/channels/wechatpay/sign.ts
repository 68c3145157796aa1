/** How requests to WeChat Pay are signed and how its signed texts are checked. */
import { randomBytes, sign, verify, type KeyObject } from 'node:crypto'
import { strictBase64 } from './crypto.ts'

const SCHEME = 'WECHATPAY2-SHA256-RSA2048'

/** WeChat Pay and we both refuse a signature whose time is further off than this. */
export const TIMESTAMP_TOLERANCE_MS = 300_000

const NONCE_BYTES = 16

type ToSign = {
  readonly method: 'GET' | 'POST'
  /** Path and query exactly as they are sent. */
  readonly path: string
  readonly body: string
}

/** The five lines that a request's signature covers, each ended by a line feed. */
export function requestText(wanted: ToSign, timestamp: string, nonce: string): string {
  return `${wanted.method}\n${wanted.path}\n${timestamp}\n${nonce}\n${wanted.body}\n`
}

/** The Authorization header. `signer` is the merchant, or the partner on behalf of its sub-merchant. */
export function authorization(
  wanted: ToSign,
  by: { readonly signer: string; readonly serial: string; readonly privateKey: KeyObject },
  now: Date,
): string {
  const timestamp = String(Math.floor(now.getTime() / 1000))
  const nonce = randomBytes(NONCE_BYTES).toString('hex')
  const text = Buffer.from(requestText(wanted, timestamp, nonce))
  const signature = sign('sha256', text, by.privateKey).toString('base64')
  return (
    `${SCHEME} mchid="${by.signer}",nonce_str="${nonce}",signature="${signature}",` +
    `timestamp="${timestamp}",serial_no="${by.serial}"`
  )
}

/** The signature headers of an answer or notification, lower-case names. */
export type Signature = {
  readonly timestamp: string
  readonly nonce: string
  readonly serial: string
  readonly signature: Buffer
}

export type Unsigned = 'unsigned' | 'signature' | 'stale'

/** Reads the headers and checks the age; `unsigned` when none of them is there, so that nobody claimed to sign. */
export function readSignature(
  headers: Readonly<Record<string, string>>,
  now: Date,
): Signature | Unsigned {
  const timestamp = headers['wechatpay-timestamp'] ?? ''
  const nonce = headers['wechatpay-nonce'] ?? ''
  const serial = headers['wechatpay-serial'] ?? ''
  const text = headers['wechatpay-signature'] ?? ''
  if (timestamp + nonce + serial + text === '') return 'unsigned'
  if ((headers['wechatpay-signature-type'] ?? SCHEME) !== SCHEME) return 'signature'
  const signature = strictBase64(text)
  // Blanks or line feeds in the nonce could shift bytes between the signed lines.
  if (!/^[\x21-\x7e]{1,128}$/.test(nonce)) return 'signature'
  if (!/^[0-9A-Za-z_]{1,128}$/.test(serial) || signature === null) return 'signature'
  if (!/^[1-9]\d{0,11}$/.test(timestamp)) return 'signature'
  const skewMs = Math.abs(now.getTime() - Number(timestamp) * 1000)
  return skewMs > TIMESTAMP_TOLERANCE_MS ? 'stale' : { timestamp, nonce, serial, signature }
}

/** Checks the signature over the raw bytes, before anything reads them. */
export function isSignedBy(key: KeyObject, signed: Signature, body: Buffer): boolean {
  const text = Buffer.concat([
    Buffer.from(`${signed.timestamp}\n${signed.nonce}\n`),
    body,
    Buffer.from('\n'),
  ])
  return verify('sha256', text, key, signed.signature)
}
