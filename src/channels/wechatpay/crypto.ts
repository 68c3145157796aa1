/** WeChat Pay's encryption: AEAD_AES_256_GCM towards us, RSA-OAEP with SHA-1 towards them. */
import { constants, createDecipheriv, publicEncrypt, type KeyObject } from 'node:crypto'

export const AEAD = 'AEAD_AES_256_GCM'

const NONCE_BYTES = 12
const TAG_BYTES = 16
/** RSA-2048 with OAEP over SHA-1 leaves room for this many bytes. */
const OAEP_BYTES_MAX = 214

/** Bytes of canonical base64, or null: blanks, missing padding and stray bits would let one text have many forms. */
export function strictBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64')
  return text !== '' && bytes.toString('base64') === text ? bytes : null
}

type Sealed = {
  readonly nonce: string
  readonly associated_data?: string | undefined
  readonly ciphertext: string
}

/**
 * Opens a sealed text, or returns null when it is not what the holder of the key sealed. The tag is always the last
 * sixteen bytes and always checked: a decipher that is never finished would hand out forged text.
 */
export function unseal(key: Buffer, sealed: Sealed): Buffer | null {
  const nonce = Buffer.from(sealed.nonce)
  const bytes = strictBase64(sealed.ciphertext)
  if (nonce.length !== NONCE_BYTES || bytes === null || bytes.length <= TAG_BYTES) return null
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(sealed.associated_data ?? ''))
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()])
  } catch {
    return null
  }
}

/** Encrypts a card number or name for WeChat Pay. Throws RangeError past what one RSA block holds. */
export function sealFor(key: KeyObject, text: string): string {
  const bytes = Buffer.from(text)
  if (bytes.length > OAEP_BYTES_MAX) {
    throw new RangeError(`more than ${OAEP_BYTES_MAX} bytes cannot be encrypted for the channel`)
  }
  // The channel's own clients use SHA-1 here; it hides the text and signs nothing.
  const padding = constants.RSA_PKCS1_OAEP_PADDING
  return publicEncrypt({ key, padding, oaepHash: 'sha1' }, bytes).toString('base64')
}
