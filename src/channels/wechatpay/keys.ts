/**
 * The key ring of one account: WeChat Pay's public key by its id and its platform certificates by serial. During a
 * change of keys several are in use at once, so every signed text is checked with the key that it names.
 */
import type { Line } from '../channel.ts'
import { AEAD, unseal } from './crypto.ts'
import { certificateKey, type Opened, type TrustedKey } from './settings.ts'
import { isSignedBy, readSignature } from './sign.ts'
import { prepareCall, type Verdict } from './transport.ts'
import { certificatesReply } from './wire.ts'

/** WeChat Pay asks to fetch its certificates again at least every twelve hours. */
const REFRESH_AFTER_MS = 60 * 60_000
/** Forged texts name serials freely: an unknown one may cause no more than one fetch in this time. */
const REFRESH_SPACING_MS = 60_000

type Ring = {
  fetched: readonly TrustedKey[]
  fetchedAt: number
  triedAt: number
  refreshing: Promise<void> | null
}

/** Kept beside the parsed account, so that changed settings start with a new ring. */
const rings = new WeakMap<Opened, Ring>()

function ringOf(opened: Opened): Ring {
  let ring = rings.get(opened)
  if (!ring) {
    ring = { fetched: [], fetchedAt: -Infinity, triedAt: -Infinity, refreshing: null }
    rings.set(opened, ring)
  }
  return ring
}

/** The key WeChat Pay shall sign with and we encrypt for: the public key when there is one, else the newest certificate. */
export function preferredKey(opened: Opened, now: Date): TrustedKey | null {
  const all = [...opened.trusted, ...ringOf(opened).fetched].filter((each) => isValid(each, now))
  return (
    all.find((each) => each.until === null) ??
    all.toSorted((a, b) => Number(b.until) - Number(a.until))[0] ??
    null
  )
}

/** Checks a signed text with the ring, fetching certificates when they are old or one is not known. Never throws. */
export async function judgeByRing(
  opened: Opened,
  line: Line,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
): Promise<Verdict> {
  const signed = readSignature(headers, new Date())
  if (typeof signed === 'string') return signed
  const key = await keyFor(signed.serial, opened, line)
  if (key === null) return 'unknown_serial'
  return isSignedBy(key.key, signed, body) ? 'good' : 'signature'
}

async function keyFor(serial: string, opened: Opened, line: Line): Promise<TrustedKey | null> {
  const ring = ringOf(opened)
  const now = Date.now()
  const known = find(serial, opened, ring)
  // Public keys cannot be fetched: an unknown id stays unknown until a person enters it. Before the first fetch it
  // makes one all the same, since only a certificate that we have can be named, and the channel signs with what is named.
  const isCertificate = /^[0-9A-F]{40}$/i.test(serial)
  const isFirst = known === null && ring.fetched.length === 0
  const fetchable = opened.settings.fetchCertificates && (isCertificate || isFirst)
  const wanted = known === null || now - ring.fetchedAt > REFRESH_AFTER_MS
  if (fetchable && wanted) {
    if (now - ring.triedAt > REFRESH_SPACING_MS && ring.refreshing === null) {
      ring.triedAt = now
      ring.refreshing = refresh(opened, ring, line).finally(() => {
        ring.refreshing = null
      })
    }
    await ring.refreshing
    return find(serial, opened, ring)
  }
  return known
}

function find(serial: string, opened: Opened, ring: Ring): TrustedKey | null {
  const now = new Date()
  const id = serial.startsWith('PUB_KEY_ID_') ? serial : serial.toUpperCase()
  const key = [...opened.trusted, ...ring.fetched].find((each) => each.id === id)
  return key !== undefined && isValid(key, now) ? key : null
}

const isValid = (key: TrustedKey, now: Date): boolean =>
  (key.from === null || key.from <= now) && (key.until === null || key.until >= now)

/** Replaces the fetched certificates; on any trouble the ring stays as it is. */
async function refresh(opened: Opened, ring: Ring, line: Line): Promise<void> {
  let fetched: readonly TrustedKey[] | null = null
  const wanted = { act: 'certificates', method: 'GET', path: '/v3/certificates', body: '' } as const
  const keyId = preferredKey(opened, new Date())?.id ?? null
  const send = prepareCall({ ...wanted, keyId }, opened, line, (headers, body) => {
    // The first list is signed with a certificate that only the list itself brings; the seal under the APIv3 key
    // proves where it comes from, the signature that the list is of now.
    const candidates = readCertificates(opened, body)
    const signed = readSignature(headers, new Date())
    if (typeof signed === 'string') return signed
    const signer = [...opened.trusted, ...ring.fetched, ...(candidates ?? [])].find(
      (each) => each.id === signed.serial.toUpperCase() || each.id === signed.serial,
    )
    if (!signer || !isValid(signer, new Date())) return 'unknown_serial'
    if (!isSignedBy(signer.key, signed, body)) return 'signature'
    fetched = candidates
    return 'good'
  })
  try {
    await send()
  } catch {
    return
  }
  if (fetched !== null) {
    ring.fetched = fetched
    ring.fetchedAt = Date.now()
  }
}

/** The certificates of an answer, or null when any of them is not sealed under our key or not what it says it is. */
function readCertificates(opened: Opened, body: Buffer): readonly TrustedKey[] | null {
  try {
    const { data } = certificatesReply.parse(JSON.parse(body.toString()))
    return data.map((each) => {
      const sealed = each.encrypt_certificate
      const text = sealed.algorithm === AEAD ? unseal(opened.apiV3Key, sealed) : null
      if (text === null) throw new Error('a certificate is not sealed under the APIv3 key')
      const key = certificateKey(text.toString(), 'certificates')
      if (key.id !== each.serial_no.toUpperCase()) throw new Error('a certificate is another one')
      return key
    })
  } catch {
    return null
  }
}
