/**
 * The authority and the server's certificate that Yuanlu makes itself, in one folder:
 *
 * `authority.pem` key and certificate of the authority; may be kept elsewhere between renewals
 * `ca.crt`        its certificate, for the devices that shall trust it
 * `server.pem`    key and certificate of this machine
 * `hosts.json`    what was asked for besides the machine's own names and addresses
 */
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto'
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { isIP } from 'node:net'
import { dirname, join } from 'node:path'
import { DAY_MS, issue, makeAuthority } from './authority.ts'
import { permittedBy } from './constraints.ts'
import { TlsFault } from './fault.ts'
import { hostsOf, type Machine } from './hosts.ts'
import { endOf, type KeyAndCertificate } from './x509.ts'

/** A server's certificate is made anew when it ends sooner than this. */
export const RENEW_BEFORE_MS = 30 * DAY_MS

export type OwnRequest = {
  /** Besides the machine's own; null: those of the last time. In the form of `normalHost`. */
  readonly hosts: readonly string[] | null
  /** A new authority, which every device has to be told of again. */
  readonly newAuthority: boolean
}

export type MadeCertificate = {
  readonly server: KeyAndCertificate
  readonly authorityPem: string
  /** What the certificate names. */
  readonly hosts: readonly string[]
  /** Names and addresses of this machine that the authority was not made for. */
  readonly leftOut: readonly string[]
}

export type OwnCertificate = {
  readonly server: KeyAndCertificate
  /** For the devices; null when somebody took it away. */
  readonly authorityPem: string | null
  readonly renewed: boolean
  /** Why it could not be made anew although it was time; the one there is still serves. */
  readonly fault: unknown
}

/**
 * Makes what is missing and the server's certificate in any case.
 *
 * @throws TlsFault when the authority has ended or may not vouch for one of `hosts`, or a file is damaged
 */
export async function makeOwn(
  folder: string,
  request: OwnRequest,
  machine: Machine,
  now: Date,
): Promise<MadeCertificate> {
  await makeFolder(folder)
  const asked = request.hosts ?? (await readHosts(folder))
  const own = hostsOf(machine)
  const authority = await openAuthority(folder, request, [...own, ...asked], machine, now)
  const ended = endOf(authority.certificatePem)
  if (ended <= now) throw new TlsFault(endedSince(ended))
  const permitted = permittedBy(authority.certificatePem)
  const refused = asked.filter((host) => !permitted(host))
  if (refused.length > 0) throw new TlsFault(notPermitted(refused))
  // A machine that was renamed since still gets a certificate, by its addresses and what was asked for.
  const hosts = [...new Set([...own.filter(permitted), ...asked])]
  const server = await issue(authority, hosts, now)
  await put(join(folder, 'hosts.json'), `${JSON.stringify(asked)}\n`, 0o600)
  await put(join(folder, 'ca.crt'), authority.certificatePem, 0o644)
  await put(join(folder, 'server.pem'), server.keyPem + server.certificatePem, 0o600)
  return {
    server,
    authorityPem: authority.certificatePem,
    hosts,
    leftOut: own.filter((host) => !permitted(host)),
  }
}

const NEW_AUTHORITY =
  'a new one is made with --new-authority, and then every device has to trust it anew'

/** Closed to others, but not what it lies in: the embedded database may run there as another user of the system. */
async function makeFolder(folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true })
  await mkdir(folder, { recursive: true, mode: 0o700 })
}

const endedSince = (end: Date): string =>
  `this authority ended on ${end.toISOString().slice(0, 10)}; ${NEW_AUTHORITY}`

const notPermitted = (hosts: readonly string[]): string =>
  `this authority was not made for ${hosts.join(', ')}; ${NEW_AUTHORITY}`

/**
 * What is there, made anew when it ends soon or lacks a name or address of the machine. Null: none was ever made.
 *
 * @throws TlsFault when the server's file is damaged
 */
