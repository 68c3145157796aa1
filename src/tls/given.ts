/** A certificate and key that somebody else made, in two files. */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { TlsFault } from './fault.ts'
import type { KeyAndCertificate } from './x509.ts'

/** Paths; the certificate's file may go on with those that lead up to a known authority. */
export type GivenFiles = { readonly certificate: string; readonly key: string }

/** @throws TlsFault that names the setting and the file */
export async function readGiven(files: GivenFiles): Promise<KeyAndCertificate> {
  const [certificatePem, keyPem] = await Promise.all([
    read('TLS_CERT', files.certificate),
    read('TLS_KEY', files.key),
  ])
  const certificate = certificateOf(files.certificate, certificatePem)
  const key = keyOf(files.key, keyPem)
  if (!certificate.checkPrivateKey(key)) {
    throw new TlsFault(
      `TLS_KEY: ${files.key} is not the key of the certificate in TLS_CERT (${files.certificate}), whose own certificate must stand first there`,
    )
  }
  return { keyPem: key.export({ type: 'pkcs8', format: 'pem' }) as string, certificatePem }
}

async function read(setting: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new TlsFault(`${setting}: ${path} cannot be read (${code})`, { cause })
  }
}

function certificateOf(path: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch (cause) {
    throw new TlsFault(`TLS_CERT: ${path} is no certificate in PEM`, { cause })
  }
}

function keyOf(path: string, pem: string): KeyObject {
  if (/ENCRYPTED/.test(pem)) {
    throw new TlsFault(`TLS_KEY: ${path} asks for a passphrase; store the key without one`)
  }
  try {
    return createPrivateKey(pem)
  } catch (cause) {
    throw new TlsFault(`TLS_KEY: ${path} is no private key in PEM`, { cause })
  }
}
