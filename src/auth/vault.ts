/**
 * Keeps secrets and personal data under one master key: AES-256-GCM, a fresh nonce each time, and every sealed value
 * bound to its place (`bind`), so that moved elsewhere it does not open. Different uses never share a key.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto'

/** Keeps secrets and personal data under the master key. */
export type Vault = {
  readonly seal: (plain: Buffer, bind: string) => Buffer
  readonly open: (sealed: Buffer, bind: string) => Buffer
  /** The same under a key of its own, for data that can be forgotten with its key. */
  readonly sealWith: (key: Buffer, plain: Buffer, bind: string) => Buffer
  readonly openWith: (key: Buffer, sealed: Buffer, bind: string) => Buffer
  /** A keyed hash, to find equal values without reading them. */
  readonly blindIndex: (value: string, bind: string) => string
  /** A keyed hash of 32 bytes, under a key of its own for each `bind`, that vouches for what leaves us. */
  readonly mac: (value: string, bind: string) => Buffer
}

const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const VERSION = 1

export function makeVault(masterKey: KeyObject): Vault {
  const derive = (use: string) =>
    Buffer.from(hkdfSync('sha256', masterKey, Buffer.alloc(0), `yuanlu/${use}`, KEY_BYTES))
  const sealing = derive('seal')
  const indexing = derive('blind-index')
  return {
    seal: (plain, bind) => seal(sealing, plain, bind),
    open: (sealed, bind) => open(sealing, sealed, bind),
    sealWith: seal,
    openWith: open,
    blindIndex: (value, bind) =>
      createHmac('sha256', indexing).update(`${bind}\u0000${value}`, 'utf8').digest('base64url'),
    mac: (value, bind) =>
      createHmac('sha256', derive(`mac/${bind}`))
        .update(value, 'utf8')
        .digest(),
  }
}

function seal(key: Buffer, plain: Buffer, bind: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(bind, 'utf8'))
  const text = Buffer.concat([cipher.update(plain), cipher.final()])
  return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), text])
}

/** Throws when the key, the place or a single bit is not the one it was sealed with. */
function open(key: Buffer, sealed: Buffer, bind: string): Buffer {
  const textAt = 1 + NONCE_BYTES + TAG_BYTES
  if (sealed.length < textAt || sealed[0] !== VERSION) throw new Error('not a sealed value')
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 1 + NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  })
    .setAAD(Buffer.from(bind, 'utf8'))
    .setAuthTag(sealed.subarray(1 + NONCE_BYTES, textAt))
  return Buffer.concat([decipher.update(sealed.subarray(textAt)), decipher.final()])
}
