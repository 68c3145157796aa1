/**
 * A desk that says to a WeChat Pay client exactly what a test wants said, signed or badly signed, and keeps what it
 * heard. It has no opinion about payments: the sandbox is the one that behaves.
 */
import { createCipheriv, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createCertificate } from '../../sandbox/certificates.ts'
import type { Account, Exchange, Line, RawNotice } from '../../src/channels/channel.ts'

type Heard = {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

type Defect =
  'bad_signature' | 'signtest' | 'unknown_serial' | 'stale' | 'early' | 'unsigned' | 'drop'

export type Spoken = {
  readonly status: number
  /** An object is sent as JSON, a text or bytes as they are, null as an empty body. */
  readonly body: object | string | Buffer | null
  readonly defect?: Defect
  /** Signs with this key instead of the public key's. */
  readonly by?: { readonly id: string; readonly key: KeyObject }
  readonly headers?: Readonly<Record<string, string>>
}

export type Desk = {
  readonly url: string
  readonly heard: Heard[]
  /** What every request is answered with from now on. */
  say(answer: Spoken | ((heard: Heard) => Spoken)): void
  close(): Promise<void>
}

export const API_V3_KEY = '0123456789abcdef0123456789abcdef'
export const MCHID = '1900000001'
export const MERCHANT_SERIAL = '5F2D0C1A77F0D0B0A1B2C3D4E5F60718293A4B5C'
export const PUBLIC_KEY_ID = 'PUB_KEY_ID_0119000000012026112200000000000001'

const pair = () => generateKeyPairSync('rsa', { modulusLength: 2048 })
export const merchant = pair()
export const platform = pair()
export const stranger = pair()

export const pemOf = (key: KeyObject): string =>
  key.export({ format: 'pem', type: key.type === 'private' ? 'pkcs8' : 'spki' }).toString()

/** The headers of a signed text; times in seconds from now. */
export function signatureHeaders(
  body: Buffer,
  by: { readonly id: string; readonly key: KeyObject },
  defect?: Defect,
  skewSeconds = 0,
): Record<string, string> {
  if (defect === 'unsigned') return {}
  const skew = defect === 'stale' ? -301 : defect === 'early' ? 302 : skewSeconds
  const timestamp = String(Math.floor(Date.now() / 1000) + skew)
  const nonce = randomBytes(16).toString('hex')
  const text = Buffer.concat([Buffer.from(`${timestamp}\n${nonce}\n`), body, Buffer.from('\n')])
  const key = defect === 'bad_signature' ? stranger.privateKey : by.key
  const signature = sign('sha256', text, key).toString('base64')
  return {
    'wechatpay-timestamp': timestamp,
    'wechatpay-nonce': nonce,
    'wechatpay-serial': defect === 'unknown_serial' ? 'AB'.repeat(20) : by.id,
    'wechatpay-signature':
      defect === 'signtest' ? `WECHATPAY/SIGNTEST/${signature.slice(19)}` : signature,
    'wechatpay-signature-type': 'WECHATPAY2-SHA256-RSA2048',
  }
}

const PUBLIC_KEY = { id: PUBLIC_KEY_ID, key: platform.privateKey }

export async function openDesk(): Promise<Desk> {
  const heard: Heard[] = []
  let answer: Spoken | ((heard: Heard) => Spoken) = { status: 500, body: null }
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const one: Heard = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers as Record<string, string>,
        body: Buffer.concat(parts).toString(),
      }
      heard.push(one)
      const spoken = typeof answer === 'function' ? answer(one) : answer
      if (spoken.defect === 'drop') {
        request.socket.destroy()
        return
      }
      const body = bytesOf(spoken.body)
      const isSigned = spoken.status >= 200 && spoken.status < 300
      const signed = isSigned ? signatureHeaders(body, spoken.by ?? PUBLIC_KEY, spoken.defect) : {}
      response.writeHead(spoken.status, {
        'content-type': 'application/json',
        ...signed,
        ...spoken.headers,
      })
      response.end(body)
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    heard,
    say: (next) => {
      answer = next
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}

function bytesOf(body: Spoken['body']): Buffer {
  if (body === null) return Buffer.alloc(0)
  if (Buffer.isBuffer(body)) return body
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
}

export function accountAt(
  url: string,
  settings: Readonly<Record<string, unknown>> = {},
  secrets: Readonly<Record<string, string>> = {},
): Account {
  return {
    tenant: 1,
    accountNo: '1',
    channel: 'wechatpay',
    settings: {
      mode: 'direct',
      mchid: MCHID,
      appid: 'wx0000000000000001',
      merchantSerial: MERCHANT_SERIAL,
      publicKeyId: PUBLIC_KEY_ID,
      publicKey: pemOf(platform.publicKey),
      baseUrl: url,
      ...settings,
    },
    secrets: { privateKey: pemOf(merchant.privateKey), apiV3Key: API_V3_KEY, ...secrets },
    notifyUrl: 'https://shop.example/notify/wechatpay/1',
  }
}

const PARTNER_FIELDS = {
  mode: 'partner',
  mchid: undefined,
  appid: undefined,
  spMchid: '1900000109',
  spAppid: 'wx0000000000000109',
  subMchid: '1600000001',
}

/** A partner's account for its sub-merchant 1600000001. */
export function partnerAt(url: string): Account {
  const account = accountAt(url, PARTNER_FIELDS)
  const settings = Object.fromEntries(
    Object.entries(account.settings).filter(([, value]) => value !== undefined),
  )
  return { ...account, accountNo: '2', settings }
}

const TIMEOUT_MS = 2_000

export function lineTo(account: Account, timeoutMs = TIMEOUT_MS): Line & { exchanges: Exchange[] } {
  const exchanges: Exchange[] = []
  return { account, timeoutMs, exchanges, record: (exchange) => exchanges.push(exchange) }
}

export function seal(text: string, aad: string, key = API_V3_KEY) {
  const nonce = randomBytes(6).toString('hex')
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key), Buffer.from(nonce))
  cipher.setAAD(Buffer.from(aad))
  const body = Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()])
  return {
    algorithm: 'AEAD_AES_256_GCM',
    nonce,
    associated_data: aad,
    ciphertext: body.toString('base64'),
  }
}

