/** `yuanlu cert`: makes the certificate for HTTPS in the shop's network, and says how its devices come to trust it. */
import { isIPv4 } from 'node:net'
import { parseArgs } from 'node:util'
import { ConfigError, type Config } from '../config.ts'
import { tlsDirOf } from '../main.ts'
import { certificateText } from '../texts/certificate.ts'
import { normalHost, thisMachine } from '../tls/hosts.ts'
import { makeOwn, type MadeCertificate, type OwnRequest } from '../tls/own.ts'
import { endOf, fingerprintOf } from '../tls/x509.ts'

export const CERT_USAGE = 'yuanlu cert [--host name-or-address …] [--new-authority]'

/**
 * Null: the arguments are not understood.
 *
 * @throws ConfigError when `yuanlu serve` would not use what is made, TlsFault when it cannot be made
 */
export async function makeCertificate(
  args: readonly string[],
  config: Config,
): Promise<string | null> {
  const request = requestOf(args)
  if (request === null) return null
  const { https, host, port } = config
  if (https.kind === 'off')
    throw new ConfigError(['HTTPS is off; leave it out to serve with HTTPS'])
  if (https.kind === 'given') {
    throw new ConfigError(['TLS_CERT is set, and its certificate is served; leave it out first'])
  }
  const folder = tlsDirOf(config)
  const made = await makeOwn(folder, request, thisMachine(), new Date())
  return certificateText({
    folder,
    until: endOf(made.server.certificatePem),
    authorityUntil: endOf(made.authorityPem),
    fingerprint: fingerprintOf(made.authorityPem),
    origins: originsOf(made, port),
    leftOut: made.leftOut,
    listensToItself: /^(localhost|127\..*|::1)$/.test(host),
  })
}

function requestOf(args: readonly string[]): OwnRequest | null {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        host: { type: 'string', multiple: true },
        'new-authority': { type: 'boolean', default: false },
      },
    })
    const hosts = values.host?.map(normalHost) ?? null
    if (hosts?.includes(null)) return null
    return {
      hosts: hosts?.filter((host) => host !== null) ?? null,
      newAuthority: values['new-authority'],
    }
  } catch {
    return null
  }
}

const THIS_MACHINE_ONLY = new Set(['localhost', '127.0.0.1', '::1'])

/** `192.168.1.5:8080`, as other devices reach it; the addresses first, which every one of them finds. */
const originsOf = ({ hosts }: MadeCertificate, port: number): readonly string[] =>
  hosts
    .filter((host) => !THIS_MACHINE_ONLY.has(host))
    .toSorted((a, b) => Number(isIPv4(b)) - Number(isIPv4(a)))
    .map((host) => `${host.includes(':') ? `[${host}]` : host}:${port}`)
