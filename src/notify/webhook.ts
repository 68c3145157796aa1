/**
 * Sends one webhook, signed by the rules of Standard Webhooks (standardwebhooks.com): HMAC-SHA256 over id, time and
 * body. Never throws: what came of it is a value.
 *
 * The receiver's name is resolved once, every address is checked, and the connection goes to those addresses only, so
 * a name that answers differently the second time leads nowhere. Redirects are not followed.
 */
import { createHmac } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { Agent, request } from 'undici'
import { kindOfAddress } from './addresses.ts'

export type WebhookTarget = {
  readonly url: string
  /** `whsec_` and base64, as it was given to the receiver. */
  readonly secret: string
  /** May lie on the shop's own network or this machine. */
  readonly allowPrivate: boolean
}

export type WebhookMessage = {
  /** The same at every try, so that the receiver can tell a repetition. */
  readonly id: string
  /** JSON text, sent byte for byte as it is signed. */
  readonly body: string
}

export type WebhookResult =
  | { readonly kind: 'delivered'; readonly status: number }
  /** `error`: a short cause, with the first characters of the answer if there was one. */
  | { readonly kind: 'failed'; readonly status: number | null; readonly error: string }
  /** Nothing was sent: this address is none that we speak to. */
  | { readonly kind: 'forbidden'; readonly error: UrlFault }

export type Resolve = (hostname: string) => Promise<readonly string[]>

export type WebhookSettings = {
  /** Plain http to this machine, for development. */
  readonly loopbackHttp: boolean
  readonly resolve?: Resolve
  readonly timeoutMs?: number
  /** Aborted when the process wants to end. */
  readonly signal?: AbortSignal
}

export type UrlFault = 'not_a_url' | 'not_https' | 'has_credentials' | 'address_forbidden'

/** Name, connection, head and body together. */
const WEBHOOK_TIMEOUT_MS = 5_000
const ANSWER_BYTES_MAX = 64 * 1024
/** Of the answer to a failed delivery, for the person who looks for the reason. */
const ANSWER_CHARACTERS_KEPT = 200
const URL_CHARACTERS_MAX = 2_000
const SECRET_PREFIX = 'whsec_'

export const webhookSecret = (bytes: Buffer): string => SECRET_PREFIX + bytes.toString('base64')

/** `v1,<base64>` over `id.seconds.body`. */
function signWebhook(secret: string, id: string, seconds: number, body: string): string {
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64')
  const mac = createHmac('sha256', key).update(`${id}.${seconds}.${body}`, 'utf8')
  return `v1,${mac.digest('base64')}`
}

/**
 * What can be said of an address before its name is resolved. The parser of URLs turns every spelling of an IPv4
 * address (decimal, octal, hexadecimal, shortened) into the dotted one, so only that has to be looked at.
 */
export function webhookUrlFault(
  text: string,
  of: { readonly allowPrivate: boolean; readonly loopbackHttp: boolean },
): UrlFault | null {
  const url = text.length > URL_CHARACTERS_MAX ? null : URL.parse(text)
  if (url === null || url.hostname === '') return 'not_a_url'
  if (url.username !== '' || url.password !== '') return 'has_credentials'
  const host = bareHost(url)
  const plain = url.protocol === 'http:' && of.loopbackHttp && isLoopback(host)
  if (url.protocol !== 'https:' && !plain) return 'not_https'
  if (isIP(host) !== 0 && !maySpeakTo(host, of.allowPrivate)) return 'address_forbidden'
  if (isLoopback(host) && !of.allowPrivate) return 'address_forbidden'
  return null
}

/** What registering a receiver has to know of all this. */
export const webhookRules = (loopbackHttp: boolean) => ({
  urlFault: (input: { readonly url: string; readonly allowPrivate: boolean }) =>
    webhookUrlFault(input.url, { ...input, loopbackHttp }),
  secretOf: webhookSecret,
})

