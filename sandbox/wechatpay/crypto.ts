// APIv3 cryptography, server side: AEAD_AES_256_GCM, RSA-SHA256 and OAEP-SHA1.
import {
  constants,
  createCipheriv,
  privateDecrypt,
  randomBytes,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto'

/** Encrypts for a merchant; the 16-byte tag follows the ciphertext, as WeChat Pay has it. */
export const seal = (
  apiV3Key: string,
  plain: string,
  associatedData: string,
  nonce = randomBytes(6).toString('hex'),
) => {
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(apiV3Key), Buffer.from(nonce))
  cipher.setAAD(Buffer.from(associatedData))
  const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return {
    algorithm: 'AEAD_AES_256_GCM',
    ciphertext: sealed.toString('base64'),
    associated_data: associatedData,
    nonce,
  } as const
}

/** Signs on a worker thread of libuv, so that a busy sandbox keeps its event loop free. */
export const signMessage = (message: Buffer, key: KeyObject): Promise<string> =>
  new Promise((resolve, reject) => {
    sign('RSA-SHA256', message, key, (error, signature) => {
      if (error === null) resolve(signature.toString('base64'))
      else reject(error)
    })
  })

export const verifyMessage = (message: Buffer, key: KeyObject, signature: string): boolean =>
  verify('RSA-SHA256', message, key, Buffer.from(signature, 'base64'))

/** Opens a sensitive field; null when it was not encrypted for this key. */
export const openField = (sealed: string, key: KeyObject): string | null => {
  try {
    const padding = constants.RSA_PKCS1_OAEP_PADDING
    const encrypted = Buffer.from(sealed, 'base64')
    return privateDecrypt({ key, padding, oaepHash: 'sha1' }, encrypted).toString('utf8')
  } catch {
    return null
  }
}
