/** The certificate that the server shows: opened at start, then looked at again every hour without a restart. */
import type { Log } from '../log.ts'
import { DAY_MS } from './authority.ts'
import { readGiven, type GivenFiles } from './given.ts'
import { thisMachine } from './hosts.ts'
import { openOwn, RENEW_BEFORE_MS } from './own.ts'
import { endOf, type KeyAndCertificate } from './x509.ts'

export type CertificateSource =
  /** Made by `yuanlu cert`. */
  { readonly kind: 'own'; readonly folder: string } | ({ readonly kind: 'given' } & GivenFiles)

export type KeptCertificate = {
  readonly current: () => KeyAndCertificate
  /** Of our own authority, for devices to trust; null with given files. */
  readonly authorityPem: () => string | null
  readonly onChange: (tell: (pair: KeyAndCertificate) => void) => void
  /** Waits for a renewal under way. */
  readonly stop: () => Promise<void>
}

/** Also how long a machine with a new address waits for a certificate that names it. */
const LOOK_EVERY_MS = 3_600_000

/**
 * Null: HTTPS was not set up. A certificate that has ended is served all the same and told of: refunds that are under way
 * must not wait for it.
 *
 * @throws TlsFault when what was set up cannot be used
 */
export async function keepCertificate(
  source: CertificateSource,
  log: Log,
  lookEveryMs = LOOK_EVERY_MS,
): Promise<KeptCertificate | null> {
  const first = await look(source, log)
  if (first === null) return null
  let found = first
  let tell: (pair: KeyAndCertificate) => void = () => undefined
  const lookAgain = async (): Promise<void> => {
    const next = await look(source, log)
    if (next === null) return
    const isNew = next.pair.certificatePem !== found.pair.certificatePem
    found = next
    if (isNew) tell(next.pair)
  }
  let looking = Promise.resolve()
  const timer = setInterval(() => {
    looking = looking
      .then(lookAgain)
      .catch((error: unknown) => log.warn({ err: error }, 'tls.unreadable'))
  }, lookEveryMs)
  timer.unref()
  return {
    current: () => found.pair,
    authorityPem: () => found.authorityPem,
    onChange: (listener) => {
      tell = listener
    },
    stop: () => {
      clearInterval(timer)
      return looking
    },
  }
}

type Found = { readonly pair: KeyAndCertificate; readonly authorityPem: string | null }

async function look(source: CertificateSource, log: Log): Promise<Found | null> {
  const now = new Date()
  const found = source.kind === 'given' ? await lookGiven(source) : await lookOwn(source, log, now)
  if (found !== null) {
    const days = daysLeft(found.pair, now)
    if (days * DAY_MS < RENEW_BEFORE_MS) log.warn({ days }, 'tls.ending')
  }
  return found
}

const lookGiven = async (files: GivenFiles): Promise<Found> => ({
  pair: await readGiven(files),
  authorityPem: null,
})

async function lookOwn(
  { folder }: { readonly folder: string },
  log: Log,
  now: Date,
): Promise<Found | null> {
  const own = await openOwn(folder, thisMachine(), now)
  if (own === null) return null
  if (own.fault !== null) log.warn({ err: own.fault }, 'tls.not_renewed')
  if (own.renewed) log.info({ days: daysLeft(own.server, now) }, 'tls.renewed')
  return { pair: own.server, authorityPem: own.authorityPem }
}

/** Whole days; negative after the end. */
const daysLeft = ({ certificatePem }: KeyAndCertificate, now: Date): number =>
  Math.floor((endOf(certificatePem).getTime() - now.getTime()) / DAY_MS)