type Resource = ReturnType<typeof seal> & { readonly original_type: string }

/** A notification as WeChat Pay would send it; each part can be made otherwise. */
export function noticeOf(
  event: string,
  content: object,
  other: {
    readonly resource?: Partial<Resource>
    readonly envelope?: object
    readonly defect?: Defect
    readonly by?: { readonly id: string; readonly key: KeyObject }
    readonly key?: string
    readonly skewSeconds?: number
  } = {},
): RawNotice {
  const type = event.startsWith('REFUND') ? 'refund' : 'transaction'
  const body = Buffer.from(
    JSON.stringify({
      id: 'EV-2026112220000500001',
      create_time: '2026-11-22T20:00:05+08:00',
      resource_type: 'encrypt-resource',
      event_type: event,
      summary: '退款成功',
      resource: {
        original_type: type,
        ...seal(JSON.stringify(content), type, other.key),
        ...other.resource,
      },
      ...other.envelope,
    }),
  )
  const headers = signatureHeaders(body, other.by ?? PUBLIC_KEY, other.defect, other.skewSeconds)
  return { headers, body }
}

const DAY_MS = 86_400_000

/** A platform certificate that signs by its serial, and its sealed form for `/v3/certificates`. */
export function platformCertificate(serial: string, lastsMs = DAY_MS) {
  const keys = pair()
  const pem = createCertificate({
    subject: 'Tenpay.com sign',
    issuer: 'Tenpay.com Root CA',
    serial,
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + lastsMs),
    use: { kind: 'signing' },
  })
  return {
    pem,
    signer: { id: serial, key: keys.privateKey },
    entry: {
      serial_no: serial,
      effective_time: '2026-01-01T00:00:00+08:00',
      expire_time: '2031-01-01T00:00:00+08:00',
      encrypt_certificate: seal(pem, 'certificate'),
    },
  }
}
