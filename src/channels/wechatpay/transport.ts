/** One signed request to WeChat Pay and its recorded, judged answer. Nothing here reads what the answer says. */
import { call } from '../call.ts'
import type { Exchange, Line, Send } from '../channel.ts'
import type { Opened } from './settings.ts'
import { authorization, type Unsigned } from './sign.ts'

export type Wanted = {
  readonly act: string
  readonly method: 'GET' | 'POST'
  /** Path and query exactly as they are signed and sent. */
  readonly path: string
  readonly body: string
  /** Names the key that answers shall be signed with and encrypted fields were sealed for; null: not known yet. */
  readonly keyId: string | null
  /** A bill's content is not kept with the exchanges. */
  readonly keepAnswer?: boolean
}

export type Verdict = 'good' | 'unknown_serial' | Unsigned

/** Says whether an answer is signed by WeChat Pay. It never throws. */
type Judge = (headers: Readonly<Record<string, string>>, body: Buffer) => Promise<Verdict> | Verdict

export type Answer =
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly headers: Readonly<Record<string, string>>
      readonly body: Buffer
      readonly verdict: Verdict
    }
  | { readonly kind: 'lost' }

/** Names the product to the channel, which refuses requests without it. */
const USER_AGENT = 'yuanlu'
const KEPT_CHARS_MAX = 64 * 1024

/** Headers of an answer that explain it later. */
const KEPT_HEADERS = [
  'request-id',
  'date',
  'content-type',
  'wechatpay-serial',
  'wechatpay-nonce',
  'wechatpay-timestamp',
  'wechatpay-signature',
  'wechatpay-signature-type',
]

/** Signs now; sends when called. The returned function rejects only when recording does. */
export function prepareCall(
  wanted: Wanted,
  opened: Opened,
  line: Line,
  judge: Judge,
): Send<Answer> {
  const by = {
    signer: opened.signer,
    serial: opened.settings.merchantSerial,
    privateKey: opened.privateKey,
  }
  const url = opened.settings.baseUrl + wanted.path
  const headers = {
    accept: 'application/json',
    'user-agent': USER_AGENT,
    authorization: authorization(wanted, by, new Date()),
    ...(wanted.body === '' ? {} : { 'content-type': 'application/json' }),
    ...(wanted.keyId === null ? {} : { 'wechatpay-serial': wanted.keyId }),
  }
  return async () => {
    const at = new Date()
    const reply = await call({
      method: wanted.method,
      url,
      headers,
      body: wanted.body,
      timeoutMs: line.timeoutMs,
      caPem: opened.caPem,
    })
    const isSigned = reply.kind === 'answered' && reply.status >= 200 && reply.status < 300
    const verdict = isSigned ? await judge(reply.headers, reply.body) : 'unsigned'
    line.record(exchange(wanted, url, reply, verdict, at))
    return reply.kind === 'lost' ? { kind: 'lost' } : { ...reply, verdict }
  }
}

function exchange(
  wanted: Wanted,
  url: string,
  reply: Awaited<ReturnType<typeof call>>,
  verdict: Verdict,
  at: Date,
): Exchange {
  const blank = blanker(wanted.body)
  const answered = reply.kind === 'answered'
  return {
    act: wanted.act,
    method: wanted.method,
    url: url.replace(/([?&]token=)[^&]*/, '$1***'),
    requestBody: blank(wanted.body),
    status: answered ? reply.status : null,
    responseBody:
      answered && wanted.keepAnswer !== false
        ? blank(reply.body.toString()).slice(0, KEPT_CHARS_MAX)
        : null,
    responseHeaders: answered
      ? Object.fromEntries(
          KEPT_HEADERS.flatMap((name) => {
            const value = reply.headers[name]
            return value === undefined ? [] : [[name, value]]
          }),
        )
      : {},
    verified: verdict === 'good' || verdict === 'unsigned' ? verdict : 'bad',
    error: answered ? (verdict === 'good' || verdict === 'unsigned' ? null : verdict) : reply.cause,
    at,
    tookMs: reply.tookMs,
  }
}

/** Members whose values are never kept: payment codes, sealed texts, and who the customer is. */
const BLANKED =
  /("(?:auth_code|bank_account|real_name|ciphertext|openid|sp_openid|sub_openid|download_url)"\s*:\s*)"((?:[^"\\]|\\.)*)"/g

/** Error answers quote what they refuse, so the request's own secrets are blanked wherever they stand. */
function blanker(requestBody: string): (text: string) => string {
  const secrets = [...requestBody.matchAll(BLANKED)].flatMap((match) =>
    match[2] === undefined || match[2] === '' ? [] : [match[2]],
  )
  return (text) =>
    secrets.reduce(
      (rest, secret) => rest.replaceAll(secret, '***'),
      text.replace(BLANKED, '$1"***"'),
    )
}