export async function openOwn(
  folder: string,
  machine: Machine,
  now: Date,
): Promise<OwnCertificate | null> {
  const server = await readPair(join(folder, 'server.pem'))
  if (server === null) return null
  const kept = { server, authorityPem: await readAuthorityPem(folder), renewed: false }
  try {
    const authority = await readPair(join(folder, 'authority.pem'))
    if (authority === null) return { ...kept, fault: null }
    const wanted = [...hostsOf(machine), ...(await readHosts(folder))]
    if (!isDue(server, authority, wanted, now)) return { ...kept, fault: null }
    const made = await makeOwn(folder, { hosts: null, newAuthority: false }, machine, now)
    return { ...made, renewed: true, fault: null }
  } catch (fault) {
    return { ...kept, fault }
  }
}

const readAuthorityPem = (folder: string): Promise<string | null> =>
  readFile(join(folder, 'ca.crt'), 'utf8').catch(absent)

function isDue(
  server: KeyAndCertificate,
  authority: KeyAndCertificate,
  hosts: readonly string[],
  now: Date,
): boolean {
  const certificate = new X509Certificate(server.certificatePem)
  const { publicKey, validToDate } = new X509Certificate(authority.certificatePem)
  // What ends together with its authority cannot be had any longer.
  const renewUntil = Math.min(now.getTime() + RENEW_BEFORE_MS, validToDate.getTime())
  return (
    certificate.validToDate.getTime() < renewUntil ||
    !certificate.verify(publicKey) ||
    hosts.filter(permittedBy(authority.certificatePem)).some((host) => !names(certificate, host))
  )
}

const names = (certificate: X509Certificate, host: string): boolean =>
  (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined

const COMMON_NAME_CHARACTERS_MAX = 64

async function openAuthority(
  folder: string,
  { newAuthority }: OwnRequest,
  hosts: readonly string[],
  machine: Machine,
  now: Date,
): Promise<KeyAndCertificate> {
  const path = join(folder, 'authority.pem')
  const kept = newAuthority ? null : await readPair(path)
  if (kept !== null) return kept
  const day = now.toISOString().slice(0, 10)
  const name = `Yuanlu till CA ${day} ${machine.name}`.slice(0, COMMON_NAME_CHARACTERS_MAX)
  const made = await makeAuthority(name, hosts, now)
  const text = made.keyPem + made.certificatePem
  if (newAuthority) await put(path, text, 0o600)
  // Of two processes at once, the first one's authority holds for both.
  else if (!(await putNew(path, text, 0o600)))
    return openAuthority(folder, { hosts: null, newAuthority }, hosts, machine, now)
  return made
}

async function readHosts(folder: string): Promise<readonly string[]> {
  const path = join(folder, 'hosts.json')
  const text = await readFile(path, 'utf8').catch(absent)
  if (text === null) return []
  try {
    return (JSON.parse(text) as unknown[]).map(String)
  } catch (cause) {
    throw damaged(path, cause)
  }
}

async function readPair(path: string): Promise<KeyAndCertificate | null> {
  const text = await readFile(path, 'utf8').catch(absent)
  if (text === null) return null
  try {
    const certificate = new X509Certificate(text)
    const key = createPrivateKey(text)
    if (!certificate.checkPrivateKey(key)) throw new Error('the two do not belong together')
    return {
      keyPem: key.export({ type: 'pkcs8', format: 'pem' }) as string,
      certificatePem: certificate.toString(),
    }
  } catch (cause) {
    throw damaged(path, cause)
  }
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null
  throw new TlsFault(error.message, { cause: error })
}

const damaged = (path: string, cause: unknown): TlsFault =>
  new TlsFault(`${path} is damaged; move it away and run yuanlu cert`, { cause })

/** Whole or not at all, and on disk before it counts: a power cut leaves the old file or the new one. */
async function put(path: string, text: string, mode: number): Promise<void> {
  const draft = await write(path, text, mode)
  await rename(draft, path)
}

/** @returns false, and nothing is written, when the file is there already */
async function putNew(path: string, text: string, mode: number): Promise<boolean> {
  const draft = await write(path, text, mode)
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await rm(draft, { force: true })
  }
}

async function write(path: string, text: string, mode: number): Promise<string> {
  const draft = `${path}.${process.pid}-${randomBytes(4).toString('hex')}.draft`
  const file = await open(draft, 'wx', mode)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  return draft
}