export async function sendWebhook(
  target: WebhookTarget,
  message: WebhookMessage,
  now: Date,
  settings: WebhookSettings,
): Promise<WebhookResult> {
  const fault = webhookUrlFault(target.url, { ...target, loopbackHttp: settings.loopbackHttp })
  if (fault !== null) return { kind: 'forbidden', error: fault }
  const url = new URL(target.url)
  const deadline = AbortSignal.timeout(settings.timeoutMs ?? WEBHOOK_TIMEOUT_MS)
  const signal = settings.signal ? AbortSignal.any([deadline, settings.signal]) : deadline
  try {
    const addresses = await within(signal, resolveHost(bareHost(url), settings.resolve ?? system))
    const plain = url.protocol === 'http:'
    const allowed = (each: string) =>
      plain ? kindOfAddress(each) === 'loopback' : maySpeakTo(each, target.allowPrivate)
    // One bad address among good ones is how a name is made to lead inside at the second look.
    if (addresses.length === 0 || !addresses.every(allowed)) {
      return { kind: 'forbidden', error: 'address_forbidden' }
    }
    return await post(url, target, message, now, addresses, signal)
  } catch (error) {
    return { kind: 'failed', status: null, error: causeOf(error) }
  }
}

async function post(
  url: URL,
  target: WebhookTarget,
  message: WebhookMessage,
  now: Date,
  addresses: readonly string[],
  signal: AbortSignal,
): Promise<WebhookResult> {
  const seconds = Math.floor(now.getTime() / 1000)
  const agent = new Agent({
    connections: 1,
    maxResponseSize: ANSWER_BYTES_MAX,
    connect: { lookup: pinned(addresses) },
  })
  try {
    const answer = await request(url, {
      method: 'POST',
      dispatcher: agent,
      signal,
      body: message.body,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'yuanlu-webhook/1',
        'webhook-id': message.id,
        'webhook-timestamp': String(seconds),
        'webhook-signature': signWebhook(target.secret, message.id, seconds, message.body),
      },
    })
    const status = answer.statusCode
    // The receiver has said yes with the head; whatever it adds is not ours to read.
    if (status >= 200 && status < 300) return { kind: 'delivered', status }
    const text = await answer.body.text().catch(() => '')
    return { kind: 'failed', status, error: `status ${status}: ${shortened(text)}` }
  } finally {
    await agent.destroy()
  }
}

/** Hands every connection the checked addresses, whatever the name would answer now. */
function pinned(addresses: readonly string[]) {
  const records = addresses.map((address) => ({ address, family: isIP(address) }))
  return (
    _hostname: string,
    options: { all?: boolean | undefined },
    callback: (error: null, address: string | typeof records, family?: number) => void,
  ): void => {
    const [first] = records
    if (options.all === true || first === undefined) callback(null, records)
    else callback(null, first.address, first.family)
  }
}

const maySpeakTo = (address: string, allowPrivate: boolean): boolean => {
  const kind = kindOfAddress(address)
  return kind === 'public' || (allowPrivate && kind !== 'forbidden')
}

/** An address stands for itself: no resolver is asked, and sockets would not ask one either. */
const resolveHost = (host: string, resolve: Resolve): Promise<readonly string[]> =>
  isIP(host) === 0 ? resolve(host) : Promise.resolve([host])

const system: Resolve = async (hostname) =>
  (await lookup(hostname, { all: true })).map(({ address }) => address)

const bareHost = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '')

const isLoopback = (host: string): boolean =>
  /^(.+\.)?localhost\.?$/.test(host) || kindOfAddress(host) === 'loopback'

/** A resolver cannot be called off; its answer is simply no longer waited for. */
async function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted()
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason as Error)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

// PostgreSQL takes no NUL in texts, and control characters have no business on a person's screen.
const shortened = (text: string): string =>
  text
    .slice(0, ANSWER_CHARACTERS_KEPT)
    .replaceAll(/\p{C}+/gu, ' ')
    .trim()

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
